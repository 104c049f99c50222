"""Making a booking."""

import datetime as dt

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.core.actor import Actor
from couveuse.core.clock import zone_named
from couveuse.core.db import atomic, ends
from couveuse.core.errors import NotAllowed, Reason, Refused
from couveuse.core.i18n import N_
from couveuse.core.prepared import Insert
from couveuse.equipment import claims, policy, queries
from couveuse.equipment.actions.placing import (
    find_place,
    look_at_place,
    opening_state,
    refuse_unless_overridden,
)
from couveuse.equipment.actions.telling import tell
from couveuse.equipment.forms import BookingForm
from couveuse.equipment.models import Booking, Item, OnceReused
from couveuse.plots.queries import list_plots_to_choose

_INSERT = Insert(Booking)


async def book(
    db: AsyncSession, actor: Actor, item: Item, asked: BookingForm, *, looks_taken: bool = False
) -> Booking:
    """Make a booking, or a request where the item asks for approval.

    Raises Refused with every reason. The same form sent twice (same ``once``) finds the first
    result; with other content it is refused.

    Where it ``looks_taken`` the refusal waits for nobody: of fifty who ask at once, those who come
    after the first are answered side by side instead of one after the other.
    """
    try:
        if looks_taken:
            await _refuse_if_taken(db, actor, item, asked)
        return await _book(db, actor, item, asked)
    except Refused:
        if asked.once and (first := await queries.find_by_once(db, actor, asked.once)):
            if first.once_digest != asked.digest(item.id):
                raise OnceReused from None
            return first
        raise


async def _refuse_if_taken(db: AsyncSession, actor: Actor, item: Item, asked: BookingForm) -> None:
    during, person_id = await _asked(db, actor, item, asked)
    place = await look_at_place(db, item, during, person_id, asked.companion_id)
    refuse_unless_overridden(actor, place, place.problems, asked.override_reason)


@atomic
async def _book(db: AsyncSession, actor: Actor, item: Item, asked: BookingForm) -> Booking:
    during, person_id = await _asked(db, actor, item, asked)
    place = await find_place(db, item, during, person_id, asked.companion_id)
    refuse_unless_overridden(actor, place, place.problems, asked.override_reason)
    booking = Booking(
        item_id=item.id,
        companion_id=place.companion.id if place.companion else None,
        person_id=person_id,
        created_by_id=actor.person_id,
        during=during,
        purpose=asked.purpose,
        plot_id=asked.plot_id,
        once=asked.once,
        once_digest=asked.digest(item.id) if asked.once else None,
        override_reason=asked.override_reason if place.problems else None,
        **opening_state(actor, place.held, during),
    )
    await _INSERT.add(db, booking)
    await claims.hold_for_booking(db, booking, place.held)
    verb = "booking.requested" if booking.is_request else "booking.made"
    await tell(db, actor, verb, booking, item)
    if booking.override_reason:
        journal.record(db, actor, "booking.overridden", booking.id, reason=asked.override_reason)
    return booking


async def _asked(
    db: AsyncSession, actor: Actor, item: Item, asked: BookingForm
) -> tuple[Range[dt.datetime], int]:
    """From when to when, and for whom. Raises Refused for what no item could give."""
    during = asked.during(zone_named(item.site.time_zone))
    person_id = await _holder(db, actor, item, asked.person_id, during)
    await _require_plot(db, actor, asked.plot_id)
    return during, person_id


async def _require_plot(db: AsyncSession, actor: Actor, plot_id: int | None) -> None:
    if plot_id is None:
        return
    if plot_id not in {key for key, _ in await list_plots_to_choose(db, actor)}:
        sentence = N_("Cette parcelle n'est plus en service. Choisissez-en une dans la liste.")
        raise Refused(Reason("no_such_plot", sentence, field="plot_id"))


async def _holder(
    db: AsyncSession, actor: Actor, item: Item, person_id: int | None, during: Range[dt.datetime]
) -> int:
    """For whom: oneself, or an active member for those who may book for others."""
    if person_id is None or person_id == actor.person_id:
        return actor.person_id
    if not policy.can_book_for_others(actor, item):
        raise NotAllowed
    zone = zone_named(item.site.time_zone)
    if await queries.find_member(db, person_id, ends(during)[0].astimezone(zone).date()) is None:
        sentence = N_("Cette personne n'est pas membre du réseau à cette date. Choisissez-en une.")
        raise Refused(Reason("not_a_member", sentence, field="person_id"))
    return person_id
