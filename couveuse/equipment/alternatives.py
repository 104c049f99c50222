"""After a refusal: the next free slots of the item, and other items of its kind that are free."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.clock import zone_named
from couveuse.core.errors import Refused
from couveuse.equipment.claims import claimed
from couveuse.equipment.forms import BookingForm, MoveForm
from couveuse.equipment.models import Booking, Item, ItemClaim
from couveuse.equipment.policy import visible_items
from couveuse.equipment.queries import missing_papers
from couveuse.equipment.rules import Clash, Facts, booking_problems

LOOK_AHEAD = dt.timedelta(days=21)
MOST_TRIES = 3000


class Slot(NamedTuple):
    """A free span, in local time of the item's site."""

    start: dt.datetime
    end: dt.datetime

    @property
    def key(self) -> str:
        """What the button of the slot sends: both ends, as the form writes them."""
        ends = (moment.replace(tzinfo=None) for moment in self)
        return "/".join(moment.isoformat(timespec="minutes") for moment in ends)


class Alternatives(NamedTuple):
    item: Item
    slots: list[Slot]
    items: Sequence[Item]
    """Others of the same category, free at the time asked for."""


async def find_alternatives(
    db: AsyncSession, actor: Actor, item: Item, asked: BookingForm, *, most: int = 3
) -> Alternatives | None:
    """What could be taken instead; None when the time asked for makes no sense."""
    try:
        during = asked.during(zone_named(item.site.time_zone))
    except Refused:
        return None
    full = await _with_companions(db, item.id)
    companions = [one for one in full.companions if asked.companion_id in (None, one.id)]
    others = await _free_items(db, actor, full, during)
    # No hour helps somebody who may not drive it, and neither does another one of its kind.
    missing = await missing_papers(
        db,
        sorted({one.id for each in (full, *others) for one in (each, *each.companions)}),
        asked.person_id or actor.person_id,
        asked.starts_at.date(),
    )
    able = [one for one in companions if not missing[one.id]]
    hopeless = missing[full.id] or (companions and not able)
    slots = [] if hopeless else await _free_slots(db, full, able, during, most)
    return Alternatives(full, slots, [one for one in others if _may_drive(one, missing)][:3])


async def find_other_slots(
    db: AsyncSession, booking: Booking, asked: MoveForm, *, most: int = 3
) -> Alternatives | None:
    """Where a booking could move instead: its own claim is not in its way."""
    companion_id, own = booking.companion_id, (booking.during.lower, booking.during.upper)
    try:
        during = asked.during(zone_named(booking.item.site.time_zone))
    except Refused:
        return None
    full = await _with_companions(db, booking.item_id)
    companions = [one for one in full.companions if companion_id in (None, one.id)]
    ids = [one.id for one in (full, *companions)]
    missing = await missing_papers(db, ids, booking.person_id, asked.starts_at.date())
    able = [one for one in companions if not missing[one.id]]
    hopeless = missing[full.id] or (companions and not able)
    found = [] if hopeless else await _free_slots(db, full, able, during, most + 1, booking.id)
    return Alternatives(full, [slot for slot in found if tuple(slot) != own][:most], [])


async def _with_companions(db: AsyncSession, item_id: int) -> Item:
    full = await db.scalar(
        sa.select(Item)
        .where(Item.id == item_id)
        .options(joinedload(Item.site), selectinload(Item.companions))
        .execution_options(populate_existing=True)
    )
    assert full is not None  # noqa: S101, it was just read
    return full


def _may_drive(item: Item, missing: Mapping[int, Sequence[str]]) -> bool:
    """Whether no paper is missing for the item and for one of those that it goes with."""
    pairs = item.companions
    return not missing[item.id] and (not pairs or not all(missing[one.id] for one in pairs))


