"""A table as people keep it, CSV of any make or .xlsx: rows of text under their titles."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from couveuse.core.i18n import N_
from couveuse.core.sheets.grid import (
    MAX_BYTES,
    MAX_ROWS,
    TOO_MANY_ROWS,
    Grid,
    Line,
    SheetProblem,
    fold,
    has_broken_accents,
    header_place,
    known_words,
    letter,
    shorten,
    title_words,
)
from couveuse.core.sheets.text import read_text
from couveuse.core.sheets.workbook import read_workbook

__all__ = [
    "MAX_BYTES",
    "Row",
    "Sheet",
    "SheetProblem",
    "fold",
    "has_broken_accents",
    "read_sheet",
    "shorten",
    "title_words",
]

EMPTY = N_(
    "« %(filename)s » est vide. Choisissez un fichier qui contient une ligne de titres "
    "et au moins une ligne en dessous."
)
TOO_BIG = N_(
    "« %(filename)s » dépasse %(limit)s Mo. Retirez les images et les feuilles inutiles, "
    "ou coupez le tableau en plusieurs fichiers."
)
OLD_EXCEL = N_(
    "« %(filename)s » est dans l'ancien format d'Excel (.xls). Ouvrez-le, choisissez "
    "« Enregistrer sous », format .xlsx, puis importez ce nouveau fichier."
)
PROTECTED = N_(
    "« %(filename)s » est protégé par un mot de passe. Retirez la protection dans votre tableur, "
    "enregistrez, puis importez à nouveau."
)
PDF = N_(
    "« %(filename)s » est un PDF, qui ne garde pas les colonnes d'un tableau. "
    "Demandez le tableau d'origine, au format .xlsx ou CSV."
)
IMAGE = N_("« %(filename)s » est une image. Demandez le tableau d'origine, au format .xlsx ou CSV.")
NO_HEADER = N_(
    "Aucune ligne de titres n'a été reconnue au début du fichier. Mettez au-dessus des données "
    "une ligne qui nomme chaque colonne, par exemple : %(titles)s."
)
NO_ROWS = N_(
    "Sous les titres (ligne %(row)s), il n'y a aucune ligne à importer. "
    "Ajoutez-en au moins une, ou choisissez un autre fichier."
)
BROKEN_ACCENTS = N_(
    "Les accents de ce fichier sont abîmés : on y lit « %(title)s ». Reprenez le fichier d'origine "
    "et enregistrez-le au format .xlsx, ou en CSV avec l'encodage UTF-8."
)

_ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_FOREIGN = (
    (b"%PDF", PDF),
    (b"\x89PNG", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"GIF8", IMAGE),
    (b"RIFF", IMAGE),
    (b"II*\x00", IMAGE),
    (b"MM\x00*", IMAGE),
)


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    """As the spreadsheet program shows it."""
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    header: list[str]
    """Titles as written, each once; a column without title is named by its letter."""
    untitled: frozenset[str]
    rows: list[Row]
    header_row: int
    encoding: str | None
    separator: str | None
    worksheet: str | None


def read_sheet(data: bytes, filename: str, known: Collection[str]) -> Sheet:
    """Rows under the titles; the title row is the one with the most ``known`` titles.

    Takes a second or two of processor time for the biggest files: call it in a thread.
    """
    name = shorten(filename) or "?"
    _refuse_foreign(data, name)
    words = known_words(known)
    reader = read_workbook if data.startswith(_ARCHIVE) else read_text
    return _under_titles(reader(data, words, name), words, known, name)


def _refuse_foreign(data: bytes, filename: str) -> None:
    if not data.strip():
        raise SheetProblem(EMPTY, filename=filename)
    if len(data) > MAX_BYTES:
        raise SheetProblem(TOO_BIG, filename=filename, limit=MAX_BYTES // 1_000_000)
    if data.startswith(_OLD_OFFICE):
        is_locked = "EncryptedPackage".encode("utf-16-le") in data
        raise SheetProblem(PROTECTED if is_locked else OLD_EXCEL, filename=filename)
    for start, message in _FOREIGN:
        if data.startswith(start):
            raise SheetProblem(message, filename=filename)


def _under_titles(
    grid: Grid, words: Collection[str], known: Collection[str], filename: str
) -> Sheet:
    if not grid.lines:
        raise SheetProblem(EMPTY, filename=filename)
    place, found = header_place(grid.lines, words)
    if not found:
        raise SheetProblem(NO_HEADER, titles=", ".join(list(known)[:4]))
    number, titles = grid.lines[place]
    body = grid.lines[place + 1 :]
    _refuse_bad_table(number, titles, body)
    header, untitled = _names(titles, max(len(cells) for _, cells in body))
    rows = [
        Row(n, dict(zip(header, _padded(cells, len(header)), strict=True))) for n, cells in body
    ]
    return Sheet(header, untitled, rows, number, grid.encoding, grid.separator, grid.worksheet)


def _refuse_bad_table(number: int, titles: list[str], body: Sequence[Line]) -> None:
    for title in titles:
        if has_broken_accents(title):
            raise SheetProblem(BROKEN_ACCENTS, title=shorten(title))
    if not body:
        raise SheetProblem(NO_ROWS, row=number)
    if len(body) > MAX_ROWS:
        raise SheetProblem(TOO_MANY_ROWS, limit=MAX_ROWS)


def _padded(cells: list[str], width: int) -> list[str]:
    return cells + [""] * (width - len(cells))


def _names(titles: list[str], width: int) -> tuple[list[str], frozenset[str]]:
    header: list[str] = []
    untitled: set[str] = set()
    for column, title in enumerate(_padded(titles, max(width, len(titles)))):
        written = " ".join(title.split())
        name = next(name for name in _variants(written or letter(column)) if name not in header)
        header.append(name)
        if not written:
            untitled.add(name)
    return header, frozenset(untitled)


def _variants(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name} ({n})" for n in count(2))
