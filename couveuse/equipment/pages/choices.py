"""What booking forms offer to choose from."""

import datetime as dt
import secrets
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.clock import PARIS
from couveuse.equipment import policy
from couveuse.equipment.forms import BookingForm
from couveuse.equipment.models import Item
from couveuse.equipment.rules import first_start
from couveuse.people.queries import list_people_to_choose
from couveuse.web.forms import Form, blank

F = TypeVar("F", bound=BookingForm)


def new_once() -> str:
    """The key of a fresh form: sent twice, it books once."""
    return secrets.token_urlsafe(12)


def new_booking_form(model: type[F], length: dt.timedelta, **known: object) -> Form[F]:
    """An empty booking form that proposes the next full hour."""
    start = clock.now().astimezone(PARIS).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    start += dt.timedelta(hours=1)
    proposed = {"starts_at": start, "ends_at": start + length, "once": new_once()}
    return blank(model, **proposed | {key: value for key, value in known.items() if value})


def first_booking_form(item: Item) -> Form[BookingForm]:
    """An empty form for one item, at the first time its own rules allow."""
    zone = clock.zone_named(item.site.time_zone)
    start = first_start(item, clock.now().astimezone(zone))
    length = dt.timedelta(minutes=max(item.min_minutes, min(60, item.max_minutes)))
    proposed = {"starts_at": start, "ends_at": start + length}
    return blank(BookingForm, once=new_once(), **proposed)


async def people_to_book_for(
    db: AsyncSession, me: Actor, item: Item | None
) -> list[tuple[int, str]]:
    """Whom one may book for, as choices; empty for those who book for themselves only."""
    may = policy.can_book_for_others(me, item) if item else policy.can_book_for_somebody(me)
    return await list_people_to_choose(db, me) if may else []
