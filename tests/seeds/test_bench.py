"""The benchmark's data: as many as asked for, where asked for, in the schema as migrated."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.clock import PARIS, Week
from couveuse.core.db import Sessions, ends, make_engine, make_sessions, unit_of_work
from couveuse.core.errors import Refused
from couveuse.core.passwords import is_right
from couveuse.equipment import queries
from couveuse.equipment.models import Booking, Item, ItemClaim
from couveuse.equipment.rules import Facts, booking_problems
from couveuse.people.models import Person
from couveuse.seeds import is_demo, is_empty, seed_bench
from couveuse.structures.models import Site, Structure
from tests.conftest import NOON

THIS_WEEK = Week.of(NOON.date())
SCHEMA = sa.text("""
    SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), convalidated::text
    FROM pg_constraint WHERE conrelid <> 0
    UNION ALL
    SELECT tablename, indexname, indexdef, '' FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT tgrelid::regclass::text, tgname::text, pg_get_triggerdef(oid), tgenabled::text
    FROM pg_trigger WHERE NOT tgisinternal
    ORDER BY 1, 2, 3
""")


async def spans(db: AsyncSession) -> dict[int, list[tuple[dt.datetime, dt.datetime]]]:
    """Local times of all bookings by item."""
    by_item: dict[int, list[tuple[dt.datetime, dt.datetime]]] = {}
    rows = await db.execute(sa.select(Booking.item_id, Booking.during).order_by(Booking.during))
    for item_id, during in rows:
        start, end = ends(during)
        local = start.astimezone(PARIS), end.astimezone(PARIS)
        by_item.setdefault(item_id, []).append(local)
    return by_item


async def everything(db: AsyncSession) -> list[Any]:
    rows = sa.select(
        Booking.item_id, Booking.person_id, Booking.during, Booking.state, Booking.created_at
    )
    return list(await db.execute(rows.order_by(Booking.id)))


async def test_counts_are_exact_and_the_schema_is_as_before(sessions: Sessions):
    async with sessions() as db:
        before = (await db.execute(SCHEMA)).all()
    await seed_bench(sessions, items=5, people=10, week_bookings=50, total_bookings=500)
    async with sessions() as db:
        assert (await db.execute(SCHEMA)).all() == before
        for table, wanted in ((Item, 5), (Person, 10), (Booking, 500), (ItemClaim, 500), (Site, 1)):
            assert await db.scalar(sa.select(sa.func.count()).select_from(table)) == wanted
        same = sa.select(sa.func.count()).where(
            ItemClaim.booking_id == Booking.id, ItemClaim.during == Booking.during
        )
        assert await db.scalar(same) == 500
        assert (await is_empty(db), await is_demo(db)) == (False, False)
        assert await db.scalar(sa.text("SELECT count(*) FROM pg_stats WHERE tablename = 'booking'"))


async def test_the_week_holds_ten_per_item_the_past_eight_the_future_none(sessions: Sessions):
    await seed_bench(sessions, items=5, people=10, week_bookings=50, total_bookings=500)
    async with sessions() as db:
        for bookings in (await spans(db)).values():
            weeks = Counter(Week.of(start.date()) for start, _ in bookings)
            assert weeks.pop(THIS_WEEK) == 10
            assert max(weeks) == THIS_WEEK.shifted(-1)
            *full, oldest = [weeks[week] for week in sorted(weeks, reverse=True)]
            assert set(full) == {8}
            assert oldest <= 8
            assert len(weeks) == 12  # 450 bookings of 5 items
            assert len({start.date() for start, _ in bookings}) > 7 * 11


async def test_bookings_stay_within_their_week_and_on_the_grid(sessions: Sessions):
    # 633 bookings per item need the hours of the night too.
    await seed_bench(sessions, items=3, people=2, week_bookings=1900, total_bookings=2900)
    async with sessions() as db:
        for bookings in (await spans(db)).values():
            for start, end in bookings:
                assert start.minute % 15 == end.minute % 15 == 0
                assert Week.of(start.date()) == Week.of((end - dt.timedelta(seconds=1)).date())
        this_week = Range(*THIS_WEEK.bounds(PARIS))
        inside = sa.select(sa.func.count()).where(Booking.during.contained_by(this_week))
        assert await db.scalar(inside) == 1900


async def test_the_same_numbers_give_the_same_data(embedded, sessions: Sessions):
    name = await embedded.clone()
    engine = make_engine(embedded.address(name))
    numbers = {"items": 4, "people": 7, "week_bookings": 41, "total_bookings": 333}
    await seed_bench(sessions, **numbers)
    await seed_bench(make_sessions(engine), **numbers)
    async with sessions() as one, make_sessions(engine)() as other:
        assert await everything(one) == await everything(other)
    await engine.dispose()
    await embedded.drop(name)


async def test_everybody_may_book_every_item_next_week(sessions: Sessions):
    await seed_bench(sessions, items=3, people=3, week_bookings=30, total_bookings=30)
    start = dt.datetime.combine(THIS_WEEK.shifted(1).monday, dt.time(3, 15), PARIS)
    async with sessions() as db:
        items = (await db.scalars(sa.select(Item))).all()
        people = (await db.scalars(sa.select(Person))).all()
        assert {person.email for person in people} == {
            f"bench-00{n}@couveuse.example" for n in (1, 2, 3)
        }
        assert await is_right("couveuse-bench", people[0].password_hash)
        assert len({person.password_hash for person in people}) == 1
        for person in people:
            assert await queries.find_member(db, person.id, start.date())
            missing = await queries.missing_papers(
                db, [item.id for item in items], person.id, start.date(), start.date()
            )
            for item in items:
                for length in (dt.timedelta(minutes=15), dt.timedelta(days=1)):
                    facts = Facts(
                        now=NOON,
                        zone=PARIS,
                        start=start,
                        end=start + length,
                        item=item,
                        missing=missing[item.id],
                    )
                    assert booking_problems(facts) == []
                assert (item.capacity, item.needs_approval) == (1, False)
                assert item.buffer_before_minutes == item.buffer_after_minutes == 0


async def test_a_database_with_data_is_refused(sessions: Sessions):
    async with unit_of_work(sessions) as db:
        db.add(Structure(name="Une vraie structure"))
    with pytest.raises(Refused) as refusal:
        await seed_bench(sessions, items=1, people=1, week_bookings=1, total_bookings=1)
    assert "contient déjà des données" in str(refusal.value.reasons[0])


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ((0, 1, 0, 0), "bench_too_small"),
        ((1, 0, 0, 0), "bench_too_small"),
        ((1, 1, -1, 0), "bench_too_small"),
        ((1, 1, 5, 4), "bench_total_too_small"),
        ((1, 1, 700, 700), "bench_week_full"),
    ],
)
async def test_impossible_numbers_are_refused_in_words(demo: Sessions, numbers, code):
    names = ("items", "people", "week_bookings", "total_bookings")
    with pytest.raises(Refused, match=code) as refusal:
        await seed_bench(demo, **dict(zip(names, numbers, strict=True)))
    assert str(refusal.value.reasons[0])
