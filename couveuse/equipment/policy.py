"""Who may see, book, answer for and change shared items."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlalchemy.orm.util import AliasedClass

from couveuse.core import clock
from couveuse.core.actor import Actor, Role
from couveuse.core.errors import Reason
from couveuse.equipment.models import Audience, Booking, BookingState, Item, Outage
from couveuse.people.models import Membership

STEWARDS = (Role.EQUIPMENT_MANAGER, Role.STRUCTURE_MANAGER)
COORDINATES = Membership.role == Role.COORDINATOR
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


def can_see_item(actor: Actor, item: Item) -> bool:
    """As ``visible_items``, for an item that was read for another reason."""
    shared = item.audience == Audience.NETWORK and actor.is_member
    return shared or item.structure_id in actor.structure_ids or is_in_charge(actor, item)


def is_in_charge(actor: Actor, item: Item) -> bool:
    """The person in charge and the deputy, those who manage for its structure, coordinators."""
    named = actor.is_member and actor.person_id in (item.manager_id, item.deputy_id)
    return named or actor.has(Role.COORDINATOR) or actor.has_any(STEWARDS, item.structure_id)


def in_charge_of(actor: Actor, item: type[Item] | AliasedClass[Item]) -> sa.ColumnElement[bool]:
    """As ``is_in_charge``, for a statement."""
    managed = [seat.structure_id for seat in actor.seats if seat.role in STEWARDS]
    named = sa.or_(item.manager_id == actor.person_id, item.deputy_id == actor.person_id)
    return sa.or_(
        sa.literal(actor.has(Role.COORDINATOR)),
        sa.and_(sa.literal(actor.is_member), named),
        item.structure_id.in_(managed),
    )


def visible_bookings(actor: Actor) -> sa.ColumnElement[bool]:
    """Of visible items, or taking along one that the actor is in charge of.

    For a statement on ``Booking`` joined with its item.
    """
    companion = aliased(Item)
    taken = sa.exists().where(companion.id == Booking.companion_id, in_charge_of(actor, companion))
    return sa.or_(visible_items(actor), taken.correlate(Booking))


def can_add_item(actor: Actor) -> bool:
    return actor.has(Role.COORDINATOR) or actor.has_any(STEWARDS)


def can_add_item_for(actor: Actor, structure_id: int) -> bool:
    return actor.has(Role.COORDINATOR) or actor.has_any(STEWARDS, structure_id)


def can_import_items(actor: Actor) -> bool:
    """An import may create structures and sites of others: coordination only."""
    return actor.has(Role.COORDINATOR)


def can_put_in_charge(actor: Actor) -> bool:
    """Find somebody for every item that has nobody in charge."""
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


def can_override(actor: Actor, items: Iterable[Item], reasons: Sequence[Reason]) -> bool:
    """Pass over what stands against a booking: all of it may be passed over, and each rule by
    those in charge of the item whose rule it is. ``items``: what would be taken."""
    own = {item.id for item in items if is_in_charge(actor, item)}
    return bool(reasons) and all(one.overridable and one.about in own for one in reasons)


def can_block(actor: Actor, item: Item) -> bool:
    return is_in_charge(actor, item)


def can_lift_outage(actor: Actor, outage: Outage) -> bool:
    return outage.lifted_at is None and is_in_charge(actor, outage.item)


def is_for(actor: Actor, booking: Booking) -> bool:
    """Whether the actor holds the booking, or made it for somebody."""
    return actor.person_id in (booking.person_id, booking.created_by_id)


def is_in_charge_of_any(actor: Actor, booking: Booking) -> bool:
    """Of the item, or of the one that goes with it: a booking takes both."""
    return any(is_in_charge(actor, item) for item in booking.things)


def has_a_say(actor: Actor, booking: Booking) -> bool:
    """Whether it is the actor's to change, whatever became of it meanwhile."""
    return actor.is_member and (is_for(actor, booking) or is_in_charge_of_any(actor, booking))


def can_change_booking(actor: Actor, booking: Booking) -> bool:
    """Move, shorten or cancel: while it holds and is not over."""
    is_open = booking.is_holding and (booking.during.upper or clock.now()) > clock.now()
    return is_open and has_a_say(actor, booking)


can_cancel_booking = can_change_booking
can_move_booking = can_change_booking


def can_answer_booking(actor: Actor, booking: Booking) -> bool:
    """Approve or refuse a request.

    An item asks for approval when its rule says so and who books is not in charge of it. Each such
    item waits for the yes of somebody in charge of it, who answers for it alone: with an item and
    its companion in different hands both must say yes, and one no is enough.
    """
    return booking.is_request and any(is_in_charge(actor, item) for item in booking.awaited)


def can_settle_booking(actor: Actor, booking: Booking) -> bool:
    """Whether a yes of the actor is the last one that the request waits for."""
    return booking.is_request and all(is_in_charge(actor, item) for item in booking.awaited)


def can_restore_booking(actor: Actor, booking: Booking) -> bool:
    """Take again what was let go: one's own cancellation, or anything for those in charge."""
    if booking.is_holding or (booking.during.lower or clock.now()) <= clock.now():
        return False
    own = is_for(actor, booking) and booking.decided_by_id == actor.person_id
    cancelled = booking.state == BookingState.CANCELLED
    return is_in_charge_of_any(actor, booking) or (actor.is_member and own and cancelled)


def can_call_holder(actor: Actor, booking: Booking) -> bool:
    person = booking.person
    return any(can_call(actor, one, person.id, person.phone_shared) for one in booking.things)


def can_call(actor: Actor, item: Item, person_id: int, phone_shared: bool) -> bool:
    """See a number: people who share an item call each other unless one prefers not to."""
    return actor.is_member and (
        phone_shared or person_id == actor.person_id or is_in_charge(actor, item)
    )
