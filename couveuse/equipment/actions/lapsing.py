"""Requests that nobody answered in time let their slot go."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core import clock
from couveuse.core.db import atomic
from couveuse.equipment import claims
from couveuse.equipment.actions.telling import tell
from couveuse.equipment.models import Booking, BookingState, Item


@atomic
async def lapse_requests(db: AsyncSession) -> int:
    """Let go of the requests that nobody answered in time. Returns how many."""
    due = await db.execute(
        sa.select(Booking.id, Booking.item_id, Booking.companion_id)
        .where(Booking.state == BookingState.REQUESTED, Booking.answer_by <= clock.now())
        .order_by(Booking.id)
        .limit(500)
    )
    rows = due.all()
    held = {item_id for _, *pair in rows for item_id in pair if item_id}
    await claims.lock_items(db, held)  # so that an answer given at the same second is heard
    return sum([await lapse(db, booking_id) for booking_id, *_ in rows])


async def lapse(db: AsyncSession, booking_id: int) -> bool:
    """Let one request go, if it is still one. One of its items is locked by the caller."""
    booking = await db.scalar(
        sa.select(Booking)
        .where(
            Booking.id == booking_id,
            Booking.state == BookingState.REQUESTED,
            Booking.answer_by <= clock.now(),
        )
        .options(joinedload(Booking.item).joinedload(Item.site))
        .with_for_update(of=Booking)  # from the other item of its set it may lapse just now
    )
    if booking is None:
        return False
    booking.state, booking.decided_at = BookingState.LAPSED, clock.now()
    await claims.free_booking(db, booking)
    await tell(db, None, "booking.lapsed", booking, booking.item)
    return True
