"""What may happen to a booking: moved, cancelled, approved, refused, restored.

Pages ask whether the booking is the person's to change; actions look at its state once it is
locked, so that who comes second reads that it changed, not that it is forbidden.
"""

from collections.abc import Awaitable
from typing import Any

from litestar import Controller, Response, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.core.actor import Actor
from couveuse.core.clock import zone_named
from couveuse.core.errors import Conflict, Refused
from couveuse.core.i18n import N_
from couveuse.equipment import actions, policy, queries
from couveuse.equipment.alternatives import Alternatives, find_other_slots
from couveuse.equipment.forms import (
    CancellationForm,
    MoveForm,
    RefusalForm,
    RestorationForm,
)
from couveuse.equipment.models import Booking
from couveuse.equipment.pages.bookings import move_form
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "booking_moved": N_("La réservation est déplacée."),
        "booking_cancelled": N_("La réservation est annulée, le créneau est libre."),
        "booking_approved": N_("La demande est acceptée, la personne est prévenue."),
        "booking_approved_in_part": N_(
            "C'est noté. La demande attend encore l'accord pour l'autre matériel."
        ),
        "booking_refused": N_("La demande est refusée, la personne est prévenue."),
        "booking_restored": N_("La réservation est rétablie."),
    }
)


class DecisionPages(Controller):
    path = "/reservations/{booking_id:int}"

    @post("/deplacement", name="equipment.moves.create")
    async def move(self, request: Web, db: Db, me: Me, booking_id: RowId) -> Response[Any]:
        booking = await queries.get_booking(db, me, booking_id)
        require(policy.has_a_say(me, booking))
        form = await bind(MoveForm, request)
        if form.is_valid:
            done = actions.move_booking(db, me, booking, form.data)
            return await decided(request, db, me, booking, form, done, "booking_moved")
        return await show_again(request, db, booking, form)

    @post("/annulation", name="equipment.cancellations.create")
    async def cancel(self, request: Web, db: Db, me: Me, booking_id: RowId) -> Response[Any]:
        booking = await queries.get_booking(db, me, booking_id)
        require(policy.has_a_say(me, booking))
        form = await bind(CancellationForm, request)
        if form.is_valid:
            done = actions.cancel_booking(db, me, booking, form.data.reason)
            return await decided(request, db, me, booking, form, done, "booking_cancelled")
        return await show_again(request, db, booking, form)

    @post("/validation", name="equipment.approvals.create")
    async def approve(self, request: Web, db: Db, me: Me, booking_id: RowId) -> Response[Any]:
        booking = await queries.get_booking(db, me, booking_id)
        require(policy.is_in_charge_of_any(me, booking))
        form = await bind(CancellationForm, request)
        notice = "booking_approved"
        if booking.is_request and not policy.can_settle_booking(me, booking):
            notice = "booking_approved_in_part"
        done = actions.approve_booking(db, me, booking)
        return await decided(request, db, me, booking, form, done, notice)

    @post("/refus", name="equipment.refusals.create")
    async def refuse(self, request: Web, db: Db, me: Me, booking_id: RowId) -> Response[Any]:
        booking = await queries.get_booking(db, me, booking_id)
        require(policy.is_in_charge_of_any(me, booking))
        form = await bind(RefusalForm, request)
        if form.is_valid:
            done = actions.refuse_booking(db, me, booking, form.data.reason)
            return await decided(request, db, me, booking, form, done, "booking_refused")
        return await show_again(request, db, booking, form)

    @post("/retablissement", name="equipment.restorations.create")
    async def restore(self, request: Web, db: Db, me: Me, booking_id: RowId) -> Response[Any]:
        booking = await queries.get_booking(db, me, booking_id)
        require(policy.has_a_say(me, booking))
        form = await bind(RestorationForm, request)
        if form.is_valid:
            done = actions.restore_booking(db, me, booking, form.data.override_reason)
            return await decided(request, db, me, booking, form, done, "booking_restored")
        return await show_again(request, db, booking, form)


async def decided(
    request: Web,
    db: AsyncSession,
    me: Actor,
    booking: Booking,
    form: Form[Any],
    done: Awaitable[None],
    notice: str,
) -> Response[Any]:
    """Do it and go to the booking; or show the booking with every reason against it."""
    booking_id = booking.id
    try:
        await done
    except Conflict:
        raise
    except Refused as refused:
        form.refuse(refused)
        fresh = await queries.get_booking(db, me, booking_id)
        offered = await _offer(db, fresh, form)
        if offered:  # it read the item again, without the people in charge
            fresh = await queries.get_booking(db, me, booking_id)
        return await show_again(request, db, fresh, form, offered)
    return see_other(request, "equipment.bookings.show", notice=notice, booking_id=booking_id)


async def _offer(db: AsyncSession, booking: Booking, form: Form[Any]) -> Alternatives | None:
    """Free slots for a move into a taken one; none where no other hour helps."""
    codes = {reason.code for reason in form.reasons}
    if form.model is not MoveForm or "slot_taken" not in codes or "past_cutoff" in codes:
        return None
    return await find_other_slots(db, booking, form.data)


async def show_again(
    request: Web,
    db: AsyncSession,
    booking: Booking,
    form: Form[Any],
    alternatives: Alternatives | None = None,
) -> Response[str]:
    zone = zone_named(booking.item.site.time_zone)
    return page(
        request,
        "equipment/bookings/show.html",
        status=422,
        booking=booking,
        zone=zone,
        lines=await journal.lines_about(db, "booking", booking.id),
        form=form if form.model is MoveForm else move_form(booking, zone),
        refused=form,
        alternatives=alternatives,
        policy=policy,
    )
