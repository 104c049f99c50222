"""What the screens of progress committees ask for."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from couveuse.core.contacts import Email
from couveuse.core.fields import Day, Id, Line, Name, Paragraph, Tick
from couveuse.core.i18n import N_
from couveuse.followup.forms import Minutes, MomentForm
from couveuse.followup.models import ProgressDecision, VisitMode

LongText = Annotated[str, Field(max_length=12000)]
MANY = N_("Choisissez au moins une personne.")


class SessionForm(MomentForm):
    duration_minutes: Minutes
    mode: VisitMode = VisitMode.PLACE
    site_id: Id | None = None
    place: Line | None = None


class CallForm(SessionForm):
    person_ids: list[Id] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def somebody(self) -> Self:
        if not self.person_ids:
            raise ValueError(MANY)
        return self


class ReviewedForm(BaseModel):
    person_id: Id


class InvitationForm(BaseModel):
    """Somebody of the network, or a name."""

    member_id: Id | None = None
    guest: Name | None = None
    guest_email: Email | None = None

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        if (self.member_id is None) == (self.guest is None):
            raise ValueError(N_("Choisissez quelqu'un du réseau, ou écrivez un nom."))
        if self.guest_email and not self.guest:
            raise ValueError(N_("Une adresse va avec un nom."))
        return self


class ComingForm(BaseModel):
    coming: Literal["yes", "no"]


class SelfReviewForm(BaseModel):
    went_well: Paragraph | None = None
    hard: Paragraph | None = None
    need: Paragraph | None = None
    next: Paragraph | None = None
    shows_grids: Tick = False
    is_ready: Tick = False


class MinutesForm(BaseModel):
    """The agreed steps stand in numbered fields of their own (see step_fields.py)."""

    minutes: LongText | None = None
    decision: ProgressDecision | None = None
    reasons: Paragraph | None = None
    conditions: Paragraph | None = None
    next_on: Day | None = None
    version: Annotated[int, Field(ge=0, le=2**31 - 1)]
    """Which text the writer knew."""


class ClosingForm(BaseModel):
    version: Annotated[int, Field(ge=0, le=2**31 - 1)]
