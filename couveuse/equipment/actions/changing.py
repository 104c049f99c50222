"""Moving, cancelling, answering and restoring bookings."""

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.clock import zone_named
from couveuse.core.db import atomic, ends
from couveuse.core.errors import Conflict, Reason, Refused
from couveuse.core.i18n import N_
from couveuse.equipment import claims, policy, queries
from couveuse.equipment.actions.placing import (
    Place,
    find_place,
    opening_state,
    refuse_unless_overridden,
)
from couveuse.equipment.actions.telling import tell
from couveuse.equipment.forms import MoveForm
from couveuse.equipment.models import Booking, BookingState, Item
from couveuse.equipment.rules import agreement_reason, local_days, paper_missing
from couveuse.equipment.standing import find_gap


class Changed(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette réservation a changé entre-temps. Rechargez la page pour voir où elle en est."
        )
        super().__init__(Reason("changed", sentence))


@atomic
async def move_booking(db: AsyncSession, actor: Actor, booking: Booking, asked: MoveForm) -> None:
    """Move, shorten or extend. What needs approval and grows needs it again."""
    item = booking.item
    during = asked.during(zone_named(item.site.time_zone))
    place = await find_place(
        db, item, during, booking.person_id, booking.companion_id, moving=booking
    )
    before = await _fresh(db, booking)
    if not policy.can_move_booking(actor, booking):
        raise Changed
    shrinks = _shrinks(before, during)
    problems = [] if shrinks else _new_problems(place, before, during)
    late = _past_cutoff(actor, booking, during)
    refuse_unless_overridden(actor, place, [*problems, *late], asked.override_reason)
    booking.during = during
    if booking.is_request or not shrinks:
        _write(booking, opening_state(actor, place.held, during))
    if shrinks:
        await claims.shrink_booking(db, booking)
    else:
        await claims.free_booking(db, booking)
        await _hold(db, booking, place)
    await tell(db, actor, "booking.moved", booking, item, before=before)
    _keep_override(db, actor, booking, problems, asked.override_reason)


def _new_problems(
    place: Place, before: Range[dt.datetime], during: Range[dt.datetime]
) -> list[Reason]:
    """Who extends a booking that is running does not ask for its past again."""
    keeps_start = during.lower == before.lower
    return [one for one in place.problems if not (keeps_start and one.code == "past")]


async def _hold(db: AsyncSession, booking: Booking, place: Place) -> None:
    """Claim the place; what the item goes with may have changed since it was booked."""
    booking.companion_id = place.companion.id if place.companion else None
    await claims.hold_for_booking(db, booking, place.held)


