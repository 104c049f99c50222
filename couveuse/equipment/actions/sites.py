"""What bookings have against a change of the site where the items are."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Reason
from couveuse.equipment import claims
from couveuse.equipment.consequences import OTHER_CLOCK, list_coming, named
from couveuse.equipment.models import Item
from couveuse.structures.actions import other_clocks
from couveuse.structures.models import Site


@other_clocks
async def name_booked_by_this_clock(db: AsyncSession, site: Site) -> Iterator[Reason]:
    """Bookings that are not over would silently change their local hours."""
    items = await db.scalars(sa.select(Item.id).where(Item.site_id == site.id))
    await claims.lock_items(db, items.all())
    return named(OTHER_CLOCK, await list_coming(db, Item.site_id == site.id), "time_zone")
