"""Making an item unavailable for a time, and giving it back."""

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.clock import zone_named
from couveuse.core.db import atomic
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.equipment import claims, queries
from couveuse.equipment.actions.changing import Changed, clear_the_way
from couveuse.equipment.actions.telling import slot_of
from couveuse.equipment.consequences import named
from couveuse.equipment.forms import OutageForm
from couveuse.equipment.models import Item, Outage

IN_THE_WAY = N_(
    "%(who)s a réservé %(slot)s. Cochez la case pour annuler cette réservation et prévenir "
    "la personne, ou changez les dates."
)


@atomic
async def block_item(db: AsyncSession, actor: Actor, item: Item, asked: OutageForm) -> Outage:
    """Make an item unavailable for a time.

    Bookings in the way are named and refuse it, or are cancelled with the reason when asked for.
    """
    zone = zone_named(item.site.time_zone)
    during = asked.during(zone)
    await claims.lock_items(db, [item.id])
    await db.refresh(item, ["capacity"])
    in_the_way = await queries.list_bookings_between(db, item.id, during)
    if in_the_way and not asked.cancel_bookings:
        raise Refused(*named(IN_THE_WAY, in_the_way))
    await clear_the_way(db, actor, in_the_way, asked.reason)
    outage = Outage(
        item_id=item.id,
        during=during,
        kind=asked.kind,
        reason=asked.reason,
        created_by_id=actor.person_id,
        created_at=clock.now(),
    )
    db.add(outage)
    await db.flush()  # the claims need its id
    claims.hold_for_outage(db, outage, item)
    journal.record(db, actor, "item.blocked", item.id, reason=asked.reason, **slot_of(during, item))
    return outage


@atomic
async def lift_outage(db: AsyncSession, actor: Actor, outage: Outage) -> None:
    """Give the item back to bookings from now on."""
    await claims.lock_items(db, [outage.item_id])
    await db.refresh(outage, ["lifted_at"])
    if outage.lifted_at is not None:
        raise Changed
    outage.lifted_at = clock.now()
    await claims.free_outage(db, outage)
    journal.record(
        db, actor, "item.unblocked", outage.item_id, **slot_of(outage.during, outage.item)
    )
