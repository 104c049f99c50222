"""A membership ends while the person goes on booking what needs no agreement."""

import asyncio
import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range

from couveuse.core.actor import Role
from couveuse.core.db import unit_of_work
from couveuse.equipment.actions import book
from couveuse.equipment.forms import BookingForm
from couveuse.equipment.models import HOLDING, Booking
from couveuse.equipment.queries import get_item_to_book
from couveuse.people.models import Membership, Person
from couveuse.structures.models import Site, Structure
from tests import build
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


async def test_two_coordinators_who_leave_each_other_alone(arena: Arena) -> None:
    """One ends, the other starts later, at the same moment: somebody coordinates today."""
    today = dt.datetime.now(dt.UTC).date()
    for who in arena.racers[30 : 30 + len(arena.rounds(ROUNDS))]:
        async with unit_of_work(arena.sessions) as db:
            site = await db.get_one(Site, arena.site_id)
            structure = await db.get_one(Structure, site.structure_id)
            person = await db.get_one(Person, who.id)
            second = (await build.make_membership(db, person, structure, Role.COORDINATOR)).id
            first = await db.scalar(
                sa.select(Membership.id).where(Membership.person_id == arena.ines.id)
            )
        later, ended = await at_once(
            [
                arena.post(arena.ines, f"/appartenances/{first}", starts_on="2090-01-01"),
                arena.post(
                    who, f"/appartenances/{second}/fin", last_day=str(today), bookings="cancel"
                ),
            ]
        )

        assert sorted([later.status_code, ended.status_code]) == [303, 422]
        async with unit_of_work(arena.sessions) as db:
            await db.execute(sa.delete(Membership).where(Membership.id == second))
            await db.execute(
                sa.update(Membership)
                .where(Membership.id == first)
                .values(during=Range(build.LONG_AGO, None))
            )
