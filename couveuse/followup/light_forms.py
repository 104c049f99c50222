"""What the personal link of a volunteer asks for, and who makes one."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator

from couveuse.core import clock
from couveuse.core.contacts import Email, Phone
from couveuse.core.fields import Amount, Day, Id, Line, Name, Paragraph, Tick
from couveuse.core.i18n import N_
from couveuse.followup.forms import Minutes, OnceForm
from couveuse.followup.models import Level, VisitMode
from couveuse.people.forms import Upload
from couveuse.trainees.models import FollowUpKind

LONGEST = dt.timedelta(days=400)
"""A link lasts a season, somewhat more at most: nobody looks after it."""
SOON = dt.timedelta(days=60)
"""So near the end of a season, a link is made for the next one."""
HOURS = (
    (30, N_("30 minutes")),
    (60, N_("1 heure")),
    (120, N_("2 heures")),
    (240, N_("Une demi-journée")),
)


def season_end(day: dt.date) -> dt.date:
    """The last day of October that comes next, but not too soon."""
    end = dt.date(day.year, 10, 31)
    return end if end - day >= SOON else dt.date(day.year + 1, 10, 31)


class AccessForm(BaseModel):
    until: Day

    @field_validator("until")
    @classmethod
    def _is_to_come_and_near(cls, last: dt.date) -> dt.date:
        today = clock.today()
        if last < today:
            raise ValueError(N_("Ce jour est passé. Choisissez un jour à venir."))
        if last > today + LONGEST:
            raise ValueError(N_("Un lien dure un an au plus : il se refait d'un geste."))
        return last


class VolunteerForm(AccessForm, OnceForm):
    """Somebody new who follows: a name, a place in the group, and a link at once."""

    given_name: Name
    family_name: Name
    email: Email | None = None
    phone: Phone | None = None
    structure_id: Id
    kind: FollowUpKind = FollowUpKind.HUMAN


class SeenForm(OnceForm):
    """I saw her. With words or without; the steps stand in numbered fields of their own."""

    day: Day
    at: dt.time | None = None
    minutes: Minutes
    mode: VisitMode = VisitMode.PLACE
    travel_km: Amount | None = None
    seen: Paragraph | None = None
    said: Paragraph | None = None
    advice: Paragraph | None = None
    next_on: Day | None = None
    next_at: dt.time | None = None
    another: Tick = False
    """A second visit on that day, not the one told already."""
    level: Literal[Level.GROUP, Level.SHARED] | None = None

    @property
    def texts(self) -> dict[str, str | None]:
        return {name: getattr(self, name) for name in ("seen", "said", "advice")}


class PaperForm(SeenForm):
    """What somebody else wrote on a sheet, typed in; the scan is read apart."""

    author_id: Id
    level: Literal[Level.GROUP, Level.SHARED] = Level.SHARED  # pyright: ignore[reportIncompatibleVariableOverride]
    person_signed: Tick = False
    author_signed: Tick = False
    signed_on: Day | None = None
    scan: Upload = None


class TextForm(OnceForm):
    seen: Paragraph | None = None
    said: Paragraph | None = None
    advice: Paragraph | None = None
    version: Annotated[int, Field(ge=0, le=2**31 - 1)]


class ComingForm(OnceForm):
    day: Day
    at: dt.time
    minutes: Minutes = 60


class AgreedForm(OnceForm):
    what: Line
    owner_id: Id
    due_on: Day | None = None
