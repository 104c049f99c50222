"""Requests: answered, withdrawn, lapsed and taken by others, all in the same moment."""

import asyncio
import datetime as dt

import pytest

from couveuse.core.db import unit_of_work
from couveuse.equipment import actions
from couveuse.equipment.models import BookingState
from tests.races.arena import Arena, at_once, held, hour, made, told, winners

pytestmark = [pytest.mark.race, pytest.mark.slow]

ROUNDS = 6


async def lapse(arena: Arena) -> int:
    """What the worker does every minute."""
    async with unit_of_work(arena.sessions) as db:
        return await actions.lapse_requests(db)


async def requested(arena: Arena, item: int) -> int:
    return await arena.booked(item, arena.racers[0], hour(0), hour(2))


async def overdue(arena: Arena, item: int) -> int:
    """A request that nobody answered in time, before the worker has seen it."""
    booking = await requested(arena, item)
    await arena.change(booking, answer_by=dt.datetime.now(dt.UTC))
    return booking


async def test_yes_and_no_at_once(arena: Arena) -> None:
    for _ in range(ROUNDS):
        booking = await requested(arena, await arena.item(needs_approval=True))
        answers = await at_once(
            answer(arena.ines, booking) for answer in [arena.approve, arena.refuse] * 3
        )
        (winner,) = winners(answers)
        said = ["approved", "refused"][answers.index(winner) % 2]
        assert await arena.verbs(booking) == ["booking.requested", f"booking.{said}"]
        state = (await arena.booking(booking)).state
        assert state == {"approved": "confirmed", "refused": "refused"}[said]


async def test_a_request_is_withdrawn_while_it_is_approved(arena: Arena) -> None:
    owner = arena.racers[0]
    for turn in range(ROUNDS * 2):
        booking = await requested(arena, await arena.item(needs_approval=True))
        runs = [arena.approve(arena.ines, booking), arena.cancel(owner, booking)]
        answers = await at_once(runs if turn % 2 else reversed(runs))
        won = winners(answers)
        verbs = await arena.verbs(booking)
        assert verbs[-1] == "booking.cancelled"
        assert ("booking.approved" in verbs) == (len(won) == 2)
        assert (await arena.booking(booking)).state == BookingState.CANCELLED


async def test_a_request_is_withdrawn_while_it_is_refused(arena: Arena) -> None:
    owner = arena.racers[0]
    for _ in range(ROUNDS):
        booking = await requested(arena, await arena.item(needs_approval=True))
        answers = await at_once([arena.refuse(arena.ines, booking), arena.cancel(owner, booking)])
        assert len(winners(answers)) == 1
        assert len(await arena.verbs(booking)) == 2


async def test_a_request_is_moved_while_it_is_approved(arena: Arena) -> None:
    """Approved then moved asks again; moved then approved is confirmed at the new hour."""
    owner = arena.racers[0]
    for turn in range(ROUNDS * 2):
        booking = await requested(arena, await arena.item(needs_approval=True))
        runs = [arena.approve(arena.ines, booking), arena.move(owner, booking, hour(4), hour(6))]
        answers = await at_once(runs if turn % 2 else reversed(runs))
        assert len(winners(answers)) == 2
        now = await arena.booking(booking)
        assert held(now) == (hour(4), hour(6))
        last = (await arena.verbs(booking))[-1]
        assert now.state == {"booking.approved": "confirmed", "booking.moved": "requested"}[last]


async def test_an_answer_at_the_last_moment(arena: Arena) -> None:
    """Around the end of the time to answer: the yes is heard, or the request has lapsed."""
    items = [await arena.item(needs_approval=True) for _ in range(12)]
    booked = [await requested(arena, item) for item in items]
    end = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    await arena.change(*booked, answer_by=end)

    async def late(number: int, booking: int) -> int:
        await asyncio.sleep(number / 6)
        return (await arena.approve(arena.ines, booking)).status_code

    async def working() -> int:
        lapsed = 0
        while dt.datetime.now(dt.UTC) < end + dt.timedelta(seconds=1):
            lapsed += await lapse(arena)
            await asyncio.sleep(0.02)
        return lapsed + await lapse(arena)

    *statuses, lapsed = await at_once(
        [*(late(n, booking) for n, booking in enumerate(booked)), working()]
    )
    states = [(await arena.booking(booking)).state for booking in booked]
    assert states == ["confirmed" if status == 303 else "lapsed" for status in statuses]
    assert set(statuses) == {303, 409}  # both happened
    assert lapsed == states.count("lapsed")
    for booking in booked:
        assert len(await arena.verbs(booking)) == 2


async def test_a_request_that_lapsed_is_taken_at_once(arena: Arena) -> None:
    """The worker, the boss and ten others find it overdue together: it lapses once."""
    for _ in range(ROUNDS):
        item = await arena.item(needs_approval=True)
        booking = await overdue(arena, item)
        (answered, *created), lapsed = await asyncio.gather(
            at_once(
                [
                    arena.approve(arena.ines, booking),
                    *(arena.book(who, item, hour(1), hour(3)) for who in arena.racers[1:11]),
                ]
            ),
            at_once([lapse(arena), lapse(arena)]),
        )
        assert "caduque" in told(answered) or "changé" in told(answered)
        assert len(winners(created)) == 1
        assert sum(lapsed) <= 1
        assert await arena.verbs(booking) == ["booking.requested", "booking.lapsed"]


async def test_a_set_that_lapsed_is_taken_from_both_ends(arena: Arena) -> None:
    """One takes the tool with another tractor, one the tractor alone: the request lapses once."""
    for _ in range(ROUNDS):
        tractor, other = await arena.item(), await arena.item()
        tool = await arena.item(tractor, other, needs_approval=True)
        booking = await overdue(arena, tool)
        assert (await arena.booking(booking)).companion_id == tractor
        slot = (hour(0), hour(2))
        answers = await at_once(
            [
                arena.book(arena.racers[1], tool, *slot, companion_id=other),
                arena.book(arena.racers[2], tractor, *slot),
            ]
        )
        assert len(winners(answers)) == 2
        assert await arena.verbs(booking) == ["booking.requested", "booking.lapsed"]


async def test_a_lapsed_request_is_restored_while_others_ask(arena: Arena) -> None:
    for _ in range(ROUNDS):
        item = await arena.item(needs_approval=True)
        booking = await overdue(arena, item)
        assert await lapse(arena) == 1
        restored, *created = await at_once(
            [
                arena.restore(arena.ines, booking),
                *(arena.book(who, item, hour(0), hour(1)) for who in arena.racers[1:7]),
            ]
        )
        assert len(winners([restored, *created])) == 1
        state = (await arena.booking(booking)).state
        assert state == ("confirmed" if restored.status_code == 303 else "lapsed")


async def test_a_request_against_an_outage(arena: Arena) -> None:
    """Approved and blocked at once, with bookings in the way cancelled: it ends cancelled."""
    for turn in range(ROUNDS):
        item = await arena.item(needs_approval=True)
        booking = await requested(arena, item)
        runs = [
            arena.approve(arena.ines, booking),
            arena.block(item, hour(1), hour(8), cancel_bookings="on"),
        ]
        answers = await at_once(runs if turn % 2 else reversed(runs))
        assert len(winners(answers)) in {1, 2}
        assert (await arena.booking(booking)).state == BookingState.CANCELLED
        assert (await arena.verbs(booking))[-1] == "booking.cancelled_because"
        assert made(await arena.book(arena.racers[3], item, hour(8), hour(9)))
