"""The land of the demonstration, started again later."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.core.db import Sessions, unit_of_work
from couveuse.occupancy.models import PeriodKind, PlotPeriod
from couveuse.people.models import Membership, Person
from couveuse.plots.models import Plot
from couveuse.seeds import refresh_demo
from couveuse.structures.models import LandRight
from tests.conftest import NOON
from tests.seeds.checks import claims_of

MUCH_LATER = dt.datetime(2028, 1, 30, 11, 0, tzinfo=dt.UTC)
LATER = [
    pytest.param(NOON + dt.timedelta(weeks=5), id="5 weeks"),
    pytest.param(MUCH_LATER, id="14 months"),
    pytest.param(dt.datetime(2036, 3, 4, 11, 0, tzinfo=dt.UTC), id="9 years"),
]


async def held_on(db: AsyncSession, day: dt.date) -> dict[str, str]:
    return {code: kind for code, kind, during, *_ in await claims_of(db) if day in during}


@pytest.mark.parametrize("now", LATER)
async def test_started_again_later_people_are_on_the_plots(demo, fixed_clock, now):
    fixed_clock(now)
    await refresh_demo(demo)
    async with demo() as db:
        held, claims = await held_on(db, now.date()), await claims_of(db)
        assert held.items() >= {"LC-2": "stay", "LC-3": "stay", "LC-5": "collective"}.items()
        assert {held.get(code) for code in ("NV-1", "NV-2", "IS-T")} == {"stay"}
        begun = [one for one in claims if one[1] == "reserved" and one[2].lower <= now.date()]
        assert begun == []
        assert any(one[1] == "reserved" for one in claims)
        valid = await db.scalars(
            sa.select(Plot.certified_until).where(
                Plot.certifier.is_not(None), sa.func.upper_inf(Plot.during)
            )
        )
        assert all(day >= now.date() for day in valid)
        ends = await db.scalars(sa.select(LandRight.during).where(LandRight.form != "precarious"))
        assert all(not one.upper or one.upper > now.date() for one in ends)
        lines = (await db.scalars(sa.select(journal.JournalLine))).all()
        assert all(journal.sentence(line) for line in lines)
    await refresh_demo(demo)
    async with demo() as db:
        assert await claims_of(db) == claims


async def end_by_hand(demo: Sessions, code: str, day: dt.date) -> None:
    async with unit_of_work(demo) as db:
        period = (
            await db.scalars(
                sa.select(PlotPeriod)
                .join(Plot, Plot.id == PlotPeriod.plot_id)
                .where(Plot.code == code, PlotPeriod.during.contains(NOON.date()))
            )
        ).one()
        period.planned_end_on = period.last_day
        period.during = Range(period.during.lower, day)


async def test_what_people_decided_about_the_land_stays(demo, fixed_clock):
    await end_by_hand(demo, "LC-3", dt.date(2027, 2, 1))
    async with unit_of_work(demo) as db:
        tom = sa.select(Person.id).where(Person.given_name == "Tom").scalar_subquery()
        left = Range(dt.date(2026, 1, 1), dt.date(2027, 6, 1))
        await db.execute(
            sa.update(Membership).where(Membership.person_id == tom).values(during=left)
        )
        # The reservation was dropped, and the plot is kept for works without end.
        await db.execute(sa.delete(PlotPeriod).where(PlotPeriod.kind == PeriodKind.RESERVED))
        south = (await db.scalars(sa.select(Plot).where(Plot.code == "NV-2"))).one()
        ines = await db.scalar(sa.select(Person.id).where(Person.given_name == "Inès"))
        db.add(
            PlotPeriod(
                plot_id=south.id,
                kind=PeriodKind.WORKS,
                during=Range(dt.date(2027, 12, 1), None),
                created_by_id=ines,
            )
        )
    fixed_clock(MUCH_LATER)
    await refresh_demo(demo)
    async with demo() as db:
        held = await held_on(db, MUCH_LATER.date())
        assert held["LC-2"] == "stay"
        assert held["NV-2"] == "works"
        assert not {"LC-3", "NV-1", "LC-4"} & set(held)
