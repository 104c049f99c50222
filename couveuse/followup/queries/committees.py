"""Progress committees: who is due, and the sessions."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.words import plain
from couveuse.followup import committee_policy as policy
from couveuse.followup.models import (
    CommitteeState,
    ProgressCommittee,
    ProgressMember,
    ProgressReview,
)
from couveuse.followup.rhythm import (
    Course,
    DueState,
    Milestone,
    course_on,
    next_milestone,
    served_milestone,
)
from couveuse.people.models import Person
from couveuse.trainees.models import (
    Agreement,
    AgreementPeriod,
    FollowUpMember,
    Path,
    PathState,
    PathStep,
)

DAY = dt.timedelta(days=1)
FAR = dt.date(2200, 1, 1)
"""A test without an agreement has no known last day."""
TESTING = (PathState.IN_TEST, PathState.SUSPENDED)
WHOLE = (
    joinedload(ProgressCommittee.structure),
    joinedload(ProgressCommittee.site),
    joinedload(ProgressCommittee.called_by),
    selectinload(ProgressCommittee.members).joinedload(ProgressMember.person),
)


# ---------------------------------------------------------------- who is due


@dataclass(frozen=True, slots=True)
class CommitteeDue:
    """What is due for somebody in test."""

    person_id: int
    name: str
    milestone: Milestone
    planned: ProgressCommittee | None
    """The next session that reviews this person, when there is one."""

    @property
    def state(self) -> DueState:
        return self.milestone.state_on(clock.today())

    @property
    def is_late(self) -> bool:
        return self.state == DueState.LATE


async def list_committees_due(db: AsyncSession, of: sa.ColumnElement[bool]) -> list[CommitteeDue]:
    """For everybody in test who meets the condition on ``Person``: the next date, soonest first."""
    names = await _people_in_test(db, of)
    planned = await _planned(db, list(names))
    found: list[CommitteeDue] = []
    for person_id, known in (await _known_dates(db, list(names))).items():
        course, held_on, agreed_on = known
        milestone = next_milestone(course, clock.today(), held_on, agreed_on)
        if milestone:
            found.append(
                CommitteeDue(person_id, names[person_id], milestone, planned.get(person_id))
            )
    return sorted(found, key=lambda one: (one.milestone.on, one.name, one.person_id))


async def list_served(
    db: AsyncSession, people: Sequence[int], day: dt.date
) -> dict[int, dt.date | None]:
    """Which date that is due a session of that day would be for, by person in test."""
    known = await _known_dates(db, people)
    served = {
        person_id: served_milestone(course, day, held_on, agreed_on)
        for person_id, (course, held_on, agreed_on) in known.items()
    }
    return {person_id: one.on if one else None for person_id, one in served.items()}


async def find_planned_for(
    db: AsyncSession, dates: Mapping[int, dt.date | None], other_than: int
) -> tuple[Person, ProgressCommittee] | None:
    """Somebody who has another session planned for the same date, and that session."""
    pairs = [(person_id, on) for person_id, on in dates.items() if on]
    rows = await db.execute(
        sa.select(Person, ProgressCommittee)
        .join(ProgressReview, ProgressReview.person_id == Person.id)
        .join(ProgressReview.committee)
        .where(
            sa.tuple_(ProgressReview.person_id, ProgressReview.milestone_on).in_(pairs),
            ProgressCommittee.id != other_than,
        )
        .options(joinedload(ProgressCommittee.site))
        .order_by(Person.id)
        .limit(1)
    )
    found = rows.first()
    return (found[0], found[1]) if found else None


async def _known_dates(
    db: AsyncSession, people: Sequence[int]
) -> dict[int, tuple[Course, dt.date | None, dt.date | None]]:
    """The test of each, its last session, and the date that one agreed on."""
    courses = await _courses(db, people)
    held = await _last_held(db, people)
    found: dict[int, tuple[Course, dt.date | None, dt.date | None]] = {}
    for person_id, course in courses.items():
        held_on, agreed_on = held.get(person_id, (None, None))
        if held_on and held_on < course.first:
            held_on = agreed_on = None
        found[person_id] = course, held_on, agreed_on
    return found


async def _people_in_test(db: AsyncSession, of: sa.ColumnElement[bool]) -> dict[int, str]:
    today = clock.today()
    under = sa.exists().where(
        AgreementPeriod.person_id == Person.id,
        AgreementPeriod.document.is_not(None),
        AgreementPeriod.during.contains(today),
    )
    on_path = sa.exists().where(Path.person_id == Person.id, Path.state.in_(TESTING))
    rows = await db.execute(
        sa.select(Person.id, (Person.given_name + " " + Person.family_name).label("name")).where(
            of, sa.or_(under.correlate(Person), on_path.correlate(Person))
        )
    )
    return {one.id: one.name for one in rows}


async def _courses(db: AsyncSession, people: Sequence[int]) -> dict[int, Course]:
    """The test that goes on for each: from signed agreements, else from the path alone."""
    last = sa.func.least(sa.func.upper(AgreementPeriod.during) - 1, Agreement.ended_on)
    rows = await db.execute(
        sa.select(AgreementPeriod.person_id, sa.func.lower(AgreementPeriod.during), last)
        .join(Agreement, Agreement.id == AgreementPeriod.agreement_id)
        .where(AgreementPeriod.person_id.in_(people), AgreementPeriod.document.is_not(None))
    )
    spans: dict[int, list[Course]] = {}
    for person_id, first, end in rows:
        spans.setdefault(person_id, []).append(Course(first, end))
    alone = [one for one in people if one not in spans]
    entered = await db.execute(
        sa.select(Path.person_id, sa.func.min(PathStep.happened_on))
        .join(PathStep, PathStep.path_id == Path.id)
        .where(
            Path.person_id.in_(alone),
            Path.closed_on.is_(None),
            PathStep.state == PathState.IN_TEST,
        )
        .group_by(Path.person_id)
    )
    spans |= {person_id: [Course(first, FAR)] for person_id, first in entered}
    found = {one: course_on(theirs, clock.today()) for one, theirs in spans.items()}
    return {person_id: course for person_id, course in found.items() if course}


async def _last_held(
    db: AsyncSession, people: Sequence[int]
) -> dict[int, tuple[dt.date, dt.date | None]]:
    """The last session of each, and the date that it agreed on once its minutes are closed."""
    rows = await db.execute(
        sa.select(ProgressReview.person_id, ProgressCommittee, ProgressReview)
        .join(ProgressReview.committee)
        .where(ProgressReview.person_id.in_(people), ProgressCommittee.state == CommitteeState.HELD)
        .options(joinedload(ProgressCommittee.site))
        .order_by(ProgressCommittee.starts_at)
    )
    return {
        person_id: (session.day, review.next_on if review.is_closed else None)
        for person_id, session, review in rows
    }


async def _planned(db: AsyncSession, people: Sequence[int]) -> dict[int, ProgressCommittee]:
    rows = await db.execute(
        sa.select(ProgressReview.person_id, ProgressCommittee)
        .join(ProgressReview.committee)
        .where(
            ProgressReview.person_id.in_(people),
            ProgressCommittee.state == CommitteeState.PLANNED,
        )
        .options(joinedload(ProgressCommittee.site))
        .order_by(ProgressCommittee.starts_at.desc())
    )
    return {one.person_id: one.ProgressCommittee for one in rows}


# ---------------------------------------------------------------- sessions


async def get_session(db: AsyncSession, actor: Actor, committee_id: int) -> ProgressCommittee:
    """With its members, when the actor may know of it."""
    found = await db.scalar(
        sa.select(ProgressCommittee)
        .where(ProgressCommittee.id == committee_id, policy.visible_sessions(actor))
        .options(*WHOLE)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


async def load_session(db: AsyncSession, committee_id: int) -> ProgressCommittee:
    """As it is now. Load it through the actor before."""
    found = await db.scalars(
        sa.select(ProgressCommittee)
        .where(ProgressCommittee.id == committee_id)
        .options(*WHOLE)
        .execution_options(populate_existing=True)
    )
    return found.one()


async def lock_session(db: AsyncSession, committee_id: int) -> ProgressCommittee:
    """Every write about a session or its reviews begins here; then comes the review."""
    await db.execute(
        sa.select(ProgressCommittee.id)
        .where(ProgressCommittee.id == committee_id)
        .with_for_update(key_share=True)
    )
    return await load_session(db, committee_id)


async def list_sessions(db: AsyncSession, actor: Actor) -> Sequence[ProgressCommittee]:
    """Those that the actor may know of: planned first, the soonest at the top; then the others."""
    is_over = ProgressCommittee.state != CommitteeState.PLANNED
    away = sa.func.abs(sa.extract("epoch", ProgressCommittee.starts_at - clock.now()))
    found = await db.scalars(
        sa.select(ProgressCommittee)
        .where(policy.visible_sessions(actor))
        .options(joinedload(ProgressCommittee.structure), joinedload(ProgressCommittee.site))
        .order_by(is_over, away, ProgressCommittee.id)
        .limit(100)
    )
    return found.all()


async def list_names_on(
    db: AsyncSession, actor: Actor, committees: Sequence[ProgressCommittee]
) -> dict[int, list[str]]:
    """By session, the people on its agenda of whom the actor may read."""
    rows = await db.execute(
        sa.select(ProgressReview.committee_id, Person)
        .join(ProgressReview.committee)
        .join(Person, Person.id == ProgressReview.person_id)
        .where(
            ProgressReview.committee_id.in_([one.id for one in committees]),
            policy.visible_reviews(actor),
        )
        .order_by(plain(Person.given_name), ProgressReview.id)
    )
    found: dict[int, list[str]] = {}
    for committee_id, person in rows:
        found.setdefault(committee_id, []).append(person.name)
    return found


async def list_people_to_review(db: AsyncSession, actor: Actor) -> list[tuple[int, str]]:
    """People in test for whom the actor may call a committee, as the options of a list."""
    names = await _people_in_test(db, policy.reviewable_people(actor))
    return sorted(names.items(), key=lambda one: (one[1].casefold(), one[0]))


async def list_group_of(db: AsyncSession, people: Sequence[int]) -> list[int]:
    """Who follows some people today."""
    found = await db.scalars(
        sa.select(FollowUpMember.member_id)
        .where(
            FollowUpMember.person_id.in_(people),
            FollowUpMember.during.contains(clock.today()),
        )
        .distinct()
        .order_by(FollowUpMember.member_id)
    )
    return list(found)


async def structure_of(db: AsyncSession, person_id: int) -> int | None:
    """Who carries the path under way, else who signed the last agreement."""
    path = sa.select(Path.structure_id).where(Path.person_id == person_id, Path.closed_on.is_(None))
    signed = (
        sa.select(Agreement.structure_id)
        .where(Agreement.person_id == person_id)
        .order_by(Agreement.id.desc())
        .limit(1)
    )
    return await db.scalar(path) or await db.scalar(signed)
