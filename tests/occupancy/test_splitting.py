"""The form that splits a plot: what it proposes, what it tells, what the parts have."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, geo
from couveuse.plots.models import Plot
from tests.cast import Cast
from tests.html import parse
from tests.occupancy.building import make_plot

FIELDS = ("size", "cultivable", "covered", "tunnels", "beds")


@pytest.fixture
async def plot(db: AsyncSession, cast: Cast) -> Plot:
    made = await make_plot(
        db,
        cast.farm,
        declared_m2=Decimal(10_001),
        cultivable_m2=Decimal(8800),
        covered_m2=Decimal(930),
        tunnels=1,
        beds=48,
    )
    await db.commit()
    return made


def typed(page: Any, number: int) -> list[str]:
    return [page.one("input", id=f"f-{name}_{number}")["value"] for name in FIELDS]


def asked(page: Any, **fields: Any) -> dict[str, Any]:
    """The form as it stands, with what is typed over it."""
    proposed = {
        f"{name}_{number}": value
        for number in (1, 2)
        for name, value in zip(FIELDS, typed(page, number), strict=True)
    }
    day = clock.today() + dt.timedelta(days=9)
    return proposed | {"happened_on": day, "code_1": "P-A", "code_2": "P-B"} | fields


async def parts_of(db: AsyncSession) -> list[tuple[Any, ...]]:
    rows = await db.execute(
        sa.select(Plot.declared_m2, Plot.cultivable_m2, Plot.covered_m2, Plot.tunnels, Plot.beds)
        .where(Plot.code.in_(["P-A", "P-B"]))
        .order_by(Plot.code)
    )
    return [tuple(row) for row in rows]


async def test_the_form_proposes_two_halves_that_may_be_sent_as_they_are(
    browse, db: AsyncSession, plot: Plot
) -> None:
    ines = await browse("ines")
    page = await ines.page(f"/parcelles/{plot.id}/division")
    assert typed(page, 1) == ["5001", "4400", "930", "1", "24"]
    assert typed(page, 2) == ["5000", "4400", "0", "0", "24"]
    assert (await ines.post(f"/parcelles/{plot.id}/division", asked(page))).status_code == 303
    assert await parts_of(db) == [(5001, 4400, 930, 1, 24), (5000, 4400, 0, 0, 24)]


async def test_what_one_part_leaves_empty_is_what_remains(
    browse, db: AsyncSession, plot: Plot
) -> None:
    ines = await browse("ines")
    page = await ines.page(f"/parcelles/{plot.id}/division")
    sent = asked(page, size_1="6001", cultivable_1="5000", beds_1="8")
    empty = {f"{name}_2": "" for name in FIELDS}
    assert (await ines.post(f"/parcelles/{plot.id}/division", sent | empty)).status_code == 303
    assert await parts_of(db) == [(6001, 5000, 930, 1, 8), (4000, 3800, 0, 0, 40)]


async def test_a_sum_that_does_not_add_up_is_told_and_stays_as_typed(
    browse, db: AsyncSession, plot: Plot
) -> None:
    ines = await browse("ines")
    page = await ines.page(f"/parcelles/{plot.id}/division")
    sent = asked(page, tunnels_2="1", beds_1="20", covered_2="70", cultivable_1="4000")
    answer = await ines.post(f"/parcelles/{plot.id}/division", sent)
    assert answer.status_code == 422
    page = parse(answer.text)
    told = page.one("div", class_="form-errors").text
    assert "Les morceaux ont 2 tunnels et la parcelle 1" in told
    assert "Les morceaux ont 44 planches et la parcelle 48" in told
    assert "Les morceaux ont 1 000 m² couverts et la parcelle 930 m²" in told
    assert "Les morceaux ont 8 400 m² cultivables et la parcelle 8 800 m²" in told
    assert typed(page, 1)[4] == "20"
    assert await parts_of(db) == []


async def test_a_slice_that_is_no_outline_is_refused_beside_its_part(
    browse, db: AsyncSession, cast: Cast
) -> None:
    outline = geo.rectangle((1.98, 46.57), 100, 50, 0)
    plot = await make_plot(db, cast.farm, declared_m2=Decimal(5000), outline=outline)
    await db.commit()
    day = clock.today() + dt.timedelta(days=9)
    sent = {"happened_on": day, "code_1": "P-A", "code_2": "P-B", "size_2": "0.1"}
    answer = await (await browse("ines")).post(f"/parcelles/{plot.id}/division", sent)
    assert answer.status_code == 422
    error = parse(answer.text).one("p", id="e-size_2-1").text
    assert "ne se coupe pas bien pour « P-B »" in error
    assert await parts_of(db) == []
