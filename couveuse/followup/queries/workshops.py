"""Workshops to come and past, one of them, and the sheet of a half-day."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.words import plain
from couveuse.followup import workshop_policy
from couveuse.followup.models import (
    Attendance,
    AttendanceNote,
    AttendanceScan,
    AttendanceSignature,
    TrainerSignature,
    Workshop,
    WorkshopSeat,
    WorkshopSlot,
    WorkshopState,
    WorkshopTrainer,
)
from couveuse.followup.models.workshop import workshop_facilitator
from couveuse.followup.signed_sheets import Sheet
from couveuse.people.models import Person

LIMIT = 60
BRIEF: tuple[ORMOption, ...] = (
    joinedload(Workshop.structure),
    joinedload(Workshop.site),
    selectinload(Workshop.trainers),
    selectinload(Workshop.slots),
    selectinload(Workshop.seats),
)
WHOLE: tuple[ORMOption, ...] = (
    joinedload(Workshop.structure),
    joinedload(Workshop.site),
    selectinload(Workshop.trainers),
    selectinload(Workshop.slots).selectinload(WorkshopSlot.facilitators),
    selectinload(Workshop.seats).joinedload(WorkshopSeat.person),
    selectinload(Workshop.guests),
)
OF_SLOT: tuple[ORMOption, ...] = (
    selectinload(WorkshopSlot.facilitators),
    joinedload(WorkshopSlot.workshop).options(
        joinedload(Workshop.structure),
        joinedload(Workshop.site),
        selectinload(Workshop.trainers),
    ),
)


async def get_workshop(db: AsyncSession, actor: Actor, workshop_id: int) -> Workshop:
    found = await db.scalar(
        sa.select(Workshop)
        .where(Workshop.id == workshop_id, workshop_policy.visible_workshops(actor))
        .options(*WHOLE)
    )
    if found is None:
        raise NotVisible
    return found


async def load_workshop(db: AsyncSession, workshop_id: int) -> Workshop:
    """As it is now, whatever was read before. Load it through the actor first."""
    found = await db.scalars(
        sa.select(Workshop)
        .where(Workshop.id == workshop_id)
        .options(*WHOLE)
        .execution_options(populate_existing=True)
    )
    return found.one()


async def lock_workshop(db: AsyncSession, workshop_id: int) -> Workshop:
    """Every write about a workshop begins here; then come its half-days."""
    await db.execute(
        sa.select(Workshop.id).where(Workshop.id == workshop_id).with_for_update(key_share=True)
    )
    return await load_workshop(db, workshop_id)


async def lock_with_half_days(db: AsyncSession, workshop_id: int) -> Workshop:
    """So that nobody signs meanwhile."""
    await lock_workshop(db, workshop_id)
    await db.execute(
        sa.select(WorkshopSlot.id)
        .where(WorkshopSlot.workshop_id == workshop_id)
        .order_by(WorkshopSlot.id)
        .with_for_update(key_share=True)
    )
    return await load_workshop(db, workshop_id)


def _edge(pick: sa.ColumnElement[dt.datetime]) -> sa.ScalarSelect[dt.datetime]:
    return sa.select(pick).where(WorkshopSlot.workshop_id == Workshop.id).scalar_subquery()


FIRST = _edge(sa.func.min(sa.func.lower(WorkshopSlot.during)))
LAST = _edge(sa.func.max(sa.func.upper(WorkshopSlot.during)))


async def list_workshops(db: AsyncSession, actor: Actor) -> Sequence[Workshop]:
    """Those not over yet, the first to come first."""
    found = await db.scalars(
        sa.select(Workshop)
        .where(workshop_policy.visible_workshops(actor), clock.now() < LAST)
        .options(*BRIEF)
        .order_by(FIRST, Workshop.id)
        .limit(LIMIT)
    )
    return found.all()


async def list_past_workshops(
    db: AsyncSession, actor: Actor, *, limit: int = LIMIT
) -> Sequence[Workshop]:
    found = await db.scalars(
        sa.select(Workshop)
        .where(workshop_policy.visible_workshops(actor), clock.now() >= LAST)
        .options(*BRIEF)
        .order_by(LAST.desc(), Workshop.id)
        .limit(limit)
    )
    return found.all()


async def list_own_workshops(
    db: AsyncSession, actor: Actor, *, limit: int = 6
) -> Sequence[Workshop]:
    """To come, and the actor takes part, waits for a place or leads."""
    own = sa.or_(
        *(
            sa.exists().where(table.workshop_id == Workshop.id, table.person_id == actor.person_id)
            for table in (WorkshopSeat, WorkshopTrainer)
        )
    )
    found = await db.scalars(
        sa.select(Workshop)
        .where(own, clock.now() < LAST, Workshop.state != WorkshopState.CANCELLED)
        .options(*BRIEF)
        .order_by(FIRST, Workshop.id)
        .limit(limit)
    )
    return found.all()


async def list_open_sheets(
    db: AsyncSession, actor: Actor, *, limit: int = 6
) -> Sequence[WorkshopSlot]:
    """Half-days that are over, that the actor led or planned, and whose sheet is still open."""
    led = sa.exists().where(
        workshop_facilitator.c.slot_id == WorkshopSlot.id,
        workshop_facilitator.c.person_id == actor.person_id,
    )
    found = await db.scalars(
        sa.select(WorkshopSlot)
        .join(WorkshopSlot.workshop)
        .where(
            WorkshopSlot.closed_at.is_(None),
            sa.func.upper(WorkshopSlot.during) <= clock.now(),
            Workshop.state != WorkshopState.CANCELLED,
            sa.or_(led, Workshop.created_by_id == actor.person_id),
            workshop_policy.visible_workshops(actor),
        )
        .options(contains_eager(WorkshopSlot.workshop).joinedload(Workshop.site))
        .order_by(WorkshopSlot.during)
        .limit(limit)
    )
    return found.all()


# ---------------------------------------------------------------- sheets


async def get_slot(db: AsyncSession, actor: Actor, slot_id: int) -> WorkshopSlot:
    """For who runs the workshop and who stands on the sheet."""
    found = await db.scalar(
        sa.select(WorkshopSlot)
        .join(WorkshopSlot.workshop)
        .where(WorkshopSlot.id == slot_id, workshop_policy.visible_workshops(actor))
        .options(*OF_SLOT, joinedload(WorkshopSlot.workshop).selectinload(Workshop.slots))
    )
    if found is None:
        raise NotVisible
    stands = sa.exists().where(
        Attendance.slot_id == slot_id, Attendance.person_id == actor.person_id
    )
    if not workshop_policy.runs(actor, found.workshop) and not await db.scalar(sa.select(stands)):
        raise NotVisible
    return found


async def lock_slot(db: AsyncSession, slot_id: int) -> WorkshopSlot:
    """As it is now. Every write about a sheet begins here; where the workshop changes as well, that
    is locked before."""
    await db.execute(
        sa.select(WorkshopSlot.id).where(WorkshopSlot.id == slot_id).with_for_update(key_share=True)
    )
    found = await db.scalars(
        sa.select(WorkshopSlot)
        .where(WorkshopSlot.id == slot_id)
        .options(*OF_SLOT)
        .execution_options(populate_existing=True)
    )
    return found.one()


async def read_sheet(db: AsyncSession, slot: WorkshopSlot) -> Sheet:
    """All that stands on it now. Load the half-day through the actor before."""
    fresh = {"populate_existing": True}
    lines = await db.scalars(
        sa.select(Attendance)
        .join(Attendance.person)
        .where(Attendance.slot_id == slot.id)
        .options(contains_eager(Attendance.person))
        .order_by(plain(Person.family_name), plain(Person.given_name), Person.id)
        .execution_options(**fresh)
    )
    signatures = await db.scalars(
        sa.select(AttendanceSignature)
        .where(AttendanceSignature.slot_id == slot.id)
        .order_by(AttendanceSignature.id)
    )
    scans = await db.scalars(
        sa.select(AttendanceScan)
        .where(AttendanceScan.slot_id == slot.id)
        .options(joinedload(AttendanceScan.added_by))
        .order_by(AttendanceScan.id)
    )
    notes = await db.scalars(
        sa.select(AttendanceNote)
        .where(AttendanceNote.slot_id == slot.id)
        .options(joinedload(AttendanceNote.author), joinedload(AttendanceNote.person))
        .order_by(AttendanceNote.id)
    )
    from_outside = await db.scalars(
        sa.select(TrainerSignature)
        .where(TrainerSignature.slot_id == slot.id)
        .order_by(TrainerSignature.id)
    )
    return Sheet(slot, lines.all(), signatures.all(), scans.all(), notes.all(), from_outside.all())


async def list_lines(db: AsyncSession, workshop: Workshop) -> dict[int, dict[int, Attendance]]:
    """Who stands on which sheet of a workshop: by half-day, then by person."""
    found = await db.scalars(
        sa.select(Attendance).where(Attendance.slot_id.in_([slot.id for slot in workshop.slots]))
    )
    lines: dict[int, dict[int, Attendance]] = {slot.id: {} for slot in workshop.slots}
    for one in found:
        lines[one.slot_id][one.person_id] = one
    return lines


async def get_scan(db: AsyncSession, actor: Actor, scan_id: int) -> AttendanceScan:
    """A signed sheet, for who runs the workshop: it bears everybody's signature."""
    scan = await db.scalar(sa.select(AttendanceScan).where(AttendanceScan.id == scan_id))
    if scan is None:
        raise NotVisible
    slot = await get_slot(db, actor, scan.slot_id)
    if not workshop_policy.runs(actor, slot.workshop):
        raise NotVisible
    return scan


async def list_workshops_to_remind(db: AsyncSession, days: int) -> Sequence[Workshop]:
    """Those that meet within so many days, today left out."""
    first, end = (
        clock.day_start(clock.today() + dt.timedelta(days=n), clock.PARIS) for n in (1, days + 1)
    )
    soon = sa.exists().where(
        WorkshopSlot.workshop_id == Workshop.id,
        sa.func.lower(WorkshopSlot.during) >= first,
        sa.func.lower(WorkshopSlot.during) < end,
    )
    found = await db.scalars(
        sa.select(Workshop)
        .where(soon, Workshop.state != WorkshopState.CANCELLED)
        .options(*WHOLE)
        .order_by(Workshop.id)
    )
    return found.all()


def days_to_remind(workshop: Workshop, days: int) -> dict[dt.date, list[WorkshopSlot]]:
    """Its days within so many days, today left out."""
    today = clock.today()
    by_day: dict[dt.date, list[WorkshopSlot]] = {}
    for slot in workshop.slots:
        day = slot.starts_at.astimezone(workshop.zone).date()
        if today < day <= today + dt.timedelta(days=days):
            by_day.setdefault(day, []).append(slot)
    return by_day
