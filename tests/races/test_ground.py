"""Many decide on the same ground at once: one wins, the others read why, and no day is lost."""

import asyncio
import random

import httpx
import pytest

from couveuse.occupancy.models import PeriodKind
from tests.races.arena import at_once, made, told, winners
from tests.races.land import Land, ends

pytestmark = [pytest.mark.race, pytest.mark.slow]

KINDS = [PeriodKind.WORKS, PeriodKind.REST, PeriodKind.COLLECTIVE, PeriodKind.RESERVED]


async def test_thirty_two_claims_on_one_plot_have_one_winner(land: Land) -> None:
    """For people and for the land's own needs, and on days that overlap a little only."""
    people = land.arena.racers
    for _ in land.arena.rounds(4):
        plot = await land.plot()
        answers = await at_once(
            land.stay(who, plot, 10 + number % 5, 60, people[number])
            if number % 2
            else land.claim(who, plot, 10 + number % 5, 60, kind=KINDS[number % 4])
            for number, who in enumerate(land.bosses)
        )
        (winner,) = winners(answers)
        (period,) = await land.held(plot)
        assert period.id == made(winner)
        assert ends(period) == (10 + answers.index(winner) % 5, 60)


async def test_nobody_is_refused_ground_for_nothing(land: Land) -> None:
    """Everyone who lost is in the way of somebody who won."""
    dice = random.Random(2027)
    for _ in land.arena.rounds(4):
        plot = await land.plot()
        asked = [(first, first + dice.randrange(40)) for first in dice.choices(range(1, 300), k=32)]
        answers = await at_once(
            land.claim(who, plot, *days) for who, days in zip(land.bosses, asked, strict=True)
        )
        won = len(winners(answers))
        taken = [ends(period) for period in await land.held(plot)]
        assert won == len(taken) >= 4
        for (first, last), answer in zip(asked, answers, strict=True):
            in_the_way = [one for one in taken if one[0] <= last and first <= one[1]]
            assert answer.status_code == 303 or in_the_way


async def test_a_form_sent_six_times_claims_once(land: Land) -> None:
    for number in land.arena.rounds(4):
        plot, who = await land.plot(), land.bosses[number]
        answers = await at_once(
            land.claim(who, plot, 5, 20, once=f"{plot}-{number}") for _ in range(6)
        )
        assert len({made(answer) for answer in answers}) == 1
        assert len(await land.held(plot)) == 1


async def test_two_plots_given_to_one_person_at_once_are_one_stay(land: Land) -> None:
    for number in land.arena.rounds(4):
        plots = [await land.plot() for _ in range(4)]
        person = land.arena.racers[number]
        await at_once(
            land.stay(who, plot, 5, 20, person)
            for who, plot in zip(land.bosses, plots, strict=False)
        )
        held = await land.held(*plots)
        assert len(held) == 4
        assert len({period.stay_id for period in held}) == 1


async def test_a_plot_is_split_while_people_move_in(land: Land) -> None:
    """Who was first is cut and goes on upon the parts; who was late is told that it ended."""
    for turn in land.arena.rounds(8):
        plot = await land.plot()
        spans = [(10, 19), (25, 34), (35, 59), (55, 70), (80, 90), (91, 95)]
        runs = [land.claim(who, plot, *span) for who, span in zip(land.bosses, spans, strict=False)]
        runs.insert(turn % (len(runs) + 1), land.split(land.bosses[-1], plot, 40))
        answers = await at_once(runs)
        divided, claimed = answers.pop(turn % (len(runs))), answers
        assert len(winners([divided])) == 1
        won = {claimed.index(answer) for answer in winners(claimed)}
        _, *parts = await land.family(plot)
        assert len(parts) == 2
        assert [ends(one) for one in await land.held(plot)] == [
            (first, min(last, 39))
            for n, (first, last) in enumerate(spans)
            if n in won and first < 40
        ]
        for part in parts:
            assert [ends(one) for one in await land.held(part)] == [
                (max(first, 40), last)
                for n, (first, last) in enumerate(spans)
                if n in won and last >= 40
            ]
        for answer in claimed:
            if answer.status_code == 422:
                assert "n'est plus en service" in told(answer) or "n'est pas libre" in told(answer)


async def test_a_plot_is_split_once(land: Land) -> None:
    for turn in land.arena.rounds(4):
        plot = await land.plot()
        await land.claimed(plot, 2, 80, kind="collective")
        answers = await at_once(
            land.split(
                who, plot, 30 + (number + turn) % 3, *([500] * 2 if number % 2 else [250] * 4)
            )
            for number, who in enumerate(land.bosses[:8])
        )
        (winner,) = winners(answers)
        parts = 2 if answers.index(winner) % 2 else 4
        family = await land.family(plot)
        assert len(family) == 1 + parts
        assert len(await land.held(*family)) == 1 + parts


async def test_plots_are_merged_while_people_move_in(land: Land) -> None:
    """A merger finds both plots alike, or is refused; nobody gets ground that was another's."""
    for turn in land.arena.rounds(8):
        one, other = await land.plot(), await land.plot()
        runs = [
            land.merge(land.bosses[0], one, [other], 40),
            land.merge(land.bosses[1], other, [one], 40),
            land.claim(land.bosses[2], one, 30, 50),
            land.claim(land.bosses[3], other, 30, 50),
        ]
        order = [*range(turn % 4, 4), *range(turn % 4)]
        answers = await at_once(runs[number] for number in order)
        mergers = [answers[order.index(number)] for number in (0, 1)]
        claims = [answers[order.index(number)] for number in (2, 3)]
        whole = winners(mergers)
        assert len(whole) <= 1
        took = len(winners(claims))
        assert took in ({0, 2} if whole else {2})
        family = await land.family(one, other)
        assert len(family) == 2 + len(whole)


