"""Workshops: places, signatures, sheets and what pays them, by several in the same moment."""

import pytest

from tests.races.arena import at_once, told, winners
from tests.races.meetings import Meetings

pytestmark = [pytest.mark.race, pytest.mark.slow]

ROUNDS = 4


async def test_fewer_places_while_people_sign_up(meetings: Meetings) -> None:
    """Either the place is gone and the newcomer waits, or it is taken and stays."""
    arena = meetings.arena
    seated, newcomers = arena.racers[:3], arena.racers[3:7]
    for turn in meetings.arena.rounds(ROUNDS):
        workshop = await meetings.to_come(*seated, places=4)
        runs = [meetings.join(one, workshop) for one in newcomers]
        runs.insert(turn % 5, meetings.change_places(arena.ines, workshop, 3))
        answers = await at_once(runs)
        lowered = answers.pop(turn % 5)
        assert len(winners(answers)) == 4
        seats = await meetings.seats(workshop)
        with_place = [one.person_id for one in seats if one.number]
        if lowered.status_code == 303:
            assert with_place == [one.id for one in seated]
        else:
            assert "4 personnes ont une place" in told(lowered)
            assert len(with_place) == 4


async def test_more_places_while_one_leaves_and_one_comes(meetings: Meetings) -> None:
    """Who waits moves up in order, whoever is faster; the newcomer comes last."""
    arena = meetings.arena
    first, *waiting = arena.racers[:4]
    for turn in meetings.arena.rounds(ROUNDS):
        workshop = await meetings.to_come(first, *waiting, places=1)
        runs = [
            meetings.change_places(arena.ines, workshop, 3),
            meetings.leave(first, workshop),
            meetings.join(arena.racers[4], workshop),
        ]
        answers = await at_once(runs[turn % 3 :] + runs[: turn % 3])
        assert len(winners(answers)) == 3
        seats = await meetings.seats(workshop)
        assert [one.person_id for one in seats if one.number] == [one.id for one in waiting]
        assert [one.person_id for one in seats if not one.number] == [arena.racers[4].id]


async def test_two_places_given_back_move_two_people_up_once_each(meetings: Meetings) -> None:
    arena = meetings.arena
    one, other, *waiting = arena.racers[:5]
    for _ in meetings.arena.rounds(ROUNDS):
        workshop = await meetings.to_come(one, other, *waiting, places=2)
        answers = await at_once(
            [
                meetings.leave(one, workshop),
                meetings.take_off(arena.ines, other, workshop),
                meetings.leave(one, workshop),
            ]
        )
        assert [answer.status_code for answer in answers[:2]] == [303, 303]
        assert answers[2].status_code in {303, 404}  # not theirs to see any more, or done already
        seats = await meetings.seats(workshop)
        assert [seat.number is not None for seat in seats] == [True, True, False]
        up = [seat.person_id for seat in seats[:2]]
        assert up == [racer.id for racer in waiting[:2]]
        assert sorted(await meetings.mails(workshop, "moved_up")) == sorted(up)
        assert (await meetings.verbs(workshop)).count("workshop.moved_up") == 2


async def test_somebody_signs_on_two_devices_at_once(meetings: Meetings) -> None:
    """Her own, pressed twice, and that of each who leads."""
    lea = meetings.arena.racers[0]
    for _ in meetings.arena.rounds(ROUNDS):
        workshop, slot = await meetings.under_way(lea)
        answers = await at_once(
            meetings.sign(by, slot, lea) for by in (lea, meetings.trainers[0], lea)
        )
        assert len(winners(answers)) == 3
        assert await meetings.signatures(slot) == [(lea.id, "participant")]
        (verb,) = await meetings.verbs(workshop)
        assert verb in {"workshop.sheet_signed", "workshop.sheet_handed"}


