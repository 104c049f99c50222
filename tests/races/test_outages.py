"""Taking an item away and giving it back, while others book, move and answer."""

import asyncio

import pytest
import sqlalchemy as sa

from couveuse.equipment.models import BookingState, Outage
from tests.races.arena import Arena, at_once, held, hour, made, winners

pytestmark = [pytest.mark.race, pytest.mark.slow]

ROUNDS = 6


async def outages(arena: Arena, item: int) -> list[Outage]:
    async with arena.sessions() as db:
        standing = sa.select(Outage).where(Outage.item_id == item, Outage.lifted_at.is_(None))
        return list(await db.scalars(standing))


async def lift(arena: Arena, outage: int) -> int:
    path = f"/indisponibilites/{outage}/fin"
    return (await arena.post(arena.ines, path)).status_code


@pytest.mark.parametrize("capacity", [1, 3])
async def test_an_outage_against_newcomers(arena: Arena, capacity: int) -> None:
    """It takes every unit or none: it wins alone, or finds the first booking in its way."""
    for _ in range(ROUNDS):
        item = await arena.item(capacity=capacity)
        people = arena.racers[:8]
        *before, blocked, last = await at_once(
            [
                *(arena.book(who, item, hour(1), hour(3)) for who in people[:2]),
                arena.block(item, hour(0), hour(4)),
                arena.book(people[2], item, hour(1), hour(3)),
            ]
        )
        created = [*before, last]
        won = winners(created)
        if winners([blocked]):
            assert not won
        else:
            assert len(won) == min(capacity, len(created))


async def test_an_outage_that_cancels_against_newcomers(arena: Arena) -> None:
    """Whoever was first, the item is out of service in the end and nobody holds it."""
    for _ in range(ROUNDS):
        item = await arena.item(capacity=2)
        *created, blocked = await at_once(
            [
                *(arena.book(who, item, hour(1), hour(3)) for who in arena.racers[:6]),
                arena.block(item, hour(0), hour(4), cancel_bookings="on"),
            ]
        )
        assert blocked.status_code == 303
        for answer in winners(created):
            assert (await arena.booking(made(answer))).state == BookingState.CANCELLED


async def test_an_outage_that_cancels_against_moves(arena: Arena) -> None:
    """One flees from the outage, one runs into it: each is out of it in the end."""
    one, other = arena.racers[:2]
    for turn in range(ROUNDS):
        item = await arena.item()
        inside = await arena.booked(item, one, hour(0), hour(2))
        outside = await arena.booked(item, other, hour(10), hour(12))
        runs = [
            arena.move(one, inside, hour(6), hour(8)),
            arena.block(item, hour(0), hour(4), cancel_bookings="on"),
            arena.move(other, outside, hour(2), hour(4)),
        ]
        answers = await at_once(runs if turn % 2 else reversed(runs))
        fled, blocked, ran = answers if turn % 2 else reversed(answers)
        assert blocked.status_code == 303
        winners([fled, ran])
        for booking in (inside, outside):
            now = await arena.booking(booking)
            assert now.state == BookingState.CANCELLED or held(now)[0] >= hour(4)


async def test_a_set_is_cancelled_once_from_both_ends(arena: Arena) -> None:
    """Tool and tractor go to the workshop at once: the booking of both hears of it once."""
    for _ in range(ROUNDS):
        tractor = await arena.item()
        tool = await arena.item(tractor)
        booking = await arena.booked(tool, arena.racers[0], hour(0), hour(2))
        answers = await at_once(
            arena.block(item, hour(0), hour(4), cancel_bookings="on") for item in (tool, tractor)
        )
        assert len(winners(answers)) == 2
        assert await arena.verbs(booking) == ["booking.made", "booking.cancelled_because"]
        assert len(await outages(arena, tool)) == len(await outages(arena, tractor)) == 1


async def test_sets_are_cancelled_while_tractors_change_hands(arena: Arena) -> None:
    for _ in range(ROUNDS):
        tractor, other = await arena.item(), await arena.item()
        tools = [await arena.item(tractor, other), await arena.item(other, tractor)]
        owners = arena.racers[:2]
        for who, tool in zip(owners, tools, strict=True):
            await arena.booked(tool, who, hour(0), hour(2))
        answers = await at_once(
            [
                arena.block(tractor, hour(0), hour(4), cancel_bookings="on"),
                arena.block(tools[1], hour(0), hour(4), cancel_bookings="on"),
                *(
                    arena.book(who, tool, hour(0), hour(2))
                    for who in arena.racers[2:6]
                    for tool in tools
                ),
            ]
        )
        assert len(winners(answers[:2])) == 2
        winners(answers)


async def test_an_item_is_blocked_once(arena: Arena) -> None:
    for _ in range(ROUNDS):
        item = await arena.item(capacity=2)
        answers = await at_once(arena.block(item, hour(n), hour(n + 4)) for n in range(4))
        assert len(winners(answers)) == len(await outages(arena, item)) == 1


async def test_an_item_given_back_is_there_for_one(arena: Arena) -> None:
    for _ in range(ROUNDS):
        item = await arena.item()
        assert (await arena.block(item, hour(0), hour(4))).status_code == 303
        (outage,) = await outages(arena, item)
        lifted, first = await asyncio.gather(
            at_once(lift(arena, outage.id) for _ in range(3)),
            arena.book(arena.racers[0], item, hour(0), hour(2)),
        )
        assert sorted(lifted) == [303, 409, 409]
        again = await arena.book(arena.racers[1], item, hour(0), hour(2))
        assert len(winners([first, again])) == 1
