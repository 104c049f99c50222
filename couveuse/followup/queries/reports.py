"""Reports: for those who read them, and the proof of signature for those who only count."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.followup import policy
from couveuse.followup.models import Level, Report, ReportNote, ReportSignature, Visit
from couveuse.people.models import Person
from couveuse.trainees.models import FollowUpMember
from couveuse.trainees.policy import reads_as_member

WHOLE = (
    joinedload(Report.author),
    joinedload(Report.typed_by),
    selectinload(Report.signatures).joinedload(ReportSignature.filed_by),
    selectinload(Report.notes).joinedload(ReportNote.author),
)


async def find_report(db: AsyncSession, actor: Actor, visit: Visit) -> Report | None:
    """The report of a visit, when there is one that the actor may read."""
    return await db.scalar(
        sa.select(Report)
        .join(Report.visit)
        .join(Person, Person.id == Visit.person_id)
        .where(Report.visit_id == visit.id, policy.visible_reports(actor))
        .options(*WHOLE)
        .execution_options(populate_existing=True)
    )


async def get_report(db: AsyncSession, actor: Actor, visit: Visit) -> Report:
    report = await find_report(db, actor, visit)
    if report is None:
        raise NotVisible
    return report


@dataclass(frozen=True, slots=True)
class Proof:
    """What anybody who may know of the visit may know of its report: not a word of it."""

    exists: bool
    shared_at: dt.datetime | None
    committee_text: str | None
    signatures: Sequence[ReportSignature]


async def find_proof(db: AsyncSession, visit: Visit) -> Proof:
    """Load the visit through the actor before."""
    report = await db.scalar(
        sa.select(Report)
        .where(Report.visit_id == visit.id)
        .options(selectinload(Report.signatures).joinedload(ReportSignature.filed_by))
        .execution_options(populate_existing=True)
    )
    if report is None or report.level == Level.DRAFT:
        return Proof(False, None, None, [])
    return Proof(True, report.shared_at, report.committee_text, report.signatures)


async def list_drafts(db: AsyncSession, actor: Actor) -> Sequence[Report]:
    """The actor's own reports that the person does not read yet, oldest first."""
    return await _mine(db, actor, Report.author_id == actor.person_id, Report.level != Level.SHARED)


DRAFT_DAYS = 7
"""How long a draft may wait before its author hears of it; then again each time as long."""


async def list_forgotten_drafts(db: AsyncSession) -> Sequence[Report]:
    """Drafts that nobody touched for some days, of whoever."""
    found = await db.scalars(
        sa.select(Report)
        .where(
            Report.level == Level.DRAFT,
            Report.updated_at <= clock.now() - dt.timedelta(days=DRAFT_DAYS),
        )
        .options(joinedload(Report.author), joinedload(Report.visit).joinedload(Visit.person))
        .options(joinedload(Report.visit).joinedload(Visit.site))
        .order_by(Report.id)
    )
    return found.all()


async def list_left_drafts(db: AsyncSession) -> Sequence[tuple[int, int]]:
    """Drafts whose author no longer reads the file, with their visits."""
    reads = sa.exists().where(
        FollowUpMember.person_id == Visit.person_id,
        FollowUpMember.member_id == Report.author_id,
        reads_as_member(clock.today()),
    )
    rows = await db.execute(
        sa.select(Report.id, Report.visit_id)
        .join(Report.visit)
        .where(Report.level == Level.DRAFT, ~reads)
        .order_by(Report.visit_id)
    )
    return [(report_id, visit_id) for report_id, visit_id in rows]


async def list_to_sign(db: AsyncSession, actor: Actor) -> Sequence[Report]:
    """Shared reports that wait for the actor's signature, oldest first."""
    signed = sa.exists().where(
        ReportSignature.report_id == Report.id, ReportSignature.person_id == actor.person_id
    )
    party = sa.or_(Report.author_id == actor.person_id, Visit.person_id == actor.person_id)
    return await _mine(db, actor, party, Report.level == Level.SHARED, ~signed)


async def _mine(
    db: AsyncSession, actor: Actor, *conditions: sa.ColumnElement[bool]
) -> Sequence[Report]:
    found = await db.scalars(
        sa.select(Report)
        .join(Report.visit)
        .join(Visit.person)
        .where(policy.visible_reports(actor), *conditions)
        .options(
            contains_eager(Report.visit).contains_eager(Visit.person),
            contains_eager(Report.visit).joinedload(Visit.site),
            joinedload(Report.author),
        )
        .order_by(Visit.starts_at)
        .limit(30)
    )
    return found.all()
