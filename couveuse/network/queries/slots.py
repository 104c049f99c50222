"""Half-days of workshops as sessions of support: who led, who came, and how they signed."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.db import ends
from couveuse.followup.models import (
    Attendance,
    AttendanceScan,
    AttendanceSignature,
    Presence,
    SignerRole,
    Workshop,
    WorkshopSlot,
    WorkshopState,
    workshop_facilitator,
)
from couveuse.followup.workshop_policy import visible_workshops
from couveuse.network import policy
from couveuse.network.hours import Giver, Kind, Named, Proof, Received, Session
from couveuse.network.models import FundedAction, Grant, SupportCharge
from couveuse.people.models import Person
from couveuse.structures.models import Site, Structure

CAME = sa.func.coalesce(Attendance.corrected, Attendance.presence) == Presence.PRESENT


def near(start: dt.datetime, end: dt.datetime) -> list[sa.ColumnElement[bool]]:
    begins = sa.func.lower(WorkshopSlot.during)
    return [begins >= start, begins < end]


def received_by(person_id: int) -> sa.ColumnElement[bool]:
    came = sa.exists().where(
        Attendance.slot_id == WorkshopSlot.id, Attendance.person_id == person_id, CAME
    )
    return came.correlate(WorkshopSlot)


async def read_slots(
    db: AsyncSession, actor: Actor | None, *conditions: sa.ColumnElement[bool]
) -> list[Session]:
    """Half-days where somebody came, signed once their sheet is closed. Three statements.

    Without an actor everybody who came is named: to count only.
    """
    came = sa.exists().where(Attendance.slot_id == WorkshopSlot.id, CAME)
    scanned = sa.exists().where(AttendanceScan.slot_id == WorkshopSlot.id)
    rows = await db.execute(
        sa.select(
            WorkshopSlot.id,
            WorkshopSlot.during,
            WorkshopSlot.closed_at.is_not(None),
            scanned,
            Workshop.title,
            Site.time_zone,
            Structure,
            FundedAction.id,
            FundedAction.label,
            Grant.id,
            Grant.name,
            Workshop.id,
            visible_workshops(actor) if actor else sa.false(),
        )
        .join(Workshop, Workshop.id == WorkshopSlot.workshop_id)
        .join(Structure, Structure.id == WorkshopSlot.structure_id)
        .outerjoin(Site, Site.id == Workshop.site_id)
        .outerjoin(SupportCharge, SupportCharge.slot_id == WorkshopSlot.id)
        .outerjoin(FundedAction, FundedAction.id == SupportCharge.action_id)
        .outerjoin(Grant, Grant.id == FundedAction.grant_id)
        .where(
            Workshop.state != WorkshopState.CANCELLED,
            sa.func.lower(WorkshopSlot.during) <= clock.now(),
            came.correlate(WorkshopSlot),
            *conditions,
        )
        .order_by(sa.func.lower(WorkshopSlot.during), WorkshopSlot.id)
    )
    found = rows.all()
    if not found:
        return []
    ids = [row[0] for row in found]
    led = await _who_led(db, ids)
    there = await _who_came(db, ids, actor)
    return [_session(row, led.get(row[0], []), there.get(row[0], [])) for row in found]


class Came(NamedTuple):
    person: Person
    signed: bool
    told: bool
    """Whether the reader may know of it."""


def _session(row: Any, led: list[Person], came: list[Came]) -> Session:
    id_, during, closed, scanned, title, zone, structure = row[:7]
    action_id, label, grant_id, name, workshop_id, opens = row[7:]
    start, end = ends(during)
    minutes = int((end - start).total_seconds() // 60)
    place = Named(structure.id, structure.label)
    proofs = [_proof(closed, scanned, one.signed) for one in came]
    return Session(
        kind=Kind.WORKSHOP,
        id=id_,
        start=start,
        minutes=minutes,
        zone=clock.zone_named(zone) if zone else clock.PARIS,
        givers=tuple(Giver(one.id, one.name, minutes, place) for one in led),
        received=tuple(
            Received(one.person.id, one.person.name, proof)
            for one, proof in zip(came, proofs, strict=True)
            if one.told
        ),
        proof=next((one for one in (Proof.UNSIGNED, Proof.PAPER) if one in proofs), Proof.SIGNED),
        structure=place,
        action=Named(action_id, label) if action_id else None,
        grant=Named(grant_id, name) if grant_id else None,
        half_days=1,
        title=title,
        about_id=workshop_id,
        opens=opens,
    )


def _proof(closed: bool, scanned: bool, signed: bool) -> Proof:
    """Nothing counts before the sheet is closed; then her own signature, or the sheet of paper."""
    if not closed:
        return Proof.UNSIGNED
    if signed:
        return Proof.SIGNED
    return Proof.PAPER if scanned else Proof.UNSIGNED


async def _who_led(db: AsyncSession, slot_ids: Sequence[int]) -> dict[int, list[Person]]:
    rows = await db.execute(
        sa.select(workshop_facilitator.c.slot_id, Person)
        .join(Person, Person.id == workshop_facilitator.c.person_id)
        .where(workshop_facilitator.c.slot_id.in_(slot_ids))
        .order_by(workshop_facilitator.c.slot_id, Person.id)
    )
    found: dict[int, list[Person]] = {}
    for slot_id, person in rows:
        found.setdefault(slot_id, []).append(person)
    return found


async def _who_came(
    db: AsyncSession, slot_ids: Sequence[int], actor: Actor | None
) -> dict[int, list[Came]]:
    """Who received the time of each half-day, without those who led it."""
    led = sa.exists().where(
        workshop_facilitator.c.slot_id == Attendance.slot_id,
        workshop_facilitator.c.person_id == Attendance.person_id,
    )
    signed = sa.exists().where(
        AttendanceSignature.slot_id == Attendance.slot_id,
        AttendanceSignature.person_id == Attendance.person_id,
        AttendanceSignature.role == SignerRole.PARTICIPANT,
    )
    told = sa.true()
    if actor:
        told = sa.or_(policy.whole_slots(actor), policy.knows_of(actor, Attendance.person_id))
    rows = await db.execute(
        sa.select(Attendance.slot_id, Person, signed.correlate(Attendance), told)
        .join(WorkshopSlot, WorkshopSlot.id == Attendance.slot_id)
        .join(Person, Person.id == Attendance.person_id)
        .where(Attendance.slot_id.in_(slot_ids), CAME, ~led.correlate(Attendance))
        .order_by(Attendance.slot_id, Attendance.id)
    )
    found: dict[int, list[Came]] = {}
    for slot_id, person, has_signed, may_tell in rows:
        found.setdefault(slot_id, []).append(Came(person, has_signed, may_tell))
    return found
