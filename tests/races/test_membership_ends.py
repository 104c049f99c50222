"""A membership ends while the person goes on booking what needs no agreement."""

import asyncio
import datetime as dt

import pytest
import sqlalchemy as sa

from couveuse.core.db import unit_of_work
from couveuse.equipment.actions import book
from couveuse.equipment.forms import BookingForm
from couveuse.equipment.models import HOLDING, Booking
from couveuse.equipment.queries import get_item_to_book
from couveuse.people.models import Membership
from tests.races.arena import START, Arena, Racer, at_once, hour, span, winners
from tests.races.test_agreement_ends import actor_of, somebody_waits

pytestmark = [pytest.mark.race, pytest.mark.slow]

ROUNDS = 4
LAST_DAY = START.date() - dt.timedelta(days=2)


async def end_of(arena: Arena, who: Racer) -> str:
    async with arena.sessions() as db:
        found = await db.scalar(sa.select(Membership.id).where(Membership.person_id == who.id))
    return f"/appartenances/{found}/fin"


async def left_of(arena: Arena, who: Racer) -> list[int]:
    """The bookings that hold after the last day."""
    async with arena.sessions() as db:
        found = await db.scalars(
            sa.select(Booking.id).where(
                Booking.person_id == who.id,
                Booking.state.in_(HOLDING),
                sa.func.lower(Booking.during) > sa.cast(LAST_DAY, sa.Date) + 1,
            )
        )
        return list(found)


async def test_no_booking_outlives_the_membership(arena: Arena) -> None:
    """Sent at the same moment, on items of before and on new ones: cancelled, or refused."""
    for who in arena.racers[10 : 10 + len(arena.rounds(ROUNDS))]:
        items = [await arena.item() for _ in range(3)]
        await arena.booked(items[0], who, hour(1), hour(2))
        path = await end_of(arena, who)
        ended, *booked = await at_once(
            [
                arena.post(arena.ines, path, last_day=str(LAST_DAY), bookings="cancel"),
                *(
                    arena.book(who, item, hour(start), hour(start + 1))
                    for item in items
                    for start in (4, 6)
                ),
            ]
        )

        assert ended.status_code == 303, ended.text[:2000]
        winners(booked)
        assert await left_of(arena, who) == []


async def test_a_booking_that_nobody_could_see_yet_is_cancelled(arena: Arena) -> None:
    """It is made and not committed when the membership ends: the end waits, then sees it."""
    who = arena.racers[20]
    item, path = await arena.item(), await end_of(arena, who)
    async with unit_of_work(arena.sessions) as db:
        me = await actor_of(db, who)
        slot = BookingForm(**span(hour(4), hour(5)))
        await book(db, me, (await get_item_to_book(db, me, item))[0], slot)
        ending = asyncio.create_task(
            arena.post(arena.ines, path, last_day=str(LAST_DAY), bookings="cancel")
        )
        await somebody_waits(arena)
    ended = await ending

    assert ended.status_code == 303, ended.text[:2000]
    assert await left_of(arena, who) == []
    late = await arena.book(who, item, hour(8), hour(9))
    assert late.status_code == 422
    assert "ne va pas jusqu'à ce jour" in late.text.replace("&#39;", "'")
    before = dt.datetime.combine(LAST_DAY, dt.time(8))
    assert len(winners([await arena.book(who, item, before, before + dt.timedelta(hours=1))])) == 1
