"""The only writer of ``item_claim``: every way to hold or free an item goes through here.

Three steps, always in this order: lock the items (all of them, sorted by id, so that nobody waits
in a circle), look at what the rules need, write. The exclusion constraint is the guarantee; the
lock makes the answer quick and friendly.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core import clock
from couveuse.core.contacts import shown_phone
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.equipment.models import (
    Booking,
    BookingState,
    ClaimKind,
    Item,
    ItemClaim,
    Outage,
    item_companion,
)
from couveuse.equipment.rules import Clash
from couveuse.people.models import Person

MINUTE = dt.timedelta(minutes=1)
COMPANION_GONE = N_("Ces deux matériels ne vont pas ensemble. Choisissez-en un autre.")


async def lock_set(db: AsyncSession, item_id: int, companion_id: int | None) -> list[Item]:
    """Lock an item with its companions (or the one chosen) and return them, the item first.

    Rows are locked in the order of their ids, in one statement; nothing that only refers to the
    items waits (FOR NO KEY UPDATE).
    """
    theirs = sa.select(item_companion.c.companion_id).where(item_companion.c.item_id == item_id)
    if companion_id is not None:
        theirs = theirs.where(item_companion.c.companion_id == companion_id)
    order = (
        sa.select(item_companion.c.position)
        .where(item_companion.c.item_id == item_id, item_companion.c.companion_id == Item.id)
        .scalar_subquery()
    )
    rows = await db.execute(
        sa.select(Item, order)
        .where(sa.or_(Item.id == item_id, Item.id.in_(theirs)))
        .order_by(Item.id)
        .options(joinedload(Item.site, innerjoin=True))
        .with_for_update(of=Item, key_share=True)
        .execution_options(populate_existing=True)
    )
    found = {item.id: (item, position) for item, position in rows}
    main, _ = found.pop(item_id)
    if companion_id is not None and not found:
        raise Refused(Reason("companion_gone", COMPANION_GONE))
    ordered = sorted(found.values(), key=lambda pair: (pair[1], pair[0].id))
    return [main, *(item for item, _ in ordered)]


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
    assert during.lower is not None  # noqa: S101, bounded by a constraint
    assert during.upper is not None  # noqa: S101
    return Range(
        during.lower - item.buffer_before_minutes * MINUTE,
        during.upper + item.buffer_after_minutes * MINUTE,
    )


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
    overlaps = sa.or_(
        *(
            sa.and_(ItemClaim.item_id == item.id, ItemClaim.during.overlaps(claimed(item, during)))
            for item in items
        )
    )
    statement = (
        sa.select(
            ItemClaim.item_id,
            ItemClaim.unit,
            sa.func.lower(sa.func.coalesce(Booking.during, Outage.during)).label("start"),
            sa.func.upper(sa.func.coalesce(Booking.during, Outage.during)).label("end"),
            Booking.id.label("booking_id"),
            Booking.answer_by,
            Booking.state,
            Outage.reason,
            Person.id.label("person_id"),
            Person.given_name,
            Person.family_name,
            Person.phone,
            Person.phone_shared,
        )
        .outerjoin(Booking, Booking.id == ItemClaim.booking_id)
        .outerjoin(Person, Person.id == Booking.person_id)
        .outerjoin(Outage, Outage.id == ItemClaim.outage_id)
        .where(overlaps)
        .order_by(sa.func.lower(ItemClaim.during))
    )
    if besides is not None:
        statement = statement.where(ItemClaim.booking_id.is_distinct_from(besides))
    found: dict[int, list[Clash]] = {item.id: [] for item in items}
    for row in await db.execute(statement):
        found[row.item_id].append(_clash(row))
    return found


def _clash(row: Any) -> Clash:
    return Clash(
        start=row.start,
        end=row.end,
        unit=row.unit,
        who=f"{row.given_name} {row.family_name}" if row.booking_id else None,
        why=row.reason,
        phone=shown_phone(row.phone) if row.phone and row.phone_shared else None,
        booking_id=row.booking_id,
        person_id=row.person_id,
        lapses_at=row.answer_by if row.state == BookingState.REQUESTED else None,
    )


def hold_for_booking(db: AsyncSession, booking: Booking, held: Sequence[tuple[Item, int]]) -> None:
    """Claim one unit of each item for a booking."""
    db.add_all(
        ItemClaim(
            item_id=item.id,
            unit=unit,
            during=claimed(item, booking.during),
            kind=ClaimKind.BOOKING,
            booking_id=booking.id,
        )
        for item, unit in held
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
