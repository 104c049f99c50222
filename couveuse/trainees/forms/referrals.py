"""Passing somebody on, and answering."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from couveuse.core.fields import Day, Id, Paragraph, Tick
from couveuse.core.i18n import N_
from couveuse.trainees.forms.once import SentOnce


class ReferralForm(SentOnce):
    structure_id: Id
    note: Paragraph | None = None
    consent: Tick = False


class AnswerForm(BaseModel):
    answer: Literal["accept", "decline"]
    message: Paragraph | None = None
    first_meeting_on: Annotated[Day | None, Field(validate_default=True)] = None

    @field_validator("first_meeting_on")
    @classmethod
    def _meets_when_accepting(cls, day: dt.date | None, info: ValidationInfo) -> dt.date | None:
        if info.data.get("answer") == "accept" and day is None:
            raise ValueError(N_("Proposez un premier rendez-vous : c'est lui qui fait le lien."))
        return day
