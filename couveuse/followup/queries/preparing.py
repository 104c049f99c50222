"""What prepares the review of one person: everything that is there already, on one page."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from couveuse.followup.models import (
    AgreedStep,
    Assessment,
    AssessmentAnswers,
    CommitteeState,
    GridVersion,
    Level,
    ProgressCommittee,
    ProgressReview,
    Report,
    StepState,
    Visit,
    VisitState,
)
from couveuse.followup.queries.choices import list_plots_held
from couveuse.followup.queries.grids import Progress, by_grid
from couveuse.people.models import Person
from couveuse.plots.models import Plot
from couveuse.trainees.queries import (
    AgreementClock,
    MissingPaper,
    list_agreements,
    list_papers_missing_of,
    read_clock,
)


class HeldVisit(NamedTuple):
    """A visit as the committee knows it: not a word of its report."""

    on: dt.datetime
    mentor: str
    minutes: int
    summary: str | None
    """The few words for the committee, once the report is shared."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is already there about the person, on one page."""

    since: dt.date | None
    """The last session held before."""
    decided: ProgressReview | None
    """What was decided then."""
    clock: AgreementClock | None
    visits: Sequence[HeldVisit]
    open_steps: Sequence[AgreedStep]
    closed_steps: Sequence[AgreedStep]
    """Since then."""
    grids: Sequence[Progress]
    papers: Sequence[MissingPaper]
    plots: Sequence[Plot]

    @property
    def minutes(self) -> int:
        return sum(one.minutes for one in self.visits)


async def read_preparation(
    db: AsyncSession, review: ProgressReview, *, with_grids: bool
) -> Preparation:
    """For who reads of the review: load it through the actor before."""
    session, person_id = review.committee, review.person_id
    before = await _review_before(db, review)
    since = before.committee.day if before else None
    after = before.committee.starts_at if before else None
    steps = await _steps(db, review, after)
    return Preparation(
        since=since,
        decided=before if before and before.is_closed else None,
        clock=await read_clock(db, await list_agreements(db, person_id), session.day),
        visits=await _visits(db, review, after),
        open_steps=[one for one in steps if one.is_open],
        closed_steps=[one for one in steps if not one.is_open],
        grids=await _grids(db, person_id) if with_grids else [],
        papers=await list_papers_missing_of(db, person_id),
        plots=await list_plots_held(db, person_id, session.day),
    )


async def _review_before(db: AsyncSession, review: ProgressReview) -> ProgressReview | None:
    return await db.scalar(
        sa.select(ProgressReview)
        .join(ProgressReview.committee)
        .where(
            ProgressReview.person_id == review.person_id,
            ProgressCommittee.state == CommitteeState.HELD,
            ProgressCommittee.starts_at < review.committee.starts_at,
        )
        .options(contains_eager(ProgressReview.committee).joinedload(ProgressCommittee.site))
        .order_by(ProgressCommittee.starts_at.desc())
        .limit(1)
    )


async def _visits(
    db: AsyncSession, review: ProgressReview, after: dt.datetime | None
) -> list[HeldVisit]:
    summary = sa.case((Report.level == Level.SHARED, Report.committee_text))
    query = (
        sa.select(
            Visit.starts_at,
            Person.given_name + " " + Person.family_name,
            Visit.duration_minutes,
            summary,
        )
        .join(Person, Person.id == Visit.mentor_id)
        .outerjoin(Report, Report.visit_id == Visit.id)
        .where(
            Visit.person_id == review.person_id,
            Visit.state == VisitState.HELD,
            Visit.starts_at < review.committee.starts_at,
        )
        .order_by(Visit.starts_at.desc())
        .limit(60)
    )
    if after:
        query = query.where(Visit.starts_at >= after)
    return [HeldVisit(*row) for row in await db.execute(query)]


async def _steps(
    db: AsyncSession, review: ProgressReview, after: dt.datetime | None
) -> Sequence[AgreedStep]:
    """Open, or closed since the last session; of reports only once shared. Those of this review
    stand in its minutes."""
    is_open = AgreedStep.state == StepState.OPEN
    lately = AgreedStep.changed_at >= after if after else sa.true()
    found = await db.scalars(
        sa.select(AgreedStep)
        .outerjoin(Report, Report.id == AgreedStep.report_id)
        .where(
            AgreedStep.person_id == review.person_id,
            sa.or_(AgreedStep.report_id.is_(None), Report.level == Level.SHARED),
            AgreedStep.review_id.is_distinct_from(review.id),
            sa.or_(is_open, lately),
        )
        .options(joinedload(AgreedStep.owner), joinedload(AgreedStep.changed_by))
        .order_by(AgreedStep.due_on.nulls_last(), AgreedStep.id)
        .limit(60)
    )
    return found.all()


async def _grids(db: AsyncSession, person_id: int) -> list[Progress]:
    """Those that both sides answered: levels over time."""
    answered: Any = (
        sa.select(sa.func.count())
        .where(AssessmentAnswers.assessment_id == Assessment.id)
        .correlate(Assessment)
        .scalar_subquery()
    )
    found = await db.scalars(
        sa.select(Assessment)
        .where(Assessment.person_id == person_id, answered == 2)
        .options(
            joinedload(Assessment.version).joinedload(GridVersion.grid),
            selectinload(Assessment.answers),
        )
        .order_by(Assessment.made_on, Assessment.id)
    )
    return by_grid(found.all())
