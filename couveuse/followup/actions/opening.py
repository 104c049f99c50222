"""Writing down who opens what follow-up says of somebody."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.followup import policy, queries
from couveuse.followup.models import Assessment, Report, Visit
from couveuse.people.models import Person
from couveuse.trainees.actions import readings

REPORT, GRIDS, STEPS = "report", "grids", "steps"


async def note_reading(db: AsyncSession, actor: Actor, visit_id: int) -> None:
    """Somebody opens a report that they may read: who reads the file is written down.

    For the person, the first time is kept beside the report.
    """
    report = await db.scalar(
        sa.select(Report)
        .join(Report.visit)
        .join(Person, Person.id == Visit.person_id)
        .where(Report.visit_id == visit_id, policy.visible_reports(actor))
        .options(contains_eager(Report.visit))
    )
    if report is None:
        return
    if report.visit.person_id != actor.person_id:
        await readings.note_reading(db, actor, report.visit.person_id, REPORT, visit_id)
    elif report.read_at is None:
        report.read_at = clock.now()


async def note_assessment_reading(db: AsyncSession, actor: Actor, assessment_id: int) -> None:
    asked = sa.select(Assessment.person_id).where(Assessment.id == assessment_id)
    if person_id := await db.scalar(asked):
        await note_list_reading(db, actor, person_id, GRIDS)


async def note_list_reading(db: AsyncSession, actor: Actor, person_id: int, what: str) -> None:
    """Grids or steps of somebody, opened by those who read them."""
    if await queries.may_read_follow_up(db, actor, person_id):
        await readings.note_reading(db, actor, person_id, what)
