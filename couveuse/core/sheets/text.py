"""Text files: which encoding, which separator, and the rows, line breaks inside quotes included."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import chain, islice

from couveuse.core.i18n import N_
from couveuse.core.sheets.grid import (
    LAST_ROW,
    MAX_ROWS,
    TOO_MANY_ROWS,
    Grid,
    Line,
    SheetProblem,
    filled,
    header_place,
    within_bounds,
)

SEPARATORS = ";,\t|"
_SAMPLE = 1000

# Longest mark first: that of UTF-16 is the beginning of that of UTF-32.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)

# What the "CSV", "CSV (MS-DOS)" and "CSV (Macintosh)" of French spreadsheet programs write. General
# detectors were tried and take short French tables for Polish or Icelandic ones.
_OLD_ENCODINGS = (("cp1252", "windows-1252"), ("mac_roman", "mac-roman"), ("cp850", "cp850"))
_USUAL = frozenset("éèêëàâäçîïôöùûüœæñ")
_POSSIBLE = frozenset("ÉÈÊËÀÂÄÇÎÏÔÖÙÛÜŒÆ«»’‘“”–—…•°º²³½¼¾€×±§·\u00a0\u202f")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")

NOT_TEXT = N_(
    "« %(filename)s » n'est pas un tableau que l'on sait lire. Ouvrez-le dans votre tableur, "
    "enregistrez-le au format .xlsx ou CSV, puis importez ce nouveau fichier."
)
WEB_PAGE = N_(
    "« %(filename)s » est une page web, malgré son nom. Ouvrez-le dans votre tableur, "
    "enregistrez-le au format .xlsx ou CSV, puis importez ce nouveau fichier."
)
OPEN_QUOTE = N_(
    "À partir de la ligne %(row)s, un guillemet droit (\") ouvert n'est jamais refermé. "
    "Fermez-le ou retirez-le, puis importez à nouveau."
)


def read_text(data: bytes, words: Collection[str], filename: str) -> Grid:
    text, encoding = decode(data, filename)
    text = text.rstrip("\x1a")  # the end mark of DOS programs
    _refuse_what_is_no_table(text, filename)
    if max(text.count("\n"), text.count("\r")) > LAST_ROW:
        raise SheetProblem(TOO_MANY_ROWS, limit=MAX_ROWS)
    separator, text = _declared_separator(text)
    separator = separator or _likely_separator(text, words)
    lines = list(within_bounds(_records(text, separator)))
    return Grid(lines, encoding=encoding, separator=separator)


def decode(data: bytes, filename: str) -> tuple[str, str]:
    """The text and the name of its encoding: its mark, else UTF-8, else the likeliest old one."""
    try:
        for mark, codec, name in _MARKS:
            if data.startswith(mark):
                return data.decode(codec), name
    except UnicodeDecodeError:
        raise SheetProblem(NOT_TEXT, filename=filename) from None
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decode_old(data)


def _decode_old(data: bytes) -> tuple[str, str]:
    readings: list[tuple[str, str]] = []
    for codec, name in _OLD_ENCODINGS:
        try:
            readings.append((data.decode(codec), name))
        except UnicodeDecodeError:
            continue  # a byte that means nothing there
    return max(readings, key=lambda reading: _how_french(reading[0]))


def _how_french(text: str) -> int:
    rare = Counter(re.findall(r"[^\x00-\x7f]", text))
    return sum(n * (3 if c in _USUAL else 1 if c in _POSSIBLE else -3) for c, n in rare.items())


def _refuse_what_is_no_table(text: str, filename: str) -> None:
    start = text[:20_000]
    if "\x00" in text or len(_CONTROL.findall(start)) > max(3, len(start) // 100):
        raise SheetProblem(NOT_TEXT, filename=filename)
    if re.match(r"\s*<(!doctype|\?xml|html|head|meta|table)\b", start, re.IGNORECASE):
        raise SheetProblem(WEB_PAGE, filename=filename)


def _declared_separator(text: str) -> tuple[str | None, str]:
    """``sep=;`` as a first line tells the separator, and is no row for the spreadsheet program."""
    told = re.match(r'"?sep=([;,\t|])"?(?:\r\n|\r|\n)', text, re.IGNORECASE)
    return (told[1], text[told.end() :]) if told else (None, text)


def _likely_separator(text: str, words: Collection[str]) -> str:
    return max(SEPARATORS, key=lambda separator: _fitness(text, separator, words))


def _fitness(text: str, separator: str, words: Collection[str]) -> tuple[int, int]:
    """Known titles found with this separator; of equals, the one that spills least past them."""
    lines: list[Line] = []
    with suppress(SheetProblem):  # a quote left open: judge by the rows before it
        lines.extend(filled(islice(_records(text, separator), _SAMPLE)))
    place, found = header_place(lines, words)
    width = len(lines[place][1]) if lines else 0
    return found, -sum(len(cells) > width for _, cells in lines[place:])


_END = "\x00"  # cannot be in the text: a last row of our own, swallowed by a quote left open


def _records(text: str, separator: str) -> Iterator[Line]:
    reader = csv.reader(chain(io.StringIO(text, newline=""), [_END]), delimiter=separator)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if cells == [_END]:
                return
            if cells and cells[-1].endswith(_END):
                raise SheetProblem(OPEN_QUOTE, row=number)
            yield number, cells
    except csv.Error:  # a cell beyond the limit of the csv module: a quote swallowed the rest
        raise SheetProblem(OPEN_QUOTE, row=number + 1) from None
