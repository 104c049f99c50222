"""A table read by its titles: which column is which, and what is wrong in which cell."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from couveuse.core.cells import BadCell, Parser
from couveuse.core.i18n import N_, translated
from couveuse.core.sheets import Row, Sheet, SheetProblem, fold, shorten, title_words

MISSING_COLUMNS = N_(
    "Il manque la colonne %(titles)s. Ajoutez-la à la ligne de titres (ligne %(row)s), "
    "puis importez à nouveau."
)
QUOTED = N_("« %(title)s »")
BLANK = N_("Cette case est vide : elle doit être remplie.")
PLACE = N_("ligne %(row)s, colonne « %(column)s » : %(sentence)s")
UNTITLED = N_("« %(value)s » se trouve sous une colonne sans titre et ne sera pas repris.")


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong in one cell: a marked French sentence that says what to do, its values."""

    row: int
    column: str
    message: str
    values: dict[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        sentence = translated(self.message, self.values)
        return translated(PLACE, {"row": self.row, "column": self.column, "sentence": sentence})


@dataclass(frozen=True, slots=True)
class Column:
    field: str
    titles: tuple[str, ...]
    """The first is the one we show; a bracket tells the unit meant when the cell has none."""
    parse: Parser
    required: bool = False
    units: Collection[str] = ()
    """Units that a title may give in brackets for bare numbers: "Durée maxi (h)"."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a value per field that has one, the title under which each field stands."""

    number: int
    values: dict[str, Any]
    problems: tuple[CellProblem, ...]
    notes: tuple[CellProblem, ...]
    titles: Mapping[str, str]

    def problem(self, name: str, message: str, **values: Any) -> CellProblem:
        return CellProblem(self.number, self.titles.get(name, name), message, values)


def known_titles(columns: Sequence[Column]) -> list[str]:
    """Every title the columns answer to, the usual ones first."""
    return [c.titles[0] for c in columns] + [t for c in columns for t in c.titles[1:]]


def read_entries(sheet: Sheet, columns: Sequence[Column]) -> list[Entry]:
    titles = _located(sheet, columns)
    return [_entry(row, sheet, columns, titles) for row in sheet.rows]


def ignored_titles(sheet: Sheet, columns: Sequence[Column]) -> list[str]:
    """Titles of the file that no column answers to: their cells are not read."""
    used = set(_located(sheet, columns).values()) | sheet.untitled
    return [title for title in sheet.header if title not in used]


def titles_of(sheet: Sheet, columns: Sequence[Column]) -> dict[str, str]:
    """The title under which each field stands in the file, or would stand."""
    return {column.field: column.titles[0] for column in columns} | _located(sheet, columns)


def _located(sheet: Sheet, columns: Sequence[Column]) -> dict[str, str]:
    """Field → title of the file. An exact title wins over one that matches before its bracket."""
    wanted = {word: c.field for c in columns for title in c.titles for word in title_words(title)}
    located: dict[str, str] = {}
    for reading in (_whole_title, title_words):
        for title in sheet.header:
            for name in {wanted[word] for word in reading(title) if word in wanted}:
                if title not in located.values():
                    located.setdefault(name, title)
    _refuse_missing(sheet, [c for c in columns if c.required and c.field not in located])
    return located


def _whole_title(title: str) -> set[str]:
    return {fold(title)}


def _refuse_missing(sheet: Sheet, missing: Sequence[Column]) -> None:
    if missing:
        titles = ", ".join(translated(QUOTED, {"title": column.titles[0]}) for column in missing)
        raise SheetProblem(MISSING_COLUMNS, titles=titles, row=sheet.header_row)


def _entry(row: Row, sheet: Sheet, columns: Sequence[Column], titles: Mapping[str, str]) -> Entry:
    values: dict[str, Any] = {}
    problems: list[CellProblem] = []
    for column in columns:
        title = titles.get(column.field)
        if title is None:
            continue
        text = row.cells[title].strip()
        try:
            if not _is_blank(text):
                values[column.field] = column.parse(_with_unit(text, title, column))
            elif column.required:
                raise BadCell(BLANK)  # noqa: TRY301, one way to report a cell
        except BadCell as bad:
            shown = {"value": shorten(text), **bad.values}
            problems.append(CellProblem(row.number, title, bad.message, shown))
    return Entry(row.number, values, tuple(problems), _notes(row, sheet), titles)


def _is_blank(text: str) -> bool:
    """Empty, or a mark that people put for "nothing here"."""
    return text in {"", "-", "–", "—", "/"}


def _with_unit(text: str, title: str, column: Column) -> str:
    """A bare number with the unit its title gives: "Délai (h)" makes "24" into "24 h"."""
    if not column.units or not re.fullmatch(r"[-+−]?[\d\s.,'’]+", text):
        return text
    # A bracket that is no unit we know ("jours ouvrés") must not become our usual unit.
    meant = (other for other in column.titles if title_words(other) & title_words(title))
    hints = (title,) if "(" in title else meant
    unit = next((unit for unit in map(_bracketed, hints) if unit in column.units), "")
    return f"{text} {unit}".rstrip()


def _bracketed(title: str) -> str:
    """The last word in a title's bracket: "Prix (€ par jour)" → "jour"."""
    return fold(title.partition("(")[2]).rpartition(" ")[2]


def _notes(row: Row, sheet: Sheet) -> tuple[CellProblem, ...]:
    return tuple(
        CellProblem(row.number, title, UNTITLED, {"value": shorten(text)})
        for title, text in row.cells.items()
        if title in sheet.untitled and text.strip()
    )
