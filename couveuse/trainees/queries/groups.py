"""Who follows whom, and who may."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.words import plain
from couveuse.people.models import Membership, Person
from couveuse.people.policy import visible_people
from couveuse.trainees import policy
from couveuse.trainees.models import Agreement, FollowUpMember, Path


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


async def get_place(db: AsyncSession, actor: Actor, place_id: int) -> FollowUpMember:
    """A place in a group, when the actor may open the file."""
    found = await db.scalar(
        sa.select(FollowUpMember)
        .join(FollowUpMember.person)
        .where(FollowUpMember.id == place_id, policy.visible_trainees(actor))
        .options(joinedload(FollowUpMember.member), joinedload(FollowUpMember.person))
    )
    if found is None:
        raise NotVisible
    return found


async def find_place(
    db: AsyncSession, person_id: int, member_id: int, kind: str, day: dt.date
) -> FollowUpMember | None:
    """The place that somebody has as such on a day, or later."""
    return await db.scalar(
        sa.select(FollowUpMember)
        .where(
            FollowUpMember.person_id == person_id,
            FollowUpMember.member_id == member_id,
            FollowUpMember.kind == kind,
            sa.func.coalesce(sa.func.upper(FollowUpMember.during) > day, sa.true()),
        )
        .order_by(sa.func.lower(FollowUpMember.during))
        .limit(1)
    )


async def list_carriers(db: AsyncSession, person_id: int) -> set[int]:
    """The structures that carry the person's path or signed an agreement with her."""
    found = await db.scalars(
        sa.union(
            sa.select(Path.structure_id).where(Path.person_id == person_id),
            sa.select(Agreement.structure_id).where(Agreement.person_id == person_id),
        )
    )
    return set(found)


async def list_who_may_follow(
    db: AsyncSession, actor: Actor, person_id: int
) -> list[tuple[int, str]]:
    """Those whose role lets read the files they follow, as the options of a list."""
    serving = sa.select(Membership.person_id).where(
        Membership.during.contains(clock.today()), Membership.role.in_(policy.FOLLOWING)
    )
    rows = await db.execute(
        sa.select(Person.id, Person.given_name + " " + Person.family_name)
        .where(visible_people(actor), Person.id.in_(serving), Person.id != person_id)
        .order_by(plain(Person.given_name), plain(Person.family_name), Person.id)
    )
    return [(row[0], row[1]) for row in rows]