async def test_mergers_in_a_ring_never_wait_for_each_other(land: Land) -> None:
    for _ in land.arena.rounds(4):
        plots = [await land.plot() for _ in range(4)]
        pairs = [(plots[n], plots[(n + step) % 4]) for step in (1, 2, 3) for n in range(4)]
        answers = await at_once(
            land.merge(who, one, [other], 15 + n % 3)
            for n, (who, (one, other)) in enumerate(zip(land.bosses, pairs, strict=False))
        )
        won = len(winners(answers))
        assert 1 <= won <= 2
        assert len(await land.family(*plots)) == 4 + won


async def test_a_merger_against_a_split_of_one_of_its_plots(land: Land) -> None:
    for turn in land.arena.rounds(4):
        one, other = await land.plot(), await land.plot()
        runs = [land.merge(land.bosses[0], one, [other], 30), land.split(land.bosses[1], other, 30)]
        answers = await at_once(runs if turn % 2 else reversed(runs))
        assert len(winners(answers)) == 1


async def test_an_early_end_against_extensions_and_a_newcomer(land: Land) -> None:
    """Either the stay is longer, or it is shorter and the days are there for one other."""
    for turn in land.arena.rounds(8):
        plot = await land.plot()
        stay = made(await land.stay(land.bosses[0], plot, 0, 60, land.arena.racers[0]))
        runs = [
            land.end(land.bosses[1], stay, 20),
            land.move(land.bosses[2], stay, 0, 90),
            land.claim(land.bosses[3], plot, 21, 40),
            land.claim(land.bosses[4], plot, 35, 50),
        ]
        order = [*range(turn % 4, 4), *range(turn % 4)]
        answers = await at_once(runs[number] for number in order)
        end, extension, *newcomers = (answers[order.index(number)] for number in range(4))
        winners([extension, *newcomers])
        held = await land.held(plot)
        (mine,) = [period for period in held if period.id == stay]
        match ends(mine):
            case (0, 20):
                assert mine.planned_end_on is not None
                assert len(held) <= 2
            case (0, 90):
                assert end.status_code != 303
                assert len(held) == 1
            case _:
                pytest.fail(f"neither ended nor extended: {ends(mine)}")


async def test_an_end_a_move_and_a_cancellation_have_one_winner(land: Land) -> None:
    """Everybody saw the same claim: who comes second is told that it changed."""
    for turn in land.arena.rounds(8):
        plot = await land.plot()
        claim = await land.claimed(plot, 10, 60)
        runs = [
            land.end(land.bosses[0], claim, 30),
            land.move(land.bosses[1], claim, 20, 70),
            land.cancel(land.bosses[2], claim),
            land.move(land.bosses[3], claim, 5, 60),
        ]
        answers = await at_once(runs[turn % 4 :] + runs[: turn % 4])
        gone = [answer for answer in answers if answer.status_code == 404]
        assert len(gone) <= 3  # it was cancelled before they asked
        winners([answer for answer in answers if answer.status_code != 404])
        assert len(await land.held(plot)) <= 1


async def test_a_reservation_is_confirmed_or_cancelled(land: Land) -> None:
    for turn in land.arena.rounds(8):
        plot, person = await land.plot(), land.arena.racers[1]
        claim = await land.claimed(plot, 10, 60, kind="reserved", person_id=person.id)
        runs = [
            land.confirm(land.bosses[0], claim),
            land.cancel(land.bosses[1], claim),
            land.confirm(land.bosses[2], claim),
        ]
        answers = await at_once(runs if turn % 2 else reversed(runs))
        winners([answer for answer in answers if answer.status_code != 404])
        held = await land.held(plot)
        assert [one.kind for one in held] in ([], ["stay"])


async def test_service_ends_against_newcomers(land: Land) -> None:
    for turn in land.arena.rounds(4):
        plot = await land.plot()
        closed, claimed = await _race(
            land.close(land.bosses[0], plot, 30),
            at_once(land.claim(who, plot, 20, 40) for who in land.bosses[1:5]),
            turn,
        )
        assert len(winners([closed, *claimed])) == 1


async def test_a_right_is_shortened_against_newcomers(land: Land) -> None:
    """No stay outlives the right, whoever was first."""
    for turn in land.arena.rounds(4):
        plot = await land.plot(right_ends=100)
        right, people = await land.right_of(plot), land.arena.racers
        shortened, stays = await _race(
            land.shorten(land.bosses[0], right, 50),
            at_once(land.stay(who, plot, 20, 70, people[0]) for who in land.bosses[1:5]),
            turn,
        )
        assert len(winners([shortened, *stays])) == 1


async def _race(
    one: asyncio.Future[httpx.Response], others: object, turn: int
) -> tuple[httpx.Response, list[httpx.Response]]:
    if turn % 2:
        first, rest = await asyncio.gather(one, others)
    else:
        rest, first = await asyncio.gather(others, one)
    return first, rest
