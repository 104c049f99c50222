"""Figures and lists as spreadsheets: exactly what is shown, numbers as numbers, no formula."""

import csv
import datetime as dt
import io
from collections.abc import Iterable
from fractions import Fraction

from couveuse.occupancy.lists import Cell, Table

RISKY = ("=", "+", "-", "@", "\t", "\r")
PLACES = 6


def as_csv(table: Table) -> bytes:
    """Semicolons and a byte order mark, as French spreadsheets open it by a double click."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_harmless(text) for text in table.columns])
    writer.writerows([[_text(cell) for cell in row] for row in table.rows])
    return out.getvalue().encode("utf-8-sig")


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return _harmless(cell)
        case Fraction() | int():
            return str(_number(cell)).replace(".", ",")
        case dt.date():
            return cell.isoformat()


def _harmless(text: str) -> str:
    """A text that a spreadsheet would run is shown with an apostrophe instead."""
    return f"'{text}" if text.startswith(RISKY) else text


def _number(value: Fraction | int) -> int | float:
    rounded = round(Fraction(value), PLACES)
    return int(rounded) if rounded.denominator == 1 else float(rounded)


def as_workbook(tables: Iterable[Table], heading: str) -> bytes:
    """One sheet for each list."""
    from openpyxl import Workbook  # noqa: PLC0415, heavy and rare
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415

    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.title[:31].replace(":", " ").replace("/", " "))
        sheet.freeze_panes = "A3"
        for column in "ABCDEFGHIJKLMNO"[: len(table.columns)]:
            sheet.column_dimensions[column].width = 22

        def cell(value: Cell, *, strong: bool = False, sheet: object = sheet) -> object:
            made = WriteOnlyCell(sheet, _value(value))  # type: ignore[arg-type]
            if isinstance(value, str):
                made.data_type = "s"  # a text that begins with "=" stays a text
            if strong:
                made.font = Font(bold=True)
            return made

        sheet.append([cell(heading)])
        sheet.append([cell(text, strong=True) for text in table.columns])
        for row in table.rows:
            sheet.append([cell(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _value(cell: Cell) -> str | int | float | dt.date | None:
    return _number(cell) if isinstance(cell, Fraction | int) else cell
