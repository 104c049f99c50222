import csv
import datetime as dt
import io
import random
import time
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from couveuse.core.sheets import MAX_BYTES, Sheet, SheetProblem, read_sheet

FILES = Path(__file__).parents[1] / "files"
INVENTORY = (FILES / "inventaire-materiel.csv").read_bytes()
KNOWN = ("Code", "Désignation", "Catégorie", "N° série", "Délai (h)", "Remarques")
SMALL = "Code;Désignation;Remarques\r\nTR-01;Épandeur à fumier;prêté l'été\r\n"


def read(data: bytes | str, known: tuple[str, ...] = KNOWN, filename: str = "essai.csv") -> Sheet:
    return read_sheet(data.encode() if isinstance(data, str) else data, filename, known)


def refusal(data: bytes | str, filename: str = "essai.csv") -> str:
    with pytest.raises(SheetProblem) as caught:
        read(data, filename=filename)
    assert str(caught.value).endswith((".", ")"))
    assert "%(" not in str(caught.value)
    return str(caught.value)


def read_or_refuse(data: bytes) -> None:
    with suppress(SheetProblem):
        read(data)


def cells(sheet: Sheet) -> list[tuple[int, list[str]]]:
    return [(row.number, list(row.cells.values())) for row in sheet.rows]


def workbook(
    *rows: list[Any], titles: tuple[str, ...] = ("Code", "Désignation", "Remarques")
) -> Any:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (list(titles), *rows):
        sheet.append(row)
    return book


def saved(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


# --- what stands in the real file


def test_the_title_row_is_found_below_a_heading_and_an_empty_row():
    sheet = read(INVENTORY)
    assert (sheet.encoding, sheet.separator, sheet.header_row) == ("windows-1252", ";", 3)
    assert (len(sheet.rows), sheet.rows[0].number, sheet.rows[-1].number) == (26, 4, 29)
    assert sheet.header[:3] == ["Code", "Désignation", "Catégorie"]
    assert not sheet.untitled


def test_a_quoted_separator_stays_in_its_cell():
    row = read(INVENTORY).rows[2]
    assert row.cells["Formation exigée"] == "Conduite tracteur;Autorisation de conduite"
    assert row.cells["Durée maxi"] == "½ journée"


# --- encodings, separators, line ends


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
        ("cp1252", "windows-1252"),
        ("mac_roman", "mac-roman"),
        ("cp850", "cp850"),
    ],
)
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same_table(codec, name, line_end):
    text = INVENTORY.decode("cp1252").replace("\r\n", line_end)
    # Neither old encoding has all signs of the file; a program writes what comes nearest.
    if codec in {"mac_roman", "cp850"}:
        text = text.replace("½ journée", "demi-journée").replace("–", "-").replace("³", "3")
        text = text.replace("²", "2")
    sheet = read(text.encode(codec))
    assert sheet.encoding == name
    assert [list(row.cells.values()) for row in sheet.rows] == [
        line
        for line in list(csv.reader(io.StringIO(text.replace("\r", "\n")), delimiter=";"))
        if line
    ][2:]


@pytest.mark.parametrize("codec", ["cp1252", "mac_roman", "cp850", "utf-8", "utf-16"])
def test_a_single_line_is_enough_to_keep_the_accents(codec):
    assert read(SMALL.encode(codec)).rows[0].cells["Désignation"] == "Épandeur à fumier"


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_every_separator_is_recognised(separator):
    stream = io.StringIO()
    lines = list(csv.reader(io.StringIO(INVENTORY.decode("cp1252")), delimiter=";"))
    csv.writer(stream, delimiter=separator).writerows(lines)
    sheet = read(stream.getvalue())
    assert sheet.separator == separator
    assert cells(sheet) == cells(read(INVENTORY))


