"""The only writer of ``item_claim``: every way to hold or free an item goes through here.

Three steps, always in this order: lock the items (all of them, sorted by id, so that nobody waits
in a circle), look at what the rules need, write. The exclusion constraint is the guarantee; the
lock makes the answer quick and friendly.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, NamedTuple

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.contacts import shown_phone
from couveuse.core.db import ends
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.core.prepared import Prepared, put_beside, records
from couveuse.equipment.models import (
    Booking,
    BookingState,
    ClaimKind,
    Item,
    ItemClaim,
    Outage,
    item_companion,
    item_requirement,
)
from couveuse.equipment.rules import Clash
from couveuse.people.models import Membership, Person, Qualification
from couveuse.people.queries import holds_paper
from couveuse.structures.models import Site

MINUTE = dt.timedelta(minutes=1)
COMPANION_GONE = N_("Ces deux matériels ne vont pas ensemble. Choisissez-en un autre.")


_MAIN = sa.bindparam("item_id", type_=sa.BigInteger)
_CHOSEN = sa.bindparam("companion_id", type_=sa.BigInteger)
_THEIRS = sa.select(item_companion.c.companion_id).where(
    item_companion.c.item_id == _MAIN,
    sa.or_(_CHOSEN.is_(None), item_companion.c.companion_id == _CHOSEN),
)
_ORDER = (
    sa.select(item_companion.c.position)
    .where(item_companion.c.item_id == _MAIN, item_companion.c.companion_id == Item.id)
    .scalar_subquery()
)
_HAS_PAPER = holds_paper(
    sa.bindparam("person_id", type_=sa.BigInteger),
    Qualification.id,
    sa.bindparam("first", type_=sa.Date),
    sa.bindparam("last", type_=sa.Date),
)
_MISSING = (
    sa.select(Qualification.name)
    .join(item_requirement, item_requirement.c.qualification_id == Qualification.id)
    .where(item_requirement.c.item_id == Item.id, ~_HAS_PAPER)
    .order_by(Qualification.name)
    .scalar_subquery()
)
_SEAT = (
    sa.select(Membership.id)
    .where(
        Membership.person_id == sa.bindparam("person_id", type_=sa.BigInteger),
        Membership.during.contains(sa.bindparam("first", type_=sa.Date)),
    )
    .order_by(Membership.id)
    .limit(1)
)


def _set(*, locked: bool) -> Prepared:
    """An item and what it goes with, in the order of their ids.

    ``locked``: nobody ends the membership under which the slot begins before this transaction
    ends. It comes first: whoever ends one holds it before the items.
    """
    seat = (_SEAT.with_for_update(read=True) if locked else _SEAT).cte("seat")
    statement = (
        sa.select(
            Item.__table__,
            Site.__table__,
            _ORDER,
            sa.func.array(_MISSING, type_=ARRAY(sa.Text)),
            sa.exists(sa.select(seat.c.id)),
        )
        .join(Site, Site.id == Item.site_id)
        .where(sa.or_(Item.id == _MAIN, Item.id.in_(_THEIRS)))
        .order_by(Item.id)
    )
    return Prepared(statement.with_for_update(of=Item, key_share=True) if locked else statement)


_LOCK_SET, _READ_SET = _set(locked=True), _set(locked=False)


class Member(NamedTuple):
    """An item of a set, and what it asks of the person."""

    item: Item
    missing: Sequence[str]
    """Required papers that the person does not hold on all days of the slot."""
    is_member: bool
    """Whether the person belongs to the network on the first day of the slot."""


async def read_set(
    db: AsyncSession,
    item_id: int,
    companion_id: int | None,
    person_id: int,
    days: tuple[dt.date, dt.date],
    *,
    locked: bool,
) -> list[Member]:
    """An item with its companions (or the one chosen), the item first.

    ``days``: the first and the last of the slot, for the papers and the membership.

    ``locked``, for who is about to write: rows are locked in the order of their ids, in one
    statement; nothing that only refers to the items waits (FOR NO KEY UPDATE).
    """
    rows = await (_LOCK_SET if locked else _READ_SET).all(
        db,
        item_id=item_id,
        companion_id=companion_id,
        person_id=person_id,
        first=days[0],
        last=days[1],
    )
    found = {member.item.id: (position, member) for position, member in map(_member, rows)}
    _, main = found.pop(item_id)
    if companion_id is not None and not found:
        raise Refused(Reason("companion_gone", COMPANION_GONE))
    ordered = sorted(found.items(), key=lambda pair: (pair[1][0], pair[0]))
    return [main, *(member for _, (_, member) in ordered)]


def _member(row: asyncpg.Record) -> tuple[int | None, Member]:
    item, site = records(row, Item, Site)
    put_beside(item, site=site)
    position, missing, is_member = row[-3:]
    return position, Member(item, missing, is_member)


async def lock_items(db: AsyncSession, item_ids: Collection[int]) -> None:
    """Lock items by id, in the same order as everybody else."""
    await db.execute(
        sa.select(Item.id)
        .where(Item.id.in_(item_ids))
        .order_by(Item.id)
        .with_for_update(key_share=True)
    )


def claimed(item: Item, during: Range[dt.datetime]) -> Range[dt.datetime]:
    """The span with the item's buffers around it."""
    start, end = ends(during)
    return Range(
        start - item.buffer_before_minutes * MINUTE, end + item.buffer_after_minutes * MINUTE
    )