async def _free_slots(
    db: AsyncSession,
    item: Item,
    companions: Sequence[Item],
    during: Range[dt.datetime],
    most: int,
    besides: int | None = None,
) -> list[Slot]:
    assert during.lower is not None  # noqa: S101
    assert during.upper is not None  # noqa: S101
    length = during.upper - during.lower
    earliest = max(during.lower, clock.now())
    ahead = Range(earliest, earliest + LOOK_AHEAD + length)
    held = await _held(db, [item, *companions], ahead, besides)
    found: list[Slot] = []
    for start, end in _candidates(item, earliest, length):
        fits = _fits(item, held[item.id], start, end) and (
            not companions or any(_fits(one, held[one.id], start, end, True) for one in companions)
        )
        if fits and not (found and start < found[-1].end):
            zone = zone_named(item.site.time_zone)
            found.append(Slot(start.astimezone(zone), end.astimezone(zone)))
        if len(found) == most:
            break
    return found


def _candidates(
    item: Item, earliest: dt.datetime, length: dt.timedelta
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Starts on the grid of the item's local day, one after the other."""
    zone = zone_named(item.site.time_zone)
    local = earliest.astimezone(zone).replace(second=0, microsecond=0)
    step = dt.timedelta(minutes=max(item.slot_minutes, 15))
    midnight = local.replace(hour=0, minute=0)
    start = midnight + -(-(local - midnight) // step) * step
    for _ in range(MOST_TRIES):
        instant = start.astimezone(clock.UTC)
        if instant > earliest + LOOK_AHEAD:
            return
        yield instant, instant + length
        start += step


def _fits(
    item: Item,
    held: Sequence[Clash],
    start: dt.datetime,
    end: dt.datetime,
    is_companion: bool = False,
) -> bool:
    """Whether the rules of the item itself allow the span; papers and quotas are the person's."""
    span = claimed(item, Range(start, end))
    assert span.lower is not None  # noqa: S101
    assert span.upper is not None  # noqa: S101
    clashes = [one for one in held if one.start < span.upper and span.lower < one.end]
    facts = Facts(
        now=clock.now(),
        zone=zone_named(item.site.time_zone) if not is_companion else clock.PARIS,
        start=start,
        end=end,
        item=item,
        is_companion=is_companion,
        clashes=clashes,
    )
    return not booking_problems(facts)


async def _held(
    db: AsyncSession,
    items: Sequence[Item],
    during: Range[dt.datetime],
    besides: int | None = None,
) -> dict[int, list[Clash]]:
    rows = await db.execute(
        sa.select(
            ItemClaim.item_id,
            ItemClaim.unit,
            sa.func.lower(ItemClaim.during),
            sa.func.upper(ItemClaim.during),
        ).where(
            ItemClaim.item_id.in_([item.id for item in items]),
            ItemClaim.during.overlaps(during),
            sa.or_(ItemClaim.booking_id.is_(None), ItemClaim.booking_id != (besides or 0)),
        )
    )
    held: dict[int, list[Clash]] = {item.id: [] for item in items}
    for item_id, unit, start, end in rows:
        held[item_id].append(Clash(start, end, unit, None))
    return held


async def _free_items(
    db: AsyncSession, actor: Actor, item: Item, during: Range[dt.datetime]
) -> Sequence[Item]:
    """Items of the same category with a unit that nothing holds in the span."""
    taken = (
        sa.select(sa.func.count(sa.distinct(ItemClaim.unit)))
        .where(ItemClaim.item_id == Item.id, ItemClaim.during.overlaps(during))
        .scalar_subquery()
    )
    return (
        await db.scalars(
            sa.select(Item)
            .where(
                Item.category == item.category,
                Item.id != item.id,
                Item.retired_on.is_(None),
                Item.capacity > taken,
                visible_items(actor),
            )
            .options(joinedload(Item.site), selectinload(Item.companions))
            .order_by(Item.site_id != item.site_id, Item.name, Item.id)
            .limit(12)
        )
    ).all()
