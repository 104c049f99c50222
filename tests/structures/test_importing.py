"""Importing structures: the real file, again, after items named them, and wrong rows."""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from couveuse.core import journal
from couveuse.core.plans import PlanChanged, RowsToCorrect
from couveuse.structures.importing import apply_import, plan_import, plan_lines
from couveuse.structures.models import Structure
from tests import build

FILE = Path(__file__).parents[1] / "files" / "structures.csv"
REAL = FILE.read_bytes()


def sheet(*rows: str, titles: str = "Nom;Sigle;Commune;Membre depuis") -> bytes:
    return "\n".join([titles, *rows]).encode()


async def named(db, name: str) -> Structure:
    found = await db.scalar(
        sa.select(Structure).where(sa.or_(Structure.name == name, Structure.short_name == name))
    )
    assert found is not None
    return found


async def test_the_real_file_again_changes_nothing(db, cast) -> None:
    plan = await plan_import(db, REAL, FILE.name)
    lines = plan_lines(plan)
    assert "colonne non reprise : Réseau" in lines
    summary = await apply_import(db, None, plan)
    assert (summary.created, summary.changed) == (6, 1)  # ADEARI is there already
    adeari = await named(db, "ADEARI")
    assert adeari.id == cast.partner.id
    assert adeari.name.startswith("Association pour le développement de l'emploi agricole")
    assert adeari.joined_on == dt.date(2008, 1, 1)
    (line,) = await journal.lines_about(db, "structure", adeari.id)
    assert "Nom (ADEARI → Association" in journal.sentence(line)
    again = await plan_import(db, REAL, FILE.name)
    assert again.is_done
    assert plan_lines(again)[-1] == "Rien à changer : tout est déjà à jour."


async def test_a_structure_made_by_its_short_name_receives_its_name(db, cast) -> None:
    """As the import of items leaves it, when it comes first."""
    before = await build.make_structure(db, "CIVAM-ADAR")
    await apply_import(db, None, await plan_import(db, REAL, FILE.name))
    await db.refresh(before)
    assert before.short_name == "CIVAM-ADAR"
    assert before.name == "Association pour le développement agricole et rural"


async def test_what_the_file_does_not_say_stays(db, cast) -> None:
    made = await build.make_structure(
        db, "Les Prés", commune="Neuvy", email="a@b.fr", notes="à garder"
    )
    await apply_import(db, None, await plan_import(db, sheet("LES PRES;LP;;"), "x.csv"))
    await db.refresh(made)
    assert (made.name, made.short_name, made.commune) == ("LES PRES", "LP", "Neuvy")
    assert (made.email, made.notes) == ("a@b.fr", "à garder")


async def test_a_kind_in_other_letters_is_no_change(db, cast) -> None:
    made = await build.make_structure(db, "Les Prés", short_name="LP", kind="association")
    plan = await plan_import(db, sheet("Les Prés;LP;Association", titles="Nom;Sigle;Type"), "x.csv")
    assert plan.is_done
    await apply_import(db, None, plan)
    await db.refresh(made)
    assert made.kind == "association"


async def test_rows_that_cannot_be_told_apart_are_problems(db, cast) -> None:
    await build.make_structure(db, "Un", short_name="XX")
    await build.make_structure(db, "Deux", short_name="XX")
    await build.make_structure(db, "Partie", left_on=dt.date(2020, 1, 1))
    data = sheet(
        "Trois;XX;;",
        "Un;XX2;;",
        "Partie;;;01/02/2021",
        "ADEARI;;;",
        "Adeari 2;A.D.E.A.R.I.;;",
        ";sans nom;;",
        "Bonne;;;",
    )
    plan = await plan_import(db, data, "x.csv")
    told = [" ".join(str(one) for one in row.problems) for row in plan.rows]
    assert "peut désigner plusieurs structures enregistrées : Un, Deux" in told[0]
    assert told[1] == ""
    assert "partie le 1er janv. 2020" in told[2].replace("\u00a0", " ")
    assert told[3:5] == ["", ""]
    assert "ligne 7, colonne « Nom »" in told[5]
    with pytest.raises(RowsToCorrect):
        await apply_import(db, None, plan)
    summary = await apply_import(db, None, plan, only_good_rows=True)
    assert summary.left_out == 3
    await named(db, "Bonne")


async def test_two_rows_for_one_structure_are_a_problem(db, cast) -> None:
    plan = await plan_import(db, sheet("ADEARI;;;", "Autre nom;adeari;;"), "x.csv")
    assert "ligne 2" in str(plan.rows[1].problems[0])


async def test_a_plan_is_checked_again_when_it_is_carried_out(db, cast) -> None:
    plan = await plan_import(db, sheet("Nouvelle;;;"), "x.csv")
    await build.make_structure(db, "nouvelle")
    with pytest.raises(PlanChanged):
        await apply_import(db, None, plan)
