"""A season of plots as the screen shows it: rows, months and bands. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape
from sqlalchemy.dialects.postgresql import Range

from couveuse.core import i18n
from couveuse.core.i18n import N_
from couveuse.occupancy.figures import FAR, Ground, Held
from couveuse.occupancy.models import PeriodKind
from couveuse.occupancy.rules import kind_name
from couveuse.occupancy.spans import DAY, said

SCALE = 1000
"""Bands stand to the thousandth of the period: classes xN and lN of season-grid.css."""
NARROWEST = 4
HUES = 8
FIRST_MONTH = 11
"""A farm season goes from November to October."""
MOST_DAYS = 7306
"""Twenty years."""
MONTHS_SHOWN = 24


class BadPeriod(ValueError):
    """The end comes before the start, or more than twenty years later."""


@dataclass(frozen=True, slots=True)
class Season:
    """A period on screen; ``end`` is the first day after it."""

    start: dt.date
    end: dt.date

    @classmethod
    def around(cls, day: dt.date) -> "Season":
        """The farm season of a day."""
        year = day.year if day.month >= FIRST_MONTH else day.year - 1
        return cls(dt.date(year, FIRST_MONTH, 1), dt.date(year + 1, FIRST_MONTH, 1))

    @classmethod
    def year(cls, year: int) -> "Season":
        return cls(dt.date(year, 1, 1), dt.date(year + 1, 1, 1))

    @classmethod
    def between(cls, first: dt.date, last: dt.date | None) -> "Season":
        """From a first to a last day, both meant; without a last day, twelve months."""
        end = last + DAY if last else add_months(first, 12)
        if not 0 < (end - first).days <= MOST_DAYS:
            raise BadPeriod
        return cls(first, end)

    @property
    def last_day(self) -> dt.date:
        return self.end - DAY

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def range(self) -> Range[dt.date]:
        return Range(self.start, self.end)

    @property
    def query(self) -> str:
        """The period as an address says it."""
        return f"debut={self.start}&fin={self.last_day}"

    @property
    def months(self) -> int:
        whole = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        return max(1, whole)

    def shifted(self, direction: int) -> "Season":
        """The period before (-1) or after (1), of as many months."""
        if self.start.day == 1 and self.end.day == 1:
            months = direction * self.months
            return Season(add_months(self.start, months), add_months(self.end, months))
        return Season(
            self.start + direction * (self.end - self.start),
            self.end + direction * (self.end - self.start),
        )

    def title(self) -> str:
        """``Saison 2026 – 2027``, ``Année 2026``, or the first and last day."""
        if self == Season.around(self.start):
            years = {"first": self.start.year, "second": self.end.year}
            return i18n.translated(N_("Saison %(first)s – %(second)s"), years)
        if self == Season.year(self.start.year):
            return i18n.translated(N_("Année %(year)s"), {"year": self.start.year})
        return f"{i18n.day(self.start)} – {i18n.day(self.last_day)}"

    def at(self, day: dt.date) -> int:
        """Where a day begins, in thousandths."""
        if day <= self.start:
            return 0
        if day >= self.end:
            return SCALE
        return (day - self.start).days * SCALE // (self.end - self.start).days

    def place(self, start: dt.date, end: dt.date) -> str:
        """The classes that put a span where it belongs."""
        first, last = self.at(start), self.at(end)
        width = max(NARROWEST, last - first)
        return f"x{min(first, SCALE - width)} l{width}"


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day some months away, or the last one that the month has."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(dt.date(year, month + 1, 1) + (day.day - 1) * DAY, following - DAY)


class Head(NamedTuple):
    """A month (or a year of a long period) at the head of the board."""

    place: str
    text: str
    iso: str
    is_year: bool


def heads(season: Season) -> list[Head]:
    step = 1 if season.months <= MONTHS_SHOWN else 12
    first = season.start.replace(day=1)
    if step == 12:
        first = first.replace(month=1)
    found: list[Head] = []
    while first < season.end:
        following = add_months(first, step)
        place = season.place(max(first, season.start), min(following, season.end))
        starts_year = first.month == 1 or not found
        found.append(Head(place, _head_text(first, step, starts_year), str(first), starts_year))
        first = following
    return found


def _head_text(first: dt.date, step: int, starts_year: bool) -> str:
    if step == 12:
        return str(first.year)
    month = _month(first, i18n.language())
    return f"{month} {first.year}" if starts_year else month


@lru_cache(maxsize=64)
def _month(first: dt.date, language: str) -> str:
    from babel.dates import format_date  # noqa: PLC0415, loaded by i18n already

    return format_date(first, "LLL", locale=language)


@dataclass(slots=True)
class Row:
    """A plot with its bands."""

    ground: Ground
    free_text: str
    tone: str
    before: str = ""
    """Place of the time before it is in service."""
    after: str = ""
    size: str = ""
    bands: list[str] = field(default_factory=list[str])

    @property
    def id(self) -> int:
        return self.ground.id

    @property
    def track(self) -> Markup:
        """The line of time. Put together here: thousands of bands are most of the page's work."""
        parts = [VOID % self.before] if self.before else []
        parts += self.bands
        if self.after:
            parts.append(VOID % self.after)
        return Markup("".join(parts))  # noqa: S704, see _safe


VOID = '<li class="void %s" aria-hidden="true"></li>'


