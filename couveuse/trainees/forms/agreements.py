"""What people type about agreements, their periods and the notices they open."""

import hashlib
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from couveuse.core.fields import Day, Id, Line, Name, Paragraph, Tick


def _nothing(_sent: object) -> None:
    """An uploaded file is read apart; its field is here for the errors."""


SentFile = Annotated[None, BeforeValidator(_nothing)]


class PeriodForm(BaseModel):
    """A period: first and **last** day, and the day it is signed."""

    signed_on: Day
    starts_on: Day
    ends_on: Day
    once: Line | None = None

    def digest(self, about: int) -> bytes:
        """Tells whether a form sent again asks for the same thing."""
        said = self.model_dump_json(exclude={"once"})
        return hashlib.sha256(f"{about} {said}".encode()).digest()


class AgreementForm(PeriodForm):
    kind: Line
    structure_id: Id
    carried_months: Annotated[int, Field(ge=0, le=120)] = 0
    is_full_time: Tick = False


class SignedDocumentForm(BaseModel):
    """The signed scan. The day may be put right while the period waits."""

    signed_on: Day | None = None
    document: SentFile = None


class EarlyEndForm(BaseModel):
    ends_on: Day
    reason: Paragraph


class NoticeForm(BaseModel):
    """A notice that left: the day and a proof, which is a reference or a file."""

    addressee: Name | None = None
    sent_on: Day
    reference: Line | None = None
    document: SentFile = None
