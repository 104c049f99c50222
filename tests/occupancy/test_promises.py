"""What PostgreSQL itself refuses, whoever writes; and races through real connections."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Iterable
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from couveuse.core.db import Sessions, make_sessions, unit_of_work
from couveuse.core.errors import Conflict, Refused, broken_promise
from couveuse.occupancy import actions, queries
from couveuse.occupancy.forms import DatesForm, EarlyEndForm
from couveuse.occupancy.models import (
    GroundTaken,
    OutsideLandRight,
    OutsideService,
    PlotPeriod,
)
from couveuse.plots.actions import merge_plots, split_plot
from couveuse.plots.models import Plot
from couveuse.plots.split_forms import Part
from couveuse.structures.models import LandRight
from tests.cast import Cast, make_cast
from tests.occupancy.building import asked, make_claim, make_plot, make_right

D = dt.date
CUT = D(2027, 1, 1)
CONTENDERS = 32


class Ground:
    """A database of its own, with its cast and many connections."""

    def __init__(self, sessions: Sessions, cast: Cast) -> None:
        self.sessions = sessions
        self.cast = cast
        self.ines = cast.actors["ines"]

    async def plot(self, **fields: Any) -> Plot:
        async with unit_of_work(self.sessions) as db:
            return await make_plot(db, self.cast.farm, **fields)

    async def claim(self, plot: Plot, start: dt.date, end: dt.date | None, **more: Any) -> int:
        async with unit_of_work(self.sessions) as db:
            people = () if "stay_id" in more else (self.cast.lea,)
            return (await make_claim(db, plot, self.cast.ines, start, end, *people, **more)).id

    async def claims(self, *plots: Plot) -> list[PlotPeriod]:
        async with self.sessions() as db:
            found = await db.scalars(
                sa.select(PlotPeriod)
                .where(PlotPeriod.plot_id.in_([plot.id for plot in plots]))
                .order_by(sa.func.lower(PlotPeriod.during))
            )
            return list(found)

    async def deadlocks(self) -> int:
        async with self.sessions() as db:
            statement = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
            return await db.scalar(sa.text(statement)) or 0


@pytest_asyncio.fixture
async def ground(database: str) -> AsyncIterator[Ground]:
    engine = create_async_engine(database, pool_size=CONTENDERS + 2)
    sessions = make_sessions(engine)
    async with unit_of_work(sessions) as db:
        cast = await make_cast(db)
        db.expunge_all()
    yield Ground(sessions, cast)
    await engine.dispose()


async def at_once(runs: Iterable[Awaitable[Any]]) -> list[Any]:
    return list(await asyncio.gather(*runs, return_exceptions=True))


def outcome(results: list[Any]) -> tuple[list[Any], list[Refused]]:
    """Winners, and losers who were all told why, in sentences."""
    lost = [one for one in results if isinstance(one, Refused)]
    won = [one for one in results if not isinstance(one, BaseException)]
    assert len(won) + len(lost) == len(results), results
    for refused in lost:
        assert refused.reasons
        assert all(str(reason).endswith(".") for reason in refused.reasons)
        assert "busy" not in {reason.code for reason in refused.reasons}
    return won, lost


# ---------------------------------------------------------------- constraints


async def refused_as(ground: Ground, write: Any) -> type[Conflict] | None:
    try:
        async with unit_of_work(ground.sessions) as db:
            await write(db)
    except DBAPIError as error:
        ours = broken_promise(error)
        return type(ours) if ours else None
    return None


async def test_two_claims_never_share_a_day(ground: Ground) -> None:
    plot = await ground.plot()
    await ground.claim(plot, D(2026, 1, 1), D(2026, 6, 1))
    cast = ground.cast

    async def over(db: AsyncSession) -> None:
        await make_claim(db, plot, cast.ines, D(2026, 5, 31), D(2026, 7, 1), kind="works")

    async def beside(db: AsyncSession) -> None:
        await make_claim(db, plot, cast.ines, D(2026, 6, 1), D(2026, 7, 1), kind="works")

    assert await refused_as(ground, over) is GroundTaken
    assert await refused_as(ground, beside) is None


async def test_no_claim_lies_outside_the_service_of_its_plot(ground: Ground) -> None:
    plot = await ground.plot(start=D(2026, 1, 1), end=D(2027, 1, 1))

    async def early(db: AsyncSession) -> None:
        await make_claim(db, plot, ground.cast.ines, D(2025, 12, 31), D(2026, 2, 1), kind="rest")

    async def open_end(db: AsyncSession) -> None:
        await make_claim(db, plot, ground.cast.ines, D(2026, 2, 1), None, kind="rest")

    assert await refused_as(ground, early) is OutsideService
    assert await refused_as(ground, open_end) is OutsideService


async def test_no_stay_outlives_the_right_on_the_land(ground: Ground) -> None:
    cast = ground.cast
    async with unit_of_work(ground.sessions) as db:
        right = await make_right(db, cast.farm, D(2026, 1, 1), D(2027, 1, 1))
        plot = await make_plot(db, cast.farm, rights=[right])

    async def beyond(db: AsyncSession) -> None:
        await make_claim(db, plot, cast.ines, D(2026, 6, 1), D(2027, 1, 2), cast.lea)

    async def inside(db: AsyncSession) -> None:
        await make_claim(db, plot, cast.ines, D(2026, 6, 1), D(2027, 1, 1), cast.lea)

    async def shorter(db: AsyncSession) -> None:
        during = Range(D(2026, 1, 1), D(2026, 12, 1))
        await db.execute(sa.update(LandRight).values(during=during))

    async def untied(db: AsyncSession) -> None:
        late = await make_right(db, cast.farm, D(2030, 1, 1), None)
        statement = "UPDATE plot_right SET land_right_id = :late"
        await db.execute(sa.text(statement), {"late": late.id})

    assert await refused_as(ground, beyond) is OutsideLandRight
    assert await refused_as(ground, inside) is None
    for write in (shorter, untied):
        with pytest.raises(DBAPIError, match="beyond"):
            async with unit_of_work(ground.sessions) as db:
                await write(db)


# ---------------------------------------------------------------- races


async def test_32_contenders_for_one_plot_have_one_winner(ground: Ground) -> None:
    plot = await ground.plot()
    people = [ground.cast.lea.id, ground.cast.tom.id]

    async def try_it(number: int) -> int:
        start = D(2027, 1, 1) + dt.timedelta(days=number % 5)
        async with unit_of_work(ground.sessions) as db:
            form = asked(start, D(2027, 6, 1), person_id=people[number % 2])
            mine = await queries_plot(db, ground, plot)
            return (await actions.claim_ground(db, ground.ines, mine, form)).id

    won, lost = outcome(await at_once(try_it(number) for number in range(CONTENDERS)))
    assert (len(won), len(lost)) == (1, CONTENDERS - 1)
    assert len(await ground.claims(plot)) == 1
    assert await ground.deadlocks() == 0


async def queries_plot(db: AsyncSession, ground: Ground, plot: Plot) -> Plot:
    from couveuse.plots.queries import get_plot

    return await get_plot(db, ground.ines, plot.id)


async def test_the_constraint_holds_without_the_lock(ground: Ground) -> None:
    plot = await ground.plot()

    async def write(number: int) -> None:
        async with unit_of_work(ground.sessions) as db:
            await make_claim(db, plot, ground.cast.ines, D(2027, 1, 1), None, kind="works")

    results = await at_once(write(number) for number in range(8))
    assert sum(one is None for one in results) == 1
    assert len(await ground.claims(plot)) == 1


async def test_a_plot_is_split_while_people_move_in(ground: Ground) -> None:
    plot = await ground.plot()

    async def split() -> str:
        async with unit_of_work(ground.sessions) as db:
            mine = await queries_plot(db, ground, plot)
            sizes = [Part(code=f"M{n}", size_m2=500) for n in range(2)]  # type: ignore[arg-type]

            async def make() -> Any:
                return await split_plot(db, ground.ines, mine, CUT, sizes)

            await actions.divide_ground(db, ground.ines, mine, CUT, make)
            return "split"

    async def move_in(number: int) -> str:
        start = D(2026, 12, 1) + dt.timedelta(days=40 * number)
        async with unit_of_work(ground.sessions) as db:
            mine = await queries_plot(db, ground, plot)
            form = asked(start, start + dt.timedelta(days=39), person_id=ground.cast.lea.id)
            await actions.claim_ground(db, ground.ines, mine, form)
            return "in"

    runs = [move_in(0), move_in(1), split(), move_in(2), move_in(3)]
    won, lost = outcome(await at_once(runs))
    assert "split" in won
    async with ground.sessions() as db:
        plots = list(await db.scalars(sa.select(Plot).order_by(Plot.id)))
    assert len(plots) == 3
    for claim in await ground.claims(*plots):
        service = next(one.during for one in plots if one.id == claim.plot_id)
        assert claim.during in service or service.contains(claim.during)
    assert len(won) + len(lost) == 5
    assert await ground.deadlocks() == 0


async def test_merging_and_claiming_at_once_never_deadlock(ground: Ground) -> None:
    plots = [await ground.plot() for _ in range(2)]

    async def merge(order: list[Plot], code: str) -> str:
        async with unit_of_work(ground.sessions) as db:
            mine = [await queries_plot(db, ground, one) for one in order]

            async def make() -> Any:
                return [await merge_plots(db, ground.ines, mine, CUT, code)]

            await actions.join_ground(db, ground.ines, mine, CUT, make)
            return "merged"

    async def claim(plot: Plot) -> str:
        async with unit_of_work(ground.sessions) as db:
            mine = await queries_plot(db, ground, plot)
            form = asked(D(2026, 12, 1), D(2027, 3, 1), person_id=ground.cast.lea.id)
            await actions.claim_ground(db, ground.ines, mine, form)
            return "claimed"

    runs = [merge(plots, "A"), merge(plots[::-1], "B"), *(claim(one) for one in plots * 3)]
    won, _ = outcome(await at_once(runs))
    assert won.count("merged") <= 1
    assert "merged" not in won or won.count("claimed") in (0, 2)
    assert await ground.deadlocks() == 0


@pytest.mark.parametrize("first", ["end", "extend"])
async def test_an_early_end_and_an_extension_have_one_winner(ground: Ground, first: str) -> None:
    plot = await ground.plot()
    period_id = await ground.claim(plot, D(2026, 5, 1), D(2027, 5, 1))
    ready = asyncio.Barrier(2)

    async def end() -> str:
        async with unit_of_work(ground.sessions) as db:
            period = await queries.get_period(db, ground.ines, period_id)
            await ready.wait()
            await actions.end_early(db, ground.ines, period, EarlyEndForm(ends_on=D(2026, 12, 31)))
            return "end"

    async def extend() -> str:
        async with unit_of_work(ground.sessions) as db:
            period = await queries.get_period(db, ground.ines, period_id)
            await ready.wait()
            form = DatesForm(starts_on=D(2026, 5, 1), ends_on=D(2027, 12, 31))
            await actions.change_dates(db, ground.ines, period, form)
            return "extend"

    both = [end(), extend()] if first == "end" else [extend(), end()]
    won, lost = outcome(await at_once(both))
    assert len(won) == len(lost) == 1
    [claim] = await ground.claims(plot)
    assert claim.during.upper == (D(2027, 1, 1) if won == ["end"] else D(2028, 1, 1))
    assert {reason.code for reason in lost[0].reasons} == {"changed"}
    assert await ground.deadlocks() == 0


async def test_a_shrinking_right_and_a_new_stay_have_one_winner(ground: Ground) -> None:
    cast = ground.cast
    async with unit_of_work(ground.sessions) as db:
        right = await make_right(db, cast.farm, D(2026, 1, 1), D(2030, 1, 1))
        plot = await make_plot(db, cast.farm, rights=[right])

    async def shrink() -> str:
        async with unit_of_work(ground.sessions) as db:
            during = Range(D(2026, 1, 1), D(2027, 1, 1))
            await db.execute(sa.update(LandRight).values(during=during))
            await asyncio.sleep(0.02)
            return "shrink"

    async def claim() -> str:
        async with unit_of_work(ground.sessions) as db:
            mine = await queries_plot(db, ground, plot)
            form = asked(D(2026, 12, 1), D(2028, 1, 1), person_id=cast.lea.id)
            await actions.claim_ground(db, ground.ines, mine, form)
            await asyncio.sleep(0.02)
            return "claim"

    for runs in ([shrink(), claim()],):
        won = [one for one in await at_once(runs) if isinstance(one, str)]
        assert len(won) == 1
