"""The demonstration: a network with a year behind it, and weeks that stay lively."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.clock import Week
from couveuse.core.db import Sessions, unit_of_work
from couveuse.core.files import FileStore
from couveuse.core.marks import DemoMark
from couveuse.equipment.claims import lock_items
from couveuse.equipment.standing import covered_days
from couveuse.seeds.after import add_after
from couveuse.seeds.agreements import add_agreements, keep_agreements
from couveuse.seeds.almanac import Almanac
from couveuse.seeds.committees import fill_committees
from couveuse.seeds.demo_stays import former_people
from couveuse.seeds.drawing import fill
from couveuse.seeds.expenses import add_expenses
from couveuse.seeds.figures import add_figures, keep_figures
from couveuse.seeds.forgotten import add_forgotten
from couveuse.seeds.grants import add_grants, charge_what_went_by
from couveuse.seeds.grids import add_grids
from couveuse.seeds.land import add_land
from couveuse.seeds.landkeeping import keep_land
from couveuse.seeds.lively import enliven
from couveuse.seeds.marks import begin_filling, is_demo, refuse_unless_empty
from couveuse.seeds.network import add_network, keep_valid
from couveuse.seeds.newcomers import add_newcomers, keep_newcomers
from couveuse.seeds.paths import add_paths, keep_paths
from couveuse.seeds.planner import Planner
from couveuse.seeds.reading import read_calendar, read_going, read_network, read_use
from couveuse.seeds.visits import fill_visits
from couveuse.seeds.workshops import fill_workshops
from couveuse.seeds.writing import write

WEEKS_BEHIND = 52
NOON = dt.timedelta(hours=12)
LONGEST = dt.timedelta(days=60)
"""The longest an item may be held: claims that began before reach into the weeks to fill."""


async def seed_demo(
    sessions: Sessions, *, today: dt.date | None = None, store: FileStore | None = None
) -> None:
    """Make the demonstration in an empty database. Refuses one with other data.

    Does nothing when another process has just made it. Without ``store`` its papers have no file.
    """
    day = today or clock.today()
    async with unit_of_work(sessions) as db:
        await begin_filling(db)
        if await is_demo(db):
            return
        await refuse_unless_empty(db)
        placed = await add_network(db, day, former_people(Almanac(day)))
        told = await add_agreements(db, placed, day, store)
        told += await add_land(db, placed, day)
        await add_expenses(db, placed, day)
        told += await add_paths(db, placed, day)
        await add_after(db, placed, day)
        told += await fill_visits(db, day, store)
        await add_grids(db, placed, day)
        told += await fill_committees(db, day)
        told += await fill_workshops(db, day)
        await add_figures(db, placed, day)
        await add_newcomers(db, placed, day)
        told += await add_forgotten(db, placed, day)
        told += await add_grants(db, placed, day)
        week = Week.of(day)
        mark = DemoMark(filled_until=week.shifted(-WEEKS_BEHIND).monday)
        db.add(mark)
        await _fill_until_next_week(db, mark, day, told)


async def refresh_demo(sessions: Sessions, *, store: FileStore | None = None) -> None:
    """Fill the weeks up to the next one, around what people did meanwhile.

    Does nothing while they are filled.
    """
    day = clock.today()
    async with unit_of_work(sessions) as db:
        await begin_filling(db)
        mark = await db.scalar(sa.select(DemoMark))
        if mark and mark.filled_until < Week.of(day).shifted(2).monday:
            await keep_agreements(db, day, store)
            told = [*await keep_land(db, day), *await fill_visits(db, day, store)]
            await keep_paths(db, day)
            await keep_newcomers(db, day)
            await keep_figures(db, day)
            told += await fill_workshops(db, day)
            told += await charge_what_went_by(db, day)
            await _fill_until_next_week(db, mark, day, told)


async def _fill_until_next_week(
    db: AsyncSession, mark: DemoMark, day: dt.date, told: Sequence[dict[str, Any]]
) -> None:
    """At most a year of weeks: what lies further back is not missed. ``told`` are lines of the
    journal about other things than bookings."""
    present = Week.of(day)
    first = max(Week(mark.filled_until), present.shifted(-WEEKS_BEHIND))
    end = present.shifted(2)
    weeks = [first.shifted(n) for n in range((end.monday - first.monday).days // 7)]
    network = await read_network(db)
    keep_valid(network, day)
    await lock_items(db, [machine.item.id for machine in network.machines.values()])
    calendar = await read_calendar(db, first.bounds(clock.PARIS)[0] - LONGEST)
    covered = {one.id: await covered_days(db, one.id) for one in network.holders.values()}
    planner = Planner(network, calendar, day, covered)
    for use in await read_use(db, planner.monday):
        planner.count_use(*use)
    going = await read_going(db, planner.midnight + NOON, network.holders.get("Léa"))
    enliven(planner, [week for week in weeks if week >= present], going)
    for week in weeks:
        fill(planner, week)
    await write(db, planner, told)
    mark.filled_until = end.monday
