"""Papers to sign and to keep: data in, PDF out. The same data make the same file, to the byte."""

import asyncio
import datetime as dt
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from couveuse.core.clock import UTC

TEMPLATE = Path(__file__).with_name("paper.typ")
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


async def typeset(paper: Paper) -> bytes:
    """The paper as PDF/A, which can still be opened in ten years."""
    return await asyncio.to_thread(_typeset, paper)


def _typeset(paper: Paper) -> bytes:
    import typst  # noqa: PLC0415, heavy and rare

    return typst.compile(
        str(TEMPLATE),
        sys_inputs={"data": json.dumps(asdict(paper))},
        ignore_system_fonts=True,
        pdf_standards="a-2b",
        timestamp=int(_DATED.timestamp()),
    )
