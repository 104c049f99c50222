"""Two people change the same thing: one is heard first, the other is told; nothing is half done."""

import pytest

from couveuse.equipment.models import BookingState
from tests.races.arena import Arena, at_once, held, hour, made, told, winners

pytestmark = [pytest.mark.race, pytest.mark.slow]

ROUNDS = 6


async def test_a_move_against_newcomers(arena: Arena) -> None:
    owner, *others = arena.racers[:9]
    for _ in range(ROUNDS):
        item = await arena.item()
        booking = await arena.booked(item, owner, hour(0), hour(2))
        moved, *created = await at_once(
            [
                arena.move(owner, booking, hour(4), hour(6)),
                *(arena.book(who, item, hour(5), hour(7)) for who in others),
            ]
        )
        assert len(winners([moved, *created])) == 1
        start = 4 if moved.status_code == 303 else 0
        assert held(await arena.booking(booking)) == (hour(start), hour(start + 2))


async def test_a_place_that_is_left_is_free_at_once(arena: Arena) -> None:
    """Who asks for the hour that a move leaves gets it after the move, or is told; never both."""
    owner, *others = arena.racers[:7]
    for _ in range(ROUNDS):
        item = await arena.item()
        booking = await arena.booked(item, owner, hour(0), hour(2))
        moved, *created = await at_once(
            [
                arena.move(owner, booking, hour(4), hour(6)),
                *(arena.book(who, item, hour(0), hour(2)) for who in others),
            ]
        )
        assert moved.status_code == 303
        assert len(winners(created)) <= 1
        assert held(await arena.booking(booking)) == (hour(4), hour(6))


async def test_an_extension_against_newcomers(arena: Arena) -> None:
    owner, *others = arena.racers[:9]
    for _ in range(ROUNDS):
        item = await arena.item()
        booking = await arena.booked(item, owner, hour(0), hour(2))
        answers = await at_once(
            [
                arena.move(owner, booking, hour(0), hour(4)),
                *(arena.book(who, item, hour(2), hour(3)) for who in others),
            ]
        )
        assert len(winners(answers)) == 1
        end = 4 if answers[0].status_code == 303 else 2
        assert held(await arena.booking(booking)) == (hour(0), hour(end))


async def test_two_extensions_into_the_same_gap(arena: Arena) -> None:
    before, after = arena.racers[:2]
    for _ in range(ROUNDS):
        item = await arena.item()
        first = await arena.booked(item, before, hour(0), hour(2))
        second = await arena.booked(item, after, hour(4), hour(6))
        answers = await at_once(
            [
                arena.move(before, first, hour(0), hour(3.5)),
                arena.move(after, second, hour(2.5), hour(6)),
            ]
        )
        assert len(winners(answers)) == 1


async def test_two_bookings_do_not_swap_by_moving(arena: Arena) -> None:
    """Each finds the other in its way, keeps its own hour, and nobody waits for the other."""
    one, other = arena.racers[:2]
    for _ in range(ROUNDS):
        item = await arena.item()
        first = await arena.booked(item, one, hour(0), hour(2))
        second = await arena.booked(item, other, hour(2), hour(4))
        answers = await at_once(
            [
                arena.move(one, first, hour(2), hour(4)),
                arena.move(other, second, hour(0), hour(2)),
            ]
        )
        assert not winners(answers)
        assert held(await arena.booking(first)) == (hour(0), hour(2))
        assert held(await arena.booking(second)) == (hour(2), hour(4))


async def test_the_same_booking_is_moved_twice(arena: Arena) -> None:
    """Both may win, one after the other; it is held once, where the last one put it."""
    owner = arena.racers[0]
    for _ in range(ROUNDS):
        item = await arena.item()
        booking = await arena.booked(item, owner, hour(0), hour(1))
        answers = await at_once(
            arena.move(who, booking, hour(start), hour(start + 1))
            for start, who in enumerate([owner, arena.ines] * 3, start=2)
        )
        won = winners(answers)
        assert won
        assert await arena.verbs(booking) == ["booking.made", *["booking.moved"] * len(won)]


