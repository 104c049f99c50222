"""Who may see and change persons, memberships and papers."""

import sqlalchemy as sa

from couveuse.core.actor import Actor, Role
from couveuse.people.models import Membership, Person

MANAGING = (Role.COORDINATOR, Role.STRUCTURE_MANAGER)


def can_see_people(actor: Actor) -> bool:
    return actor.is_member


def visible_people(actor: Actor) -> sa.ColumnElement[bool]:
    """Members of the network see each other's names; who left sees only themself."""
    own = Person.id == actor.person_id
    return sa.true() if actor.is_member else own


def can_add_person(actor: Actor) -> bool:
    return actor.has_any(MANAGING)


def can_edit_person(actor: Actor, person: Person) -> bool:
    return actor.person_id == person.id or can_add_person(actor)


def can_see_contact(actor: Actor, person: Person) -> bool:
    """Address and number: one's own, those of people who share them, all for those who manage."""
    return can_edit_person(actor, person) or (actor.is_member and person.phone_shared)


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


def can_invite(actor: Actor, person: Person) -> bool:
    return can_add_person(actor) and person.email is not None


def can_record_paper(actor: Actor) -> bool:
    """Trainings and authorisations are recorded by those who answer for them, not by oneself."""
    return actor.has_any((*MANAGING, Role.EQUIPMENT_MANAGER))
