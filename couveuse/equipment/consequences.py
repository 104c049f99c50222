"""Which bookings to come a change of an item would upset."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from couveuse.core import clock, journal
from couveuse.core.actor import Role
from couveuse.core.db import ends
from couveuse.core.errors import Reason
from couveuse.core.i18n import N_
from couveuse.equipment.models import HOLDING, Audience, Booking, Item, ItemClaim
from couveuse.equipment.queries import list_bookings_between
from couveuse.people.models import Membership

NAMED_AT_MOST = 5
"""A refusal names that many bookings, and counts the others."""

FEWER_UNITS = N_(
    "%(who)s a réservé une place en trop : %(slot)s. Déplacez ou annulez d'abord cette réservation."
)
OTHER_CLOCK = N_(
    "Ce lieu a une autre heure locale, et %(who)s a réservé %(slot)s. "
    "Déplacez ou annulez d'abord cette réservation."
)
COMPANION_TAKEN = N_(
    "%(who)s a réservé les deux ensemble : %(slot)s. Déplacez ou annulez d'abord cette réservation."
)
SHUT_OUT = N_(
    "%(who)s n'est pas de cette structure et a réservé %(slot)s. "
    "Annulez d'abord cette réservation, ou laissez le matériel ouvert au réseau."
)
AND_OTHERS = N_("%(n)s autres réservations à venir sont dans le même cas.")


async def list_bookings_to_come(db: AsyncSession, item: Item) -> list[Booking]:
    """Bookings that hold the item, alone or as a companion, and are not over."""
    now = clock.now()
    found = await list_bookings_between(db, item.id, Range(now, None))
    return [one for one in found if one.during.upper and one.during.upper > now]


async def list_coming(db: AsyncSession, *wanted: sa.ColumnElement[bool]) -> list[Booking]:
    """Those bookings that hold and are not over, with all that ``named`` says of them."""
    found = await db.scalars(
        sa.select(Booking)
        .join(Booking.item)
        .join(Item.site)
        .where(Booking.state.in_(HOLDING), sa.func.upper(Booking.during) > clock.now(), *wanted)
        .options(contains_eager(Booking.item).contains_eager(Item.site), joinedload(Booking.person))
        .order_by(sa.func.lower(Booking.during), Booking.id)
    )
    return list(found)


@dataclass(frozen=True, slots=True)
class Prospect:
    """What an item would become, as far as bookings rest on it."""

    capacity: int
    zone: str
    companion_ids: Collection[int]
    structure_id: int
    audience: str


def prospect_of(item: Item) -> Prospect:
    return Prospect(
        capacity=item.capacity,
        zone=item.site.time_zone,
        companion_ids=frozenset(one.id for one in item.companions),
        structure_id=item.structure_id,
        audience=item.audience,
    )


async def reasons_against(db: AsyncSession, item: Item, then: Prospect) -> list[Reason]:
    """The bookings to come that the change would upset; none means that it may be made."""
    now = prospect_of(item)
    if now == then:
        return []
    coming = await list_bookings_to_come(db, item)
    found: list[Reason] = []
    if then.capacity < now.capacity:
        over = await _booked_above(db, item, then.capacity)
        found += named(FEWER_UNITS, (one for one in coming if one.id in over), "capacity")
    if then.zone != now.zone:
        found += named(OTHER_CLOCK, (one for one in coming if one.item_id == item.id), "site_id")
    gone = set(now.companion_ids) - set(then.companion_ids)
    upset = (one for one in coming if one.item_id == item.id and one.companion_id in gone)
    found += named(COMPANION_TAKEN, upset, "companions")
    if then.audience == Audience.STRUCTURE and (then.structure_id, then.audience) != (
        now.structure_id,
        now.audience,
    ):
        insiders = await _insiders(db, then.structure_id)
        out = (one for one in coming if one.person_id not in insiders)
        found += named(SHUT_OUT, out, "audience")
    return found


async def _booked_above(db: AsyncSession, item: Item, unit: int) -> set[int]:
    rows = await db.scalars(
        sa.select(ItemClaim.booking_id).where(
            ItemClaim.item_id == item.id, ItemClaim.unit > unit, ItemClaim.booking_id.is_not(None)
        )
    )
    return {key for key in rows if key is not None}


async def _insiders(db: AsyncSession, structure_id: int) -> set[int]:
    """Who sees what a structure keeps for itself: its members, and coordinators."""
    inside = sa.or_(Membership.structure_id == structure_id, Membership.role == Role.COORDINATOR)
    rows = await db.scalars(
        sa.select(Membership.person_id).where(inside, Membership.during.contains(clock.today()))
    )
    return set(rows)


def named(message: str, bookings: Iterable[Booking], field: str | None = None) -> Iterator[Reason]:
    """The first bookings by name and hour, the others counted."""
    every = list(bookings)
    for booking in every[:NAMED_AT_MOST]:
        yield Reason("booking_in_the_way", message, _who_and_when(booking), field=field)
    if len(every) > NAMED_AT_MOST:
        rest = len(every) - NAMED_AT_MOST
        yield Reason("bookings_in_the_way", AND_OTHERS, {"n": rest}, field=field)


def _who_and_when(booking: Booking) -> dict[str, str]:
    zone = clock.zone_named(booking.item.site.time_zone)
    slot = journal.slot_text(*ends(booking.during), zone)
    return {"who": booking.person.name, "slot": slot}
