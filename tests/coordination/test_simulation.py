"""What if she stayed longer: limits, plots, rights, items and papers, looked at and not written."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.occupancy.models import PeriodKind, PlotPeriod, Stay, stay_person
from couveuse.plots.models import Plot
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser

DAY = dt.timedelta(days=1)
END = dt.date(2027, 2, 1)
"""The day after lea's agreement."""


async def held(db: AsyncSession, cast: Cast, plot: Plot) -> None:
    stay = Stay()
    db.add(stay)
    await db.flush()
    await db.execute(sa.insert(stay_person).values(stay_id=stay.id, person_id=cast.lea.id))
    await claim(db, cast, plot, dt.date(2026, 3, 1), END, stay_id=stay.id)


async def claim(
    db: AsyncSession, cast: Cast, plot: Plot, start: dt.date, end: dt.date, **more: Any
) -> None:
    values = {"kind": PeriodKind.STAY, "created_by_id": cast.ines.id} | more
    db.add(PlotPeriod(plot_id=plot.id, during=Range(start, end), **values))
    await db.commit()


async def look(browse: Callable[..., Any], cast: Cast, months: object) -> str:
    ines: Browser = await browse("ines")
    page = await ines.page(f"/testeurs/{cast.lea.id}/simulation?mois={months}")
    return page.one("main").text


@pytest.mark.parametrize(
    ("months", "says", "last"),
    [
        (6, "Possible", "31 juil. 2027"),
        (12, "Possible", "31 janv. 2028"),
        (13, "12 mois au plus", "29 févr. 2028"),
        (30, "36 mois au plus en tout", "31 juil. 2029"),
        ("x", "Possible", "31 juil. 2027"),
        (0, "Possible", "31 juil. 2027"),
    ],
)
async def test_the_limits_of_the_agreement_are_told(
    browse: Callable[..., Any], cast: Cast, months: object, says: str, last: str
) -> None:
    text = await look(browse, cast, months)

    assert says in text
    assert f"du 1er févr. 2027 au {last}" in text


async def test_a_plot_that_nobody_else_has_is_free(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    await held(db, cast, await build.make_plot(db, cast.farm))

    text = await look(browse, cast, 6)

    assert "libre" in text
    assert "Possible" in text


async def test_a_plot_promised_to_others_is_named_with_its_dates(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    plot = await build.make_plot(db, cast.farm, code="P-9")
    await held(db, cast, plot)
    rest = {"kind": PeriodKind.REST, "reason": "Engrais vert"}
    await claim(db, cast, plot, dt.date(2027, 4, 1), dt.date(2027, 5, 1), **rest)

    assert "P-9 n'est pas libre du 1er avr. 2027 au 30 avr. 2027" in await look(browse, cast, 6)
    assert "Engrais vert" not in await look(browse, cast, 1)


async def test_the_right_on_the_land_is_looked_at(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    right = await build.make_land_right(db, cast.farm, end=dt.date(2027, 6, 1))
    await held(db, cast, await build.make_plot(db, cast.farm, rights=[right]))

    assert "Le droit de la structure sur cette terre finit le 31 mai 2027" in await look(
        browse, cast, 6
    )
    assert "Possible" in await look(browse, cast, 4)


async def test_papers_and_checks_due_before_the_end_are_told(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    licence = await build.make_qualification(db, "Permis BE")
    await build.make_paper(db, cast.lea, licence, end=dt.date(2027, 7, 1))
    checked = {"check_done_on": dt.date(2026, 6, 1), "check_months": 12}
    item = await build.make_item(db, cast.farm, name="Chargeur", **checked)
    await build.make_booking(db, item, cast.lea, NOON - DAY, NOON - DAY / 2)
    await db.commit()

    six, two = await look(browse, cast, 6), await look(browse, cast, 2)

    check = "vérification avant le"
    assert ("Permis BE" in six, check in six) == (True, True)
    assert ("Permis BE" in two, check in two) == (False, False)


async def test_what_is_used_says_from_when_the_months_more_can_be_booked(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    for name, days in (("Chargeur", 30), ("Herse", 365)):
        item = await build.make_item(db, cast.farm, name=name, horizon_days=days)
        await build.make_booking(db, item, cast.lea, NOON - DAY, NOON - DAY / 2)
    await db.commit()

    said = await look(browse, cast, 6)

    assert "Au plus 30 jours à l'avance : ces mois s'ouvrent le 2 janv. 2027" in said
    assert "Au plus 365 jours à l'avance : ces mois s'ouvrent dès la signature" in said


async def test_nothing_is_written(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, statements: list[str]
) -> None:
    await held(db, cast, await build.make_plot(db, cast.farm))
    ines: Browser = await browse("ines")
    statements.clear()

    await ines.page(f"/testeurs/{cast.lea.id}/simulation?mois=6")

    written = [one for one in statements if not one.lstrip().startswith("SELECT")]
    assert [one for one in written if "session" not in one] == []
