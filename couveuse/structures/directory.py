"""Structures as a spreadsheet lists them: each row becomes a draft, or says what is wrong."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from couveuse.core.cells import BadCell, day, line, several
from couveuse.core.columns import CellProblem, Column, Entry, known_titles, read_entries
from couveuse.core.i18n import N_
from couveuse.core.sheets import Sheet

NOT_A_COMMUNE_CODE = N_(
    "« %(value)s » n'est pas un code INSEE de commune. Écrivez cinq chiffres, par exemple 36046 "
    "(ce n'est pas le code postal)."
)
REPEATED = N_(
    "« %(value)s » est déjà le nom ou le sigle de la structure de la ligne %(other)s. "
    "Gardez une seule ligne par structure."
)


@dataclass(frozen=True, slots=True)
class StructureDraft:
    name: str
    short_name: str | None = None
    kind: str | None = None
    functions: tuple[str, ...] = ()
    commune: str | None = None
    insee_code: str | None = None
    joined_on: dt.date | None = None
    network: str | None = None


@dataclass(frozen=True, slots=True)
class StructureRow:
    number: int
    draft: StructureDraft | None
    """None when there is a problem."""
    problems: tuple[CellProblem, ...] = ()
    notes: tuple[CellProblem, ...] = ()


def _insee_code(text: str) -> str:
    """Spreadsheet programs drop the first zero: 1004 is 01004. Corsica has 2A and 2B."""
    code = re.sub(r"\s", "", text).upper().zfill(5)
    if not re.fullmatch(r"[0-9]{5}|2[AB][0-9]{3}", code) or len(text.strip()) < 4:
        raise BadCell(NOT_A_COMMUNE_CODE)
    return code


COLUMNS = (
    Column("name", ("Nom", "Structure", "Association", "Organisme", "Raison sociale",
                    "Nom de la structure", "Name", "Organisation"), line(200), required=True),
    Column("short_name", ("Sigle", "Nom court", "Acronyme", "Short name", "Acronym"), line(200)),
    Column("kind", ("Type", "Statut", "Forme juridique", "Kind"), line(200)),
    Column("functions", ("Fonctions", "Fonction", "Rôles", "Functions"), several("[;,|\n]", 200)),
    Column("commune", ("Commune", "Ville", "Town"), line(200)),
    Column("insee_code", ("Code INSEE", "INSEE", "Code commune", "INSEE code"), _insee_code),
    Column("joined_on", ("Membre depuis", "Adhésion", "Date d'adhésion", "Depuis", "Member since",
                         "Joined on"), day),
    Column("network", ("Réseau", "Network"), line(200)),
)  # fmt: skip
KNOWN = known_titles(COLUMNS)


def read_structures(sheet: Sheet) -> list[StructureRow]:
    """Every row of the sheet; raises SheetProblem when it lacks a column that we need."""
    entries = read_entries(sheet, COLUMNS)
    first = _first_rows(entries)
    return [_row(entry, first) for entry in entries]


def _first_rows(entries: Sequence[Entry]) -> dict[str, int]:
    """The first row that uses each name, full or short."""
    return {name.lower(): e.number for e in reversed(entries) for name in _labels(e).values()}


def _labels(entry: Entry) -> dict[str, str]:
    return {f: entry.values[f] for f in ("name", "short_name") if f in entry.values}


def _row(entry: Entry, first: Mapping[str, int]) -> StructureRow:
    problems = (*entry.problems, *_repeated(entry, first))
    draft = None if problems else StructureDraft(**entry.values)
    return StructureRow(entry.number, draft, problems, entry.notes)


def _repeated(entry: Entry, first: Mapping[str, int]) -> list[CellProblem]:
    return [
        entry.problem(field, REPEATED, value=label, other=first[label.lower()])
        for field, label in _labels(entry).items()
        if first[label.lower()] != entry.number
    ]
