"""Items with nobody in charge: said by the import, shown to coordination, settled by either."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.plans import Outcome, plan_lines
from couveuse.equipment.actions import apply_import, plan_import
from couveuse.equipment.importing import ItemPlan
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.equipment.test_import import sheet, whole

Browse = Callable[..., Any]
TITLES = "Code;Désignation;Lieu;Structure;Responsable;Suppléance"
LISTED = "/materiel/sans-personne-en-charge"


def row(manager: str = "", deputy: str = "", code: str = "HE-1") -> bytes:
    return sheet(f"{code};Herse;Ferme test La Châtre;CIVAM;{manager};{deputy}", titles=TITLES)


async def imported(db: AsyncSession, data: bytes) -> ItemPlan:
    plan = await plan_import(db, data, "inventaire.csv")
    await apply_import(db, None, plan)
    await db.flush()
    return plan


# ---------------------------------------------------------------- the columns


@pytest.mark.parametrize(
    ("manager", "deputy"),
    [
        ("gaston@couveuse.example", "PAUL@couveuse.example"),
        ("Gaston Essai", "Essai Paul"),
        ("gaston ESSAI", "paul essai"),
    ],
)
async def test_people_are_found_by_address_or_by_name(
    db: AsyncSession, cast: Cast, manager: str, deputy: str
) -> None:
    await imported(db, row(manager, deputy))
    item = await whole(db, "HE-1")
    assert (item.manager_id, item.deputy_id) == (cast.gaston.id, cast.paul.id)
    again = await plan_import(db, row(manager, deputy), "inventaire.csv")
    assert [one.outcome for one in again.rows] == [Outcome.SAME]


async def test_an_empty_cell_changes_nobody_and_another_name_does(
    db: AsyncSession, cast: Cast
) -> None:
    await imported(db, row("Gaston Essai"))
    (same,) = (await plan_import(db, row(), "inventaire.csv")).rows
    assert same.outcome == Outcome.SAME
    plan = await imported(db, row("Paul Essai"))
    (change,) = plan.rows[0].changes
    assert (change.was, change.becomes) == ("Gaston Essai", "Paul Essai")
    assert (await whole(db, "HE-1")).manager_id == cast.paul.id


async def test_a_namesake_is_told_apart_by_the_address(db: AsyncSession, cast: Cast) -> None:
    other = await build.make_person(
        db, "Gaston", family_name="Essai", email="autre@couveuse.example"
    )
    await build.make_membership(db, other, cast.partner, "mentor")
    await imported(db, row("gaston@couveuse.example"))
    for text, keeper in (("Gaston Essai", cast.gaston.id), (str(other.email), other.id)):
        await imported(db, row(text))
        assert (await whole(db, "HE-1")).manager_id == keeper
    (problem,) = (await plan_import(db, row("Gaston Essai", code="HE-2"), "a.csv")).rows[0].problems
    assert str(problem) == (
        "ligne 2, colonne « Responsable » : « Gaston Essai » peut désigner plusieurs personnes. "
        "Écrivez l'adresse e-mail."
    )


@pytest.mark.parametrize("text", ["Personne Inconnue", "x@couveuse.example", "Zoe Essai"])
async def test_who_is_no_member_is_not_put_in_charge(
    db: AsyncSession, cast: Cast, text: str
) -> None:
    (problem,) = (await plan_import(db, row(deputy=text), "a.csv")).rows[0].problems
    assert problem.column == "Suppléance"
    assert f"Aucun membre du réseau n'a pour nom ou pour adresse « {text} »." in str(problem)


async def test_who_left_may_stay_in_charge_as_before(db: AsyncSession, cast: Cast) -> None:
    await build.make_item(
        db, cast.farm, code="HE-1", name="Herse", category="divers", manager_id=cast.zoe.id
    )
    (same,) = (await plan_import(db, row("Zoe Essai"), "a.csv")).rows
    assert same.outcome == Outcome.SAME


@pytest.mark.parametrize(
    ("manager", "deputy", "column"),
    [
        ("Gaston Essai", "Gaston Essai", "Suppléance"),
        ("", "Gaston Essai", "Suppléance"),
        ("Paul Essai", "", "Responsable"),
    ],
)
async def test_nobody_stands_in_for_themself(
    db: AsyncSession, cast: Cast, manager: str, deputy: str, column: str
) -> None:
    held = {"manager_id": cast.gaston.id, "deputy_id": cast.paul.id}
    await build.make_item(db, cast.farm, code="HE-1", name="Herse", **held)
    problems = (await plan_import(db, row(manager, deputy), "a.csv")).rows[0].problems
    assert [one.column for one in problems] == [column]


async def test_the_lines_of_the_plan_name_the_people(db: AsyncSession, cast: Cast) -> None:
    lines = "\n".join(plan_lines(await plan_import(db, row("gaston@couveuse.example"), "a.csv")))
    assert "Personne en charge" in lines
    assert "Gaston Essai" in lines


# ---------------------------------------------------------------- what is left to settle


async def test_coordination_finds_them_from_its_home(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    await build.make_item(db, cast.farm, name="Herse")
    bare = await build.make_item(db, cast.neuvy, name="Bineuse")
    held: list[dict[str, Any]] = [{"manager_id": cast.gaston.id}, {"deputy_id": cast.gaston.id}]
    for number, fields in enumerate([*held, {"retired_on": NOON.date()}]):
        await build.make_item(db, cast.farm, name=f"Autre {number}", **fields)
    await db.commit()
    ines = await browse("ines")
    link = (await ines.page("/")).one("a", href=LISTED)
    assert link.text == "2 matériels sans personne en charge"
    page = await ines.page(LISTED)
    assert [one.all("a")[0].text for one in page.all("li", data_item=None)] == ["Bineuse", "Herse"]
    assert page.one("a", href=f"/materiel/{bare.id}/modification#f-manager_id")
    for name in ("paul", "gaston"):
        assert LISTED not in (await (await browse(name)).get("/")).text
