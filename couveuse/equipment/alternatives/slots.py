"""The next slots of an item that a person could take."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.clock import Week, zone_named
from couveuse.core.db import ends
from couveuse.core.prepared import Prepared
from couveuse.equipment.alternatives.fit import is_free, problems_of
from couveuse.equipment.claims import MINUTE, NONE
from couveuse.equipment.models import HOLDING, Booking, Item, ItemClaim, item_requirement
from couveuse.equipment.rules import Clash, Days, gap_in, local_days
from couveuse.equipment.standing import covered_days
from couveuse.people.models import Paper, Qualification

MOST = 3
LOOK_AHEAD = dt.timedelta(days=21)
MOST_TRIES = 3000
HOPELESS = {"too_short", "too_long", "too_early", "too_many", "retired", "check_overdue"}
"""What a later hour does not help."""

Span = tuple[dt.datetime, dt.datetime]


class Slot(NamedTuple):
    """A free span, in local time of the item's site."""

    start: dt.datetime
    end: dt.datetime

    @property
    def key(self) -> str:
        """What the button of the slot sends: both ends, as the form writes them."""
        return "/".join(typed(moment) for moment in self)


def typed(moment: dt.datetime) -> str:
    """A local moment as a form writes it."""
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")


@dataclass(frozen=True, slots=True)
class Search:
    """All that decides on the slots of one item for one person."""

    item: Item
    companions: Sequence[Item]
    zone: ZoneInfo
    held: Mapping[int, Sequence[Clash]]
    papers: Mapping[int, Mapping[str, Sequence[Days]]]
    """By item, each paper that it requires with the times for which the person holds it."""
    used: Sequence[Span]
    """The person's bookings of the item that count for its quotas."""
    covered: Sequence[Days]
    """The days on which the person may hold what asks for an agreement."""

    def problems(self, item: Item, start: dt.datetime, end: dt.datetime) -> set[str]:
        is_main = item is self.item
        return problems_of(
            item,
            self.zone,
            start,
            end,
            is_companion=not is_main,
            missing=self.missing(item, *local_days(start, end, self.zone)),
            use=self.use(start) if is_main else (0, 0),
            covered=self.covered,
        )

    def missing(self, item: Item, first: dt.date, last: dt.date) -> list[str]:
        required = self.papers.get(item.id, {})
        return [name for name, times in required.items() if gap_in(times, first, last)]

    def use(self, start: dt.datetime) -> tuple[int, int]:
        """As ``queries.count_use`` counts it."""
        if not self.used:
            return 0, 0
        first, last = Week.of(start.astimezone(self.zone).date()).bounds(self.zone)
        in_week = (end - begin for begin, end in self.used if begin < last and first < end)
        still_open = sum(end > clock.now() for _, end in self.used)
        return still_open, int(sum(in_week, dt.timedelta()) / MINUTE)

    def can_come(self, item: Item, start: dt.datetime, end: dt.datetime) -> bool:
        free = is_free(item, self.held[item.id], start, end)
        return free and not self.problems(item, start, end)


async def list_free_slots(
    db: AsyncSession,
    item: Item,
    companions: Sequence[Item],
    during: Range[dt.datetime],
    person_id: int,
    *,
    moving: Booking | None = None,
) -> list[Slot]:
    """The next slots as long as the one asked for, from its start on, that would be accepted.

    ``companions``: those that may come, one is needed. ``moving`` is not in its own way.
    """
    start, end = ends(during)
    if (end - start) % (item.slot_minutes * MINUTE):  # no start puts its end on the grid
        return []
    earliest = max(start, clock.now())
    zone = zone_named(item.site.time_zone)
    items, besides = [item, *companions], moving.id if moving else NONE
    papers = await _papers(db, items, person_id)
    if _lacks_for_ever(item, companions, papers):
        return []
    search = Search(
        item,
        companions,
        zone,
        await _held(db, items, Range(earliest, earliest + LOOK_AHEAD + (end - start)), besides),
        papers,
        await _used(db, item, person_id, earliest, zone, besides),
        await _covered(db, items, person_id),
    )
    own = ends(moving.during) if moving else None
    return _found(search, earliest, end - start, own)


def _found(
    search: Search, earliest: dt.datetime, length: dt.timedelta, own: Span | None
) -> list[Slot]:
    item, companions, found = search.item, search.companions, list[Slot]()
    for start, end in _candidates(item, search.zone, earliest, length):
        is_behind = not found or start >= found[-1].end
        if not is_behind or (start, end) == own:
            continue
        if not is_free(item, search.held[item.id], start, end):
            continue
        problems = search.problems(item, start, end)
        if problems & HOPELESS:
            break
        goes = not companions or any(search.can_come(one, start, end) for one in companions)
        if goes and not problems:
            found.append(Slot(start.astimezone(search.zone), end.astimezone(search.zone)))
        if len(found) == MOST:
            break
    return found