def _write(booking: Booking, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(booking, name, value)


def _keep_override(
    db: AsyncSession, actor: Actor, booking: Booking, problems: list[Reason], reason: str | None
) -> None:
    if problems:
        booking.override_reason = reason
        journal.record(db, actor, "booking.overridden", booking.id, reason=reason)


def _shrinks(before: Range[dt.datetime], after: Range[dt.datetime]) -> bool:
    (start, end), (new_start, new_end) = ends(before), ends(after)
    return start <= new_start and new_end <= end


def _past_cutoff(
    actor: Actor, booking: Booking, during: Range[dt.datetime] | None = None
) -> list[Reason]:
    """Late changes are for those in charge; bringing back early is always welcome."""
    item = booking.item
    if policy.is_in_charge_of_any(actor, booking):
        return []
    start, end = ends(booking.during)
    brings_back_early = (
        during is not None and ends(during)[0] == start and clock.now() <= ends(during)[1] <= end
    )
    limit = start - dt.timedelta(minutes=item.cancel_cutoff_minutes)
    if clock.now() <= limit or brings_back_early:
        return []
    sentence = N_(
        "C'est trop tard pour changer cette réservation soi-même. Appelez la personne "
        "responsable du matériel, ou avancez seulement l'heure de fin si vous rendez plus tôt."
    )
    return [Reason("past_cutoff", sentence)]


@atomic
async def cancel_booking(
    db: AsyncSession, actor: Actor, booking: Booking, reason: str | None = None
) -> None:
    """Let the item go. The booking stays, with who cancelled it, when and why."""
    await _lock_and_refresh(db, booking)
    if not policy.can_cancel_booking(actor, booking):
        raise Changed
    if late := _past_cutoff(actor, booking):
        raise Refused(*late)
    await end_booking(db, actor, booking, BookingState.CANCELLED, reason)
    verb = "booking.cancelled_because" if reason else "booking.cancelled"
    await tell(db, actor, verb, booking, booking.item, reason=reason)


@atomic
async def approve_booking(db: AsyncSession, actor: Actor, booking: Booking) -> None:
    """Say yes to a request that still holds its slot, when its holder still may take the item.

    It is confirmed by the last yes that it waits for.
    """
    await _lock_and_refresh(db, booking)
    _require_open_request(actor, booking)
    await _require_agreement(db, booking)
    await _require_papers(db, booking)
    if not policy.can_settle_booking(actor, booking):
        _approve_in_part(db, actor, booking)
        return
    booking.state, booking.awaits = BookingState.CONFIRMED, []
    booking.decided_at, booking.decided_by_id = clock.now(), actor.person_id
    await tell(db, actor, "booking.approved", booking, booking.item)


def _approve_in_part(db: AsyncSession, actor: Actor, booking: Booking) -> None:
    """Say yes for one's own item; those in charge of the other have still to answer."""
    left = [item for item in booking.awaited if not policy.is_in_charge(actor, item)]
    own = [item for item in booking.awaited if item not in left]
    booking.awaits = [item.id for item in left]
    words = {"item": own[0].name, "other": left[0].name}
    journal.record(db, actor, "booking.approved_in_part", booking.id, **words)


@atomic
async def refuse_booking(db: AsyncSession, actor: Actor, booking: Booking, reason: str) -> None:
    """Say no to a request, with the reason; the slot is free again."""
    await _lock_and_refresh(db, booking)
    _require_open_request(actor, booking)
    await end_booking(db, actor, booking, BookingState.REFUSED, reason)
    await tell(db, actor, "booking.refused", booking, booking.item, reason=reason)


@atomic
async def restore_booking(
    db: AsyncSession, actor: Actor, booking: Booking, override_reason: str | None = None
) -> None:
    """Take a cancelled, refused or lapsed booking again, as if it were asked for now."""
    item = booking.item
    place = await find_place(
        db, item, booking.during, booking.person_id, booking.companion_id, moving=booking
    )
    await _fresh(db, booking)
    if not policy.can_restore_booking(actor, booking):
        raise Changed
    refuse_unless_overridden(actor, place, place.problems, override_reason)
    _write(booking, {"answer_by": None} | opening_state(actor, place.held, booking.during))
    booking.reason = booking.decided_at = booking.decided_by_id = None
    await _hold(db, booking, place)
    await tell(db, actor, "booking.restored", booking, item)
    _keep_override(db, actor, booking, place.problems, override_reason)


def _require_open_request(actor: Actor, booking: Booking) -> None:
    if not policy.can_answer_booking(actor, booking):
        raise Changed
    if booking.answer_by and booking.answer_by <= clock.now():
        sentence = N_("La demande est devenue caduque avant votre réponse. Rétablissez-la.")
        raise Conflict(Reason("lapsed", sentence))


async def _require_agreement(db: AsyncSession, booking: Booking) -> None:
    """What ended since the request was made counts: it would end before the slot."""
    keys = [booking.item_id, booking.companion_id]
    items = (await db.scalars(sa.select(Item).where(Item.id.in_(keys)).order_by(Item.id))).all()
    zone = zone_named(booking.item.site.time_zone)
    gap = await find_gap(db, items, booking.person_id, *ends(booking.during), zone, kept=True)
    if gap:
        raise Refused(*(agreement_reason(one, gap) for one in items if one.needs_agreement))


async def _require_papers(db: AsyncSession, booking: Booking) -> None:
    """A paper may have been withdrawn since the request was made; nobody passes over that."""
    things = booking.things
    days = local_days(*ends(booking.during), zone_named(booking.item.site.time_zone))
    ids = [one.id for one in things]
    missing = await queries.missing_papers(db, ids, booking.person_id, *days)
    if reasons := [paper_missing(one, paper) for one in things for paper in missing[one.id]]:
        raise Refused(*reasons)


async def _lock_and_refresh(db: AsyncSession, booking: Booking) -> None:
    held = [booking.item_id, *([booking.companion_id] if booking.companion_id else [])]
    await claims.lock_items(db, held)
    await _fresh(db, booking)


async def _fresh(db: AsyncSession, booking: Booking) -> Range[dt.datetime]:
    """Read the booking and its items again now that they are locked. Returns the present span."""
    for record in (booking, *booking.things):
        await db.refresh(record, sa.inspect(type(record)).column_attrs.keys())
    return booking.during


async def clear_the_way(
    db: AsyncSession, actor: Actor, bookings: Sequence[Booking], reason: str
) -> None:
    """Cancel bookings that hold a locked item, and tell their people why.

    The other item of a set is not locked, and they may be let go from there at the same moment: so
    each is locked in turn, in the order of ids like everywhere, and told of once.
    """
    for booking in sorted(bookings, key=lambda one: one.id):
        await db.refresh(booking, ["state", "during"], with_for_update=True)
        if booking.is_holding:
            await end_booking(db, actor, booking, BookingState.CANCELLED, reason)
            await tell(db, actor, "booking.cancelled_because", booking, booking.item, reason=reason)


async def end_booking(
    db: AsyncSession,
    actor: Actor | None,
    booking: Booking,
    state: BookingState,
    reason: str | None = None,
) -> None:
    booking.state, booking.reason = state, reason
    booking.decided_at = clock.now()
    booking.decided_by_id = actor.person_id if actor else None
    await claims.free_booking(db, booking)
