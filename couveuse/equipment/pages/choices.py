"""What booking forms offer to choose from."""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.clock import PARIS
from couveuse.equipment import describing, policy, queries
from couveuse.equipment.forms import BookingForm, OutageForm
from couveuse.equipment.models import Item
from couveuse.equipment.rules import MINUTE, agreement_reason
from couveuse.equipment.standing import gap_today
from couveuse.equipment.week import next_opening
from couveuse.people.queries import list_people_to_choose
from couveuse.web.forms import Form, blank

F = TypeVar("F", bound=BookingForm)
IN_ADDRESS = {
    "debut": "starts_at",
    "fin": "ends_at",
    "pour": "person_id",
    "motif": "purpose",
    "parcelle": "plot_id",
}
"""What the address of a booking form may tell, under French names."""


def new_once() -> str:
    """The key of a fresh form: sent twice, it books once."""
    return secrets.token_urlsafe(12)


def new_booking_form(model: type[F], length: dt.timedelta, **known: object) -> Form[F]:
    """An empty booking form that proposes the next full hour."""
    start = clock.now().astimezone(PARIS).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    start += dt.timedelta(hours=1)
    proposed = {"starts_at": start, "ends_at": start + length, "once": new_once()}
    return blank(model, **proposed | {key: value for key, value in known.items() if value})


def first_booking_form(item: Item, asked: Mapping[str, str]) -> Form[BookingForm]:
    """A form for one item, filled in as far as its address tells.

    Without a time there, at the first one that the item's own rules allow.
    """
    known = {field: [asked[name]] for name, field in IN_ADDRESS.items() if asked.get(name)}
    if {"starts_at", "ends_at"} <= set(known):
        return Form(BookingForm, known | {"once": [new_once()]})
    zone = clock.zone_named(item.site.time_zone)
    start = _first_start(item, clock.now().astimezone(zone))
    length = dt.timedelta(minutes=max(item.min_minutes, min(60, item.max_minutes)))
    proposed = {"starts_at": start, "ends_at": start + length}
    return blank(BookingForm, once=new_once(), **proposed)


def _first_start(item: Item, now: dt.datetime) -> dt.datetime:
    """The first moment, on the wall of the item's site, that notice, days and hours allow.

    ``now`` is local; the answer is naive local time on the item's grid. Whether somebody holds the
    item then is another question.
    """
    start = (now + item.notice_minutes * MINUTE).replace(tzinfo=None)
    step = dt.timedelta(minutes=max(item.slot_minutes, 15))
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight + -(-(start - midnight) // step) * step
    return next_opening(item.open_days, item.opens_at, item.closes_at, start)


def first_outage_form(item: Item) -> Form[OutageForm]:
    """From the quarter of an hour that is running to the end of the day, where the item is."""
    now = clock.now().astimezone(clock.zone_named(item.site.time_zone))
    start = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0, tzinfo=None)
    midnight = dt.datetime.combine(start + dt.timedelta(days=1), dt.time())
    closing = dt.datetime.combine(start, item.closes_at) if item.closes_at else midnight
    return blank(OutageForm, starts_at=start, ends_at=closing if closing > start else midnight)


async def said_beforehand(db: AsyncSession, me: Actor, item: Item) -> dict[str, Any]:
    """How the item is booked, and what stands against any booking of it: to be read before a form
    is filled in."""
    gap = await gap_today(db, me, item)
    due, today = item.check_due_on, clock.today(clock.zone_named(item.site.time_zone))
    helpers = [one for one in (item.manager, item.deputy) if one and one.id != me.person_id]
    return {
        "is_overdue": due is not None and due < today,
        "gap": agreement_reason(item, gap) if gap else None,
        "lacking": await queries.papers_to_get(db, me, item),
        "helper": helpers[0] if helpers else None,
        "rules": describing.booking_rules(item),
    }


async def people_to_book_for(
    db: AsyncSession, me: Actor, item: Item | None
) -> list[tuple[int, str]]:
    """Whom one may book for, as choices; empty for those who book for themselves only."""
    may = policy.can_book_for_others(me, item) if item else policy.can_book_for_somebody(me)
    return await list_people_to_choose(db, me) if may else []
