import csv
import datetime as dt
import io
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from couveuse.core.columns import ignored_titles
from couveuse.core.sheets import SheetProblem, read_sheet, title_words
from couveuse.equipment.inventory import COLUMNS, KNOWN, ItemDraft, ItemRow, read_items

FILE = Path(__file__).parents[1] / "files" / "inventaire-materiel.csv"
LINES = list(csv.reader(io.StringIO(FILE.read_bytes().decode("cp1252")), delimiter=";"))


def rows_of(text: str) -> list[ItemRow]:
    return read_items(read_sheet(text.encode(), "essai.csv", KNOWN))


def one(titles: str, cells: str) -> ItemRow:
    """The only row of a table with a code, a name and the given columns."""
    (row,) = rows_of(f"Code;Désignation;{titles}\nA-1;Outil;{cells}\n")
    return row


def drafted(titles: str, cells: str) -> ItemDraft:
    row = one(titles, cells)
    assert row.draft, [str(problem) for problem in row.problems]
    return row.draft


def problems(titles: str, cells: str) -> list[str]:
    row = one(titles, cells)
    assert row.draft is None
    return [str(problem) for problem in row.problems]


@pytest.fixture(scope="module")
def drafts() -> dict[str, ItemDraft]:
    rows = read_items(read_sheet(FILE.read_bytes(), FILE.name, KNOWN))
    assert not any(row.problems or row.notes or row.unresolved_companions for row in rows)
    return {row.draft.code: row.draft for row in rows if row.draft}


# --- the real file


def test_the_real_file_gives_every_item(drafts):
    assert len(drafts) == 26
    assert sum(draft.needs_approval is True for draft in drafts.values()) == 5
    assert {draft.tariff_unit for draft in drafts.values()} == {
        *("hour", "hectare", "half_day", "day", "trip", "km", "slot"),
    }


def test_a_whole_row_of_the_real_file(drafts):
    assert drafts["TR-03"] == ItemDraft(
        code="TR-03",
        name="Tracteur avec chargeur frontal 90 ch",
        category="tracteur",
        site_name="Lieu-test Neuvy",
        structure_name="ADEARI",
        serial_number="CH90-4",
        meter=Decimal(5120),
        meter_unit="h",
        tariff=Decimal(24),
        tariff_unit="hour",
        deposit=Decimal(500),
        min_minutes=60,
        max_minutes=240,
        notice_minutes=2880,
        needs_approval=True,
        qualifications=("Conduite tracteur", "Autorisation de conduite"),
        check_done_on=dt.date(2026, 3, 12),
        check_months=12,
        return_rule="facturé au relevé",
        notes="chargeur : VGP",
    )


@pytest.mark.parametrize(
    ("code", "field", "value"),
    [
        ("TR-01", "meter", Decimal("2413.5")),
        ("TR-02", "tariff", Decimal("12.5")),
        ("MC-01", "meter", None),
        ("MC-01", "meter_unit", None),
        ("MC-01", "serial_number", None),
        ("RO-01", "companions", ("TR-01", "TR-02")),
        ("RO-01", "deposit", None),
        ("BU-01", "companions", ("TR-03", "TR-01")),
        ("CU-01", "tariff_unit", "hectare"),
        ("CU-01", "min_minutes", 240),
        ("EP-01", "tariff_unit", "trip"),
        ("PL-01", "tariff_unit", "half_day"),
        ("PL-01", "max_minutes", 2880),
        ("DT-01", "notice_minutes", 720),
        ("PU-01", "name", "Motopompe 40 m³/h"),
        ("PU-01", "meter", Decimal(1022)),
        ("PU-01", "max_minutes", 720),
        ("TE-01", "name", "Tour d'eau secteur A (parcelles 1-2)"),
        ("TE-01", "tariff", Decimal(0)),
        ("TE-01", "tariff_unit", "slot"),
        ("TE-01", "min_minutes", 30),
        ("TE-01", "notice_minutes", 0),
        ("BA-01", "notes", "vérification annuelle"),
        ("CF-01", "name", "Chambre froide 12 m³ – étagères (4 places)"),
        ("CF-01", "capacity", 4),
        ("CF-01", "min_minutes", 1440),
        ("CF-01", "max_minutes", 43200),
        ("VA-01", "meter", Decimal(84512)),
        ("VA-01", "meter_unit", "km"),
        ("VA-01", "tariff", Decimal("0.42")),
        ("VA-01", "tariff_unit", "km"),
        ("VA-01", "qualifications", ("Permis B",)),
        ("TE-03", "meter", Decimal(3310)),
        ("TE-03", "check_done_on", dt.date(2026, 4, 2)),
        ("TE-03", "check_months", 6),
        ("TE-03", "notice_minutes", 4320),
        ("DE-01", "return_rule", "mélange 2 %"),
        ("GR-01", "capacity", None),
        ("GR-01", "min_minutes", 10080),
        ("GR-01", "max_minutes", 86400),
        ("SA-01", "capacity", None),
        ("TR-01", "capacity", None),
    ],
)
def test_the_odd_cells_of_the_real_file(drafts, code, field, value):
    assert getattr(drafts[code], field) == value


