"""A season of plots as the screen shows it: its months, and what changes in it. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from sqlalchemy.dialects.postgresql import Range

from couveuse.core import i18n
from couveuse.core.i18n import N_
from couveuse.occupancy.figures import FAR, Ground, Held
from couveuse.occupancy.models import PeriodKind
from couveuse.occupancy.spans import DAY

SCALE = 1000
"""Bands stand to the thousandth of the period: classes xN and lN of season-grid.css."""
NARROWEST = 4
FIRST_MONTH = 11
"""A farm season goes from November to October."""
MOST_DAYS = 7306
"""Twenty years."""
MONTHS_SHOWN = 24


class BadPeriod(ValueError):
    """The end comes before the start, or more than twenty years later."""


@dataclass(frozen=True)
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

    @cached_property
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

    @cached_property
    def thousandths(self) -> dict[dt.date, int]:
        """Where each day of the period begins: a board asks for thousands of them."""
        return {self.start + n * DAY: n * SCALE // self.days for n in range(self.days)}

    def place(self, start: dt.date, end: dt.date) -> str:
        """The classes that put a span where it belongs, cut to the period that it meets."""
        first, last = self.thousandths.get(start, 0), self.thousandths.get(end, SCALE)
        width = last - first
        if width < NARROWEST:
            first, width = min(first, SCALE - NARROWEST), NARROWEST
        return f"x{first} l{width}"


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
    return (claim.kind, None if alone else claim.stay_id, claim.people)
