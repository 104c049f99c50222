"""Rows of text with their numbers: what every kind of file becomes, and the bounds it must keep."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from couveuse.core.errors import DomainError
from couveuse.core.i18n import N_, translated

MAX_BYTES = 5_000_000
MAX_ROWS = 5_000
MAX_COLUMNS = 100
MAX_CELL = 10_000
LAST_ROW = 1_048_576
"""No spreadsheet program has a row below this one."""
HEADER_SEARCH = 20
"""Titles stand among the first rows that hold something."""

Line: TypeAlias = tuple[int, list[str]]
"""A row number as the spreadsheet program shows it, and the cells."""

TOO_MANY_ROWS = N_(
    "Ce tableau a plus de %(limit)s lignes. Coupez-le en plusieurs fichiers, "
    "en répétant la ligne de titres."
)
TOO_MANY_COLUMNS = N_(
    "La ligne %(row)s va au-delà de %(limit)s colonnes. "
    "Ne gardez que les colonnes utiles, puis importez à nouveau."
)
TOO_LONG = N_(
    "Ligne %(row)s, colonne %(column)s : le texte dépasse %(limit)s caractères. "
    "Raccourcissez-le, ou cherchez un guillemet resté ouvert."
)


class SheetProblem(DomainError):
    """The file cannot be used: a marked French sentence that says what to do next, its values."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return translated(self.message, self.values)


@dataclass(frozen=True, slots=True)
class Grid:
    lines: list[Line]
    encoding: str | None = None
    separator: str | None = None
    worksheet: str | None = None


def fold(text: str) -> str:
    """A title without case, accents, punctuation or double spaces: "N° Série " → "n serie"."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    kept = (c for c in plain if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in kept).split())


def title_words(title: str) -> set[str]:
    """What a title answers to: all of it, and what stands before a bracket: "Délai (h)"."""
    return {fold(title), fold(title.partition("(")[0])} - {""}


def shorten(text: str, limit: int = 60) -> str:
    """A value short enough to be quoted in a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def letter(column: int) -> str:
    """The name of a column counted from zero, as the spreadsheet program shows it: 27 → AB."""
    before, place = divmod(column, 26)
    return (letter(before - 1) if before else "") + chr(ord("A") + place)


def filled(lines: Iterable[Line]) -> Iterator[Line]:
    """The rows that hold something, without their empty tails."""
    for number, cells in lines:
        width = max((i for i, cell in enumerate(cells, 1) if cell.strip()), default=0)
        if width:
            yield number, cells[:width]


def within_bounds(lines: Iterable[Line]) -> Iterator[Line]:
    for count, (number, cells) in enumerate(filled(lines)):
        if count > MAX_ROWS + HEADER_SEARCH:
            raise SheetProblem(TOO_MANY_ROWS, limit=MAX_ROWS)
        if len(cells) > MAX_COLUMNS:
            raise SheetProblem(TOO_MANY_COLUMNS, row=number, limit=MAX_COLUMNS)
        _refuse_long_text(number, cells)
        yield number, cells


def _refuse_long_text(number: int, cells: list[str]) -> None:
    for column, cell in enumerate(cells):
        if len(cell) > MAX_CELL:
            raise SheetProblem(TOO_LONG, row=number, column=letter(column), limit=MAX_CELL)


def known_words(known: Iterable[str]) -> set[str]:
    return set[str]().union(*(title_words(title) for title in known))


def matches(cells: Iterable[str], words: Collection[str]) -> int:
    """How many cells of a row are titles that the caller knows."""
    return sum(any(word in words for word in title_words(cell)) for cell in cells)


def header_place(lines: Sequence[Line], words: Collection[str]) -> tuple[int, int]:
    """Index of the row that looks most like titles, the first of equals, and its known titles."""
    counts = [matches(cells, words) for _, cells in lines[:HEADER_SEARCH]]
    best = max(counts, default=0)
    return (counts.index(best) if counts else 0), best


# UTF-8 read as Windows-1252 ("Ã©" for "é") or Mac Roman ("√©"), and the mark of a lost letter.
_TAILS = re.escape(bytes(range(0x80, 0xC0)).decode("cp1252", "ignore"))
_BROKEN_ACCENTS = re.compile(f"Ã[{_TAILS}]|Â[°«»²³½]|â€|√[©®†]|\ufffd")


def has_broken_accents(text: str) -> bool:
    return bool(_BROKEN_ACCENTS.search(text))