UNITS_TAKEN = (
    sa.select(sa.func.count(ItemClaim.unit.distinct()))
    .where(
        ItemClaim.item_id == Item.id,
        ItemClaim.during.op("&&")(sa.bindparam("during", type_=TSTZRANGE)),
    )
    .scalar_subquery()
)
"""For a first look at an item: units held in a span, without its buffers."""
_SPAN = sa.func.coalesce(Booking.during, Outage.during)


@cache
def _clashes(count: int) -> Prepared:
    """For so many items, each with its span. With the pairs in arrays PostgreSQL would make a new
    plan each time."""
    pairs = (
        sa.and_(
            ItemClaim.item_id == sa.bindparam(f"item_{n}", type_=sa.BigInteger),
            ItemClaim.during.op("&&")(sa.bindparam(f"span_{n}", type_=TSTZRANGE)),
        )
        for n in range(count)
    )
    return Prepared(
        sa.select(
            ItemClaim.item_id,
            sa.func.lower(_SPAN).label("start"),
            sa.func.upper(_SPAN).label("end"),
            ItemClaim.unit,
            ItemClaim.booking_id,
            Booking.state,
            Booking.answer_by,
            Outage.reason,
            Booking.person_id,
            (Person.given_name + " " + Person.family_name).label("name"),
            sa.case((Person.phone_shared, Person.phone)).label("phone"),
        )
        .select_from(ItemClaim)
        .outerjoin(Booking, Booking.id == ItemClaim.booking_id)
        .outerjoin(Person, Person.id == Booking.person_id)
        .outerjoin(Outage, Outage.id == ItemClaim.outage_id)
        .where(
            sa.or_(*pairs),
            ItemClaim.booking_id.is_distinct_from(sa.bindparam("besides", type_=sa.BigInteger)),
        )
        .order_by(sa.func.lower(ItemClaim.during))
    )


NONE = 0
"""No booking has this id."""


async def list_clashes(
    db: AsyncSession,
    items: Sequence[Item],
    during: Range[dt.datetime],
    *,
    besides: int | None = None,
) -> dict[int, list[Clash]]:
    """What already holds the items in a span (buffers included), by item, earliest first.

    ``besides`` leaves one booking out: the one being moved.
    """
    asked: dict[str, Any] = {"besides": besides or NONE}
    for n, item in enumerate(items):
        asked |= {f"item_{n}": item.id, f"span_{n}": _sent(claimed(item, during))}
    rows = await _clashes(len(items)).all(db, **asked)
    found: dict[int, list[Clash]] = {item.id: [] for item in items}
    for row in rows:
        found[row["item_id"]].append(_clash(row))
    return found


