"""Those whom a mentor follows."""

import datetime as dt
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.followup.models import Visit, VisitState
from couveuse.people.models import Person
from couveuse.trainees.models import AgreementPeriod, FollowUpMember, Path


class Followed(NamedTuple):
    """Somebody whom a mentor follows."""

    person_id: int
    name: str
    is_lead: bool
    state: str | None
    """Of her path."""
    last_day: dt.date | None
    """Of her agreement, while there is one."""
    seen_on: dt.datetime | None
    """The last visit of anybody."""


async def list_followed(db: AsyncSession, actor: Actor) -> list[Followed]:
    """Those whom the actor follows today, the first agreement to end first."""
    today = clock.today()
    last_day = (
        sa.select(sa.func.max(sa.func.upper(AgreementPeriod.during)) - 1)
        .where(
            AgreementPeriod.person_id == Person.id,
            AgreementPeriod.document.is_not(None),
            sa.func.upper(AgreementPeriod.during) > today,
        )
        .correlate(Person)
        .scalar_subquery()
    )
    seen_on = (
        sa.select(sa.func.max(Visit.starts_at))
        .where(Visit.person_id == Person.id, Visit.state == VisitState.HELD)
        .correlate(Person)
        .scalar_subquery()
    )
    rows = await db.execute(
        sa.select(
            Person.id,
            Person.given_name + " " + Person.family_name,
            sa.func.bool_or(FollowUpMember.is_lead),
            Path.state,
            last_day,
            seen_on,
        )
        .select_from(FollowUpMember)
        .join(Person, Person.id == FollowUpMember.person_id)
        .outerjoin(Path, sa.and_(Path.person_id == Person.id, Path.closed_on.is_(None)))
        .where(FollowUpMember.member_id == actor.person_id, FollowUpMember.during.contains(today))
        .group_by(Person.id, Path.state)
        .order_by(last_day.asc().nulls_last(), Person.given_name, Person.id)
        .limit(50)
    )
    return [Followed(*row) for row in rows]
