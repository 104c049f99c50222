"""A week of items as the screen shows it: rows, days and bars. Pure."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from couveuse.core import i18n
from couveuse.core.clock import Week, zone_named
from couveuse.core.i18n import N_

QUARTER = 15
HOUR = 60
DAY = 1440
QUARTERS_IN_DAY = 96
WEEK = dt.timedelta(days=7)
CLOCK = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(DAY + 1)]


class Claimed(NamedTuple):
    """One claim with what it stands for, as the database returns it."""

    item_id: int
    unit: int
    start: dt.datetime
    end: dt.datetime
    buffered_until: dt.datetime | None
    """When the unit is free again, where that is later than the end."""
    booking_id: int | None
    is_companion: bool | None
    """It is held because it goes with the item that was booked."""
    is_request: bool | None
    person_id: int | None
    name: str | None
    why: str | None

    @property
    def held_until(self) -> dt.datetime:
        return self.buffered_until or self.end


class Bar(NamedTuple):
    """A stretch of one day: its place (classes of boards-grid.css), and what it says."""

    place: str
    label: str
    booking_id: int | None
    is_first: bool
    """The one element that stands for the booking; the others only go on."""
    title: str
    """The words again where the bar is too short to show them."""


class Part(NamedTuple):
    """Which items a board shows: those of a site, those that a structure owns, or all."""

    site_id: int | None = None
    structure_id: int | None = None

    def of(self, rows: Iterable["Row"]) -> list["Row"]:
        return [
            row
            for row in rows
            if self.site_id in (None, row.site_id) and self.structure_id in (None, row.structure_id)
        ]

    @property
    def query(self) -> str:
        """As an address says it, with a leading ``&``."""
        asked = {"lieu": self.site_id, "structure": self.structure_id}
        return "".join(f"&{name}={key}" for name, key in asked.items() if key)


@dataclass(slots=True)
class Row:
    """An item with its seven days."""

    id: int
    name: str
    code: str
    site_id: int
    site: str
    structure_id: int
    category: str
    capacity: int
    zone: ZoneInfo
    open_days: Sequence[int] = range(1, 8)
    opens_at: dt.time | None = None
    closes_at: dt.time | None = None
    check_due_on: dt.date | None = None
    days: dict[int, list[Bar]] = field(default_factory=dict[int, list[Bar]])
    claims: list[Claimed] = field(default_factory=list[Claimed])
    tone: str = ""
    state: str = ""


class Wall:
    """The clock on the wall where an item is, through one week."""

    def __init__(self, zone: ZoneInfo, week: Week) -> None:
        self._zone = zone
        self._monday = week.monday
        self._start, self._end = week.bounds(zone)
        self._is_even = self._end - self._start == WEEK

    def read(self, moment: dt.datetime) -> tuple[int, int]:
        """Days since Monday, and minutes of that day. Monday next is day 7, minute 0."""
        if self._is_even and self._start <= moment <= self._end:  # no change of hour: subtract
            passed = moment - self._start
            return passed.days, passed.seconds // 60
        local = moment.astimezone(self._zone)
        return (local.date() - self._monday).days, local.hour * 60 + local.minute


def fill_rows(
    rows: Sequence[Row],
    claims: Iterable[Claimed],
    week: Week,
    *,
    me: int | None,
    of_one: bool = False,
) -> None:
    """Put each claim where it belongs. ``me`` is whose bookings are marked.

    On the board of one item, what it is held for elsewhere shows as its own.
    """
    by_item = {row.id: row for row in rows}
    walls = {zone: Wall(zone, week) for zone in {row.zone for row in rows}}
    for claim in claims:
        row = by_item.get(claim.item_id)
        if row is None:
            continue
        row.claims.append(claim)
        if claim.booking_id is not None or claim.unit == 1:  # an outage holds every unit
            _add_bars(row, claim, walls[row.zone], me, of_one)


def _add_bars(row: Row, claim: Claimed, wall: Wall, me: int | None, of_one: bool) -> None:
    first, start_minute = wall.read(claim.start)
    last, end_minute = wall.read(claim.end)
    if end_minute == 0 and last > first:
        last, end_minute = last - 1, DAY
    style, who = _style(row, claim, me), _who(claim, me)
    stands = of_one or not claim.is_companion
    opening = max(0, first)
    for day in range(opening, min(last, 6) + 1):
        begins = start_minute if day == first else 0
        ends = end_minute if day == last else DAY
        if ends <= begins:  # the doubled hour of October: the wall clock goes back
            ends = begins + QUARTER
        label = f"{_hours(begins, ends, day < last, day > first)} {who}"
        title = label if of_one and ends - begins < HOUR else ""
        is_first = stands and day == opening
        bar = Bar(_place(begins, ends) + style, label, claim.booking_id, is_first, title)
        row.days.setdefault(day + 1, []).append(bar)


@lru_cache(maxsize=4096)
def _place(begins: int, ends: int) -> str:
    quarter = begins // QUARTER
    return f"b s{quarter} w{min(-(-ends // QUARTER), QUARTERS_IN_DAY) - quarter}"


def _style(row: Row, claim: Claimed, me: int | None) -> str:
    lane = f" u{claim.unit}" if row.capacity > 1 else ""
    if claim.booking_id is None:
        return f" out{lane}"
    if claim.is_request:
        lane += " ask"
    return f" mine{lane}" if claim.person_id == me else lane


def _hours(begins: int, ends: int, goes_on: bool, came: bool) -> str:
    """``08:00 – 10:00``; of several days: from an hour, the whole day, to an hour."""
    if not goes_on and not came:
        return f"{CLOCK[begins]}{i18n.DASH}{CLOCK[ends]}"
    if goes_on and came:
        return i18n.gettext(N_("toute la journée"))
    message = N_("dès %(hour)s") if goes_on else N_("jusqu'à %(hour)s")
    return i18n.translated(message, {"hour": CLOCK[begins if goes_on else ends]})


def _who(claim: Claimed, me: int | None) -> str:
    """The holder, or why nobody has it."""
    if claim.booking_id is None:
        return claim.why or ""
    who = i18n.gettext(N_("moi")) if claim.person_id == me else (claim.name or "")
    if claim.is_request:
        return f"{who} {i18n.gettext(N_('(demande)'))}"
    return who


def say_who_has_it(row: Row, now: dt.datetime) -> None:
    """Free now and until when, or taken and free again at what hour; or why nobody may take it."""
    local = now.astimezone(row.zone)
    if row.check_due_on and row.check_due_on < local.date():
        row.tone, row.state = "out", i18n.gettext(N_("contrôle périodique à faire"))
        return
    running = [claim for claim in row.claims if claim.start <= now < claim.held_until]
    if len({claim.unit for claim in running}) < row.capacity:
        _say_free(row, now, local)
        return
    is_out = all(claim.booking_id is None for claim in running)
    row.tone = "out" if is_out else "busy"
    free_at = _free_at(row, now).astimezone(row.zone)
    if is_out:
        today, later = N_("indisponible · libre à %(when)s"), N_("indisponible · libre %(when)s")
    else:
        today, later = N_("pris · libre à %(when)s"), N_("pris · libre %(when)s")
    row.state = _until(today, later, free_at, local)


def _say_free(row: Row, now: dt.datetime, local: dt.datetime) -> None:
    opens = next_opening(row.open_days, row.opens_at, row.closes_at, local)
    if opens != local:
        today, later = N_("fermé · ouvre à %(when)s"), N_("fermé · ouvre %(when)s")
        row.tone, row.state = "busy", _until(today, later, opens, local)
        return
    row.tone, row.state = "ok", i18n.gettext(N_("libre"))
    coming = [claim.start for claim in row.claims if claim.start > now]
    if row.capacity == 1 and coming:
        until = min(coming).astimezone(row.zone)
        if until.date() == local.date():
            row.state = i18n.translated(N_("libre · jusqu'à %(when)s"), {"when": _hour(until)})


def _until(today: str, later: str, moment: dt.datetime, local: dt.datetime) -> str:
    """The words with an hour of this day, or others with a day and an hour."""
    same_day = moment.date() == local.date()
    words, when = (today, _hour(moment)) if same_day else (later, i18n.moment(moment))
    return i18n.translated(words, {"when": when})


def _hour(moment: dt.datetime) -> str:
    return CLOCK[moment.hour * 60 + moment.minute]


def next_opening(
    days: Collection[int], opens: dt.time | None, closes: dt.time | None, local: dt.datetime
) -> dt.datetime:
    """When an item is lent by its days and hours: at that local moment, or the next time it opens.

    ``days``: those of the week, from 1 for Monday. Without hours, the whole day.
    """
    for later in range(8):
        day = local.date() + dt.timedelta(days=later)
        is_over = later == 0 and local.time() >= (closes or dt.time.max)
        if day.isoweekday() in days and not is_over:
            return max(local, dt.datetime.combine(day, opens or dt.time.min, local.tzinfo))
    return local


def _free_at(row: Row, now: dt.datetime) -> dt.datetime:
    """The first end of a claim at which some unit is held by nobody."""
    for moment in sorted(claim.held_until for claim in row.claims if claim.held_until > now):
        held = {claim.unit for claim in row.claims if claim.start <= moment < claim.held_until}
        if len(held) < row.capacity:
            return moment
    return now


def day_heads(week: Week, today: dt.date) -> list[dict[str, Any]]:
    """The seven days as the head of the board shows them."""
    return [
        {"number": n, "iso": day.isoformat(), "text": i18n.day(day, "tiny"), "today": day == today}
        for n, day in enumerate(week.days, 1)
    ]


def week_title(week: Week) -> str:
    """``23 – 29 nov. 2026``, with the month of the Monday when it is another."""
    first, last = week.monday, week.sunday
    text = i18n.day(last)
    if first.month == last.month:
        return f"{i18n.day(first, 'number')} – {text}"
    return f"{i18n.day(first, 'short').partition(' ')[2]} – {text}"


def row_of(
    item_id: int,
    name: str,
    code: str,
    site_id: int,
    site: str,
    structure_id: int,
    category: str,
    capacity: int,
    time_zone: str,
    *rules: Any,
) -> Row:
    """``rules``: the days and hours when it is lent, and until when it is checked."""
    zone = zone_named(time_zone)
    return Row(item_id, name, code, site_id, site, structure_id, category, capacity, zone, *rules)
