"""The demonstration started again, days, weeks and months later."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.clock import PARIS, Week
from couveuse.core.db import Sessions, unit_of_work
from couveuse.core.marks import DemoMark
from couveuse.equipment.claims import claimed, hold_for_booking
from couveuse.equipment.models import (
    HOLDING,
    Booking,
    BookingState,
    Item,
    ItemClaim,
    Outage,
    item_requirement,
)
from couveuse.people.models import Membership, Paper, Person
from couveuse.seeds import refresh_demo
from tests.conftest import NOON
from tests.seeds.checks import broken_rules, loose_claims, per_week, rows_of

LATER = [
    pytest.param(NOON + dt.timedelta(weeks=5), id="5 weeks"),
    pytest.param(dt.datetime(2028, 1, 30, 11, 0, tzinfo=dt.UTC), id="14 months, a Sunday"),
]


async def book_by_hand(sessions: Sessions, code: str, start: dt.datetime, hours: int) -> int:
    """Lea books, as the pages would have it."""
    async with unit_of_work(sessions) as db:
        item = (await db.scalars(sa.select(Item).where(Item.code == code))).one()
        lea = await db.scalar(sa.select(Person.id).where(Person.given_name == "Léa"))
        during = Range(start, start + dt.timedelta(hours=hours))
        booking = Booking(
            item_id=item.id,
            person_id=lea,
            created_by_id=lea,
            during=during,
            state=BookingState.CONFIRMED,
            purpose="à la main",
            created_at=NOON,
        )
        db.add(booking)
        await db.flush()
        await hold_for_booking(db, booking, [(item, 1)])
        return booking.id


async def highest(db: AsyncSession) -> int:
    return await db.scalar(sa.select(sa.func.max(Booking.id))) or 0


async def test_started_again_in_the_same_week_it_stays_as_it_is(demo, fixed_clock):
    async with demo() as db:
        before = await rows_of(db)
    fixed_clock(NOON + dt.timedelta(days=3))
    await refresh_demo(demo)
    async with demo() as db:
        assert await rows_of(db) == before


@pytest.mark.parametrize("now", LATER)
async def test_started_again_later_the_weeks_are_lively(demo, fixed_clock, now):
    fixed_clock(now)
    await refresh_demo(demo)
    this_week = Week.of(now.date())
    async with demo() as db:
        weeks = await per_week(db)
        assert all(60 <= weeks[this_week.shifted(n)] <= 90 for n in (0, 1))
        assert all(weeks[this_week.shifted(-n)] >= 10 for n in range(1, 12))
        assert max(weeks) == this_week.shifted(1)
        assert await loose_claims(db) == []
        assert await broken_rules(db, since=now) == []
        await assert_alive(db, now)
        await assert_valid(db, now.date())
        last = await highest(db)
    await refresh_demo(demo)
    async with demo() as db:
        assert await highest(db) == last


async def assert_alive(db: AsyncSession, now: dt.datetime) -> None:
    """What makes the day of a visitor: requests, a repair, a tractor out, Léa's next bookings."""
    waiting = (Booking.state == BookingState.REQUESTED, Booking.answer_by > now)
    hers = (Person.given_name == "Léa", Booking.state.in_(HOLDING))
    starts = sa.func.lower(Booking.during)
    statements = {
        "requests": sa.select(Booking.id).where(*waiting),
        "repair": sa.select(Outage.id).where(Outage.during.contains(now)),
        "tractor": sa.select(ItemClaim.id)
        .join(Item, Item.id == ItemClaim.item_id)
        .where(Item.code.in_(("TR-01", "TR-02")), ItemClaim.during.contains(now)),
        "soon": sa.select(Booking.id)
        .join(Person, Person.id == Booking.person_id)
        .where(*hers, starts.between(now, now + dt.timedelta(days=1, hours=9))),
        "later": sa.select(Booking.id)
        .join(Person, Person.id == Booking.person_id)
        .where(*hers, starts > now + dt.timedelta(days=2)),
    }
    found = {name: len((await db.scalars(one)).all()) for name, one in statements.items()}
    assert all(found.values()), found
    assert found["requests"] >= 3


async def assert_valid(db: AsyncSession, today: dt.date) -> None:
    """What items ask for and periodic checks cover today, whenever the demonstration was made."""
    asked = sa.select(item_requirement.c.qualification_id)
    papers = sa.select(Paper.during).where(Paper.qualification_id.in_(asked))
    assert all(today in during for during in await db.scalars(papers))
    checked = await db.scalars(sa.select(Item).where(Item.check_months.is_not(None)))
    due = [item.check_due_on for item in checked]
    assert len(due) == 2
    assert all(day and day >= Week.of(today).shifted(1).monday for day in due)


async def test_what_people_did_by_hand_stays(demo, fixed_clock):
    week = Week.of(NOON.date()).shifted(5)
    start = dt.datetime.combine(week.days[2], dt.time(9), PARIS)
    made = [
        await book_by_hand(demo, code, start, hours)
        for code, hours in (("TR-01", 7), ("TR-02", 7), ("SE-01", 3), ("LA-01", 4))
    ]
    async with unit_of_work(demo) as db:
        await db.execute(sa.update(Item).where(Item.code == "BA-01").values(retired_on=NOON.date()))
        await db.execute(
            sa.update(Membership)
            .where(
                Membership.person_id
                == (sa.select(Person.id).where(Person.given_name == "Hugo").scalar_subquery())
            )
            .values(during=Range(dt.date(2025, 1, 1), NOON.date()))
        )
        last = await highest(db)
        before = await rows_of(db)
    fixed_clock(NOON + dt.timedelta(weeks=5))
    await refresh_demo(demo)
    async with demo() as db:
        assert (await rows_of(db))[: len(before)] == before
        added = (
            await db.execute(
                sa.select(Item.code, Person.given_name)
                .select_from(Booking)
                .join(Item, Item.id == Booking.item_id)
                .join(Person, Person.id == Booking.person_id)
                .where(Booking.id > last)
            )
        ).all()
        assert len(added) > 150
        assert "BA-01" not in {code for code, _ in added}
        assert "Hugo" not in {name for _, name in added}
        for booking in await db.scalars(sa.select(Booking).where(Booking.id.in_(made))):
            item = await db.get_one(Item, booking.item_id)
            claims = sa.select(ItemClaim.during).where(ItemClaim.booking_id == booking.id)
            assert list(await db.scalars(claims)) == [claimed(item, booking.during)]


async def test_a_week_later_only_the_new_week_is_filled(demo, fixed_clock):
    now = NOON + dt.timedelta(weeks=1)
    async with demo() as db:
        before = await per_week(db)
    fixed_clock(now)
    await refresh_demo(demo)
    present = Week.of(now.date())
    async with demo() as db:
        weeks = await per_week(db)
        assert 0 <= weeks[present] - before[present] <= 10
        assert 60 <= weeks[present.shifted(1)] <= 90
        await assert_alive(db, now)


async def test_a_database_that_is_no_demonstration_is_left_alone(sessions):
    await refresh_demo(sessions)
    async with sessions() as db:
        assert await db.scalar(sa.select(DemoMark.id)) is None
        assert await db.scalar(sa.select(Item.id)) is None
