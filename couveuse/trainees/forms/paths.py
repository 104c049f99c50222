"""Where somebody stands, and what comes next."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from couveuse.core.fields import Day, Id, Line, Paragraph
from couveuse.core.i18n import N_
from couveuse.trainees.models import PathState


class StepForm(BaseModel):
    state: PathState
    happened_on: Day | None = None
    """Today, when nothing is said."""
    note: Paragraph | None = None
    seen: PathState | None = None
    """The state on the page from which this was sent."""


class NextForm(BaseModel):
    next_step: Line | None = None
    next_due_on: Annotated[Day | None, Field(validate_default=True)] = None
    next_actor_id: Id | None = None
    seen: str | None = None
    """When the path had last changed on the page from which this was sent."""

    @field_validator("next_due_on")
    @classmethod
    def _due_for_something(cls, day: dt.date | None, info: ValidationInfo) -> dt.date | None:
        if day and not info.data.get("next_step"):
            raise ValueError(N_("Dites ce qui est à faire avant cette date."))
        return day
