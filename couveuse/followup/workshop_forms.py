"""What the screens of workshops and attendance sheets ask for."""

import datetime as dt
from typing import Annotated, Self

from pydantic import BaseModel, Field, field_validator, model_validator

from couveuse.core.fields import Day, Id, Line, Name, Paragraph, Tick
from couveuse.core.i18n import N_
from couveuse.followup.forms import OnceForm
from couveuse.followup.models import Presence
from couveuse.followup.models.workshop import MOST_PLACES

EVERYBODY, CHOSEN = "everybody", "chosen"
NOON, AFTER_LUNCH = dt.time(12, 30), dt.time(13, 30)


class HalfDayDraft(BaseModel):
    """One line of the form: a day and its hours. A day over lunch becomes two half-days."""

    id: Id | None = None
    day: Day
    begins: dt.time
    ends: dt.time

    @model_validator(mode="after")
    def ends_after_it_begins(self) -> Self:
        if self.ends <= self.begins:
            raise ValueError(N_("La fin doit venir après le début."))
        return self


class WorkshopForm(OnceForm):
    """The half-days stand in numbered fields of their own (see slot_fields.py)."""

    title: Line
    about: Paragraph | None = None
    structure_id: Id
    site_id: Id | None = None
    place: Line | None = None
    audience: str = Field(default=EVERYBODY, pattern=f"^({EVERYBODY}|{CHOSEN})$")
    guest_ids: list[Id] = Field(default_factory=list)
    trainer_ids: list[Id] = Field(default_factory=list)
    trainer_names: Line | None = None
    """From outside, between commas."""
    places: Annotated[int, Field(ge=1, le=MOST_PLACES)] | None = None
    sign_up_until: Day | None = None
    funders: Line | None = None
    lunch_from: dt.time = NOON
    lunch_until: dt.time = AFTER_LUNCH

    @property
    def outside_names(self) -> list[str]:
        names = (self.trainer_names or "").replace(";", ",").split(",")
        return list(dict.fromkeys(" ".join(name.split()) for name in names if name.strip()))


class CancelForm(BaseModel):
    reason: Line


class SeatForm(BaseModel):
    person_id: Id | None = None
    """None: oneself."""


class SheetSignatureForm(BaseModel):
    person_id: Id | None = None
    """Who signs; none: oneself."""
    text_hash: Annotated[str, Field(max_length=64)] | None = None


class TrainerSignatureForm(BaseModel):
    name: Name
    has_read: Tick = Field(default=False, validate_default=True)
    text_hash: Annotated[str, Field(max_length=64)]

    @field_validator("has_read")
    @classmethod
    def _is_ticked(cls, has_read: bool) -> bool:
        if not has_read:
            raise ValueError(N_("Cochez la case : elle dit ce que vous signez."))
        return has_read


class SheetNoteForm(OnceForm):
    text: Paragraph
    person_id: Id | None = None
    presence: Presence | None = None


class ScanForm(BaseModel):
    slot_ids: list[Id] = Field(default_factory=list)
    """Further half-days that stand on the same sheet of paper."""
