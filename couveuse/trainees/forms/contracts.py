"""What people type about the contract: its points, its signature, what is amended or suspended."""

from typing import Any

from pydantic import BaseModel, create_model

from couveuse.core.fields import Day, Line, Name, Paragraph, Tick
from couveuse.structures.forms import Spell
from couveuse.trainees.forms.agreements import SentFile
from couveuse.trainees.models import DocumentKind


class ContentsForm(BaseModel):
    """The points of a contract; one field more for each that the kind asks for."""

    is_ready: Tick = False
    """Everything is written and read again."""

    def texts(self) -> dict[str, str]:
        said = self.model_dump(exclude={"is_ready"})
        return {key: text for key, text in said.items() if text}


def contents_form(keys: list[str]) -> type[ContentsForm]:
    fields: dict[str, Any] = dict.fromkeys(keys, (Paragraph | None, None))
    return create_model("ContentsForm", __base__=ContentsForm, **fields)


class PaperForm(BaseModel):
    """Which paper to prepare."""

    kind: DocumentKind


class SignatureForm(BaseModel):
    typed_name: Name
    sha256: Line
    """Of the document that was on the screen."""


class AmendmentForm(BaseModel):
    title: Line
    text: Paragraph
    signed_on: Day
    starts_on: Day


class SuspensionForm(Spell):
    note: Line | None = None


class SuspensionEndForm(BaseModel):
    ends_on: Day


class PieceForm(BaseModel):
    code: Line
    received_on: Day
    document: SentFile = None
