"""Who may see and change persons, memberships and papers."""

from collections.abc import Collection

import sqlalchemy as sa

from couveuse.core import clock
from couveuse.core.actor import Actor, Role
from couveuse.people.models import Membership, Paper, Person

MANAGING = (Role.COORDINATOR, Role.STRUCTURE_MANAGER)


def can_see_people(actor: Actor) -> bool:
    return actor.is_member


def visible_people(actor: Actor) -> sa.ColumnElement[bool]:
    """Members of the network see each other's names; who left sees only themself.

    A newcomer is seen by coordination and by the structure that met her, until she belongs. Nobody
    sees whose file was erased.
    """
    if actor.has(Role.COORDINATOR):
        return Person.erased_at.is_(None)
    own = Person.id == actor.person_id
    if not actor.is_member:
        return own
    known = sa.or_(
        own,
        Person.met_by_id.is_(None),
        Person.met_by_id.in_(sorted(actor.structure_ids)),
        sa.exists().where(Membership.person_id == Person.id).correlate(Person),
    )
    return sa.and_(Person.erased_at.is_(None), known)


def can_add_person(actor: Actor) -> bool:
    return actor.has_any(MANAGING)


def can_edit_person(actor: Actor, memberships: Collection[Membership]) -> bool:
    """Coordinators edit everybody, structure managers those who belong to their structure alone.

    Sign-in links go to the address on file: who may change it may become that person. So nobody
    edits a person who may do more than themself, or who belongs elsewhere.
    """
    if actor.has(Role.COORDINATOR):
        return True
    standing = [one for one in memberships if not one.is_over] or memberships
    return can_add_person(actor) and all(can_end_membership(actor, one) for one in standing)


def can_leave_altogether(actor: Actor, memberships: Collection[Membership]) -> bool:
    """Whether to offer the end of everything at once: with one membership, it has its own."""
    going_on = [one for one in memberships if not one.is_over]
    return len(going_on) > 1 and can_edit_person(actor, memberships)


def can_invite(actor: Actor, person: Person, memberships: Collection[Membership]) -> bool:
    return person.email is not None and can_edit_person(actor, memberships)


def can_see_contact(actor: Actor, person: Person) -> bool:
    """Address and number: one's own, those of people who share them, all for those who manage."""
    if actor.person_id == person.id or actor.has_any(MANAGING):
        return True
    return actor.is_member and person.phone_shared


def can_manage_members(actor: Actor, structure_id: int) -> bool:
    """Coordinators for the whole network, structure managers for their own structure."""
    return actor.has(Role.COORDINATOR) or actor.has(Role.STRUCTURE_MANAGER, structure_id)


def can_grant(actor: Actor, role: Role, structure_id: int) -> bool:
    """Nobody hands out a role above their own: only coordinators make coordinators."""
    if actor.has(Role.COORDINATOR):
        return True
    return role != Role.COORDINATOR and can_manage_members(actor, structure_id)


def can_end_membership(actor: Actor, membership: Membership) -> bool:
    return can_grant(actor, Role(membership.role), membership.structure_id)


def can_see_papers(actor: Actor, person: Person) -> bool:
    """One's own, and those of the people one trains, accompanies or answers for."""
    return actor.person_id == person.id or actor.has_any(
        (*MANAGING, Role.EQUIPMENT_MANAGER, Role.MENTOR)
    )


ANSWERING = (*MANAGING, Role.EQUIPMENT_MANAGER)


def can_record_paper(actor: Actor) -> bool:
    """Trainings and authorisations are recorded by those who answer for them, not by oneself."""
    return actor.has_any(ANSWERING)


def can_send_paper(actor: Actor, person: Person) -> bool:
    """One's own may be sent by oneself, to be checked."""
    own = actor.is_member and actor.person_id == person.id
    return own or can_record_paper(actor)


def can_withdraw_paper(actor: Actor, paper: Paper) -> bool:
    """Who records papers, and whoever sent one until it has been looked at."""
    own = actor.is_member and actor.person_id == paper.person_id
    return can_record_paper(actor) or (own and paper.is_to_check)


def can_list_papers(actor: Actor) -> bool:
    return actor.has_any(ANSWERING)


def answers_for(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Person``: whose papers the actor looks after, and may open."""
    if actor.has(Role.COORDINATOR):
        return sa.true()
    own = sorted(seat.structure_id for seat in actor.seats if seat.role in ANSWERING)
    there = sa.exists().where(
        Membership.person_id == Person.id,
        Membership.structure_id.in_(own),
        Membership.during.contains(clock.today()),
    )
    return there.correlate(Person)


def can_open_documents(actor: Actor, person: Person, structures: Collection[int]) -> bool:
    """The documents behind the papers: one's own, and as ``answers_for`` says."""
    return actor.person_id == person.id or _answers_in(actor, structures)


def can_check_paper(actor: Actor, paper: Paper, structures: Collection[int]) -> bool:
    """Who answers for the papers of a structure where the person is; never one's own."""
    own = paper.person_id == actor.person_id
    return paper.is_to_check and not own and _answers_in(actor, structures)


def _answers_in(actor: Actor, structures: Collection[int]) -> bool:
    there = any(actor.has_any(ANSWERING, one) for one in structures)
    return actor.has(Role.COORDINATOR) or there