def rows_of(
    grounds: Sequence[Ground],
    claims: Iterable[Held],
    season: Season,
    today: dt.date,
    claim_url: str,
) -> list[Row]:
    """A row for each plot, each claim a band; those of one stay that follow each other are one.

    ``claim_url`` is the address of a claim without its number.
    """
    rows = {ground.id: _row(ground, season, today) for ground in grounds}
    last: Held | None = None
    for claim in claims:
        row = rows.get(claim.plot_id)
        if row is None:
            continue
        joined = last is not None and goes_on(last, claim)
        row.bands.append(_band(claim, season, claim_url, joined=joined))
        last = claim
    return list(rows.values())


def goes_on(before: Held, claim: Held) -> bool:
    """Whether a claim is the same unbroken time as the one before it on the plot."""
    return (
        before.plot_id == claim.plot_id
        and before.stay_id is not None
        and before.stay_id == claim.stay_id
        and before.kind == claim.kind
        and before.end == claim.start
    )


def _row(ground: Ground, season: Season, today: dt.date) -> Row:
    text, tone = free_text(ground, today)
    row = Row(ground, text, tone)
    if ground.size_m2:
        row.size = _number(ground.size_m2, i18n.language())
    if ground.start > season.start:
        row.before = season.place(season.start, ground.start)
    if ground.end and ground.end < season.end:
        row.after = season.place(ground.end, season.end)
    return row


def free_text(ground: Ground, today: dt.date) -> tuple[str, str]:
    """When the plot is free next, and the tone to say it in."""
    if ground.end and ground.end <= today:
        last = {"day": ground.end - DAY}
        return i18n.translated(N_("jusqu'au %(day)s"), last), ""
    if ground.free_on is None:
        return i18n.gettext(N_("tenue sans fin")), "busy"
    if ground.free_on <= today:
        return i18n.gettext(N_("libre")), "ok"
    return i18n.translated(N_("libre le %(day)s"), {"day": ground.free_on}), "busy"


def hue_of(claim: Held) -> str:
    """The same people have the same hue everywhere."""
    if not claim.people:
        return ""
    return f" h{min(claim.people) % HUES + 1}"


def _band(claim: Held, season: Season, claim_url: str, *, joined: bool) -> str:
    place = season.place(claim.start, claim.end)
    clipped = (" open-start" if claim.start < season.start else "") + (
        " open-end" if claim.end > season.end else ""
    )
    look = f"band {claim.kind}{hue_of(claim)} {place}{clipped}{' joined' if joined else ''}"
    kind = kind_text(claim.kind, i18n.language())
    days = _said(claim.start, claim.end, i18n.language())
    if claim.names:
        who, details = ", ".join([_safe(name) for name in claim.names]), f"{kind}, {days}"
    else:
        who, details = kind.capitalize(), f"{_safe(claim.reason)}, {days}" if claim.reason else days
    return (
        f'<li><a class="{look}" href="{claim_url}{claim.id}" data-claim="{claim.id}">'
        f"<b>{who}</b> <span>{details}</span></a></li>"
    )


@lru_cache(maxsize=8192)
def _safe(text: str) -> str:
    """What people typed, for a page; kinds and dates are our own words."""
    return str(escape(text))


@lru_cache(maxsize=4096)
def _number(value: Decimal, _language: str) -> str:
    return i18n.number(value)


def looks_on(claims: Iterable[Held], day: dt.date) -> dict[int, dict[str, str]]:
    """How each held plot looks on the map on a day, with the words of its band."""
    language = i18n.language()
    return {
        claim.plot_id: {
            "look": f"{claim.kind}{hue_of(claim)}",
            "said": ", ".join(claim.names) or kind_text(claim.kind, language).capitalize(),
        }
        for claim in claims
        if claim.start <= day < claim.end
    }


@lru_cache(maxsize=32)
def kind_text(kind: str, _language: str) -> str:
    return kind_name(kind).lower()


@lru_cache(maxsize=8192)
def _said(start: dt.date, end: dt.date, _language: str) -> str:
    return said(Range(start, None if end == FAR else end))


# ---------------------------------------------------------------- two dates


@dataclass(frozen=True, slots=True)
class Change:
    """What is different on a plot between two dates."""

    ground: Ground
    before: Held | None
    after: Held | None
    what: str


APPEARS = N_("nouvelle parcelle")
GOES = N_("n'est plus en service")
FREED = N_("se libère")
TAKEN = N_("est prise")
OTHER = N_("change d'usage ou de personne")


def changes_between(
    grounds: Sequence[Ground], claims: Sequence[Held], first: dt.date, second: dt.date
) -> list[Change]:
    """Plots whose state differs between two dates, in the order of the board."""
    held: dict[tuple[int, dt.date], Held] = {}
    for claim in claims:
        for day in (first, second):
            if claim.start <= day < claim.end:
                held[claim.plot_id, day] = claim
    found: list[Change] = []
    for ground in grounds:
        before, after = held.get((ground.id, first)), held.get((ground.id, second))
        what = _difference(ground, before, after, first, second)
        if what:
            found.append(Change(ground, before, after, what))
    return found


def _difference(
    ground: Ground, before: Held | None, after: Held | None, first: dt.date, second: dt.date
) -> str | None:
    was, still = (ground.start <= day < (ground.end or FAR) for day in (first, second))
    if was != still:
        return APPEARS if still else GOES
    if _sense(before) == _sense(after):
        return None
    if before is None:
        return TAKEN
    return FREED if after is None else OTHER


def _sense(claim: Held | None) -> tuple[str, int | None, tuple[int, ...]] | None:
    if claim is None:
        return None
    alone = claim.kind not in (PeriodKind.STAY, PeriodKind.RESERVED)
    return (claim.kind, None if alone else claim.stay_id, tuple(claim.people))
