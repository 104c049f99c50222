"""The end of an agreement is settled while the person goes on booking."""

import datetime as dt
import re

import pytest

from couveuse.core.db import unit_of_work
from couveuse.equipment.models import BookingState
from couveuse.people.models import Person
from couveuse.structures.models import Site, Structure
from tests import build
from tests.races.arena import Arena, Racer, at_once, hour, made

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
