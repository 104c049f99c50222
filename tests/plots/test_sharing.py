"""No two plots in service on the same days have the same ground."""

import asyncio
import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import geo
from couveuse.core.db import make_engine, make_sessions, unit_of_work
from couveuse.core.errors import Refused
from couveuse.core.plans import Outcome
from couveuse.plots import actions, describing, queries
from couveuse.plots.actions.importing import plan_import
from couveuse.plots.forms import NewPlotForm, PlotForm
from couveuse.plots.models import Plot
from couveuse.structures.models import Site
from tests import build
from tests.cast import Cast, make_cast
from tests.conftest import Server

D = dt.date
START = D(2026, 1, 1)
FIELD = geo.rectangle((1.98, 46.57), 100, 50, 0)
NEXT = geo.rectangle((1.9806526, 46.57), 100, 50, 0)  # beside it, to the centimetre
ASTRIDE = geo.rectangle((1.9803263, 46.57), 100, 50, 0)  # half on it
SLIVER = geo.rectangle((1.980640, 46.57), 100, 50, 0)  # a metre too far


def fields(site: Site, code: str, starts_on: dt.date = START) -> NewPlotForm:
    return NewPlotForm(code=code, site_id=site.id, starts_on=starts_on, declared_m2=Decimal(5000))


async def make(db: AsyncSession, site: Site, code: str, outline: Any, **more: Any) -> Plot:
    return await actions.create_plot(db, None, site, fields(site, code, **more), outline)


def said(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    assert {one.code for one in refused.value.reasons} == {"shared_ground"}
    return [str(one) for one in refused.value.reasons]


@pytest.mark.parametrize(("outline", "area"), [(FIELD, 5000), (ASTRIDE, 2500)])
async def test_ground_of_another_plot_is_refused_and_named(
    db: AsyncSession, cast: Cast, outline: Any, area: int
) -> None:
    await make(db, cast.farm, "N-1", FIELD)
    with pytest.raises(Refused) as refused:
        await make(db, cast.farm, "N-2", outline)
    [sentence] = said(refused)
    assert "N-1" in sentence
    [reason] = refused.value.reasons
    assert abs(reason.values["area"] - area) < 10


@pytest.mark.parametrize("outline", [NEXT, SLIVER, None])
async def test_a_neighbour_and_a_line_drawn_by_hand_are_no_conflict(
    db: AsyncSession, cast: Cast, outline: Any
) -> None:
    await make(db, cast.farm, "N-1", FIELD)
    await make(db, cast.farm, "N-2", outline)


async def test_the_same_ground_at_another_time_is_free(db: AsyncSession, cast: Cast) -> None:
    first = await make(db, cast.farm, "N-1", FIELD)
    await actions.end_service(db, cast.actors["ines"], first, D(2026, 12, 31))
    await make(db, cast.farm, "N-2", FIELD, starts_on=D(2027, 1, 1))
    with pytest.raises(Refused) as refused:
        await actions.end_service(db, cast.actors["ines"], first, None)
    assert "N-2" in said(refused)[0]


async def test_what_is_drawn_or_put_in_service_later_is_looked_at_too(
    db: AsyncSession, cast: Cast
) -> None:
    await make(db, cast.farm, "N-1", FIELD)
    other = await make(db, cast.farm, "N-2", NEXT)
    with pytest.raises(Refused) as refused:
        await actions.redraw_plot(db, None, other, ASTRIDE)
    assert "N-1" in said(refused)[0]
    gone = await make(db, cast.farm, "N-3", None, starts_on=D(2025, 1, 1))
    await actions.end_service(db, cast.actors["ines"], gone, D(2025, 12, 31))
    await actions.redraw_plot(db, None, gone, FIELD)
    first = await db.scalar(sa.select(Plot).where(Plot.code == "N-1"))
    assert first is not None
    [first] = await queries.lock_plots(db, [first.id])
    earlier = PlotForm.model_validate(
        describing.typed(first) | {"code": "N-1", "starts_on": D(2025, 6, 1), "seen": None}
    )
    with pytest.raises(Refused) as refused:
        await actions.edit_plot(db, None, first, earlier)
    assert "N-3" in said(refused)[0]


def collection(*objects: tuple[str, Any]) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "lieu": "Ferme test La Châtre"},
            "geometry": outline,
        }
        for code, outline in objects
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


async def test_a_file_may_not_take_ground_of_a_plot_nor_twice_the_same(
    db: AsyncSession, cast: Cast
) -> None:
    await make(db, cast.farm, "N-1", FIELD)
    data = collection(("N-2", FIELD), ("N-3", NEXT), ("N-4", NEXT))
    plan = await plan_import(db, data, "contours.geojson")
    assert [row.outcome for row in plan.rows] == [
        Outcome.PROBLEM, Outcome.CREATE, Outcome.PROBLEM,
    ]  # fmt: skip
    first, last = (" ".join(map(str, plan.rows[n].problems)) for n in (0, 2))
    assert "N-1" in first
    assert "N-3" in last


async def test_a_plot_that_a_file_leaves_where_it_is_keeps_its_ground(
    db: AsyncSession, cast: Cast
) -> None:
    await make(db, cast.farm, "N-1", FIELD)
    plan = await plan_import(db, collection(("N-2", FIELD), ("N-1", FIELD)), "contours.geojson")
    assert plan.rows[0].outcome == Outcome.PROBLEM
    assert "N-1" in " ".join(map(str, plan.rows[0].problems))


async def test_a_plot_whose_new_outline_is_refused_keeps_its_ground(
    db: AsyncSession, cast: Cast
) -> None:
    await make(db, cast.farm, "N-1", FIELD)
    await make(db, cast.farm, "N-2", NEXT)
    data = collection(("N-3", FIELD), ("N-1", NEXT))
    plan = await plan_import(db, data, "contours.geojson")
    assert [row.outcome for row in plan.rows] == [Outcome.PROBLEM, Outcome.PROBLEM]


async def test_two_plots_change_places_in_one_file(db: AsyncSession, cast: Cast) -> None:
    await make(db, cast.farm, "N-1", FIELD)
    await make(db, cast.farm, "N-2", NEXT)
    plan = await plan_import(db, collection(("N-1", NEXT), ("N-2", FIELD)), "contours.geojson")
    assert [row.outcome for row in plan.rows] == [Outcome.CHANGE, Outcome.CHANGE]


@pytest.mark.race
async def test_of_two_who_draw_the_same_ground_at_once_one_is_refused(embedded: Server) -> None:
    name = await embedded.clone()
    engine = make_engine(embedded.address(name))
    sessions = make_sessions(engine)
    async with unit_of_work(sessions) as db:
        cast = await make_cast(db)
        ids = [(await build.make_plot(db, cast.farm, code=f"N-{n}")).id for n in range(6)]

    async def draw(plot_id: int) -> None:
        async with unit_of_work(sessions) as db:
            plot = await db.get_one(Plot, plot_id)
            await actions.redraw_plot(db, None, plot, FIELD)

    results = await asyncio.gather(*map(draw, ids), return_exceptions=True)
    assert sum(one is None for one in results) == 1
    assert sum(isinstance(one, Refused) for one in results) == 5
    await engine.dispose()
    await embedded.drop(name)
