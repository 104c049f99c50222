"""Hours against an independent count: minute after minute, person after person."""

import datetime as dt
import random
from collections import Counter
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from couveuse.network.hours import (
    WAYS,
    Giver,
    Kind,
    Named,
    Proof,
    Received,
    Session,
    cut,
    lines,
    total,
)
from couveuse.network.models import ActionMode, FundedAction, Grant, GrantShare
from couveuse.network.rules import ceiling_problems, consume, left_of

UTC, PARIS, RUN = dt.UTC, ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
MARTINIQUE = ZoneInfo("America/Martinique")
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
D = dt.date
CLOCK_CHANGES = (D(2026, 3, 29), D(2026, 10, 25))
PROOFS = list(Proof)


def made_up(seed: int) -> list[Session]:
    """Visits and workshops, shared or not, around midnights and both changes of the clock."""
    dice = random.Random(seed)
    found: list[Session] = []
    for number in range(1, dice.randrange(10, 30)):
        day = dice.choice((*CLOCK_CHANGES, D(2026, 1, 1), D(2026, 6, 30), D(2026, 12, 31)))
        zone = dice.choice((PARIS, PARIS, RUN, MARTINIQUE))
        start = dt.datetime.combine(day, dt.time(), UTC) + dice.randrange(-1600, 1600) * MINUTE
        workshop = dice.random() < 0.3
        proof = dice.choice(PROOFS if workshop else (Proof.SIGNED, Proof.UNSIGNED))
        people = dice.sample(range(1, 8), dice.choice((0, 1, 1, 1, 2, 4)))
        action = dice.choice((None, 1, 2, 3))
        minutes = dice.choice((1, 45, 90, 180, 240, 1440))
        found.append(
            Session(
                kind=Kind.WORKSHOP if workshop else Kind.VISIT,
                id=number,
                start=start + dice.choice((0, 0, 0, 30)) * dt.timedelta(seconds=1),
                minutes=minutes,
                zone=zone,
                givers=givers(dice, minutes),
                received=tuple(
                    Received(one, f"P{one}", dice.choice(PROOFS) if workshop else proof)
                    for one in people
                ),
                proof=proof,
                structure=dice.choice((None, Named(21, "A"), Named(22, "B"))),
                action=Named(action, f"A{action}") if action else None,
                grant=Named(31 if action < 3 else 32, "G") if action else None,
                half_days=int(workshop),
            )
        )
    return found


def givers(dice: random.Random, minutes: int) -> tuple[Giver, ...]:
    """None, one or several; of one structure, of several or of none; some leave before the end."""
    places = (None, Named(21, "A"), Named(22, "B"))
    return tuple(
        Giver(one, f"M{one}", dice.choice((minutes, dice.randint(1, minutes))), dice.choice(places))
        for one in dice.sample((11, 12, 13), dice.choice((0, 1, 1, 2, 3)))
    )


def count_slowly(sessions: list[Session], start: D, end: D) -> dict[str, Counter[object]]:
    """Each minute by itself, on the wall clock of where it was spent."""
    seen: dict[str, Counter[object]] = {name: Counter() for name in (*WAYS, "all")}
    for one in sessions:
        for number in range(one.minutes):
            moment = (one.start + number * MINUTE).astimezone(one.zone)
            if not start <= moment.date() < end:
                continue
            for person in one.received:
                seen["personnes"][person.id, person.proof] += 1
            there = [giver for giver in one.givers if number < giver.minutes]
            for giver in there:
                seen["accompagnement"][giver.id, one.proof] += 1
            places = [giver.structure for giver in there] if one.givers else [one.structure]
            for place_id in {place.id if place else 0 for place in places}:
                seen["structures"][place_id, one.proof] += 1
            seen["actions"][one.action.id if one.action else 0, one.proof] += 1
            seen["financements"][one.grant.id if one.grant else 0, one.proof] += 1
            seen["all"][one.proof] += 1
    return seen


@pytest.mark.parametrize("seed", range(60))
def test_every_figure_is_the_independent_count(seed: int) -> None:
    sessions = made_up(seed)
    dice = random.Random(-seed)
    first = dice.choice((*CLOCK_CHANGES, D(2026, 1, 1), D(2026, 6, 30), D(2026, 12, 31)))
    last = first + dice.choice((0, 1, 2, 90, 365)) * DAY
    slow = count_slowly(sessions, first, last + DAY)
    counted = cut(sessions, first, last + DAY)

    for code, way in WAYS.items():
        assert {
            (line.id, proof): minutes
            for line in lines(counted, way)
            for proof, minutes in line.time.minutes.items()
            if minutes
        } == dict(slow[code])
    everything = total(counted)
    assert {proof: n for proof, n in everything.minutes.items() if n} == dict(slow["all"])
    assert everything.proven + everything.waiting == everything.whole