def as_workbook() -> bytes:
    """The file as a person would have it in a workbook: numbers are numbers, dates are dates."""
    book = openpyxl.Workbook()
    assert book.active
    for line in LINES:
        book.active.append([native(cell) for cell in line] or [None])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def native(cell: str) -> str | float | dt.date | None:
    if cell.count("/") == 2:
        day, month, year = map(int, cell.split("/"))
        return dt.date(year, month, day)
    try:
        return float(cell.replace(" ", "").replace(",", "."))
    except ValueError:
        return cell or None


def test_the_same_table_as_a_workbook_gives_the_same_drafts(drafts):
    rows = read_items(read_sheet(as_workbook(), "inventaire.xlsx", KNOWN))
    assert [row.draft for row in rows] == list(drafts.values())


# --- titles


def test_no_title_belongs_to_two_columns():
    words = [w for c in COLUMNS for w in set().union(*(title_words(t) for t in c.titles))]
    assert len(words) == len(set(words))


def test_every_field_of_a_draft_has_a_column_or_a_reason():
    fields = set(ItemDraft.__slots__)
    assert fields - {column.field for column in COLUMNS} == {"meter_unit", "capacity"}


def test_other_titles_and_their_order_do_not_matter():
    (row,) = rows_of("Propriétaire,Référence,Matériel,Site\nPLES,A-1,Bêche,Neuvy\n")
    assert row.draft == ItemDraft("A-1", "Bêche", site_name="Neuvy", structure_name="PLES")


def test_english_titles_are_known():
    (row,) = rows_of("Item code,Name,Category,Owner,Max duration\nA-1,Spade,tools,PLES,2 days\n")
    assert row.draft == ItemDraft(
        "A-1", "Spade", category="tools", structure_name="PLES", max_minutes=2880
    )


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Code;Tarif\nA;1\n", "« Désignation »"),
        ("Désignation;Tarif\nA;1\n", "« Code »"),
        ("Lieu;Tarif\nA;1\n", "« Code », « Désignation »"),
    ],
)
def test_missing_columns_are_named(text, missing):
    with pytest.raises(SheetProblem) as caught:
        rows_of(text)
    assert f"Il manque la colonne {missing}." in str(caught.value)
    assert "(ligne 1)" in str(caught.value)


def test_columns_that_are_not_read_can_be_told():
    sheet = read_sheet(b"Code;Nom;Couleur;\nA;b;rouge;?\n", "essai.csv", KNOWN)
    assert ignored_titles(sheet, COLUMNS) == ["Couleur"]


def test_a_value_under_no_title_is_noted_and_blocks_nothing():
    row = one("Remarques", "a;b")
    assert row.draft
    (note,) = row.notes
    assert str(note).startswith("ligne 2, colonne « D » : « b » se trouve sous une colonne sans")