def _candidates(
    item: Item, zone: ZoneInfo, earliest: dt.datetime, length: dt.timedelta
) -> Iterator[Span]:
    """Starts on the grid of the item's local day, one after the other."""
    local = earliest.astimezone(zone).replace(second=0, microsecond=0)
    step = dt.timedelta(minutes=max(item.slot_minutes, 15))
    midnight = local.replace(hour=0, minute=0)
    start = midnight + -(-(local - midnight) // step) * step
    for _ in range(MOST_TRIES):
        instant = start.astimezone(clock.UTC)
        if instant > earliest + LOOK_AHEAD:
            return
        yield instant, instant + length
        start += step


_ITEM_IDS = sa.bindparam("item_ids", type_=ARRAY(sa.BigInteger))
_PERSON = sa.bindparam("person_id", type_=sa.BigInteger)
_BESIDES = sa.bindparam("besides", type_=sa.BigInteger)

_PAPERS = Prepared(
    sa.select(item_requirement.c.item_id, Qualification.name, Paper.during)
    .join(Qualification, Qualification.id == item_requirement.c.qualification_id)
    .outerjoin(
        Paper,
        sa.and_(
            Paper.qualification_id == Qualification.id,
            Paper.person_id == _PERSON,
            ~Paper.is_to_check,
        ),
    )
    .where(item_requirement.c.item_id == sa.any_(_ITEM_IDS))
)


async def _papers(
    db: AsyncSession, items: Sequence[Item], person_id: int
) -> dict[int, dict[str, list[Days]]]:
    found: dict[int, dict[str, list[Days]]] = {}
    rows = await _PAPERS.all(db, item_ids=[one.id for one in items], person_id=person_id)
    for item_id, name, during in rows:
        times = found.setdefault(item_id, {}).setdefault(name, [])
        if during is not None:
            times.append((during.lower, during.upper))
    return found


async def _covered(db: AsyncSession, items: Sequence[Item], person_id: int) -> list[Days]:
    asks = any(one.needs_agreement for one in items)
    return await covered_days(db, person_id) if asks else []


def _lacks_for_ever(
    item: Item,
    companions: Sequence[Item],
    papers: Mapping[int, Mapping[str, Sequence[Days]]],
) -> bool:
    """No hour helps: a paper that the item, or each of its companions, requires was never held."""

    def lacks(one: Item) -> bool:
        return not all(papers.get(one.id, {}).values())

    return lacks(item) or (bool(companions) and all(lacks(one) for one in companions))


_HELD = Prepared(
    sa.select(
        ItemClaim.item_id,
        ItemClaim.unit,
        sa.func.lower(ItemClaim.during),
        sa.func.upper(ItemClaim.during),
    ).where(
        ItemClaim.item_id == sa.any_(_ITEM_IDS),
        ItemClaim.during.op("&&")(
            sa.func.tstzrange(
                sa.bindparam("start", type_=sa.TIMESTAMP(timezone=True)),
                sa.bindparam("end", type_=sa.TIMESTAMP(timezone=True)),
            )
        ),
        ItemClaim.booking_id.is_distinct_from(_BESIDES),
    )
)


async def _held(
    db: AsyncSession, items: Sequence[Item], during: Range[dt.datetime], besides: int
) -> dict[int, list[Clash]]:
    """What holds the items in a span, buffers of both sides included."""
    held: dict[int, list[Clash]] = {item.id: [] for item in items}
    before = max(item.buffer_before_minutes for item in items) * MINUTE
    after = max(item.buffer_after_minutes for item in items) * MINUTE
    start, end = ends(during)
    rows = await _HELD.all(
        db, item_ids=list(held), start=start - before, end=end + after, besides=besides
    )
    for item_id, unit, begins, finishes in rows:
        held[item_id].append(Clash(begins, finishes, unit, None))
    return held


_USED = Prepared(
    sa.select(sa.func.lower(Booking.during), sa.func.upper(Booking.during)).where(
        Booking.item_id == sa.bindparam("item_id", type_=sa.BigInteger),
        Booking.person_id == _PERSON,
        sa.or_(*(Booking.state == state for state in HOLDING)),
        Booking.id != _BESIDES,
        sa.func.upper(Booking.during) > sa.bindparam("since", type_=sa.TIMESTAMP(timezone=True)),
    )
)


async def _used(
    db: AsyncSession,
    item: Item,
    person_id: int,
    earliest: dt.datetime,
    zone: ZoneInfo,
    besides: int,
) -> list[Span]:
    """The person's own bookings of the item, read only where it has a limit."""
    if item.max_open_bookings is None and item.max_week_minutes is None:
        return []
    week, _ = Week.of(earliest.astimezone(zone).date()).bounds(zone)
    rows = await _USED.all(
        db, item_id=item.id, person_id=person_id, besides=besides, since=min(week, clock.now())
    )
    return [(start, end) for start, end in rows]
