"""Whether a span fits an item: what holds it, and what its rules say of the person. Pure."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from couveuse.core import clock
from couveuse.equipment.claims import MINUTE
from couveuse.equipment.models import Item
from couveuse.equipment.rules import (
    Clash,
    Days,
    Facts,
    booking_problems,
    free_unit,
    gap_in,
    local_days,
)


def is_free(item: Item, held: Sequence[Clash], start: dt.datetime, end: dt.datetime) -> bool:
    """Whether nothing holds some unit in the span, the item's buffers around it."""
    start -= item.buffer_before_minutes * MINUTE
    end += item.buffer_after_minutes * MINUTE
    clashes = [one for one in held if one.start < end and start < one.end]
    return free_unit(item, clashes) is not None


def problems_of(
    item: Item,
    zone: ZoneInfo,
    start: dt.datetime,
    end: dt.datetime,
    *,
    is_companion: bool = False,
    missing: Sequence[str] = (),
    use: tuple[int, int] = (0, 0),
    covered: Sequence[Days] | None = None,
) -> set[str]:
    """Codes of the rules against it. ``use``: open bookings, and minutes of that week; ``covered``:
    the days on which the person may hold what asks for an agreement."""
    days = covered if item.needs_agreement else None
    facts = Facts(
        now=clock.now(),
        zone=zone,
        start=start,
        end=end,
        item=item,
        is_companion=is_companion,
        missing=missing,
        gap=gap_in(days, *local_days(start, end, zone)) if days is not None else None,
        open_bookings=use[0],
        week_minutes=use[1],
    )
    return {reason.code for reason in booking_problems(facts)}
