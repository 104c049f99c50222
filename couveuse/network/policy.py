"""Who counts which hours, who charges them, and who manages grants.

Coordination counts all of them, who manages a structure those of its time, a mentor those given and
those of the people followed, somebody in test her own. What a report says is never shown here: who
may open the person's file follows the link to its source.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from couveuse.core import clock
from couveuse.core.actor import Actor, Role
from couveuse.followup.models import (
    Attendance,
    Presence,
    Visit,
    VisitPerson,
    VisitState,
    WorkshopSlot,
    workshop_facilitator,
)
from couveuse.network.hours import Session
from couveuse.network.models import Grant, GrantShare
from couveuse.trainees.models import FollowUpMember
from couveuse.trainees.policy import FOLLOWING, managed_structures, reads_as_member


def knows_of(actor: Actor, person_id: Any) -> sa.ColumnElement[bool]:
    """The condition on a column of persons: the actor herself, and those whom she follows."""
    own = person_id == actor.person_id
    if not actor.has_any(FOLLOWING):
        return own
    followed = sa.exists().where(
        FollowUpMember.person_id == person_id,
        FollowUpMember.member_id == actor.person_id,
        reads_as_member(clock.today()),
    )
    return sa.or_(own, followed.correlate(person_id.class_))


def whole_visits(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Visit``: everybody who was there may be named to the actor."""
    if actor.has(Role.COORDINATOR):
        return sa.true()
    managed = managed_structures(actor)
    came = sa.exists().where(
        VisitPerson.visit_id == Visit.id,
        VisitPerson.presence == Presence.PRESENT,
        sa.or_(VisitPerson.structure_id.in_(managed), came_along(actor.person_id)),
    )
    return sa.or_(
        Visit.mentor_id == actor.person_id,
        Visit.structure_id.in_(managed),
        came.correlate(Visit),
    )


def came_along(person_id: Any) -> sa.ColumnElement[bool]:
    """The condition on ``VisitPerson`` of a ``Visit``: as who follows the person, not as who
    receives the time."""
    return sa.and_(
        VisitPerson.person_id == person_id,
        VisitPerson.person_id != Visit.mentor_id,
        follows_somebody_there(),
    )


def follows_somebody_there() -> sa.ColumnElement[bool]:
    """The condition on ``VisitPerson`` of a ``Visit``: they follow, or did, the person or somebody
    else who is there."""
    there = aliased(VisitPerson)
    others = sa.select(there.person_id).where(
        there.visit_id == Visit.id, there.presence == Presence.PRESENT
    )
    follows = sa.exists().where(
        FollowUpMember.member_id == VisitPerson.person_id,
        sa.or_(
            FollowUpMember.person_id == Visit.person_id,
            FollowUpMember.person_id.in_(others.correlate(Visit)),
        ),
    )
    return follows.correlate(Visit, VisitPerson)


def whole_slots(actor: Actor) -> sa.ColumnElement[bool]:
    """The same on ``WorkshopSlot``."""
    if actor.has(Role.COORDINATOR):
        return sa.true()
    return sa.or_(_led(actor), WorkshopSlot.structure_id.in_(managed_structures(actor)))


def _led(actor: Actor) -> sa.ColumnElement[bool]:
    led = sa.exists().where(
        workshop_facilitator.c.slot_id == WorkshopSlot.id,
        workshop_facilitator.c.person_id == actor.person_id,
    )
    return led.correlate(WorkshopSlot)


def visible_visits(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Visit``: its time is the actor's to count, in whole or for somebody."""
    came = sa.exists().where(
        VisitPerson.visit_id == Visit.id,
        VisitPerson.presence == Presence.PRESENT,
        knows_of(actor, VisitPerson.person_id),
    )
    return sa.or_(whole_visits(actor), came.correlate(Visit))


def visible_slots(actor: Actor) -> sa.ColumnElement[bool]:
    """The same on ``WorkshopSlot``."""
    came = sa.exists().where(
        Attendance.slot_id == WorkshopSlot.id,
        sa.func.coalesce(Attendance.corrected, Attendance.presence) == Presence.PRESENT,
        knows_of(actor, Attendance.person_id),
    )
    return sa.or_(whole_slots(actor), came.correlate(WorkshopSlot))


def can_count(actor: Actor) -> bool:
    """Whether the page of hours is worth offering; it shows only what the actor may see."""
    return actor.has_any((*FOLLOWING, Role.TRAINEE))


def can_manage_grants(actor: Actor) -> bool:
    return actor.has(Role.COORDINATOR)


def can_see_grants(actor: Actor) -> bool:
    return can_manage_grants(actor) or bool(managed_structures(actor))


def visible_grants(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Grant``: coordination, and who manages a structure that holds it."""
    if can_manage_grants(actor):
        return sa.true()
    held = sa.exists().where(
        GrantShare.grant_id == Grant.id, GrantShare.structure_id.in_(managed_structures(actor))
    )
    return held.correlate(Grant)


def can_charge_anything(actor: Actor) -> bool:
    return actor.has_any((Role.COORDINATOR, Role.MENTOR))


def can_charge(actor: Actor, session: Session) -> bool:
    """Say what pays a session: coordination, and whoever led it."""
    return gave_or_coordinates(actor, {one.id for one in session.givers if one.leads})


def can_charge_visit(actor: Actor, visit: Visit) -> bool:
    """The same, of a visit that took place."""
    return visit.state == VisitState.HELD and gave_or_coordinates(actor, {visit.mentor_id})


def gave_or_coordinates(actor: Actor, giver_ids: set[int]) -> bool:
    gave = actor.has(Role.MENTOR) and actor.person_id in giver_ids
    return actor.has(Role.COORDINATOR) or gave


def can_move_charge(actor: Actor, session: Session) -> bool:
    """Change what was said: who gave it until it is signed, then coordination only."""
    return actor.has(Role.COORDINATOR) or (can_charge(actor, session) and not session.is_proven)


def chargeable_visits(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Visit``: what pays it is the actor's to say."""
    if actor.has(Role.COORDINATOR):
        return sa.true()
    return Visit.mentor_id == actor.person_id if actor.has(Role.MENTOR) else sa.false()


def chargeable_slots(actor: Actor) -> sa.ColumnElement[bool]:
    """The same on ``WorkshopSlot``."""
    if actor.has(Role.COORDINATOR):
        return sa.true()
    return _led(actor) if actor.has(Role.MENTOR) else sa.false()


def can_exceed(actor: Actor) -> bool:
    """Charge beyond a ceiling, with a reason that is kept: the hours were given, the funder will
    not pay them."""
    return actor.has(Role.COORDINATOR)
