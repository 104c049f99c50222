import datetime as dt
from pathlib import Path

import pytest

from couveuse.core.sheets import SheetProblem, read_sheet, title_words
from couveuse.structures.directory import (
    COLUMNS,
    KNOWN,
    StructureDraft,
    StructureRow,
    read_structures,
)

FILE = Path(__file__).parents[1] / "files" / "structures.csv"


def rows_of(data: bytes | str) -> list[StructureRow]:
    data = data.encode() if isinstance(data, str) else data
    return read_structures(read_sheet(data, "structures.csv", KNOWN))


def test_the_real_file_gives_seven_structures():
    rows = rows_of(FILE.read_bytes())
    assert [row.number for row in rows] == list(range(2, 9))
    assert not any(row.problems or row.notes for row in rows)
    assert rows[0].draft == StructureDraft(
        name="Association pour le développement agricole et rural",
        short_name="CIVAM-ADAR",
        kind="association",
        functions=("accompagnement", "animation-coordination"),
        commune="La Châtre",
        insee_code="36046",
        joined_on=dt.date(2008, 1, 1),
        network="Partenariat Solidaire",
    )


def test_a_structure_without_short_name_or_commune_is_fine():
    *_, network, last = rows_of(FILE.read_bytes())
    assert network.draft
    assert last.draft
    assert (network.draft.short_name, network.draft.commune) == ("Cré-Sol", None)
    assert network.draft.insee_code is None
    assert last.draft.short_name is None


def test_no_title_belongs_to_two_columns():
    found = [w for c in COLUMNS for w in set().union(*(title_words(t) for t in c.titles))]
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("typed", "code"), [("1004", "01004"), ("2a004", "2A004"), ("36 046", "36046")]
)
def test_commune_codes_as_spreadsheets_leave_them(typed, code):
    (row,) = rows_of(f"Nom;Code INSEE\nPLES;{typed}\n")
    assert row.draft
    assert row.draft.insee_code == code


@pytest.mark.parametrize("typed", ["Paris", "360460", "46", "3604A"])
def test_what_is_no_commune_code_is_refused(typed):
    (row,) = rows_of(f"Nom;Code INSEE\nPLES;{typed}\n")
    assert row.draft is None
    assert f"« {typed} » n'est pas un code INSEE" in str(row.problems[0])


def test_a_structure_named_twice_is_refused_the_second_time():
    first, second, third = rows_of("Nom;Sigle\nPôle local;PLES\nAutre;ples\nPÔLE LOCAL;\n")
    assert first.draft
    assert second.draft is None
    assert third.draft is None
    assert str(second.problems[0]).startswith(
        "ligne 3, colonne « Sigle » : « ples » est déjà le nom ou le sigle de la structure "
        "de la ligne 2."
    )


def test_a_name_equal_to_its_own_short_name_is_no_repetition():
    (row,) = rows_of("Nom;Sigle\nRIRE;RIRE\n")
    assert row.draft == StructureDraft("RIRE", short_name="RIRE")


def test_the_name_column_is_needed():
    with pytest.raises(SheetProblem, match="Il manque la colonne « Nom »"):
        rows_of("Sigle;Commune\nPLES;Châteauroux\n")


def test_every_problem_is_told_with_its_cell():
    (row,) = rows_of("Nom;Code INSEE;Membre depuis\n;x;hier\n")
    assert [(p.row, p.column) for p in row.problems] == [
        (2, "Nom"),
        (2, "Code INSEE"),
        (2, "Membre depuis"),
    ]
