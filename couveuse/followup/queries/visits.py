"""Visits to come and past, the round of a day, and who was not seen for long."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.words import plain
from couveuse.followup import policy
from couveuse.followup.models import Visit, VisitPerson, VisitState
from couveuse.followup.policy import Standing
from couveuse.people.models import Person

LIMIT = 60
WHOLE = (
    joinedload(Visit.mentor),
    joinedload(Visit.site),
    joinedload(Visit.structure),
    selectinload(Visit.plots),
    selectinload(Visit.people).joinedload(VisitPerson.person),
)


def _visits(actor: Actor) -> sa.Select[Visit]:
    return (
        sa.select(Visit)
        .join(Person, Person.id == Visit.person_id)
        .where(policy.visible_visits(actor))
        .options(contains_eager(Visit.person))
    )


async def get_visit(db: AsyncSession, actor: Actor, visit_id: int) -> Visit:
    """The visit with who came and where, when the actor may know of it."""
    found = await db.scalar(_visits(actor).where(Visit.id == visit_id).options(*WHOLE))
    if found is None:
        raise NotVisible
    return found


async def load_visit(db: AsyncSession, visit_id: int) -> Visit:
    """As it is now, whatever was read before. Load it through the actor first."""
    found = await db.scalars(
        sa.select(Visit)
        .where(Visit.id == visit_id)
        .options(joinedload(Visit.person), *WHOLE)
        .execution_options(populate_existing=True)
    )
    return found.one()


async def lock_visit(db: AsyncSession, visit_id: int) -> Visit:
    """Every write about a visit or its report begins here; then comes the report."""
    found = await db.scalars(
        sa.select(Visit)
        .where(Visit.id == visit_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found.one()


async def get_standing(db: AsyncSession, actor: Actor, person_id: int) -> Standing:
    """What the actor is to somebody. Load the person or the visit through the actor before."""
    found = await db.execute(
        sa.select(policy.is_member_today(actor), policy.reads_follow_up(actor)).where(
            Person.id == person_id
        )
    )
    is_member, reads = found.one()
    return Standing(actor.person_id == person_id, is_member, reads)


async def list_coming(db: AsyncSession, actor: Actor, *, limit: int = LIMIT) -> Sequence[Visit]:
    """Planned, and not yet said to have taken place; the first to come first."""
    found = await db.scalars(
        _visits(actor)
        .where(Visit.state == VisitState.PLANNED)
        .options(joinedload(Visit.mentor), joinedload(Visit.site))
        .order_by(Visit.starts_at, Visit.id)
        .limit(limit)
    )
    return found.all()


async def list_own_coming(db: AsyncSession, actor: Actor, *, limit: int = 6) -> Sequence[Visit]:
    """The actor's own, as the person or the mentor, those that wait for an answer included."""
    found = await db.scalars(
        _visits(actor)
        .where(
            Visit.state == VisitState.PLANNED,
            sa.or_(Visit.person_id == actor.person_id, Visit.mentor_id == actor.person_id),
        )
        .options(joinedload(Visit.mentor), joinedload(Visit.site))
        .order_by(Visit.starts_at, Visit.id)
        .limit(limit)
    )
    return found.all()


async def list_past(
    db: AsyncSession, actor: Actor, person_id: int | None = None, *, limit: int = LIMIT
) -> Sequence[Visit]:
    """Those that took place, were missed or cancelled; latest first."""
    query = _visits(actor).where(Visit.state != VisitState.PLANNED)
    if person_id:
        query = query.where(Visit.person_id == person_id)
    found = await db.scalars(
        query.options(joinedload(Visit.mentor), joinedload(Visit.site))
        .order_by(Visit.starts_at.desc(), Visit.id)
        .limit(limit)
    )
    return found.all()


async def list_tour(db: AsyncSession, actor: Actor, day: dt.date) -> Sequence[Visit]:
    """The actor's own visits of a day, place by place, in each by hour."""
    start = clock.day_start(day, clock.PARIS)
    end = clock.day_start(day + dt.timedelta(days=1), clock.PARIS)
    found = await db.scalars(
        _visits(actor)
        .outerjoin(Visit.site)
        .where(
            Visit.mentor_id == actor.person_id,
            Visit.starts_at >= start,
            Visit.starts_at < end,
            Visit.state != VisitState.CANCELLED,
        )
        .options(contains_eager(Visit.site), selectinload(Visit.plots))
    )
    visits = list(found)
    first = {}
    for visit in sorted(visits, key=lambda one: one.starts_at):
        first.setdefault(visit.site_id, visit.starts_at)
    return sorted(visits, key=lambda one: (first[one.site_id], one.site_id or 0, one.starts_at))


class Unseen(NamedTuple):
    person: Person
    last: dt.datetime | None
    """Start of the last visit held, by whoever."""
    next: dt.datetime | None


async def list_unseen(db: AsyncSession, actor: Actor, weeks: int) -> list[Unseen]:
    """People whom the actor follows today and nobody visited for so many weeks."""
    last = (
        sa.select(sa.func.max(Visit.starts_at))
        .where(Visit.person_id == Person.id, Visit.state == VisitState.HELD)
        .scalar_subquery()
    )
    coming = (
        sa.select(sa.func.min(Visit.starts_at))
        .where(
            Visit.person_id == Person.id,
            Visit.state == VisitState.PLANNED,
            Visit.starts_at > clock.now() - dt.timedelta(days=1),  # today's may wait for a word
        )
        .scalar_subquery()
    )
    since = clock.now() - dt.timedelta(weeks=weeks)
    rows = await db.execute(
        sa.select(Person, last, coming)
        .where(policy.is_member_today(actor), sa.func.coalesce(last < since, sa.true()))
        .order_by(last.nulls_first(), plain(Person.given_name), Person.id)
        .limit(LIMIT)
    )
    return [Unseen(*row) for row in rows]
