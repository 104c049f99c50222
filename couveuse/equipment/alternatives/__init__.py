"""After a refusal: the next free slots of the item, and other items of its kind that are free.

What is offered would be taken: it passed the rules of the item and of what it goes with, the papers
of the person and their quotas. Only somebody quicker may come in between.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.clock import zone_named
from couveuse.core.errors import Reason, Refused
from couveuse.equipment.alternatives.others import Other, list_free_items
from couveuse.equipment.alternatives.slots import Slot, list_free_slots
from couveuse.equipment.forms import BookingForm, MoveForm
from couveuse.equipment.models import Booking, Item
from couveuse.equipment.queries import get_item_with_companions
from couveuse.equipment.rules import Days, gap_in
from couveuse.equipment.standing import member_days

ABOUT_THE_FORM = {"once_reused", "not_a_member", "no_such_plot", "companion_gone"}
"""Reasons that come back whatever the hour and the item."""


class Alternatives(NamedTuple):
    item: Item
    slots: Sequence[Slot]
    items: Sequence[Other]
    """Others of the same category, free at the time asked for."""


async def find_alternatives(
    db: AsyncSession, actor: Actor, item: Item, asked: BookingForm, against: Collection[Reason]
) -> Alternatives | None:
    """What could be taken instead; None when the time asked for makes no sense, or would not help.

    The item comes with its companions (``queries.get_item_to_show``).
    """
    if ABOUT_THE_FORM & {reason.code for reason in against}:
        return None
    try:
        during = asked.during(zone_named(item.site.time_zone))
    except Refused:
        return None
    person_id = asked.person_id or actor.person_id
    companions = [one for one in item.companions if asked.companion_id in (None, one.id)]
    slots = await list_free_slots(db, item, companions, during, person_id)
    others = await list_free_items(db, actor, item, during, person_id)
    member = await member_days(db, person_id)
    return Alternatives(item, _begun_in(member, slots), _begun_in(member, others))


async def find_other_slots(
    db: AsyncSession, booking: Booking, asked: MoveForm
) -> Alternatives | None:
    """Where a booking could move instead: its own claim is not in its way."""
    companion_id, item_id, person_id = booking.companion_id, booking.item_id, booking.person_id
    try:
        during = asked.during(zone_named(booking.item.site.time_zone))
    except Refused:
        return None
    item = await get_item_with_companions(db, item_id)
    companions = [one for one in item.companions if companion_id in (None, one.id)]
    slots = await list_free_slots(db, item, companions, during, person_id, moving=booking)
    return Alternatives(item, _begun_in(await member_days(db, person_id), slots), [])


T = TypeVar("T", Slot, Other)


def _begun_in(days: Sequence[Days], offered: Sequence[T]) -> list[T]:
    """Those that begin on a day covered; their start is told where the item is."""
    return [one for one in offered if gap_in(days, one.start.date(), one.start.date()) is None]
