"""What was agreed: by person, by report, by who owes it."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.followup import policy
from couveuse.followup.models import AgreedStep, Report, StepState

SOONEST = (AgreedStep.due_on.nulls_last(), AgreedStep.id)


def _steps(actor: Actor) -> sa.Select[AgreedStep]:
    return (
        sa.select(AgreedStep)
        .join(AgreedStep.person)
        .outerjoin(Report, Report.id == AgreedStep.report_id)
        .where(policy.visible_steps(actor))
        .options(
            contains_eager(AgreedStep.person),
            joinedload(AgreedStep.owner),
            joinedload(AgreedStep.changed_by),
            contains_eager(AgreedStep.report),
        )
    )


async def get_step(db: AsyncSession, actor: Actor, step_id: int) -> AgreedStep:
    found = await db.scalar(_steps(actor).where(AgreedStep.id == step_id))
    if found is None:
        raise NotVisible
    return found


async def list_owed(db: AsyncSession, actor: Actor) -> Sequence[AgreedStep]:
    """What the actor owes, the first due first."""
    found = await db.scalars(
        _steps(actor)
        .where(AgreedStep.owner_id == actor.person_id, AgreedStep.state == StepState.OPEN)
        .order_by(*SOONEST)
        .limit(30)
    )
    return found.all()


async def list_steps(db: AsyncSession, actor: Actor, person_id: int) -> Sequence[AgreedStep]:
    """Everything agreed with a person: open first, then closed, latest first."""
    found = await db.scalars(
        _steps(actor)
        .where(AgreedStep.person_id == person_id)
        .order_by(AgreedStep.state != StepState.OPEN, AgreedStep.changed_at.desc(), *SOONEST)
        .limit(200)
    )
    return found.all()


async def list_open_steps(
    db: AsyncSession, actor: Actor, people: Collection[int]
) -> dict[int, list[AgreedStep]]:
    """What is open for each of some people: it is carried from visit to visit until closed."""
    if not people:
        return {}
    found = await db.scalars(
        _steps(actor)
        .where(AgreedStep.person_id.in_(people), AgreedStep.state == StepState.OPEN)
        .order_by(*SOONEST)
    )
    by_person: dict[int, list[AgreedStep]] = {}
    for step in found:
        by_person.setdefault(step.person_id, []).append(step)
    return by_person


async def list_steps_of_report(db: AsyncSession, report: Report) -> Sequence[AgreedStep]:
    """Load the report through the actor before."""
    found = await db.scalars(
        sa.select(AgreedStep)
        .where(AgreedStep.report_id == report.id)
        .options(joinedload(AgreedStep.owner), joinedload(AgreedStep.changed_by))
        .order_by(AgreedStep.id)
        .execution_options(populate_existing=True)
    )
    return found.all()
