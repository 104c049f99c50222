"""What the screens of follow-up ask for."""

import datetime as dt
import hashlib
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, Field

from couveuse.core.clock import DoubledHour, MissingHour, to_instant
from couveuse.core.errors import Reason, Refused
from couveuse.core.fields import Amount, Day, Id, Line, LocalMoment, Paragraph, Tick
from couveuse.core.i18n import N_
from couveuse.equipment.forms import DOUBLED_HOUR, MISSING_HOUR, Fold, short_key
from couveuse.followup.models import Level, StepState, VisitMode
from couveuse.people.forms import Upload
from couveuse.trainees.models import FollowUpKind

Minutes = Annotated[int, Field(ge=1, le=1440)]
Travel = Annotated[int, Field(ge=0, le=1440)]


class OnceForm(BaseModel):
    """A form that may be sent again from a place without network: it arrives once."""

    once: Annotated[str, BeforeValidator(short_key)] | None = None

    def digest(self, subject: str) -> bytes:
        """Tells whether a form sent again says the same thing about the same thing."""
        said = self.model_dump_json(exclude={"once"})
        return hashlib.sha256(f"{subject} {said}".encode()).digest()


class MomentForm(OnceForm):
    starts_at: LocalMoment
    starts_fold: Fold | None = None

    def start(self, zone: ZoneInfo) -> dt.datetime:
        """The instant. Raises Refused for an hour that does not exist, or exists twice."""
        return instant(self.starts_at, zone, "starts_at", self.starts_fold)


def instant(local: dt.datetime, zone: ZoneInfo, field: str, fold: str | None = None) -> dt.datetime:
    try:
        return to_instant(local, zone, int(fold) if fold else None)
    except MissingHour:
        raise Refused(Reason("missing_hour", MISSING_HOUR, field=field)) from None
    except DoubledHour:
        raise Refused(Reason("doubled_hour", DOUBLED_HOUR, field=field)) from None


class VisitForm(MomentForm):
    person_id: Id
    duration_minutes: Minutes
    kind: FollowUpKind | None = None
    mode: VisitMode = VisitMode.PLACE
    site_id: Id | None = None


class MoveForm(MomentForm):
    duration_minutes: Minutes | None = None


class ReasonForm(BaseModel):
    reason: Line | None = None


class HeldForm(MomentForm):
    """How it went. Who came stands in fields of their own, one for each person."""

    duration_minutes: Minutes
    kind: FollowUpKind
    mode: VisitMode
    site_id: Id | None = None
    plot_ids: list[Id] = Field(default_factory=list)
    travel_minutes: Travel | None = None
    travel_km: Amount | None = None


class ProposalForm(BaseModel):
    person_id: Id
    first: LocalMoment
    second: LocalMoment | None = None
    third: LocalMoment | None = None
    duration_minutes: Minutes
    kind: FollowUpKind | None = None
    mode: VisitMode = VisitMode.PLACE
    words: Line | None = None


class ChoiceForm(BaseModel):
    starts_at: LocalMoment
    starts_fold: Fold | None = None


class ReportForm(OnceForm):
    """The agreed steps stand in numbered fields of their own (see steps.py)."""

    seen: Paragraph | None = None
    said: Paragraph | None = None
    advice: Paragraph | None = None
    mood: Paragraph | None = None
    themes: list[str] = Field(default_factory=list)
    keep_place: Tick = False
    drop_photos: list[str] = Field(default_factory=list)
    version: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    """Which text the writer knew; without one, nothing is said about it."""

    @property
    def texts(self) -> dict[str, str | None]:
        return {name: getattr(self, name) for name in ("seen", "said", "advice", "mood")}


class StepDraft(BaseModel):
    """One line of the form: what, who and by when."""

    id: Id | None = None
    what: Line
    owner_id: Id
    due_on: Day | None = None


class ShareForm(BaseModel):
    level: Literal[Level.GROUP, Level.SHARED] = Level.SHARED


class SignatureForm(BaseModel):
    text_hash: str | None = None


class PaperSignatureForm(SignatureForm):
    """Who signed a paper, and the day written on it; the scan is read apart."""

    signer_ids: list[Id] = Field(default_factory=list)
    signed_on: Day | None = None
    scan: Upload = None


class NoteForm(OnceForm):
    text: Paragraph


class SummaryForm(BaseModel):
    committee_text: Annotated[str, Field(max_length=600)] | None = None


class StepForm(OnceForm):
    what: Line
    owner_id: Id
    due_on: Day | None = None


class StepStateForm(BaseModel):
    state: StepState
    next: str | None = None


BLANK = N_("Écrivez au moins quelques mots, un thème ou une action.")
