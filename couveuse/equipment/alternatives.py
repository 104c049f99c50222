"""After a refusal: the next free slots of the item, and other items of its kind that are free."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, joinedload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.clock import zone_named
from couveuse.core.errors import Refused
from couveuse.core.prepared import Prepared
from couveuse.equipment.claims import MINUTE, NONE
from couveuse.equipment.forms import BookingForm, MoveForm
from couveuse.equipment.models import (
    Booking,
    Item,
    ItemClaim,
    item_companion,
    item_requirement,
)
from couveuse.equipment.policy import VISIBLE_ITEMS, seen_by
from couveuse.equipment.queries import missing_papers
from couveuse.equipment.rules import Clash, Facts, booking_problems, free_unit
from couveuse.people.models import Paper

LOOK_AHEAD = dt.timedelta(days=21)
MOST_TRIES = 3000
HOPELESS = {"too_short", "too_long", "too_early", "retired", "check_overdue"}
"""What a later hour does not help."""
SPAN = sa.func.tstzrange(
    sa.bindparam("start", type_=sa.TIMESTAMP(timezone=True)),
    sa.bindparam("end", type_=sa.TIMESTAMP(timezone=True)),
)


class Slot(NamedTuple):
    """A free span, in local time of the item's site."""

    start: dt.datetime
    end: dt.datetime

    @property
    def key(self) -> str:
        """What the button of the slot sends: both ends, as the form writes them."""
        ends = (moment.replace(tzinfo=None) for moment in self)
        return "/".join(moment.isoformat(timespec="minutes") for moment in ends)


class Other(NamedTuple):
    id: int
    name: str


class Alternatives(NamedTuple):
    item: Item
    slots: list[Slot]
    items: Sequence[Other]
    """Others of the same category, free at the time asked for."""


async def find_alternatives(
    db: AsyncSession, actor: Actor, item: Item, asked: BookingForm, *, most: int = 3
) -> Alternatives | None:
    """What could be taken instead; None when the time asked for makes no sense.

    The item comes with its companions (``queries.get_item_to_show``).
    """
    try:
        during = asked.during(zone_named(item.site.time_zone))
    except Refused:
        return None
    person_id, day = asked.person_id or actor.person_id, asked.starts_at.date()
    companions = [one for one in item.companions if asked.companion_id in (None, one.id)]
    able = await _who_may_come(db, item, companions, person_id, day)
    slots = [] if able is None else await _free_slots(db, item, able, during, most)
    return Alternatives(item, slots, await _free_items(db, actor, item, during, person_id, day))


async def find_other_slots(
    db: AsyncSession, booking: Booking, asked: MoveForm, *, most: int = 3
) -> Alternatives | None:
    """Where a booking could move instead: its own claim is not in its way."""
    companion_id, own = booking.companion_id, (booking.during.lower, booking.during.upper)
    try:
        during = asked.during(zone_named(booking.item.site.time_zone))
    except Refused:
        return None
    item = (await db.execute(_WITH_COMPANIONS, {"item_id": booking.item_id})).unique().scalar_one()
    companions = [one for one in item.companions if companion_id in (None, one.id)]
    day = asked.starts_at.date()
    able = await _who_may_come(db, item, companions, booking.person_id, day)
    if able is None:
        return Alternatives(item, [], [])
    found = await _free_slots(db, item, able, during, most + 1, booking.id)
    return Alternatives(item, [slot for slot in found if tuple(slot) != own][:most], [])


_WITH_COMPANIONS = (
    sa.select(Item)
    .where(Item.id == sa.bindparam("item_id"))
    .options(joinedload(Item.site), joinedload(Item.companions))
    .execution_options(populate_existing=True)
)


async def _who_may_come(
    db: AsyncSession, item: Item, companions: Sequence[Item], person_id: int, day: dt.date
) -> Sequence[Item] | None:
    """The companions that the person may take. None when no hour helps: papers are missing."""
    ids = [one.id for one in (item, *companions)]
    missing = await missing_papers(db, ids, person_id, day)
    able = [one for one in companions if not missing[one.id]]
    return None if missing[item.id] or (companions and not able) else able


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
    if length % (item.slot_minutes * MINUTE):  # no start puts its end on the grid
        return []
    earliest = max(during.lower, clock.now())
    latest = earliest + LOOK_AHEAD + length
    held = await _held(db, [item, *companions], earliest, latest, besides)
    found: list[Slot] = []
    for start, end in _candidates(item, earliest, length):
        if (found and start < found[-1].end) or not _is_free(item, held[item.id], start, end):
            continue
        problems = _problems(item, start, end)
        if problems & HOPELESS:
            break
        goes = not companions or any(_can_come(one, held[one.id], start, end) for one in companions)
        if goes and not problems:
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


