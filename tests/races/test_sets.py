"""Items that go together, asked for in opposite orders: all or nothing, and nobody waits for ever.

The items are made so that their numbers are in another order than the sets name them.
"""

import pytest

from couveuse.equipment.models import Booking
from tests.races.arena import Arena, at_once, hour, made, winners

pytestmark = [pytest.mark.race, pytest.mark.slow]


async def test_sets_that_share_a_tractor(arena: Arena) -> None:
    first_tool, tractor = await arena.item(), await arena.item()
    last_tool = await arena.item(tractor)
    await arena.goes_with(first_tool, tractor)
    for slot in arena.rounds(12):
        asked = [first_tool, last_tool, tractor] * 8
        answers = await at_once(
            arena.book(who, item, hour(slot), hour(slot + 1))
            for who, item in zip(arena.racers, asked, strict=False)
        )
        (winner,) = winners(answers)
        booking = await arena.booking(made(winner))
        assert booking.companion_id == (None if booking.item_id == tractor else tractor)


async def test_sets_that_find_the_tractor_that_is_left(arena: Arena) -> None:
    """Two tools, either of two tractors, in opposite orders of preference: two winners."""
    tool, one, other = [await arena.item() for _ in range(3)]
    opposite = await arena.item(other, one)
    await arena.goes_with(tool, one, other)
    for slot in arena.rounds(12):
        asked = [tool, opposite, tool, opposite, one, other] * 4
        answers = await at_once(
            arena.book(who, item, hour(slot), hour(slot + 1))
            for who, item in zip(arena.racers, asked, strict=False)
        )
        won = [await arena.booking(made(answer)) for answer in winners(answers)]
        assert len(won) == 2
        assert {tractor_of(booking) for booking in won} == {one, other}


async def test_sets_with_the_tractor_of_their_choice(arena: Arena) -> None:
    tools = [await arena.item() for _ in range(2)]
    tractors = [await arena.item() for _ in range(2)]
    tools.append(await arena.item(*reversed(tractors)))
    for tool in tools[:2]:
        await arena.goes_with(tool, *tractors)
    for slot in arena.rounds(8):
        asked = [(tool, tractor) for tool in tools for tractor in tractors] * 4
        answers = await at_once(
            arena.book(who, tool, hour(slot), hour(slot + 1), companion_id=tractor)
            for who, (tool, tractor) in zip(arena.racers, asked, strict=False)
        )
        won = [await arena.booking(made(answer)) for answer in winners(answers)]
        assert len({one.item_id for one in won}) == len({one.companion_id for one in won}) == 2


async def test_two_items_that_need_each_other(arena: Arena) -> None:
    one = await arena.item()
    other = await arena.item(one)
    await arena.goes_with(one, other)
    for slot in arena.rounds(12):
        answers = await at_once(
            arena.book(who, item, hour(slot), hour(slot + 1))
            for who, item in zip(arena.racers, [one, other] * 8, strict=False)
        )
        assert len(winners(answers)) == 1


async def test_moving_sets_into_each_other(arena: Arena) -> None:
    """Each asks for the hour of another, and a tractor is shared: all stay whole."""
    tractor = await arena.item()
    tools = [await arena.item(tractor) for _ in range(4)]
    for slot in range(0, 40, 8):
        owners = list(zip(arena.racers, tools, strict=False))
        booked = [
            await arena.booked(tool, who, hour(slot + n), hour(slot + n + 1))
            for n, (who, tool) in enumerate(owners)
        ]
        moves = [
            arena.move(who, booking, hour(slot + 5 - n), hour(slot + 6 - n))
            for n, ((who, _), booking) in enumerate(zip(owners, booked, strict=True))
        ]
        lone = [
            arena.book(who, tractor, hour(slot + 4), hour(slot + 6)) for who in arena.racers[:3]
        ]
        answers = await at_once([*moves, *lone])
        winners(answers)
        everything = [await arena.booking(one) for one in booked]
        assert all(one.companion_id == tractor and one.is_holding for one in everything)


def tractor_of(booking: Booking) -> int:
    return booking.companion_id or booking.item_id
