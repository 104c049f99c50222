"""What the forms offer: whom one follows, who belongs to a group, where somebody grows."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.words import plain
from couveuse.followup import policy
from couveuse.followup.models import Visit
from couveuse.occupancy.models import PlotPeriod, stay_person
from couveuse.people.models import Membership, Person
from couveuse.plots.models import Plot
from couveuse.structures.models import Site
from couveuse.trainees.models import FollowUpMember


async def list_followed(db: AsyncSession, actor: Actor) -> list[tuple[int, str]]:
    """People whom the actor follows today, as the options of a list."""
    found = await db.scalars(
        sa.select(Person)
        .where(policy.is_member_today(actor))
        .order_by(plain(Person.given_name), plain(Person.family_name), Person.id)
    )
    return [(one.id, one.name) for one in found]


async def list_group_people(db: AsyncSession, person_id: int) -> list[Person]:
    """The person first, then who follows them today."""
    members = sa.select(FollowUpMember.member_id).where(
        FollowUpMember.person_id == person_id, FollowUpMember.during.contains(clock.today())
    )
    found = await db.scalars(
        sa.select(Person)
        .where(sa.or_(Person.id == person_id, Person.id.in_(members)))
        .order_by(Person.id != person_id, plain(Person.given_name), Person.id)
    )
    return list(found)


async def list_followers(db: AsyncSession, visit: Visit) -> set[int]:
    """Who gives their time on a visit: who makes it, who follows the person today, and of those
    noted who follows one of them, or did."""
    noted = [one.person_id for one in visit.people]
    found = await db.scalars(
        sa.select(FollowUpMember.member_id).where(
            sa.or_(
                sa.and_(
                    FollowUpMember.person_id == visit.person_id,
                    FollowUpMember.during.contains(clock.today()),
                ),
                sa.and_(
                    FollowUpMember.person_id.in_([visit.person_id, *noted]),
                    FollowUpMember.member_id.in_(noted),
                ),
            )
        )
    )
    return {visit.mentor_id, *found}


async def list_plots_held(db: AsyncSession, person_id: int, day: dt.date) -> list[Plot]:
    """The plots that somebody holds on a day."""
    held = (
        sa.select(PlotPeriod.plot_id)
        .join(stay_person, stay_person.c.stay_id == PlotPeriod.stay_id)
        .where(stay_person.c.person_id == person_id, PlotPeriod.during.contains(day))
    )
    found = await db.scalars(sa.select(Plot).where(Plot.id.in_(held)).order_by(Plot.code))
    return list(found)


async def site_of(db: AsyncSession, person_id: int, day: dt.date) -> Site | None:
    """Where somebody grows on a day; else a site of the structure that they belong to."""
    plots = await list_plots_held(db, person_id, day)
    if plots:
        return await db.get(Site, plots[0].site_id)
    homes = sa.select(Membership.structure_id).where(
        Membership.person_id == person_id, Membership.during.contains(day)
    )
    sites = await db.scalars(
        sa.select(Site).where(Site.structure_id.in_(homes)).order_by(Site.id).limit(2)
    )
    found = sites.all()
    return found[0] if len(found) == 1 else None