# --- cells


def test_a_title_gives_bare_numbers_their_unit():
    draft = drafted(
        "Délai (jours);Durée mini (min);Durée maxi (h);Tarif (€/h);Kilométrage;Périodicité (ans)",
        "2;30;4;18,50;84 512;1",
    )
    assert (draft.notice_minutes, draft.min_minutes, draft.max_minutes) == (2880, 30, 240)
    assert (draft.tariff, draft.tariff_unit) == (Decimal("18.5"), "hour")
    assert (draft.meter, draft.meter_unit, draft.check_months) == (Decimal(84512), "km", 12)


def test_a_unit_in_the_cell_wins_over_the_title():
    draft = drafted("Délai (h);Compteur (h)", "2 jours;100 km")
    assert (draft.notice_minutes, draft.meter_unit) == (2880, "km")


def test_a_unit_that_is_not_known_is_never_taken_for_another():
    assert "n'est pas une durée" in problems("Délai (jours ouvrés)", "2")[0]


@pytest.mark.parametrize(
    ("cells", "tariff", "unit"),
    [
        ("18,00;heure", "18", "hour"),
        ("18 €/h;", "18", "hour"),
        ("30 € / ½ journée;", "30", "half_day"),
        ("5 € jour;jour", "5", "day"),
        ("0,42;km", "0.42", "km"),
        ("12;Créneaux", "12", "slot"),
        ("0;", "0", None),
        ("gratuit;", "0", None),
        (";heure", None, None),
    ],
)
def test_tariffs_as_people_write_them(cells, tariff, unit):
    draft = drafted("Tarif;Unité", cells)
    assert (draft.tariff, draft.tariff_unit) == (tariff and Decimal(tariff), unit)


@pytest.mark.parametrize(
    ("titles", "cells", "sentence"),
    [
        ("Tarif", "abc", "« Tarif » : « abc » n'est pas un montant. Écrivez par exemple 12,50."),
        ("Tarif", "18", "« Tarif » : Le tarif est donné sans unité."),
        (
            "Tarif;Unité",
            "18 €/h;jour",
            "« Tarif » : Le tarif et la colonne « Unité » ne disent pas",
        ),
        ("Tarif;Unité", "18;lune", "« Unité » : « lune » n'est pas une unité de tarif."),
        ("Caution", "-5", "« Caution » : « -5 » est négatif. Écrivez un nombre positif, ou 0."),
        ("Compteur (h)", "beaucoup", "« Compteur (h) » : « beaucoup » n'est pas un relevé"),
        ("Compteur (h)", "12 m", "« Compteur (h) » : « 12 m » n'est pas un relevé"),
        ("Durée mini", "3", "« Durée mini » : « 3 » n'est pas une durée."),
        (
            "Durée mini;Durée maxi",
            "1 jour;2 h",
            "« Durée maxi » : La durée maximale est plus courte",
        ),
        ("Délai (h)", "vite", "« Délai (h) » : « vite » n'est pas une durée."),
        ("Validation", "bof", "« Validation » : « bof » ne dit ni oui ni non."),
        ("VGP le", "31/02/2026", "« VGP le » : « 31/02/2026 » n'existe pas dans le calendrier."),
        ("Va avec", "TR-01|A-1", "« Va avec » : Ce matériel est donné comme allant avec lui-même."),
        ("Va avec", "x" * 41, "« Va avec » : Ce texte a 41 caractères, il en faut 40 au plus"),
        ("Unités", "0", "« Unités » : « 0 » doit être plus grand que 0."),
        ("Unités", "51", "« Unités » : « 51 » est trop grand : le maximum est 50."),
        ("Remarques", "a\x07b", "« Remarques » : « a\x07b » contient un caractère invisible"),
    ],
)
def test_a_bad_cell_is_named_with_what_to_do(titles, cells, sentence):
    (problem,) = problems(titles, cells)
    assert problem.startswith("ligne 2, colonne " + sentence)


