"""Who may change structures and sites."""

import pytest

from couveuse.core.actor import Actor, Role, Seat
from couveuse.structures import policy

HOME, PARTNER = 1, 2


def actor(role, place=HOME):
    seats = frozenset({Seat(place, role)} if role else ())
    return Actor(9, "Sam", None, None, seats, session_id=0)


@pytest.mark.parametrize(
    ("role", "sees", "adds", "edits_own", "edits_other", "ends"),
    [
        (Role.COORDINATOR, True, True, True, True, True),
        (Role.STRUCTURE_MANAGER, True, False, True, False, False),
        (Role.EQUIPMENT_MANAGER, True, False, False, False, False),
        (Role.MENTOR, True, False, False, False, False),
        (Role.TRAINEE, True, False, False, False, False),
        (None, False, False, False, False, False),
    ],
)
def test_structures_are_changed_by_those_who_answer_for_them(
    role, sees, adds, edits_own, edits_other, ends
):
    who = actor(role)

    assert policy.can_see_structures(who) is sees
    assert policy.can_add_structure(who) is adds
    assert policy.can_edit_structure(who, HOME) is edits_own
    assert policy.can_edit_structure(who, PARTNER) is edits_other
    assert policy.can_edit_site(who, HOME) is edits_own
    assert policy.can_end_structure(who) is ends