async def test_both_who_lead_close_a_sheet_at_once(meetings: Meetings) -> None:
    """One closes it, the other signs the closed one; both signed the same text, once each."""
    lea = meetings.arena.racers[0]
    for _ in meetings.arena.rounds(ROUNDS):
        workshop, slot = await meetings.under_way(lea)
        assert (await meetings.sign(lea, slot)).status_code == 303
        answers = await at_once(meetings.close(by, slot) for by in meetings.trainers * 2)
        assert len(winners(answers)) == 4
        assert sorted(await meetings.signatures(slot)) == sorted(
            [(lea.id, "participant"), *((one.id, "facilitator") for one in meetings.trainers)]
        )
        verbs = await meetings.verbs(workshop)
        assert verbs[-2:] == ["workshop.sheet_closed", "workshop.countersigned"]
        assert await meetings.state(workshop) == "held"


async def test_who_only_organises_and_who_leads_close_a_sheet_at_once(meetings: Meetings) -> None:
    """Closed once: who did not lead signs no sheet that is closed already."""
    lea, ines, anna = meetings.arena.racers[0], meetings.arena.ines, meetings.trainers[0]
    for turn in meetings.arena.rounds(ROUNDS):
        _, slot = await meetings.under_way(lea)
        assert (await meetings.sign(lea, slot)).status_code == 303
        order = [ines, anna] if turn % 2 else [anna, ines]
        answers = await at_once(meetings.close(by, slot) for by in order)
        closed = await meetings.slot(slot)
        if closed.closed_by_id == ines.id:
            assert len(winners(answers)) == 2
        else:
            refused = answers[order.index(ines)]
            assert refused.status_code == 409
            assert "Cette feuille est close" in refused.text
        signers = [one for one, role in await meetings.signatures(slot) if role == "facilitator"]
        assert (closed.closed_by_id, anna.id in signers) == (signers[0], True)


async def test_a_workshop_is_cancelled_while_somebody_signs(meetings: Meetings) -> None:
    """Nobody signs for a workshop that does not take place."""
    lea, ines = meetings.arena.racers[0], meetings.arena.ines
    for turn in meetings.arena.rounds(ROUNDS * 2):
        workshop, slot = await meetings.under_way(lea)
        runs = [meetings.sign(lea, slot), meetings.cancel(ines, workshop)]
        answers = await at_once(runs[:: -1 if turn % 2 else 1])
        assert len(answers) == 2
        cancelled = await meetings.state(workshop) == "cancelled"
        assert cancelled == (await meetings.signatures(slot) == [])
        assert sum(answer.status_code == 303 for answer in answers) == 1


async def test_a_workshop_is_cancelled_while_its_sheet_is_closed(meetings: Meetings) -> None:
    """Nobody came: it was held, or it does not take place, never both."""
    lea, ines, anna = meetings.arena.racers[0], meetings.arena.ines, meetings.trainers[0]
    for turn in meetings.arena.rounds(ROUNDS):
        workshop, slot = await meetings.under_way(lea)
        path = f"/ateliers/demi-journees/{slot}/presences"
        await meetings.arena.post(anna, path, **{f"presence_{lea.id}": "absent"})
        runs = [meetings.close(anna, slot), meetings.cancel(ines, workshop)]
        answers = await at_once(runs[:: -1 if turn % 2 else 1])
        assert sum(answer.status_code == 303 for answer in answers) == 1
        closed = (await meetings.slot(slot)).is_closed
        assert await meetings.state(workshop) == ("held" if closed else "cancelled")


async def test_a_half_day_is_charged_to_two_grants_at_once(meetings: Meetings) -> None:
    """Counted once: who comes second is told that it is paid already."""
    lea, anna = meetings.arena.racers[0], meetings.trainers[0]
    one, two = await meetings.actions()
    for turn in meetings.arena.rounds(ROUNDS):
        _, slot = await meetings.under_way(lea)
        assert (await meetings.sign(lea, slot)).status_code == 303
        assert (await meetings.close(anna, slot)).status_code == 303
        by = [(meetings.arena.ines, one), (anna, two)]
        answers = await at_once(
            meetings.charge(who, f"workshop-{slot}", action)
            for who, action in by[:: -1 if turn % 2 else 1]
        )
        assert len(winners(answers)) == 1
        assert len(await meetings.payers(slot)) == 1
