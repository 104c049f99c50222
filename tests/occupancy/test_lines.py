"""The page of a site and of a right: their plots, and who holds them until when."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.structures.models import SiteKind
from tests import build
from tests.cast import Cast
from tests.occupancy.building import make_claim, make_plot, make_right

DAY = dt.timedelta(days=1)


def lines(page: Any) -> dict[str, str]:
    """What stands beside the code of each plot."""
    return {
        one.one("a").text: one.one("span", class_="meta").text
        for one in page.all("li", data_plot=None)
    }


@pytest.fixture
def today() -> dt.date:
    return clock.today()


async def test_a_right_lists_the_plots_it_covers_and_who_holds_them(
    browse, db: AsyncSession, cast: Cast, today: dt.date
) -> None:
    right = await make_right(db, cast.farm, dt.date(2020, 1, 1), None)
    held = await make_plot(db, cast.farm, code="A-1", rights=[right])
    free = await make_plot(db, cast.farm, code="A-2", rights=[right])
    await make_plot(db, cast.farm, code="A-3", rights=[right], end=today)
    await make_plot(db, cast.farm, code="A-4", rights=[right], start=today + DAY)
    await make_plot(db, cast.farm, code="Z-9")
    cut, end = today + 9 * DAY, dt.date(2090, 1, 1)
    claim = await make_claim(db, held, cast.ines, today, cut, cast.lea)
    await make_claim(db, held, cast.ines, cut, end, stay_id=claim.stay_id)
    await make_claim(db, free, cast.ines, end, None, kind="rest")
    await db.commit()

    page = await (await browse("lea")).page(f"/droits/{right.id}")

    found = lines(page)
    assert list(found) == ["A-1", "A-2", "A-4", "A-3"]
    assert found["A-1"].endswith(f"{cast.lea.name}, jusqu'au 31 déc. 2089")
    assert found["A-2"].endswith("Libre, puis Repos, engrais vert dès le 1er janv. 2090")
    assert "En service à partir du" in found["A-4"]
    assert "Plus en service depuis le" in found["A-3"]
    assert page.one("a", href=f"/parcelles/{held.id}").text == "A-1"


async def test_the_plots_of_an_archipelago_stand_under_their_commune(
    browse, db: AsyncSession, cast: Cast
) -> None:
    site = await build.make_site(db, cast.home, kind=SiteKind.ARCHIPELAGO)
    for code, insee in (("B-1", "36202"), ("B-2", None), ("B-3", "36063"), ("B-4", "36202")):
        await make_plot(db, site, code=code, insee_code=insee)
    await db.commit()

    section = (await (await browse("lea")).page(f"/sites/{site.id}")).one(
        "section", aria_labelledby="plots-title"
    )

    titles = [one.text for one in section.all("h3")]
    assert titles == ["Déols (Indre)", "Saint-Maur (Indre)", "Commune non notée"]
    assert list(lines(section)) == ["B-3", "B-1", "B-4", "B-2"]


async def test_a_site_without_plots_says_so_and_who_runs_it_adds_one(browse, cast: Cast) -> None:
    page = await (await browse("paul")).page(f"/sites/{cast.neuvy.id}")
    assert "Aucune parcelle" in page.text
    assert page.one("a", href=f"/parcelles/nouvelle?lieu={cast.neuvy.id}")


async def test_the_page_takes_as_many_statements_for_one_plot_as_for_many(
    browse, db: AsyncSession, cast: Cast, today: dt.date, statements: list[str]
) -> None:
    right = await make_right(db, cast.farm, dt.date(2020, 1, 1), None)
    lea = await browse("lea")
    counts: list[list[int]] = []
    for number in range(1, 4):
        for _ in range(number):
            plot = await make_plot(db, cast.farm, rights=[right])
            await make_claim(db, plot, cast.ines, today, None, cast.lea)
        await db.commit()
        counts.append([])
        for path in (f"/sites/{cast.farm.id}", f"/droits/{right.id}"):
            await lea.page(path)
            statements.clear()
            await lea.page(path)
            counts[-1].append(len(statements))
    assert counts[0] == counts[1] == counts[2]
