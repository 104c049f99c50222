"""Who may see, book, answer for and change shared items."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from couveuse.core import clock
from couveuse.core.actor import Actor, Role
from couveuse.core.errors import Reason
from couveuse.equipment.models import Audience, Booking, BookingState, Item, Outage
from couveuse.people.models import Membership

STEWARDS = (Role.EQUIPMENT_MANAGER, Role.STRUCTURE_MANAGER)


NEEDS_NO_AGREEMENT = Membership.role != Role.TRAINEE
"""The condition on ``Membership``: who accompanies, manages or coordinates is covered otherwise."""


def can_see_items(actor: Actor) -> bool:
    return actor.is_member


def seen_by(actor: Actor) -> dict[str, Any]:
    """Who asks, for a statement with VISIBLE_ITEMS."""
    return {
        "sees_all": actor.has(Role.COORDINATOR),
        "is_member": actor.is_member,
        "own_structures": sorted(actor.structure_ids),
        "me": actor.person_id,
    }


def _visible(bind: Callable[[str, Any], sa.BindParameter[Any]]) -> sa.ColumnElement[bool]:
    """What the network shares, what one's own structures keep, and what one answers for."""
    own = bind("own_structures", sa.ARRAY(sa.BigInteger))
    me = bind("me", sa.BigInteger)
    shared = sa.or_(Item.audience == Audience.NETWORK, Item.manager_id == me, Item.deputy_id == me)
    return sa.or_(
        bind("sees_all", sa.Boolean),
        sa.and_(bind("is_member", sa.Boolean), shared),
        Item.structure_id == sa.any_(own),
    )


VISIBLE_ITEMS = _visible(lambda name, kind: sa.bindparam(name, type_=kind))
"""For statements made beforehand; ``seen_by`` gives the values."""


def visible_items(actor: Actor) -> sa.ColumnElement[bool]:
    """For a statement made on the spot."""
    values = seen_by(actor)
    return _visible(lambda name, kind: sa.bindparam(name, values[name], type_=kind, unique=True))


def is_in_charge(actor: Actor, item: Item) -> bool:
    """The person in charge and the deputy, those who manage for its structure, coordinators."""
    named = actor.is_member and actor.person_id in (item.manager_id, item.deputy_id)
    return named or actor.has(Role.COORDINATOR) or actor.has_any(STEWARDS, item.structure_id)


def can_add_item(actor: Actor) -> bool:
    return actor.has(Role.COORDINATOR) or actor.has_any(STEWARDS)


def can_add_item_for(actor: Actor, structure_id: int) -> bool:
    return actor.has(Role.COORDINATOR) or actor.has_any(STEWARDS, structure_id)


def can_import_items(actor: Actor) -> bool:
    """An import may create structures and sites of others: coordination only."""
    return actor.has(Role.COORDINATOR)


def can_edit_item(actor: Actor, item: Item) -> bool:
    return is_in_charge(actor, item)


def can_book(actor: Actor, item: Item) -> bool:
    return actor.is_member and item.retired_on is None


def can_book_for_others(actor: Actor, item: Item) -> bool:
    return is_in_charge(actor, item) or actor.has(Role.MENTOR)


def can_book_for_somebody(actor: Actor) -> bool:
    """Whether a form that chooses the item later should ask for whom."""
    return actor.has_any((Role.COORDINATOR, Role.MENTOR, *STEWARDS))


def can_override(actor: Actor, item: Item, reasons: Sequence[Reason]) -> bool:
    """Pass over what stands against a booking: all of it may be passed over, and by the actor."""
    all_may_be = bool(reasons) and all(reason.overridable for reason in reasons)
    return all_may_be and is_in_charge(actor, item)


def can_block(actor: Actor, item: Item) -> bool:
    return is_in_charge(actor, item)


def can_lift_outage(actor: Actor, outage: Outage) -> bool:
    return outage.lifted_at is None and is_in_charge(actor, outage.item)


def is_for(actor: Actor, booking: Booking) -> bool:
    """Whether the actor holds the booking, or made it for somebody."""
    return actor.person_id in (booking.person_id, booking.created_by_id)


def has_a_say(actor: Actor, booking: Booking) -> bool:
    """Whether it is the actor's to change, whatever became of it meanwhile."""
    return actor.is_member and (is_for(actor, booking) or is_in_charge(actor, booking.item))


def can_change_booking(actor: Actor, booking: Booking) -> bool:
    """Move, shorten or cancel: while it holds and is not over."""
    is_open = booking.is_holding and (booking.during.upper or clock.now()) > clock.now()
    return is_open and has_a_say(actor, booking)


can_cancel_booking = can_change_booking
can_move_booking = can_change_booking


def can_answer_booking(actor: Actor, booking: Booking) -> bool:
    """Approve or refuse a request: those in charge of *this* item."""
    return booking.is_request and is_in_charge(actor, booking.item)


def can_restore_booking(actor: Actor, booking: Booking) -> bool:
    """Take again what was let go: one's own cancellation, or anything for those in charge."""
    if booking.is_holding or (booking.during.lower or clock.now()) <= clock.now():
        return False
    own = is_for(actor, booking) and booking.decided_by_id == actor.person_id
    cancelled = booking.state == BookingState.CANCELLED
    return is_in_charge(actor, booking.item) or (actor.is_member and own and cancelled)


def can_call(actor: Actor, item: Item, person_id: int, phone_shared: bool) -> bool:
    """See a number: people who share an item call each other unless one prefers not to."""
    return actor.is_member and (
        phone_shared or person_id == actor.person_id or is_in_charge(actor, item)
    )