def _is_free(item: Item, held: Sequence[Clash], start: dt.datetime, end: dt.datetime) -> bool:
    """Whether nothing holds some unit in the span, the item's buffers around it."""
    start -= item.buffer_before_minutes * MINUTE
    end += item.buffer_after_minutes * MINUTE
    clashes = [one for one in held if one.start < end and start < one.end]
    return free_unit(item, clashes) is not None


def _can_come(item: Item, held: Sequence[Clash], start: dt.datetime, end: dt.datetime) -> bool:
    return _is_free(item, held, start, end) and not _problems(item, start, end, is_companion=True)


def _problems(
    item: Item, start: dt.datetime, end: dt.datetime, *, is_companion: bool = False
) -> set[str]:
    """What the rules of the item itself say; papers and quotas are the person's."""
    facts = Facts(
        now=clock.now(),
        zone=clock.PARIS if is_companion else zone_named(item.site.time_zone),
        start=start,
        end=end,
        item=item,
        is_companion=is_companion,
    )
    return {reason.code for reason in booking_problems(facts)}


_HELD = Prepared(
    sa.select(
        ItemClaim.item_id,
        ItemClaim.unit,
        sa.func.lower(ItemClaim.during),
        sa.func.upper(ItemClaim.during),
    ).where(
        ItemClaim.item_id == sa.any_(sa.bindparam("item_ids", type_=ARRAY(sa.BigInteger))),
        ItemClaim.during.op("&&")(SPAN),
        ItemClaim.booking_id.is_distinct_from(sa.bindparam("besides", type_=sa.BigInteger)),
    )
)


async def _held(
    db: AsyncSession,
    items: Sequence[Item],
    start: dt.datetime,
    end: dt.datetime,
    besides: int | None,
) -> dict[int, list[Clash]]:
    held: dict[int, list[Clash]] = {item.id: [] for item in items}
    rows = await _HELD.all(db, item_ids=list(held), start=start, end=end, besides=besides or NONE)
    for item_id, unit, begins, ends in rows:
        held[item_id].append(Clash(begins, ends, unit, None))
    return held


def _lacks_a_paper(item_id: sa.ColumnElement[int] | Mapped[int]) -> sa.ColumnElement[bool]:
    """Whether the item requires what the person does not hold on the day."""
    has = sa.exists().where(
        Paper.person_id == sa.bindparam("person_id", type_=sa.BigInteger),
        Paper.qualification_id == item_requirement.c.qualification_id,
        Paper.during.op("@>")(sa.bindparam("day", type_=sa.Date)),
    )
    return sa.exists().where(item_requirement.c.item_id == item_id, ~has)


_PAIRS = item_companion.c.item_id == Item.id
_FREE_ITEMS = Prepared(
    sa.select(Item.id, Item.name)
    .where(
        Item.category == sa.bindparam("category", type_=sa.Text),
        Item.id != sa.bindparam("item_id", type_=sa.BigInteger),
        Item.retired_on.is_(None),
        Item.capacity
        > sa.select(sa.func.count(sa.distinct(ItemClaim.unit)))
        .where(ItemClaim.item_id == Item.id, ItemClaim.during.op("&&")(SPAN))
        .scalar_subquery(),
        VISIBLE_ITEMS,
        ~_lacks_a_paper(Item.id),
        sa.or_(
            ~sa.exists().where(_PAIRS),
            sa.exists().where(_PAIRS, ~_lacks_a_paper(item_companion.c.companion_id)),
        ),
    )
    .order_by(Item.site_id != sa.bindparam("site_id", type_=sa.BigInteger), Item.name, Item.id)
    .limit(3)
)


async def _free_items(
    db: AsyncSession,
    actor: Actor,
    item: Item,
    during: Range[dt.datetime],
    person_id: int,
    day: dt.date,
) -> list[Other]:
    """Items of the same category that the person may take, with a unit free in the span."""
    rows = await _FREE_ITEMS.all(
        db,
        category=item.category,
        item_id=item.id,
        site_id=item.site_id,
        start=during.lower,
        end=during.upper,
        person_id=person_id,
        day=day,
        **seen_by(actor),
    )
    return [Other(*row) for row in rows]