@pytest.mark.parametrize("seed", range(20))
def test_what_pays_adds_up_to_the_time_of_the_sessions(seed: int) -> None:
    """Charged to actions or to none, by action or by grant: the same minutes, once each."""
    counted = cut(made_up(seed), D(2026, 1, 1), D(2027, 1, 1))
    whole = total(counted)
    for code in ("actions", "financements"):
        found = lines(counted, WAYS[code])
        assert sum(line.time.whole for line in found) == whole.whole
        assert sum(line.time.proven for line in found) == whole.proven
        assert sum(line.time.whole_half_days for line in found) == whole.whole_half_days


@pytest.mark.parametrize("seed", range(20))
def test_periods_side_by_side_lose_and_double_no_minute(seed: int) -> None:
    sessions = made_up(seed)
    dice = random.Random(seed)
    cuts = sorted({D(2025, 12, 1), D(2027, 2, 1), *(
        D(2025, 12, 20) + dice.randrange(390) * DAY for _ in range(6)
    ), *CLOCK_CHANGES})  # fmt: skip
    parts = [total(cut(sessions, a, b)) for a, b in pairwise(cuts)]
    assert sum(one.whole for one in parts) == sum(one.minutes for one in sessions)
    assert sum(one.whole_half_days for one in parts) == sum(one.half_days for one in sessions)


@pytest.mark.parametrize(
    ("start", "day", "minutes"),
    [
        (dt.datetime(2026, 3, 28, 22, 30, tzinfo=UTC), D(2026, 3, 29), 60),  # from 23:30 on
        (dt.datetime(2026, 3, 29, 21, 30, tzinfo=UTC), D(2026, 3, 29), 30),  # summer: until 24:00
        (dt.datetime(2026, 10, 24, 21, 30, tzinfo=UTC), D(2026, 10, 25), 60),
        (dt.datetime(2026, 10, 25, 22, 30, tzinfo=UTC), D(2026, 10, 25), 30),
        (dt.datetime(2026, 10, 25, 0, 30, tzinfo=UTC), D(2026, 10, 25), 90),  # 2:30 comes twice
    ],
)
def test_a_day_ends_at_its_own_midnight(start: dt.datetime, day: D, minutes: int) -> None:
    session = Session(Kind.VISIT, 1, start, 90, PARIS, (), (), Proof.SIGNED)
    assert session.within(day, day + DAY) == minutes


# ---------------------------------------------------------------- ceilings


def paying(**ceilings: int) -> FundedAction:
    grant = Grant(shares=[GrantShare(structure_id=21)])
    return FundedAction(id=1, label="A", mode=ActionMode.GROUP, grant=grant, **ceilings)


def hour(number: int, *people: int, minutes: int = 60, half_days: int = 0) -> Session:
    start = dt.datetime(2026, 5, number, 9, tzinfo=UTC)
    there = tuple(Received(one, f"P{one}", Proof.SIGNED) for one in people)
    return Session(
        Kind.VISIT, number, start, minutes, PARIS, (), there, Proof.SIGNED, half_days=half_days
    )


@pytest.mark.parametrize(
    ("ceilings", "before", "more", "codes"),
    [
        ({}, [hour(1, 1)], [hour(2, 1)], []),
        ({"total_minutes": 120}, [hour(1, 1)], [hour(2, 1)], []),
        ({"total_minutes": 119}, [hour(1, 1)], [hour(2, 1)], ["over_in_all"]),
        ({"total_minutes": 120}, [hour(1, 1, 2)], [hour(2, 1, 2)], []),  # shared: counted once
        ({"person_minutes": 60}, [hour(1, 1)], [hour(2, 2)], []),
        ({"person_minutes": 119}, [hour(1, 1)], [hour(2, 1, 2)], ["over_for_one"]),
        ({"person_minutes": 59}, [hour(1, 1)], [hour(2, 2)], ["over_for_one"]),
        ({"person_minutes": 59}, [hour(1, 1)], [hour(2, 2, minutes=59)], []),
        ({"total_half_days": 1}, [hour(1, 1, half_days=1)], [hour(2, 2, half_days=1)],
         ["over_in_all"]),
        ({"person_half_days": 1}, [hour(1, 1, half_days=1)], [hour(2, 2, half_days=1)], []),
        ({"person_half_days": 1}, [hour(1, 1, half_days=1)], [hour(2, 1, half_days=1)],
         ["over_for_one"]),
    ],
)  # fmt: skip
def test_a_ceiling_is_passed_to_the_minute(
    ceilings: dict[str, int], before: list[Session], more: list[Session], codes: list[str]
) -> None:
    found = ceiling_problems(paying(**ceilings), consume(before), more)
    assert [one.code for one in found] == codes
    assert all(one.overridable and str(one) for one in found)


def test_what_is_left_says_by_how_much_it_is_passed() -> None:
    consumed = consume([hour(1, 1, 2), hour(2, 1)])
    assert (consumed.total.whole, consumed.of(1).whole, consumed.of(2).whole) == (120, 120, 60)
    assert consumed.of(9).whole == 0
    assert left_of(None, 60) is None
    passed = left_of(100, 120)
    assert passed is not None
    assert (passed.over, passed.still) == (20, 0)
