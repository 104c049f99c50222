"""The functions of an imported directory: held everywhere, from the day of joining on."""

import datetime as dt
from pathlib import Path

import sqlalchemy as sa

from couveuse.core.plans import plan_lines
from couveuse.structures.importing import apply_import, plan_import
from couveuse.structures.models import Function, Structure, StructureFunction
from couveuse.structures.queries import who_does_what
from tests import build
from tests.structures.test_functions import hold

FILE = Path(__file__).parents[1] / "files" / "structures.csv"
TITLES = "Nom;Fonctions;Membre depuis"


def sheet(*rows: str) -> bytes:
    return "\n".join([TITLES, *rows]).encode()


async def import_(db, data: bytes):
    return await apply_import(db, None, await plan_import(db, data, "x.csv"))


async def functions_of(db, name: str) -> dict[str, tuple[int | None, dt.date, dt.date | None]]:
    query = sa.select(StructureFunction).join(Structure).where(Structure.name == name)
    found = await db.scalars(query)
    return {one.function: (one.site_id, one.during.lower, one.during.upper) for one in found}


async def test_the_real_file_says_who_does_what(db, cast):
    await import_(db, FILE.read_bytes())

    since = (None, dt.date(2008, 1, 1), None)
    assert await functions_of(db, "Pôle local d'économie solidaire") == {
        "incubation": since,
        "support": since,
    }
    assert await db.scalar(sa.select(sa.func.count()).select_from(StructureFunction)) == 9
    matrix = await who_does_what(db, cast.actors["ines"], dt.date(2026, 11, 25))
    assert matrix.unheld == [Function.MEANS]
    assert {tuple(row.gaps) for row in matrix.sites} == {(Function.MEANS,)}


async def test_importing_again_changes_nothing_even_after_an_end(db, cast):
    await import_(db, sheet("Terres;couveuse,accompagnement;01/01/2010"))
    held = await db.scalar(
        sa.select(StructureFunction).where(StructureFunction.function == "support")
    )
    assert held
    held.during = held.during.__class__(dt.date(2010, 1, 1), dt.date(2020, 1, 1))
    await db.flush()

    again = await plan_import(db, sheet("Terres;couveuse,accompagnement;01/01/2010"), "x.csv")

    assert again.is_done
    assert (await import_(db, sheet("Terres;couveuse,accompagnement;"))).changed == 0
    assert len(await functions_of(db, "Terres")) == 2


async def test_only_what_is_new_is_added_and_told(db, cast):
    terres = await build.make_structure(db, "Terres", joined_on=dt.date(2015, 3, 1))
    await hold(db, terres, Function.MEANS, cast.farm)
    data = sheet("Terres;pépinière|couveuse;")

    plan = await plan_import(db, data, "x.csv")
    lines = [line.replace("\u00a0", " ") for line in plan_lines(plan)]
    await apply_import(db, None, plan)

    assert "    Fonctions : Pépinière → Couveuse, Pépinière" in lines
    assert await functions_of(db, "Terres") == {
        "means": (cast.farm.id, build.LONG_AGO, None),
        "incubation": (None, dt.date(2015, 3, 1), None),
    }


async def test_a_structure_without_a_date_holds_its_functions_from_today(db, cast):
    await import_(db, sheet("Terres;couveuse;"))

    assert await functions_of(db, "Terres") == {"incubation": (None, dt.date(2026, 11, 25), None)}


async def test_a_word_that_is_no_function_is_said_and_nothing_is_written(db, cast):
    plan = await plan_import(db, sheet("Terres;couveuse,banque;"), "x.csv")

    (problem,) = plan.rows[0].problems
    assert str(problem).startswith("ligne 2, colonne « Fonctions »")
    assert "banque" in str(problem)
    assert plan.has_problems
