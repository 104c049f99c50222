"""An agreement is ended in the moment in which somebody books under it."""

import asyncio
import datetime as dt

import pytest
import sqlalchemy as sa

from couveuse.core.db import unit_of_work
from couveuse.equipment.models import Booking
from couveuse.trainees.models import Agreement, AgreementPeriod
from tests import build
from tests.races.arena import START, Arena, Racer, hour, told

pytestmark = [pytest.mark.race, pytest.mark.slow]

ROUNDS = 12
TODAY = START.date() - dt.timedelta(days=7)


async def agree(arena: Arena, racer: Racer) -> int:
    """Under a signed agreement from a month ago to one in two months."""
    month = dt.timedelta(days=30)
    async with unit_of_work(arena.sessions) as db:
        person = await db.get_one(build.Person, racer.id)
        structure = await build.make_structure(db)
        agreement = await build.make_agreement(
            db, person, structure, TODAY - month, TODAY + 2 * month
        )
        return agreement.id


async def end(arena: Arena, agreement_id: int, item: int, wait: float) -> list[int]:
    """End the agreement today, and then look which bookings lie beyond, as the screen does."""
    await asyncio.sleep(wait)
    async with unit_of_work(arena.sessions) as db:
        ended = {"ended_on": TODAY, "end_reason": "Autre projet"}
        await db.execute(sa.update(Agreement).where(Agreement.id == agreement_id).values(ended))
        first = sa.func.lower(AgreementPeriod.during)
        await db.execute(
            sa.update(AgreementPeriod)
            .where(AgreementPeriod.agreement_id == agreement_id)
            .values(during=sa.func.daterange(first, TODAY + dt.timedelta(days=1)))
        )
        return list(await db.scalars(sa.select(Booking.id).where(Booking.item_id == item)))


async def test_a_booking_is_refused_or_seen_by_who_ends_the_agreement(arena: Arena) -> None:
    for turn, racer in zip(arena.rounds(ROUNDS), arena.racers[10:], strict=False):
        item, agreement = await arena.item(needs_agreement=True), await agree(arena, racer)
        answer, seen = await asyncio.gather(
            arena.book(racer, item, hour(0), hour(2)),
            end(arena, agreement, item, wait=turn % 6 * 0.01),
        )
        assert seen == [one.id for one in await arena.bookings(item)]
        if not seen:
            assert "sous convention signée" in told(answer)