def test_a_declared_separator_is_obeyed_and_is_no_row():
    sheet = read("sep=,\r\nCode,Désignation\r\nA,une ; deux\r\n")
    assert (sheet.separator, sheet.header_row) == (",", 1)
    assert cells(sheet) == [(2, ["A", "une ; deux"])]


def test_row_numbers_are_those_of_the_spreadsheet_program():
    sheet = read('Titre\n\n\nCode;Désignation\nA;"deux\nlignes"\n;;;\n\nB;b\n')
    assert cells(sheet) == [(5, ["A", "deux\nlignes"]), (8, ["B", "b"])]


def test_titles_match_whatever_their_case_accents_and_spaces():
    sheet = read("  CODE ;désignation;  N°  de  serie\nA;b;c\n")
    assert sheet.header == ["CODE", "désignation", "N° de serie"]


def test_the_row_with_the_most_titles_wins_and_the_first_of_equals():
    sheet = read("Code interne\nCode;Désignation\nCode;Désignation\n")
    assert (sheet.header_row, cells(sheet)) == (2, [(3, ["Code", "Désignation"])])


def test_titles_without_a_name_or_given_twice_stay_apart():
    sheet = read("Code;;Remarques;Remarques\nA;b;c;d;e\n")
    assert sheet.header == ["Code", "B", "Remarques", "Remarques (2)", "E"]
    assert sheet.untitled == {"B", "E"}
    assert list(sheet.rows[0].cells.values()) == ["A", "b", "c", "d", "e"]


def test_a_formula_stays_text():
    assert cells(read('Code;Désignation\nA;"=CMD(""x"")"\n')) == [(2, ["A", '=CMD("x")'])]


text = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffdÃÂ√â"), max_size=12
)
anything = st.one_of(text, st.text(alphabet='ab;,|\t"\n\r é=', max_size=8))
tables = st.lists(
    st.lists(anything, min_size=3, max_size=3).filter(lambda row: any(c.strip() for c in row)),
    min_size=1,
    max_size=8,
)


def without_blanks(row: Iterable[str]) -> list[str]:
    return [cell if cell.strip() else "" for cell in row]


@given(tables, st.sampled_from(";,\t|"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
@settings(max_examples=150, deadline=None)
def test_a_table_written_is_the_table_read(table, separator, codec):
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator)
    writer.writerows([["Code", "Désignation", "Remarques"], *table])
    sheet = read(stream.getvalue().encode(codec))
    assert [without_blanks(row.cells.values()) for row in sheet.rows] == [
        *map(without_blanks, table)
    ]
    assert [row.number for row in sheet.rows] == list(range(2, len(table) + 2))


# --- workbooks


def test_a_workbook_gives_the_text_that_its_reader_sees():
    book = workbook(
        ["TR-01", 2413.5, dt.date(2026, 3, 12)],
        [True, 1e16, dt.datetime.fromisoformat("2026-03-12 08:30")],
        [0.1 + 0.2, 84512, dt.time(1, 30)],
        ["é\nè", None, dt.timedelta(hours=26, minutes=5)],
    )
    assert cells(read(saved(book))) == [
        (2, ["TR-01", "2413,5", "12/03/2026"]),
        (3, ["VRAI", "10000000000000000", "12/03/2026 08:30"]),
        (4, ["0,3", "84512", "01:30"]),
        (5, ["é\nè", "", "26:05"]),
    ]


def test_a_number_shown_with_leading_zeros_keeps_them():
    book = workbook([1004, "Bourg", None])
    book.active["A2"].number_format = "00000"
    assert cells(read(saved(book)))[0] == (2, ["01004", "Bourg", ""])


def test_the_worksheet_with_the_titles_is_chosen_and_hidden_ones_are_not():
    book = workbook(["A", "b", "c"], titles=("À lire", "d'abord", ""))
    for name, state in (("Vieux", "hidden"), ("Inventaire", "visible")):
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        sheet["B10"], sheet["C10"], sheet["B12"] = "Code", "Désignation", name
    read_back = read(saved(book))
    assert (read_back.worksheet, read_back.header_row) == ("Inventaire", 10)
    assert cells(read_back) == [(12, ["", "Inventaire", ""])]


def test_the_real_file_as_a_workbook_gives_the_same_rows():
    lines = list(csv.reader(io.StringIO(INVENTORY.decode("cp1252")), delimiter=";"))
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)  # type: ignore[union-attr]
    assert cells(read(saved(book))) == cells(read(INVENTORY))


