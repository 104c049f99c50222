"""Sessions of support of every kind, read from where they were signed.

Each kind of source has a module that reads it: this one asks both.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.followup.models import (
    Attendance,
    Visit,
    VisitState,
    Workshop,
    WorkshopSlot,
    WorkshopState,
)
from couveuse.network import policy
from couveuse.network.hours import Kind, Session
from couveuse.network.models import Grant, GrantShare, SupportCharge
from couveuse.network.queries import slots, visits
from couveuse.network.queries.slots import read_slots
from couveuse.network.queries.visits import read_visits

AROUND = dt.timedelta(days=3)
"""The longest session, and the farthest wall clock: what may reach into a period."""


def _near(start: dt.date, end: dt.date) -> tuple[dt.datetime, dt.datetime]:
    return (
        clock.day_start(start, clock.PARIS) - AROUND,
        clock.day_start(end, clock.PARIS) + AROUND,
    )


async def list_sessions(
    db: AsyncSession, actor: Actor, start: dt.date, end: dt.date
) -> list[Session]:
    """Those the actor may count that lie in the period, or near it: cut them to it."""
    near = _near(start, end)
    return [
        *await read_visits(db, actor, policy.visible_visits(actor), *visits.near(*near)),
        *await read_slots(db, actor, policy.visible_slots(actor), *slots.near(*near)),
    ]


async def list_to_charge(
    db: AsyncSession, actor: Actor, start: dt.date, end: dt.date
) -> list[Session]:
    """Held, paid by nothing, and the actor's to charge; the latest first."""
    near, free = _near(start, end), SupportCharge.id.is_(None)
    found = [
        *await read_visits(db, actor, policy.chargeable_visits(actor), free, *visits.near(*near)),
        *await read_slots(db, actor, policy.chargeable_slots(actor), free, *slots.near(*near)),
    ]
    within = [one for one in found if start <= one.day < end]
    return sorted(within, key=lambda one: one.start, reverse=True)


async def list_charged(
    db: AsyncSession, action_ids: Sequence[int], actor: Actor | None = None
) -> dict[int, list[Session]]:
    """By action, everything charged to it: all of it to count; or as the actor may know of it."""
    theirs = SupportCharge.action_id.in_(action_ids)
    sessions = [
        *await read_visits(db, actor, theirs, policy.visible_visits(actor) if actor else sa.true()),
        *await read_slots(db, actor, theirs, policy.visible_slots(actor) if actor else sa.true()),
    ]
    found: dict[int, list[Session]] = {one: [] for one in action_ids}
    for session in sessions:
        if session.action:
            found[session.action.id].append(session)
    return found


async def list_received(db: AsyncSession, person_id: int) -> list[Session]:
    """All that somebody received, to count only. Load the person through the actor before."""
    return [
        *await read_visits(db, None, visits.received_by(person_id)),
        *await read_slots(db, None, slots.received_by(person_id)),
    ]


async def count_to_charge(db: AsyncSession, actor: Actor, start: dt.date, end: dt.date) -> int:
    """Sessions that nothing pays, the actor's to charge, and that a grant might still pay."""
    first, until = clock.day_start(start, clock.PARIS), clock.day_start(end, clock.PARIS)
    visits_waiting = (
        sa.select(sa.func.count())
        .select_from(Visit)
        .outerjoin(SupportCharge, SupportCharge.visit_id == Visit.id)
        .where(
            policy.chargeable_visits(actor),
            Visit.state == VisitState.HELD,
            *visits.near(first, until),
            SupportCharge.id.is_(None),
            _may_pay(Visit.starts_at, Visit.structure_id),
        )
        .scalar_subquery()
    )
    came = sa.exists().where(Attendance.slot_id == WorkshopSlot.id, slots.CAME)
    slots_waiting = (
        sa.select(sa.func.count())
        .select_from(WorkshopSlot)
        .join(Workshop, Workshop.id == WorkshopSlot.workshop_id)
        .outerjoin(SupportCharge, SupportCharge.slot_id == WorkshopSlot.id)
        .where(
            policy.chargeable_slots(actor),
            Workshop.state != WorkshopState.CANCELLED,
            came.correlate(WorkshopSlot),
            *slots.near(first, min(until, clock.now())),
            SupportCharge.id.is_(None),
            _may_pay(sa.func.lower(WorkshopSlot.during), WorkshopSlot.structure_id),
        )
        .scalar_subquery()
    )
    return await db.scalar(sa.select(visits_waiting + slots_waiting)) or 0


def _may_pay(moment: Any, structure_id: Any) -> sa.ColumnElement[bool]:
    day = sa.cast(sa.func.timezone(clock.PARIS.key, moment), sa.Date)
    return sa.exists().where(
        GrantShare.grant_id == Grant.id,
        GrantShare.structure_id == structure_id,
        Grant.closed_on.is_(None),
        Grant.during.contains(day),
    )


async def load_sessions(db: AsyncSession, actor: Actor, keys: Sequence[str]) -> list[Session]:
    """Those named, in their order, as they are now. Raises NotVisible when one is not to count."""
    visit_ids, slot_ids = ids_of(keys)
    sessions = [
        *await read_visits(db, actor, policy.visible_visits(actor), Visit.id.in_(visit_ids)),
        *await read_slots(db, actor, policy.visible_slots(actor), WorkshopSlot.id.in_(slot_ids)),
    ]
    found = {one.key: one for one in sessions}
    if missing := set(keys) - set(found):
        raise NotVisible(missing)
    return [found[key] for key in keys]


async def load_whole(db: AsyncSession, keys: Sequence[str]) -> list[Session]:
    """With everybody who came, to count only. Load them through the actor before."""
    visit_ids, slot_ids = ids_of(keys)
    return [
        *await read_visits(db, None, Visit.id.in_(visit_ids)),
        *await read_slots(db, None, WorkshopSlot.id.in_(slot_ids)),
    ]


def ids_of(keys: Sequence[str]) -> tuple[list[int], list[int]]:
    """The visits and the half-days that keys name. Raises NotVisible for anything else."""
    found: dict[str, list[int]] = {kind: [] for kind in Kind}
    for key in keys:
        kind, _, number = key.partition("-")
        if kind not in found or not (number.isascii() and number.isdigit() and len(number) < 19):
            raise NotVisible(key)
        found[kind].append(int(number))
    return found[Kind.VISIT], found[Kind.WORKSHOP]
