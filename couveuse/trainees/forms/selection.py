"""What is typed about applications, sessions and decisions."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from couveuse.core.fields import Amount, Day, Id, Line, Paragraph
from couveuse.core.i18n import N_
from couveuse.trainees.models import Decision, Presence


class ApplicationForm(BaseModel):
    to_test: Paragraph
    area_m2: Amount | None = None
    place: Line | None = None
    machines: Paragraph | None = None
    sales: Paragraph | None = None
    budget: Paragraph | None = None
    means_year_one: Paragraph | None = None
    wished_from: Day | None = None


class PieceForm(BaseModel):
    kind: Line
    received_on: Day | None = None


class CommitteeForm(BaseModel):
    held_on: Day
    held_at: dt.time | None = None
    place: Line | None = None
    agenda: Paragraph | None = None


class NewCommitteeForm(CommitteeForm):
    structure_id: Id


class MinutesForm(BaseModel):
    minutes: Annotated[str, Field(max_length=20_000)]


class MemberForm(BaseModel):
    person_id: Id
    presence: Presence = Presence.EXPECTED


class CaseForm(BaseModel):
    application_id: Id


class GridForm(BaseModel):
    comment: Paragraph | None = None


class ConflictForm(BaseModel):
    conflict: Line


class DecisionForm(BaseModel):
    decision: Decision
    reasons: Paragraph
    conditions: Annotated[Paragraph | None, Field(validate_default=True)] = None
    conditions_due_on: Annotated[Day | None, Field(validate_default=True)] = None
    valid_until: Day | None = None
    reapply_on: Day | None = None
    decided_on: Day | None = None

    @field_validator("conditions", "conditions_due_on")
    @classmethod
    def _said_with_a_condition(cls, value: object, info: ValidationInfo) -> object:
        """Kept for "yes, if" alone, and needed there."""
        if info.data.get("decision") != Decision.YES_IF:
            return None
        if value is None:
            raise ValueError(N_("Dites la condition, et avant quel jour elle est à remplir."))
        return value


class NotificationForm(BaseModel):
    notified_on: Day | None = None