def test_every_problem_of_a_row_is_told_at_once():
    assert len(problems("Tarif;Caution;Durée mini;VGP le", "a;b;c;d")) == 4


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (";Bêche", "Code", "Cette case est vide"),
        ("A;", "Désignation", "Cette case est vide"),
        ("-;Bêche", "Code", "Cette case est vide"),
        (f"{'x' * 41};Bêche", "Code", "Ce texte a 41 caractères, il en faut 40 au plus"),
        (f"A;{'x' * 201}", "Désignation", "Ce texte a 201 caractères, il en faut 200 au plus"),
    ],
)
def test_code_and_name_are_needed_and_bounded(row, column, words):
    (bad, good) = rows_of(f"Code;Désignation\n{row}\nB;Râteau\n")
    assert bad.draft is None
    assert [(p.row, p.column) for p in bad.problems] == [(2, column)]
    assert words in str(bad.problems[0])
    assert good.draft == ItemDraft("B", "Râteau")


def test_a_dash_says_that_there_is_nothing():
    assert drafted("Caution;VGP le;Va avec;Remarques", "-;/;–;—") == ItemDraft("A-1", "Outil")


def test_a_code_given_twice_is_refused_the_second_time():
    first, second, third = rows_of("Code;Nom\nTR-01;a\ntr-01;b\nTR-02;c\n")
    assert first.draft
    assert third.draft
    assert second.draft is None
    assert str(second.problems[0]) == (
        "ligne 3, colonne « Code » : Le code « tr-01 » est déjà celui de la ligne 2. "
        "Donnez à chaque matériel le sien."
    )


def test_companions_take_the_spelling_of_their_row_and_strangers_are_only_noted():
    row, _ = rows_of("Code;Nom;Va avec\nRO-01;Rotavator;tr-01 ou TR-09, TR-01\nTR-01;Tracteur;\n")
    assert row.draft
    assert row.draft.companions == ("TR-01", "TR-09")
    assert row.unresolved_companions == ("TR-09",)
    assert not row.problems


def test_a_companion_whose_row_is_refused_is_not_counted_on():
    row, bad = rows_of("Code;Nom;Va avec;Caution\nRO-01;Rotavator;TR-01;\nTR-01;Tracteur;;x\n")
    assert bad.draft is None
    assert row.unresolved_companions == ("TR-01",)


@pytest.mark.parametrize(
    ("titles", "cells", "capacity"),
    [
        ("Catégorie;Places", "stockage froid;4", 4),
        ("Catégorie;Capacité", "Stockage;6 places", 6),
        ("Catégorie;Capacité", "stockage froid;12 m³", None),
        ("Catégorie;Places", "salle;20", None),
        ("Catégorie;Unités", "salle;2", 2),
        ("Catégorie;Unités", "outils à main;5", 5),
    ],
)
def test_places_are_units_in_a_storage_only(titles, cells, capacity):
    assert drafted(titles, cells).capacity == capacity


words = st.text(st.characters(exclude_categories=("Cs",)), max_size=10)
likely = st.sampled_from(["1 h", "½ journée", "12/03/2026", "TR-01|TR-02", "18,00", "oui", "-", ""])


@given(st.lists(st.lists(st.one_of(words, likely), min_size=22, max_size=22), max_size=4))
@settings(max_examples=100, deadline=None)
def test_any_cells_give_drafts_or_problems_but_never_crash(table):
    stream = io.StringIO()
    titles = [column.titles[0] for column in COLUMNS]
    csv.writer(stream, delimiter=";").writerows([titles, *table])
    rows: list[ItemRow] = []
    with suppress(SheetProblem):
        rows = rows_of(stream.getvalue())
    for row in rows:
        assert bool(row.problems) != bool(row.draft)
        assert all(str(problem).startswith(f"ligne {row.number}, ") for problem in row.problems)