def _sent(span: Range[dt.datetime]) -> asyncpg.Range[dt.datetime]:
    return asyncpg.Range(span.lower, span.upper)


def _clash(row: asyncpg.Record) -> Clash:
    return Clash(
        start=row["start"],
        end=row["end"],
        unit=row["unit"],
        who=row["name"],
        why=row["reason"],
        phone=shown_phone(row["phone"]) if row["phone"] else None,
        booking_id=row["booking_id"],
        person_id=row["person_id"],
        lapses_at=row["answer_by"] if row["state"] == BookingState.REQUESTED else None,
    )


_HOLD = Prepared(
    sa.insert(ItemClaim).from_select(
        ["item_id", "unit", "during", "kind", "booking_id"],
        sa.select(
            sa.func.unnest(sa.bindparam("item_ids", type_=ARRAY(sa.BigInteger))),
            sa.func.unnest(sa.bindparam("units", type_=ARRAY(sa.Integer))),
            sa.func.unnest(sa.bindparam("spans", type_=ARRAY(TSTZRANGE))),
            sa.literal(ClaimKind.BOOKING, sa.Text),
            sa.bindparam("of_booking", type_=sa.BigInteger),
        ),
    )
)


async def hold_for_booking(
    db: AsyncSession, booking: Booking, held: Sequence[tuple[Item, int]]
) -> None:
    """Claim one unit of each item for a booking that the database knows."""
    await _HOLD.all(
        db,
        item_ids=[item.id for item, _ in held],
        units=[unit for _, unit in held],
        spans=[_sent(claimed(item, booking.during)) for item, _ in held],
        of_booking=booking.id,
    )


def hold_for_outage(db: AsyncSession, outage: Outage, item: Item) -> None:
    """Claim every unit of the item, without buffers."""
    db.add_all(
        ItemClaim(
            item_id=item.id,
            unit=unit,
            during=outage.during,
            kind=outage.kind,
            outage_id=outage.id,
        )
        for unit in range(1, item.capacity + 1)
    )


async def shrink_booking(db: AsyncSession, booking: Booking) -> None:
    """Hold less than before, on the same units.

    What is left of a claim is free of others for sure, even if the buffers have grown since.
    """
    span = sa.func.tstzrange(
        sa.func.lower(Booking.during) - Item.buffer_before_minutes * MINUTE,
        sa.func.upper(Booking.during) + Item.buffer_after_minutes * MINUTE,
    )
    await db.execute(
        sa.update(ItemClaim)
        .where(
            ItemClaim.booking_id == booking.id,
            Booking.id == ItemClaim.booking_id,
            Item.id == ItemClaim.item_id,
        )
        .values(during=ItemClaim.during.op("*")(span))
        .execution_options(synchronize_session=False)
    )


async def free_booking(db: AsyncSession, booking: Booking) -> None:
    await db.execute(sa.delete(ItemClaim).where(ItemClaim.booking_id == booking.id))


async def free_outage(db: AsyncSession, outage: Outage) -> None:
    await db.execute(sa.delete(ItemClaim).where(ItemClaim.outage_id == outage.id))


async def fit_outages(db: AsyncSession, item: Item) -> None:
    """An outage holds every unit: hold anew those of an item whose number of units changed."""
    over = sa.func.upper(Outage.during) <= clock.now()
    standing = sa.select(Outage).where(Outage.item_id == item.id, Outage.lifted_at.is_(None), ~over)
    for outage in (await db.scalars(standing)).all():
        await free_outage(db, outage)
        hold_for_outage(db, outage, item)