def repacked(data: bytes, changes: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", 8) as new:
        for name in {*old.namelist(), *changes}:
            new.writestr(name, changes.get(name) or old.read(name))
    return stream.getvalue()


SHEET_XML = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s<sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Code</t></is></c></row>%s</sheetData></worksheet>'
)


def with_sheet(rows: str, before: str = "", start: str = "") -> bytes:
    xml = start + SHEET_XML % (before, rows)
    return repacked(saved(workbook()), {"xl/worksheets/sheet1.xml": xml.encode()})


def test_a_wrong_stated_size_cuts_nothing_off():
    data = with_sheet('<row r="2"><c r="A2"><v>7</v></c></row>', '<dimension ref="A1"/>')
    assert cells(read(data)) == [(2, ["7"])]


def test_texts_kept_apart_from_the_cells_are_found():
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    strings = f"<sst {space}><si><t>Épandeur_x000D_&#10;à fumier</t></si></sst>"
    data = with_sheet('<row r="2"><c r="A2" t="s"><v>0</v></c></row>')
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        types = whole.read("[Content_Types].xml").decode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    changes = {
        "[Content_Types].xml": types.replace("</Types>", part),
        "xl/sharedStrings.xml": strings,
    }
    sheet = read(repacked(data, {name: text.encode() for name, text in changes.items()}))
    assert cells(sheet) == [(2, ["Épandeur\r\nà fumier"])]


def test_a_row_far_below_costs_little_and_one_beyond_the_last_is_refused():
    start = time.process_time()
    data = with_sheet('<row r="1048576"><c r="A1048576"><v>7</v></c></row>')
    assert cells(read(data)) == [(1048576, ["7"])]
    refusal(with_sheet('<row r="99999999999"><c><v>7</v></c></row>'))
    assert time.process_time() - start < 20


def test_an_archive_that_unpacks_to_much_more_is_refused():
    huge = b"<x>" + b" " * 33_000_000 + b"</x>"
    message = refusal(repacked(saved(workbook()), {"xl/sharedStrings.xml": huge}))
    assert "trop gros une fois ouvert" in message


def test_an_archive_of_millions_of_small_elements_is_refused():
    start = time.process_time()
    styles = b"<styleSheet><cellXfs>" + b"<xf/>" * 3_000_000 + b"</cellXfs></styleSheet>"
    message = refusal(repacked(saved(workbook()), {"xl/styles.xml": styles}))
    assert "trop gros une fois ouvert" in message
    message = refusal(with_sheet("<row>" + "<c><v>1</v></c>" * 100_000 + "</row>"))
    assert "trop gros une fois ouvert" in message
    assert time.process_time() - start < 10


