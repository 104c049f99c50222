"""What becomes of bookings and items when their person leaves."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_, gettext
from couveuse.equipment import claims
from couveuse.equipment.actions.changing import clear_the_way
from couveuse.equipment.models import Booking, Item

LEFT = N_("fin de l'appartenance au réseau")

journal.words({"item.handed_over": N_("a changé la personne en charge")})


async def lock_for_departure(
    db: AsyncSession, bookings: Sequence[Booking], items: Sequence[Item]
) -> None:
    """Lock at once all that a departure may change: item after item, it would wait in a circle."""
    held = {item for one in bookings for item in (one.item_id, one.companion_id) if item}
    await claims.lock_items(db, held | {item.id for item in items})


async def cancel_for_departure(
    db: AsyncSession, actor: Actor, bookings: Sequence[Booking], reason: str = LEFT
) -> None:
    """Cancel bookings to come, whatever their cut-off; ``reason`` is a marked sentence."""
    await clear_the_way(db, actor, bookings, gettext(reason))


async def hand_over_items(
    db: AsyncSession, actor: Actor, items: Sequence[Item], leaver_id: int, successor_id: int | None
) -> None:
    """Put somebody else, or nobody, in charge of what the leaver looked after."""
    for item in items:
        if item.manager_id == leaver_id:
            item.manager_id = successor_id
        if item.deputy_id == leaver_id:
            item.deputy_id = successor_id
        if item.deputy_id == item.manager_id:  # nobody stands in for themself
            item.deputy_id = None
        journal.record(db, actor, "item.handed_over", item.id)
