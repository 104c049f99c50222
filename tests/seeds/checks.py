"""What must hold in every demonstration, whenever it was made and however often started."""

import datetime as dt
from collections import Counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core.clock import PARIS, Week, zone_named
from couveuse.core.db import ends
from couveuse.core.journal import JournalLine
from couveuse.equipment import queries
from couveuse.equipment.claims import claimed
from couveuse.equipment.models import HOLDING, Booking, Item, ItemClaim
from couveuse.equipment.rules import Facts, booking_problems, local_days
from couveuse.occupancy.models import PlotPeriod
from couveuse.people.models import Person
from couveuse.plots.models import LandEvent, Plot

EVERYTHING = (
    joinedload(Booking.item).joinedload(Item.site),
    joinedload(Booking.companion).joinedload(Item.site),
)


async def per_week(db: AsyncSession) -> Counter[Week]:
    """Bookings that hold or held, by the week of their start."""
    starts = await db.scalars(
        sa.select(sa.func.lower(Booking.during)).where(Booking.state.in_(HOLDING))
    )
    return Counter(Week.of(start.astimezone(PARIS).date()) for start in starts)


async def loose_claims(db: AsyncSession) -> list[str]:
    """Bookings whose claims are not what their state asks for."""
    claims: dict[int, list[tuple[int, Range[dt.datetime]]]] = {}
    for claim in await db.scalars(sa.select(ItemClaim).where(ItemClaim.booking_id.is_not(None))):
        claims.setdefault(claim.booking_id or 0, []).append((claim.item_id, claim.during))
    wrong: list[str] = []
    for booking in await db.scalars(sa.select(Booking).options(*EVERYTHING)):
        items = [item for item in (booking.item, booking.companion) if item]
        wanted = [(item.id, claimed(item, booking.during)) for item in items]
        if sorted(claims.get(booking.id, [])) != sorted(wanted if booking.is_holding else []):
            wrong.append(f"{booking.id} {booking.item.code} {booking.during} {booking.state}")
    return wrong


async def broken_rules(db: AsyncSession, *, since: dt.datetime) -> list[str]:
    """Bookings still to come that their item's rules forbade when they were made."""
    coming = await db.scalars(
        sa.select(Booking)
        .where(Booking.state.in_(HOLDING), sa.func.lower(Booking.during) >= since)
        .options(*EVERYTHING)
    )
    wrong: list[str] = []
    for booking in coming.all():
        zone = zone_named(booking.item.site.time_zone)
        start, end = ends(booking.during)
        days = local_days(start, end, zone)
        items = [item for item in (booking.item, booking.companion) if item]
        missing = await queries.missing_papers(
            db, [item.id for item in items], booking.person_id, *days
        )
        assert await queries.find_member(db, booking.person_id, days[0])
        for item in items:
            facts = Facts(
                now=booking.created_at,
                zone=zone,
                start=start,
                end=end,
                item=item,
                is_companion=item is not booking.item,
                missing=missing[item.id],
            )
            wrong += [f"{item.code} {booking.during}: {one}" for one in booking_problems(facts)]
        wrong += await _over_the_limit(db, booking, days[0])
    return wrong


async def _over_the_limit(db: AsyncSession, booking: Booking, day: dt.date) -> list[str]:
    item = booking.item
    if item.max_open_bookings is None or item.max_week_minutes is None:
        return []
    week = Range(*Week.of(day).bounds(PARIS))
    bookings, minutes = await queries.count_use(db, item.id, booking.person_id, week)
    over = bookings > item.max_open_bookings or minutes > item.max_week_minutes
    return [f"{item.code} {booking.during}: {bookings} bookings, {minutes} min"] if over else []


async def rows_of(db: AsyncSession) -> list[tuple[Any, ...]]:
    """Everything about bookings that two demonstrations of the same day share."""
    rows = await db.execute(
        sa.select(
            Item.code,
            Person.given_name,
            Booking.during,
            Booking.state,
            Booking.created_at,
            Booking.answer_by,
            Booking.decided_at,
            Booking.reason,
            Booking.purpose,
            sa.func.array_agg(ItemClaim.unit),
        )
        .join(Item, Item.id == Booking.item_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(ItemClaim, ItemClaim.booking_id == Booking.id)
        .group_by(Booking.id, Item.code, Person.given_name)
        .order_by(Booking.id)
    )
    return [tuple(row) for row in rows]


async def claims_of(db: AsyncSession) -> list[tuple[Any, ...]]:
    """Plot, kind, days and the rest of every claim on land that two demonstrations share."""
    rows = await db.execute(
        sa.select(
            Plot.code, PlotPeriod.kind, PlotPeriod.during, PlotPeriod.reason, PlotPeriod.created_at
        )
        .join(Plot, Plot.id == PlotPeriod.plot_id)
        .order_by(Plot.code, PlotPeriod.during)
    )
    return [tuple(row) for row in rows]


async def land_of(db: AsyncSession) -> list[tuple[Any, ...]]:
    """Claims, and what is written in the passports and the journal about land."""
    events = await db.execute(
        sa.select(Plot.code, LandEvent.happened_on, LandEvent.title, LandEvent.created_by_id)
        .join(Plot, Plot.id == LandEvent.plot_id)
        .order_by(LandEvent.id)
    )
    told = await db.execute(
        sa.select(JournalLine.at, JournalLine.verb, JournalLine.details)
        .where(JournalLine.subject_kind.in_(("plot", "land_right", "structure")))
        .order_by(JournalLine.id)
    )
    return [*await claims_of(db), *map(tuple, events), *map(tuple, told)]
