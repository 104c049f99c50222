"""What the end of memberships touches."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from couveuse.core import clock
from couveuse.equipment.models import HOLDING, Booking, Item
from couveuse.people.models import Membership
from couveuse.structures.models import Site


@dataclass(frozen=True, slots=True)
class Touched:
    """What the end of memberships touches."""

    last_day: dt.date
    bookings: Sequence[Booking]
    """To come, beginning after that day."""
    items: Sequence[Item]
    """In service, that the person is in charge of or stands in for."""
    stays_member: bool
    """Another membership goes on after that day: bookings and items may be kept."""


async def list_bookings_after(
    db: AsyncSession, person_id: int, last_day: dt.date
) -> Sequence[Booking]:
    """A person's bookings that hold and begin after a day where the item is, and have not begun."""
    begins = sa.func.lower(Booking.during)
    found = await db.scalars(
        sa.select(Booking)
        .join(Booking.item)
        .join(Item.site)
        .where(
            Booking.person_id == person_id,
            Booking.state.in_(HOLDING),
            begins >= clock.now(),
            sa.cast(sa.func.timezone(Site.time_zone, begins), sa.Date) > last_day,
        )
        .options(contains_eager(Booking.item).contains_eager(Item.site), joinedload(Booking.person))
        .order_by(sa.func.lower(Booking.during))
    )
    return found.all()


async def list_items_of(db: AsyncSession, person_id: int) -> Sequence[Item]:
    """Items in service that the person is in charge of, or stands in for."""
    found = await db.scalars(
        sa.select(Item)
        .where(
            sa.or_(Item.manager_id == person_id, Item.deputy_id == person_id),
            Item.retired_on.is_(None),
        )
        .order_by(Item.name)
    )
    return found.all()


async def what_ending_touches(
    db: AsyncSession, person_id: int, memberships: Sequence[Membership], last_day: dt.date
) -> Touched:
    """What these memberships of the person leave behind when they end on that day."""
    others = sa.select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.id.not_in([one.id for one in memberships]),
        Membership.during.contains(last_day + dt.timedelta(days=1)),
    )
    return Touched(
        last_day=last_day,
        bookings=await list_bookings_after(db, person_id, last_day),
        items=await list_items_of(db, person_id),
        stays_member=bool(await db.scalar(sa.select(others.exists()))),
    )
