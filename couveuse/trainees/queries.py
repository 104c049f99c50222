"""Reading paths, groups and agreements, always through the person who asks."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.people.models import Person
from couveuse.trainees import policy
from couveuse.trainees.models import Agreement, AgreementPeriod, FollowUpMember, Path


async def get_trainee(db: AsyncSession, actor: Actor, person_id: int) -> Person:
    """The person, when the actor may open her file."""
    found = await db.scalar(
        sa.select(Person).where(Person.id == person_id, policy.visible_trainees(actor))
    )
    if found is None:
        raise NotVisible
    return found


async def find_open_path(db: AsyncSession, person_id: int) -> Path | None:
    """The path under way, with its structure. Load the person through the actor before."""
    return await db.scalar(
        sa.select(Path)
        .where(Path.person_id == person_id, Path.closed_on.is_(None))
        .options(joinedload(Path.structure), joinedload(Path.next_actor))
    )


async def list_group(db: AsyncSession, person_id: int) -> Sequence[FollowUpMember]:
    """Everybody who follows or followed the person, the lead first, those who left last."""
    over = sa.func.coalesce(sa.func.upper(FollowUpMember.during) <= clock.today(), sa.false())
    found = await db.scalars(
        sa.select(FollowUpMember)
        .where(FollowUpMember.person_id == person_id)
        .options(joinedload(FollowUpMember.member))
        .order_by(over, FollowUpMember.is_lead.desc(), FollowUpMember.id)
    )
    return found.all()


async def list_agreements(db: AsyncSession, person_id: int) -> Sequence[Agreement]:
    """All agreements of a person with their periods, the newest first."""
    found = await db.scalars(
        sa.select(Agreement)
        .where(Agreement.person_id == person_id)
        .options(joinedload(Agreement.structure), selectinload(Agreement.periods))
        .order_by(Agreement.id.desc())
    )
    return found.all()


def covers(person_id: sa.ColumnElement[int] | int, day: dt.date) -> sa.ColumnElement[bool]:
    """A signed period of the person holds on that day: what bookings and stays may rest on."""
    return sa.exists().where(
        AgreementPeriod.person_id == person_id,
        AgreementPeriod.document.is_not(None),
        AgreementPeriod.during.contains(day),
    )
