"""What items and their bookings have against a change of the site where they are."""

import datetime as dt
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.core.clock import zone_named
from couveuse.core.db import ends
from couveuse.core.errors import Reason
from couveuse.core.i18n import N_
from couveuse.equipment import claims
from couveuse.equipment.consequences import OTHER_CLOCK, list_coming, named
from couveuse.equipment.models import Booking, Item
from couveuse.structures.actions import other_clocks
from couveuse.structures.models import Site
from couveuse.structures.queries import Resting, Thing, rests_on_sites

ITEMS_THERE = N_(
    "Du matériel y est encore en service (%(n)s) : %(names)s. "
    "Changez-le de site, ou retirez-le d'abord du service."
)


@other_clocks
async def name_booked_by_this_clock(db: AsyncSession, site: Site) -> Iterator[Reason]:
    """Bookings that are not over would silently change their local hours."""
    items = await db.scalars(sa.select(Item.id).where(Item.site_id == site.id))
    await claims.lock_items(db, items.all())
    return named(OTHER_CLOCK, await list_coming(db, Item.site_id == site.id), "time_zone")


@rests_on_sites
async def items_there(db: AsyncSession, site_ids: Sequence[int], day: dt.date) -> Resting:
    """Items in service that day."""
    items = await db.scalars(
        sa.select(Item)
        .where(Item.site_id.in_(site_ids), sa.func.coalesce(Item.retired_on > day, sa.true()))
        .order_by(Item.name, Item.id)
    )
    things = [Thing(one.name, "equipment.items.show", {"item_id": one.id}) for one in items]
    return Resting(N_("Matériel en service"), things, ITEMS_THERE)


@rests_on_sites
async def bookings_there(db: AsyncSession, site_ids: Sequence[int], day: dt.date) -> Resting:
    """Bookings to come that end that day or later."""
    last = sa.cast(sa.func.timezone(Site.time_zone, sa.func.upper(Booking.during)), sa.Date)
    bookings = await list_coming(db, Item.site_id.in_(site_ids), last >= day)
    return Resting(N_("Réservations à venir"), [_as_thing(one) for one in bookings])


def _as_thing(booking: Booking) -> Thing:
    slot = journal.slot_text(*ends(booking.during), zone_named(booking.item.site.time_zone))
    text = f"{booking.item.name}, {booking.person.name}, {slot}"
    return Thing(text, "equipment.bookings.show", {"booking_id": booking.id})
