"""Who holds the plots of the demonstration, on whatever day it is made."""

import datetime as dt
from collections import defaultdict
from itertools import pairwise

import pytest

from couveuse.occupancy.models import PeriodKind
from couveuse.seeds.almanac import DAY, Almanac
from couveuse.seeds.demo_land import PLOTS, RIGHTS, WHOLE
from couveuse.seeds.demo_people import PEOPLE
from couveuse.seeds.demo_stays import ClaimFacts, claims_of, former_people
from couveuse.seeds.land import right_days, service_of

DAYS = [
    *(dt.date(2026, 8, 1) + n * 61 * DAY for n in range(12)),
    *(dt.date(2027, 11, 1) + n * DAY for n in (-1, 0, 1)),
    *(dt.date(2026, 12, 31), dt.date(2027, 1, 1), dt.date(2028, 2, 29), dt.date(2041, 5, 6)),
]


@pytest.fixture(params=DAYS, ids=str)
def almanac(request: pytest.FixtureRequest) -> Almanac:
    return Almanac(request.param)


def by_plot(almanac: Almanac) -> dict[str, list[ClaimFacts]]:
    found: defaultdict[str, list[ClaimFacts]] = defaultdict(list)
    for claim in claims_of(almanac):
        found[claim.plot].append(claim)
    return found


def test_no_two_hold_the_same_ground_on_one_day(almanac):
    claims = by_plot(almanac)
    assert set(claims) == {WHOLE.code, *(one.code for one in PLOTS)}
    for held in claims.values():
        assert all(before.end <= after.start for before, after in pairwise(held))


def test_claims_lie_within_service_and_rights(almanac):
    rights = {one.key: right_days(one, almanac) for one in RIGHTS}
    for plot in (WHOLE, *PLOTS):
        service = service_of(plot, almanac)
        [key] = plot.rights
        allowed = [days.during for days in rights[key]]
        for claim in by_plot(almanac)[plot.code]:
            assert claim.start >= service.lower
            assert service.upper is None or claim.end <= service.upper
            if claim.kind in (PeriodKind.STAY, PeriodKind.RESERVED):
                assert any(
                    right.lower <= claim.start and (not right.upper or claim.end <= right.upper)
                    for right in allowed
                ), claim


def test_people_are_members_while_they_hold_land(almanac):
    seats = {
        one.given_name: one.seats[0] for one in (*PEOPLE, *former_people(almanac)) if one.seats
    }
    for claim in claims_of(almanac):
        for name in claim.people:
            seat = seats[name]
            assert claim.start >= almanac.today + seat.since * DAY, claim
            if seat.until is not None:
                assert claim.end - DAY <= almanac.today + seat.until * DAY, claim


def test_there_is_something_to_see_on_the_board(almanac):
    claims, today = claims_of(almanac), almanac.today
    now = {one.plot: one for one in claims if one.start <= today < one.end}
    assert {"LC-1", "LC-2", "LC-3", "LC-5", "NV-2", "IS-T"} <= set(now)
    assert "LC-4" not in now
    assert now["LC-2"].people == ("Léa",)
    assert len(now["LC-3"].people) == 2
    assert now["LC-5"].kind == PeriodKind.COLLECTIVE
    ends = [one.end for one in now.values() if one.kind == PeriodKind.STAY]
    assert any(today < end <= today + 90 * DAY for end in ends)
    assert any(one.kind == PeriodKind.RESERVED and one.start > today for one in claims)
    assert {one.kind for one in claims} == set(PeriodKind) - {PeriodKind.OUT_OF_SERVICE}