def test_an_archive_that_lies_about_its_sizes_is_refused():
    data = repacked(saved(workbook()), {"xl/sharedStrings.xml": b" " * 300_000_000})
    lying = data.replace((300_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != data
    assert "abîmé" in refusal(lying)


def test_entities_that_multiply_are_refused():
    steps = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    start = f'<!DOCTYPE x [<!ENTITY e0 "ha">{steps}]>'
    row = '<row r="2"><c r="A2" t="str"><v>&e9;</v></c></row>'
    assert "abîmé" in refusal(with_sheet(row, start=start))


# --- what cannot be read


def archive(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return stream.getvalue()


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "est vide"),
        (b" \r\n \n", "est vide"),
        (b"\xef\xbb\xbf", "est vide"),
        (";;;\n;;;\n", "est vide"),
        (b"x" * (MAX_BYTES + 1), "dépasse 5 Mo"),
        (OLD, "ancien format d'Excel"),
        (OLD + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
        (b"%PDF-1.7 ...", "est un PDF"),
        (b"\x89PNG\r\n\x1a\n", "est une image"),
        (b"\xff\xd8\xff\xe0JFIF", "est une image"),
        (archive("mimetype", "content.xml"), "LibreOffice"),
        (archive("xl/workbook.bin"), "n'est pas un classeur .xlsx"),
        (archive("word/document.xml"), "n'est pas un classeur .xlsx"),
        (archive("xl/workbook.xml"), "abîmé"),
        (archive(), "n'est pas un classeur .xlsx"),
        (b"PK\x03\x04 and no more", "abîmé"),
        (saved(workbook())[:-200], "abîmé"),
        (saved(openpyxl.Workbook()), "est vide"),
        (b"\x00\x01\x02\x03" * 50, "n'est pas un tableau"),
        (b"\xff\xfe\x00\xd8A", "n'est pas un tableau"),
        (b"\x7fELF\x02\x01\x01\x05\x06\x07", "n'est pas un tableau"),
        ("<!DOCTYPE html><table>", "page web"),
        ("Bonjour,\nvoici la liste.\n", "Aucune ligne de titres"),
        ("Code;Désignation\n", "aucune ligne à importer"),
        ("Code;Désignation\nA;b\n" * 2600, "plus de 5000 lignes"),
        ("Code;Désignation\nA" + ";x" * 100, "au-delà de 100 colonnes"),
        ("Code;Désignation\nA;" + "x" * 10_001, "dépasse 10000 caractères"),
        ('Code;Désignation\nA;"b\nC;d\n', "À partir de la ligne 2, un guillemet"),
        ('Code;Désignation\nA;"' + "b\n" * 100_000, "À partir de la ligne 2, un guillemet"),
        ("Code;DÃ©signation\nA;b\n", "accents de ce fichier sont abîmés"),
        ("Code;D\ufffdsignation\nA;b\n", "accents de ce fichier sont abîmés"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(data, words):
    assert words in refusal(data)


def test_more_than_five_thousand_rows_in_a_workbook_are_refused():
    assert "plus de 5000 lignes" in refusal(saved(workbook(*(["A", "b"] for _ in range(5001)))))


def test_exactly_five_thousand_rows_are_read():
    assert len(read("Titre\nCode;Désignation\n" + "A;b\n" * 5000).rows) == 5000


def test_the_file_name_is_quoted_shortened():
    assert "« inventaire.xls »" in refusal(OLD, filename="inventaire.xls")
    assert len(refusal(OLD, filename="x" * 5000)) < 300


@given(st.binary(max_size=300))
@example(b'"\x00')
@example(b"sep=;\n")
@settings(max_examples=300, deadline=None)
def test_random_bytes_are_refused_or_read_but_never_crash(data):
    for start in (b"", b"Code;D\xe9signation\n", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"):
        read_or_refuse(start + data)


PARTS = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml")


def spoilt(data: bytes, alphabet: Sequence[int], dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        changed[dice.randrange(len(changed))] = dice.choice(alphabet)
    return bytes(changed)


def test_a_workbook_with_bytes_changed_is_refused_or_read_but_never_crashes():
    dice = random.Random(7)
    whole = repacked(saved(workbook(["A", 1, dt.date(2026, 3, 12)])), {})
    parts = {name: zipfile.ZipFile(io.BytesIO(whole)).read(name) for name in PARTS}
    for turn in range(200):
        if turn % 2:
            changed = spoilt(whole, range(256), dice)
        else:
            name = dice.choice(PARTS)
            changed = repacked(whole, {name: spoilt(parts[name], b'<>"0-9AZrst=&;', dice)})
        read_or_refuse(changed)
