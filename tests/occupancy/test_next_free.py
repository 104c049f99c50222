"""When a plot is free next: within its service and the rights on its land, and for whom."""

import datetime as dt

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.structures.models import SiteKind
from tests import build
from tests.cast import Cast
from tests.occupancy.building import make_claim, make_plot, make_right

D = dt.date
LONG_AGO, SPRING = D(2020, 1, 1), D(2027, 3, 1)


@pytest.mark.parametrize(
    ("rights", "held_until", "on_board", "on_page"),
    [
        ([], SPRING, "libre le 1er mars 2027", "Libre le lundi 1er mars 2027"),
        ([(LONG_AGO, None)], SPRING, "libre le 1er mars 2027", "Libre le lundi 1er mars 2027"),
        (
            [(LONG_AGO, SPRING)],
            SPRING,
            "tenue jusqu'au 28 févr. 2027",
            "Rien après le dimanche 28 février",
        ),
        (
            [(LONG_AGO, SPRING), (D(2027, 5, 1), D(2030, 1, 1))],
            SPRING,
            "libre le 1er mai 2027",
            "Libre le samedi 1er mai 2027",
        ),
        ([(D(2027, 5, 1), None)], None, "libre le 1er mai 2027", "Libre le samedi 1er mai 2027"),
        ([(LONG_AGO, D(2026, 11, 1))], None, "jusqu'au 24 nov. 2026", "Pas de jour libre"),
    ],
)
async def test_it_is_free_while_somebody_has_a_right_on_the_land(
    browse,
    db: AsyncSession,
    cast: Cast,
    rights: list[tuple[dt.date, dt.date | None]],
    held_until: dt.date | None,
    on_board: str,
    on_page: str,
) -> None:
    made = [await make_right(db, cast.farm, *days) for days in rights]
    plot = await make_plot(db, cast.farm, rights=made)
    if held_until:
        await make_claim(db, plot, cast.ines, D(2026, 1, 1), held_until, cast.lea)
    await db.commit()
    ines = await browse("ines")
    row = (await ines.page("/parcelles")).one("section", data_plot=str(plot.id))
    assert row.one("p", class_="next").text == on_board
    assert on_page in (await ines.page(f"/parcelles/{plot.id}")).text


@pytest.mark.parametrize(("end", "said"), [(None, ""), (D(2027, 1, 1), "jusqu'au 31 déc. 2026")])
async def test_a_temporary_site_is_offered_to_nobody(
    browse, db: AsyncSession, cast: Cast, end: dt.date | None, said: str
) -> None:
    site = await build.make_site(db, cast.home, kind=SiteKind.TEMPORARY)
    plot = await make_plot(db, site, rights=[await make_right(db, site, LONG_AGO, end)])
    await db.commit()
    ines = await browse("ines")
    row = (await ines.page("/parcelles")).one("section", data_plot=str(plot.id))
    assert row.one("p", class_="next").text == said
    page = (await ines.page(f"/parcelles/{plot.id}")).text
    assert "Lieu temporaire pour la personne qui compte s'y installer" in page
