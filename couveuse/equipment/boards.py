"""Reads of the boards: the items one sees, and a week of what holds them.

A board shows hundreds of claims, so its statements are made once and run by the driver
(core/prepared.py).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.clock import Week
from couveuse.core.prepared import Prepared
from couveuse.equipment.models import Booking, BookingState, Item, ItemClaim, Outage
from couveuse.equipment.policy import VISIBLE_ITEMS, seen_by
from couveuse.equipment.week import Claimed, Row, fill_rows, row_of, say_who_has_it
from couveuse.people.models import Person
from couveuse.structures.models import Site

NEXT_DAYS = dt.timedelta(days=14)
"""How far ahead "next" looks."""

_CHECK_DUE_ON = sa.cast(Item.check_done_on + sa.func.make_interval(0, Item.check_months), sa.Date)
_ITEMS = Prepared(
    sa.select(
        Item.id,
        Item.name,
        Item.code,
        Item.site_id,
        Site.name.label("site_name"),
        Item.structure_id,
        Item.category,
        Item.capacity,
        Site.time_zone,
        Item.open_days,
        Item.opens_at,
        Item.closes_at,
        _CHECK_DUE_ON,
    )
    .join(Site, Site.id == Item.site_id)
    .where(Item.retired_on.is_(None), VISIBLE_ITEMS)
    .order_by(Item.category, Item.name, Item.id)
)

_NAME = Person.given_name + " " + Person.family_name
_SPAN = sa.func.coalesce(Booking.during, Outage.during)
_ASKED = sa.func.tstzrange(
    sa.bindparam("start", type_=sa.TIMESTAMP(timezone=True)),
    sa.bindparam("end", type_=sa.TIMESTAMP(timezone=True)),
)


def _claims(*of_booking: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    """Claims between two instants with what they stand for; the columns are those of Claimed."""
    return (
        sa.select(
            ItemClaim.item_id,
            ItemClaim.unit,
            sa.func.lower(_SPAN),
            sa.func.upper(_SPAN),
            sa.func.nullif(sa.func.upper(ItemClaim.during), sa.func.upper(_SPAN)),
            ItemClaim.booking_id,
            Booking.item_id != ItemClaim.item_id,
            Booking.state == BookingState.REQUESTED,
            Booking.person_id,
            _NAME,
            Outage.reason,
        )
        .select_from(ItemClaim)
        .outerjoin(Booking, sa.and_(Booking.id == ItemClaim.booking_id, *of_booking))
        .outerjoin(Person, Person.id == Booking.person_id)
        .outerjoin(Outage, Outage.id == ItemClaim.outage_id)
        .where(ItemClaim.during.op("&&")(_ASKED))
        .order_by(ItemClaim.item_id, sa.func.lower(ItemClaim.during))
    )


def _is_asked_for() -> sa.ColumnElement[bool]:
    """Says again which bookings are meant, as an array of their keys.

    Where a week holds a few hundred claims, PostgreSQL would rather read the whole table of
    bookings than look them up one by one; keys in an array it looks up.
    """
    other = aliased(ItemClaim)
    keys = sa.select(other.booking_id).where(other.during.op("&&")(_ASKED)).scalar_subquery()
    return Booking.id == sa.any_(sa.func.array(keys, type_=ARRAY(sa.BigInteger)))


_OF_ITEM = ItemClaim.item_id == sa.bindparam("item_id", type_=sa.BigInteger)
_ALL_CLAIMS = Prepared(_claims(_is_asked_for()))
_CLAIMS_OF_ITEM = Prepared(_claims().where(_OF_ITEM))

_NEXT = Prepared(
    sa.select(
        Booking.id,
        sa.func.lower(Booking.during),
        sa.func.upper(Booking.during),
        Person.id,
        _NAME,
        Person.phone,
        Person.phone_shared,
        Booking.purpose,
    )
    .select_from(Booking)
    .join(ItemClaim, ItemClaim.booking_id == Booking.id)
    .join(Person, Person.id == Booking.person_id)
    .where(_OF_ITEM, ItemClaim.during.op("&&")(_ASKED))
    .order_by(sa.func.lower(Booking.during))
    .limit(2)
)


class NextHolder(NamedTuple):
    """Who has an item now or next."""

    id: int
    start: dt.datetime
    end: dt.datetime
    person_id: int
    name: str
    phone: str | None
    phone_shared: bool
    """Whether the holder wishes to be called."""
    purpose: str | None


async def list_board_rows(db: AsyncSession, actor: Actor) -> list[Row]:
    """The items in service that the actor sees, by category and name, without their claims yet."""
    return [row_of(*item) for item in await _ITEMS.all(db, **seen_by(actor))]


async def fill_week(db: AsyncSession, actor: Actor | None, rows: Sequence[Row], week: Week) -> None:
    """Put a week of claims in the rows; each item's week begins and ends where the item is.

    The actor's own bookings are marked; on paper, for everybody, there is none.
    """
    if not rows:
        return
    weeks = {zone: week.bounds(zone) for zone in {row.zone for row in rows}}
    start = min(start for start, _ in weeks.values())
    end = max(end for _, end in weeks.values())
    found = await _ALL_CLAIMS.all(db, start=start, end=end)
    fill_rows(rows, map(Claimed._make, found), week, me=actor.person_id if actor else None)
    _say_who_has_them(rows, weeks)


def _say_who_has_them(
    rows: Iterable[Row], weeks: dict[ZoneInfo, tuple[dt.datetime, dt.datetime]]
) -> None:
    now = clock.now()
    present = {zone for zone, (start, end) in weeks.items() if start <= now < end}
    for row in rows:
        if row.zone in present:
            say_who_has_it(row, now)


async def week_of_item(db: AsyncSession, actor: Actor, item: Item, week: Week) -> Row:
    """One item's week, with who has it now when the week is the present one."""
    row = row_of(
        item.id,
        item.name,
        item.code,
        item.site_id,
        item.site.name,
        item.structure_id,
        item.category,
        item.capacity,
        item.site.time_zone,
        item.open_days,
        item.opens_at,
        item.closes_at,
        item.check_due_on,
    )
    start, end = week.bounds(row.zone)
    found = await _CLAIMS_OF_ITEM.all(db, start=start, end=end, item_id=item.id)
    fill_rows([row], map(Claimed._make, found), week, me=actor.person_id, of_one=True)
    _say_who_has_them([row], {row.zone: (start, end)})
    return row


async def list_next_bookings(db: AsyncSession, item_id: int) -> list[NextHolder]:
    """Who has the item now and next: two bookings at most."""
    now = clock.now()
    found = await _NEXT.all(db, item_id=item_id, start=now, end=now + NEXT_DAYS)
    return [NextHolder._make(row) for row in found]
