"""Papers to sign and to keep: data in, PDF out. The same data make the same file, to the byte."""

import asyncio
import datetime as dt
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from couveuse.core.clock import UTC

TEMPLATE = Path(__file__).with_name("paper.typ")
SIGN_SHEET = Path(__file__).with_name("sign_sheet.typ")
_DATED = dt.datetime(2026, 1, 1, tzinfo=UTC)
"""When every file says it was made: what counts stands in its text."""


@dataclass(frozen=True, slots=True)
class PaperParty:
    """Between whom."""

    role: str
    name: str
    lines: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class PaperPart:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class PaperSection:
    title: str
    text: str = ""
    parts: list[PaperPart] = field(default_factory=list[PaperPart])


@dataclass(frozen=True, slots=True)
class Paper:
    """What a paper says. Plain text everywhere: nothing that people typed is read as markup."""

    title: str
    author: str
    footer: str
    subtitle: str = ""
    draft: bool = False
    parties: list[PaperParty] = field(default_factory=list[PaperParty])
    sections: list[PaperSection] = field(default_factory=list[PaperSection])
    framed: str = ""
    """A text that stands by itself, to be copied."""
    made_on: str = ""
    signatures: list[PaperParty] = field(default_factory=list[PaperParty])
    """Where each side signs; with lines, how it has signed."""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class SignSheet:
    """A sheet that people sign by hand: a line each, a column for each time they are there."""

    title: str
    subtitle: str
    facts: list[tuple[str, str]]
    logos: str
    """What stands where logos are to be put."""
    first: str
    columns: list[tuple[str, str]]
    lines: list[str]
    """Names; an empty one is a line for somebody who comes along."""
    last: str
    """Who signs below all the others."""
    footer: str


async def typeset(paper: Paper) -> bytes:
    """The paper as PDF/A, which can still be opened in ten years."""
    return await asyncio.to_thread(_typeset, TEMPLATE, paper)


async def typeset_sign_sheet(sheet: SignSheet) -> bytes:
    return await asyncio.to_thread(_typeset, SIGN_SHEET, sheet)


def _typeset(template: Path, data: Paper | SignSheet) -> bytes:
    import typst  # noqa: PLC0415, heavy and rare

    return typst.compile(
        str(template),
        sys_inputs={"data": json.dumps(asdict(data))},
        ignore_system_fonts=True,
        pdf_standards="a-2b",
        timestamp=int(_DATED.timestamp()),
    )
