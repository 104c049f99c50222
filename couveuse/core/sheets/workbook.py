"""Workbooks (.xlsx) through openpyxl: cells become the text that a French reader sees."""

import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Collection, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from couveuse.core.i18n import N_
from couveuse.core.sheets.grid import (
    HEADER_SEARCH,
    LAST_ROW,
    MAX_COLUMNS,
    MAX_ROWS,
    TOO_MANY_ROWS,
    Grid,
    Line,
    SheetProblem,
    filled,
    header_place,
    within_bounds,
)

MAX_UNPACKED = 32_000_000
MAX_TABLE_TAGS = 4_000_000
MAX_ROW_TAGS = 100_000
MAX_OTHER_TAGS = 100_000

DAMAGED = N_(
    "« %(filename)s » est abîmé ou incomplet. Ouvrez-le dans votre tableur, enregistrez-le "
    "à nouveau au format .xlsx, puis importez ce nouveau fichier."
)
UNPACKS_TOO_BIG = N_(
    "« %(filename)s » devient trop gros une fois ouvert. Copiez le tableau seul dans un nouveau "
    "classeur, puis importez celui-ci."
)
OPEN_DOCUMENT = N_(
    "« %(filename)s » est un classeur LibreOffice (.ods). Ouvrez-le, choisissez « Enregistrer "
    "sous », format .xlsx ou CSV, puis importez ce nouveau fichier."
)
OTHER_ARCHIVE = N_(
    "« %(filename)s » n'est pas un classeur .xlsx. Si c'est une archive, sortez-en le tableau ; "
    "sinon enregistrez-le au format .xlsx ou CSV depuis votre tableur, puis importez-le."
)


def read_workbook(data: bytes, words: Collection[str], filename: str) -> Grid:
    try:
        return _read(_unpacked(data, filename), words)
    except SheetProblem:
        raise
    except Exception as error:  # a damaged workbook fails anywhere in openpyxl, in many ways
        raise SheetProblem(DAMAGED, filename=filename) from error


def _unpacked(data: bytes, filename: str) -> io.BytesIO:
    """The workbook's XML alone, stored plainly.

    Sizes written in an archive may lie, and openpyxl reads parts whole. Here each part is unpacked
    no further than its stated size, and the sum of those is bounded.
    """
    plain = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(plain, "w") as unpacked:
        _refuse_other_archives(packed.namelist(), filename)
        named = {part.filename: part for part in packed.infolist()}  # each once, the last counts
        parts = [part for name, part in named.items() if name.endswith((".xml", ".rels"))]
        if sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise SheetProblem(UNPACKS_TOO_BIG, filename=filename)
        for part in parts:
            content = _content(packed, part)
            if _is_swollen(part.filename, content):
                raise SheetProblem(UNPACKS_TOO_BIG, filename=filename)
            unpacked.writestr(part.filename, content)
    return plain


def _content(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    # Other methods unpack without a bound, and no spreadsheet program writes them.
    if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise zipfile.BadZipFile
    with packed.open(part) as stream:
        return stream.read(part.file_size)


def _is_swollen(name: str, content: bytes) -> bool:
    """More elements than a table has: each becomes a Python object, of half a kilobyte and more."""
    if not name.startswith(("xl/worksheets/", "xl/sharedStrings")):
        return content.count(b"<") > MAX_OTHER_TAGS
    longest_row = max(row.count(b"<") for row in content.split(b"row>"))
    is_sheet = name.startswith("xl/worksheets/")
    return content.count(b"<") > MAX_TABLE_TAGS or (is_sheet and longest_row > MAX_ROW_TAGS)


def _refuse_other_archives(names: Collection[str], filename: str) -> None:
    if "xl/workbook.xml" in names:
        return
    is_open_document = "content.xml" in names and "mimetype" in names
    raise SheetProblem(OPEN_DOCUMENT if is_open_document else OTHER_ARCHIVE, filename=filename)


def _read(plain: io.BytesIO, words: Collection[str]) -> Grid:
    # Costs 17 MB and a third of a second: only for who brings a workbook.
    import openpyxl  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="openpyxl")  # features that it does not keep
        book = openpyxl.load_workbook(plain, read_only=True, data_only=True, keep_links=False)
        sheets = [s for s in book.worksheets if s.sheet_state == "visible"] or book.worksheets
        chosen = max(sheets, key=lambda sheet: _titles_found(sheet, words))
        return Grid(list(within_bounds(_lines(chosen))), worksheet=chosen.title)


def _titles_found(sheet: Any, words: Collection[str]) -> int:
    top = islice(_lines(sheet), 10 * HEADER_SEARCH)
    return header_place(list(islice(filled(top), HEADER_SEARCH)), words)[1]


def _lines(sheet: Any) -> Iterator[Line]:
    # The size that a file states may be wrong: rows would be cut off, or invented.
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_col=MAX_COLUMNS + 1)
    before = None  # in a gap the same empty row comes again, up to a million times
    for number, row in enumerate(rows, 1):
        if number > LAST_ROW:
            raise SheetProblem(TOO_MANY_ROWS, limit=MAX_ROWS)
        if row is not before and any(cell.value is not None for cell in row):
            yield number, [_shown(cell.value, cell) for cell in row]
        before = row


def _shown(value: Any, cell: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "VRAI" if value else "FAUX"
        case int() | float():
            return _number(value, cell.number_format)
        case dt.datetime() | dt.date() | dt.time() | dt.timedelta():
            return _time(value)
        case _:
            return _text(str(value))


def _number(value: float, number_format: str) -> str:
    """At most the fifteen digits that spreadsheet programs keep, and no exponent."""
    written = format(Decimal(format(value, ".15g")), "f").replace(".", ",")
    if set(number_format) == {"0"}:  # a code such as 01004 is kept as a number shown with zeros
        return written.zfill(len(number_format))
    return written


def _time(value: dt.date | dt.time | dt.timedelta) -> str:
    match value:
        case dt.timedelta():
            hours, seconds = divmod(round(value.total_seconds()), 3600)
            return f"{hours}:{seconds // 60:02}"
        case dt.datetime() if value.time() != dt.time():
            return f"{value:%d/%m/%Y %H:%M}"
        case dt.time():
            return f"{value:%H:%M}"
        case _:
            return f"{value:%d/%m/%Y}"


def _text(value: str) -> str:
    from openpyxl.utils.escape import unescape  # noqa: PLC0415, see above

    return unescape(value)
