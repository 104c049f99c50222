"""Many ask at once; exactly as many as there are places get one, the others are told."""

import random

import pytest

from couveuse.equipment.models import Booking
from tests.races.arena import Arena, at_once, held, hour, made, told, winners

pytestmark = [pytest.mark.race, pytest.mark.slow]


async def test_fifty_people_ask_for_the_same_slot(arena: Arena) -> None:
    item = await arena.item()
    for slot in arena.rounds(60):
        answers = await at_once(
            arena.book(who, item, hour(slot), hour(slot + 1)) for who in arena.racers
        )
        (winner,) = winners(answers)
        booking = await arena.booking(made(winner))
        assert booking.person_id == arena.racers[answers.index(winner)].id
        assert held(booking) == (hour(slot), hour(slot + 1))
    assert len(await arena.bookings(item)) == len(arena.rounds(60))


async def test_slots_that_overlap_without_being_the_same(arena: Arena) -> None:
    """Everyone who lost is in the way of somebody who won: nobody is refused for nothing."""
    dice = random.Random(2026)
    item = await arena.item(buffer_after_minutes=15)
    for start in range(0, 48, 12):
        asked = [
            (hour(first), hour(first + dice.randrange(1, 9) / 4))
            for first in (start + dice.randrange(32) / 4 for _ in range(25))
        ]
        runs = zip(arena.racers, asked, strict=False)
        answers = await at_once(arena.book(who, item, *slot) for who, slot in runs)
        won = {made(answer) for answer in winners(answers)}
        taken = [held(one) for one in await arena.bookings(item) if one.id in won]
        assert len(taken) == len(won) >= 2
        quarter = hour(0.25) - hour(0)
        for (begin, end), answer in zip(asked, answers, strict=True):
            in_the_way = [one for one in taken if begin < one[1] + quarter > begin]
            in_the_way = [one for one in in_the_way if one[0] < end + quarter]
            assert answer.status_code == 303 or in_the_way


async def test_four_places_have_four_winners(arena: Arena) -> None:
    item = await arena.item(capacity=4)
    for slot in range(8):
        people = arena.racers[:12]
        answers = await at_once(arena.book(who, item, hour(slot), hour(slot + 1)) for who in people)
        assert len(winners(answers)) == 4


async def test_a_form_sent_six_times_makes_one_booking(arena: Arena) -> None:
    item = await arena.item(capacity=4)  # so that a second booking would find a place
    for slot, who in enumerate(arena.racers[:8]):
        answers = await at_once(
            arena.book(who, item, hour(slot), hour(slot + 1), once=f"once-{slot}") for _ in range(6)
        )
        assert len({made(answer) for answer in answers}) == 1
        assert await arena.verbs(made(answers[0])) == ["booking.made"]
    assert len(await arena.bookings(item)) == 8


async def test_everybody_clicks_twice_on_the_same_slot(arena: Arena) -> None:
    item = await arena.item()
    for slot in range(4):
        answers = await at_once(
            arena.book(who, item, hour(slot), hour(slot + 1), once=f"{item}-{slot}")
            for who in arena.racers[:15] * 2
        )
        assert len(winners(answers)) == 2
        assert len({made(answer) for answer in winners(answers)}) == 1
    assert len(await arena.bookings(item)) == 4


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_form_sent_again_with_other_content_is_refused(
    arena: Arena, *, elsewhere: bool
) -> None:
    first = await arena.item()
    second = await arena.item() if elsewhere else first
    for slot in range(0, 12, 2):
        who = arena.racers[slot]
        asked = [(first, slot), (second, slot + 1)] * 3
        answers = await at_once(
            arena.book(who, item, hour(start), hour(start + 1), once=f"{first}-{slot}")
            for item, start in asked
        )
        won = {made(answer) for answer in winners(answers)}
        assert len(won) == 1
        assert [answer.status_code for answer in answers].count(303) == 3  # each sent three times
        others = [answer for answer in answers if answer.status_code != 303]
        assert all("déjà servi" in told(answer) for answer in others)


async def test_two_windows_do_not_pass_a_limit(arena: Arena) -> None:
    few = await arena.item(max_open_bookings=2)
    short = await arena.item(max_week_minutes=120)
    for item in (few, short):
        answers = await at_once(
            arena.book(arena.racers[0], item, hour(slot), hour(slot + 1)) for slot in range(8)
        )
        assert len(winners(answers)) == 2


async def test_a_request_holds_the_slot_against_everybody(arena: Arena) -> None:
    item = await arena.item(needs_approval=True)
    for slot in range(4):
        people = [*arena.racers[:10], arena.ines]
        answers = await at_once(arena.book(who, item, hour(slot), hour(slot + 1)) for who in people)
        (winner,) = winners(answers)
        booking: Booking = await arena.booking(made(winner))
        by_ines = booking.person_id == arena.ines.id
        assert booking.state == ("confirmed" if by_ines else "requested")
