"""Who may do what to whom. No database: policy looks at facts only."""

import datetime as dt

import pytest
from sqlalchemy.dialects.postgresql import Range

from couveuse.core.actor import Actor, Role, Seat
from couveuse.people import policy
from couveuse.people.models import Membership, Person

HOME, PARTNER = 1, 2
LONG_AGO, LAST_YEAR, NEXT_YEAR = dt.date(2020, 1, 1), dt.date(2025, 11, 1), dt.date(2027, 1, 1)


def actor(*seats, person_id=9):
    held = frozenset(Seat(place, role) for place, role in seats)
    return Actor(person_id, "Sam", None, None, held, session_id=0)


def member(place, role=Role.TRAINEE, start=LONG_AGO, end=None):
    return Membership(person_id=5, structure_id=place, role=role, during=Range(start, end))


COORDINATOR = actor((HOME, Role.COORDINATOR))
MANAGER = actor((HOME, Role.STRUCTURE_MANAGER))
KEEPER = actor((HOME, Role.EQUIPMENT_MANAGER))
MENTOR = actor((HOME, Role.MENTOR))
TRAINEE = actor((HOME, Role.TRAINEE))
NOBODY = actor()


@pytest.mark.parametrize(
    ("who", "memberships", "allowed"),
    [
        (COORDINATOR, [member(PARTNER, Role.COORDINATOR)], True),
        (COORDINATOR, [], True),
        (MANAGER, [], True),
        (MANAGER, [member(HOME)], True),
        (MANAGER, [member(HOME, Role.STRUCTURE_MANAGER)], True),
        (MANAGER, [member(HOME), member(PARTNER)], False),
        (MANAGER, [member(HOME, Role.COORDINATOR)], False),
        (MANAGER, [member(HOME), member(HOME, Role.COORDINATOR, start=NEXT_YEAR)], False),
        (MANAGER, [member(HOME), member(PARTNER, end=LAST_YEAR)], True),
        (MANAGER, [member(PARTNER, end=LAST_YEAR)], False),
        (MANAGER, [member(HOME, Role.COORDINATOR, end=LAST_YEAR)], False),
        (KEEPER, [member(HOME)], False),
        (MENTOR, [member(HOME)], False),
        (TRAINEE, [member(HOME)], False),
        (NOBODY, [], False),
    ],
)
def test_nobody_edits_a_person_who_may_do_more_or_belongs_elsewhere(who, memberships, allowed):
    assert policy.can_edit_person(who, memberships) is allowed


@pytest.mark.parametrize(
    ("who", "role", "place", "allowed"),
    [
        (COORDINATOR, Role.COORDINATOR, PARTNER, True),
        (MANAGER, Role.STRUCTURE_MANAGER, HOME, True),
        (MANAGER, Role.COORDINATOR, HOME, False),
        (MANAGER, Role.TRAINEE, PARTNER, False),
        (KEEPER, Role.TRAINEE, HOME, False),
        (NOBODY, Role.TRAINEE, HOME, False),
    ],
)
def test_nobody_hands_out_a_role_above_their_own(who, role, place, allowed):
    assert policy.can_grant(who, role, place) is allowed
    assert policy.can_end_membership(who, member(place, role)) is allowed


@pytest.mark.parametrize(
    ("who", "shared", "allowed"),
    [
        (COORDINATOR, False, True),
        (MANAGER, False, True),
        (TRAINEE, True, True),
        (TRAINEE, False, False),
        (NOBODY, True, False),
        (actor(person_id=5), False, True),
    ],
)
def test_coordinates_are_seen_when_shared_and_by_those_who_manage(who, shared, allowed):
    person = Person(id=5, given_name="Léa", family_name="Martin", phone_shared=shared)

    assert policy.can_see_contact(who, person) is allowed


def test_an_invitation_needs_an_address():
    person = Person(id=5, given_name="Léa", family_name="Martin")

    assert not policy.can_invite(COORDINATOR, person, [])
    person.email = "lea@couveuse.example"
    assert policy.can_invite(COORDINATOR, person, [])


@pytest.mark.parametrize(
    ("who", "sees", "records"),
    [
        (COORDINATOR, True, True),
        (MANAGER, True, True),
        (KEEPER, True, True),
        (MENTOR, True, False),
        (TRAINEE, False, False),
        (NOBODY, False, False),
        (actor(person_id=5), True, False),
    ],
)
def test_papers_are_recorded_by_those_who_answer_for_them(who, sees, records):
    person = Person(id=5, given_name="Léa", family_name="Martin")

    assert policy.can_see_papers(who, person) is sees
    assert policy.can_record_paper(who) is records


def test_who_left_sees_nobody():
    assert not policy.can_see_people(NOBODY)
    assert policy.can_see_people(TRAINEE)