async def test_a_cancellation_against_moves(arena: Arena) -> None:
    owner = arena.racers[0]
    for _ in range(ROUNDS):
        item = await arena.item()
        booking = await arena.booked(item, owner, hour(0), hour(2))
        cancelled, *moved = await at_once(
            [
                arena.cancel(owner, booking),
                *(arena.move(arena.ines, booking, hour(n), hour(n + 2)) for n in (3, 5, 7)),
            ]
        )
        assert cancelled.status_code == 303
        won = winners(moved)
        assert await arena.verbs(booking) == [
            "booking.made",
            *["booking.moved"] * len(won),
            "booking.cancelled",
        ]


async def test_a_booking_is_cancelled_once(arena: Arena) -> None:
    owner = arena.racers[0]
    for _ in range(ROUNDS):
        item = await arena.item()
        booking = await arena.booked(item, owner, hour(0), hour(2))
        answers = await at_once(arena.cancel(who, booking) for who in [owner, arena.ines] * 3)
        assert len(winners(answers)) == 1
        assert await arena.verbs(booking) == ["booking.made", "booking.cancelled"]


async def test_cancelled_booked_and_restored_at_once(arena: Arena) -> None:
    """The slot goes to the one who restores or to one of those who ask; never to two."""
    owner, *others = arena.racers[:7]
    for _ in range(ROUNDS):
        item = await arena.item()
        booking = await arena.booked(item, owner, hour(0), hour(2))
        assert (await arena.cancel(owner, booking)).status_code == 303
        restored, *created = await at_once(
            [
                arena.restore(owner, booking),
                *(arena.book(who, item, hour(1), hour(3)) for who in others),
            ]
        )
        assert len(winners([restored, *created])) == 1
        state = (await arena.booking(booking)).state
        assert state == ("confirmed" if restored.status_code == 303 else "cancelled")


async def test_a_booking_is_restored_once(arena: Arena) -> None:
    owner = arena.racers[0]
    for _ in range(ROUNDS):
        item = await arena.item(capacity=3)  # so that a second claim would find a place
        booking = await arena.booked(item, owner, hour(0), hour(2))
        assert (await arena.cancel(owner, booking)).status_code == 303
        answers = await at_once(arena.restore(who, booking) for who in [owner, arena.ines] * 3)
        assert len(winners(answers)) == 1
        assert (await arena.verbs(booking))[2:] == ["booking.restored"]


async def test_a_cancelled_slot_goes_to_one_of_those_who_wait(arena: Arena) -> None:
    owner, *others = arena.racers[:10]
    for _ in range(ROUNDS):
        item = await arena.item()
        booking = await arena.booked(item, owner, hour(0), hour(2))
        cancelled, *created = await at_once(
            [
                arena.cancel(owner, booking),
                *(arena.book(who, item, hour(0), hour(2)) for who in others),
            ]
        )
        assert cancelled.status_code == 303
        assert len(winners(created)) <= 1
        assert (await arena.booking(booking)).state == BookingState.CANCELLED


async def test_shortening_against_newcomers(arena: Arena) -> None:
    owner, *others = arena.racers[:7]
    for _ in range(ROUNDS):
        item = await arena.item(buffer_after_minutes=30)
        booking = await arena.booked(item, owner, hour(0), hour(4))
        shortened, *created = await at_once(
            [
                arena.move(owner, booking, hour(0), hour(2)),
                *(arena.book(who, item, hour(2.5), hour(4)) for who in others),
            ]
        )
        assert shortened.status_code == 303
        assert len(winners(created)) <= 1
        assert await arena.verbs(booking) == ["booking.made", "booking.moved"]
        assert all("pris" in told(one) for one in created if one.status_code != 303)
        assert made(await arena.book(arena.ines, item, hour(6), hour(7)))
