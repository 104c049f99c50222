"""The end of an agreement is settled while the person goes on booking."""

import asyncio
import datetime as dt
import re

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor, Role, Seat
from couveuse.core.db import unit_of_work
from couveuse.equipment.actions import book
from couveuse.equipment.forms import BookingForm
from couveuse.equipment.models import BookingState
from couveuse.equipment.queries import get_item_to_book
from couveuse.people.models import Membership, Person
from couveuse.structures.models import Site, Structure
from tests import build
from tests.races.arena import Arena, Racer, at_once, hour, made, span

pytestmark = [pytest.mark.race, pytest.mark.slow]

ROUNDS = 4
DAY = dt.timedelta(days=1)


async def under_agreement(arena: Arena, who: Racer) -> int:
    async with unit_of_work(arena.sessions) as db:
        site = await db.get_one(Site, arena.site_id)
        structure = await db.get_one(Structure, site.structure_id)
        person = await db.get_one(Person, who.id)
        today = dt.datetime.now(dt.UTC).date()
        return (
            await build.make_agreement(db, person, structure, today - 30 * DAY, today + 200 * DAY)
        ).id


async def test_every_booking_is_settled_or_shown_first(arena: Arena) -> None:
    """Whoever was first: what was on the screen is cancelled, or nothing is and the list is new."""
    for who in arena.racers[: len(arena.rounds(ROUNDS))]:
        agreement = await under_agreement(arena, who)
        items = [await arena.item() for _ in range(4)]
        known = await arena.booked(items[0], who, hour(30), hour(32))
        last_day = (hour(0) - 2 * DAY).date()
        path = f"/conventions/{agreement}/fin"
        screen = await next(arena.doors).browser(arena.ines).get(f"{path}?jour={last_day}")
        found = re.search(r'name="seen" value="([^"]*)"', screen.text)
        assert found
        form = {"ends_on": str(last_day), "reason": "Elle part", "seen": found[1]}
        settled, *booked = await at_once(
            [
                arena.post(arena.ines, path, bookings=str(known), **form),
                *(arena.book(who, item, hour(40), hour(42)) for item in items),
            ]
        )

        assert settled.status_code in {303, 422}, settled.text[:2000]
        now = await arena.booking(known)
        if settled.status_code == 303:
            assert now.state == BookingState.CANCELLED
        else:
            assert now.state == BookingState.CONFIRMED
            assert "a changé entre-temps" in settled.text
        for one in booked:
            assert (await arena.booking(made(one))).is_holding


async def test_a_booking_that_nobody_could_see_yet_is_shown_before_the_end(arena: Arena) -> None:
    """It is made, not committed yet, on an item that the screen does not know."""
    who = arena.racers[-1]
    agreement = await under_agreement(arena, who)
    item = await arena.item(needs_agreement=True)
    last_day = (hour(0) - 2 * DAY).date()
    path = f"/conventions/{agreement}/fin"
    screen = await next(arena.doors).browser(arena.ines).get(f"{path}?jour={last_day}")
    found = re.search(r'name="seen" value="([^"]*)"', screen.text)
    assert found
    form = {"ends_on": str(last_day), "reason": "Elle part", "seen": found[1]}
    async with unit_of_work(arena.sessions) as db:
        me = await actor_of(db, who)
        slot = BookingForm(**span(hour(40), hour(42)))
        booking = await book(db, me, (await get_item_to_book(db, me, item))[0], slot)
        settling = asyncio.create_task(arena.post(arena.ines, path, **form))
        await somebody_waits(arena)
    settled = await settling

    assert settled.status_code == 422, settled.text[:2000]
    assert "a changé entre-temps" in settled.text
    assert (await arena.booking(booking.id)).is_holding
    late = await arena.book(who, item, hour(50), hour(52))
    assert made(late)


async def actor_of(db: AsyncSession, who: Racer) -> Actor:
    seats = await db.scalars(sa.select(Membership).where(Membership.person_id == who.id))
    return Actor(
        person_id=who.id,
        name=who.name,
        email=None,
        language=None,
        seats=frozenset(Seat(one.structure_id, Role(one.role)) for one in seats),
        session_id=0,
    )


async def somebody_waits(arena: Arena) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    async with asyncio.timeout(20), arena.sessions() as db:
        while not await db.scalar(sa.text(waiting)):  # noqa: ASYNC110, PostgreSQL tells nobody
            await asyncio.sleep(0.02)
