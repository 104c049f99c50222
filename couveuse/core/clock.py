"""Time: instants are aware and UTC; local time exists only at the edges (forms, templates)."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

UTC = dt.UTC
PARIS = ZoneInfo("Europe/Paris")


def now() -> dt.datetime:
    """The present instant, aware, in UTC. The only clock of the product."""
    return dt.datetime.now(UTC)


def today(zone: ZoneInfo = PARIS) -> dt.date:
    """The present day where ``zone`` is."""
    return now().astimezone(zone).date()


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo:
    return ZoneInfo(name)


class MissingHour(ValueError):
    """A wall-clock time skipped when summer time begins."""


class DoubledHour(ValueError):
    """A wall-clock time that happens twice, when summer time ends; say which with ``fold``."""


def to_instant(local: dt.datetime, zone: ZoneInfo, fold: int | None = None) -> dt.datetime:
    """Turn a naive wall-clock time of ``zone`` into a UTC instant.

    ``fold`` chooses the first (0) or second (1) occurrence of a doubled hour. Raises MissingHour
    for a time that does not exist that day, DoubledHour for one that exists twice when ``fold`` is
    None.
    """
    first = local.replace(tzinfo=zone, fold=0)
    second = local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise MissingHour(local)
    if fold is None:
        raise DoubledHour(local)
    return (second if fold else first).astimezone(UTC)


def day_start(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The instant at which ``day`` begins in ``zone``."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A calendar week, Monday to Sunday, written as ISO 8601 does: ``2026-W48``."""

    monday: dt.date

    @classmethod
    def of(cls, day: dt.date) -> "Week":
        return cls(day - dt.timedelta(days=day.weekday()))

    @classmethod
    def parse(cls, text: str) -> "Week":
        """Read ``2026-W48``. Raises ValueError for anything else, or a year out of 2000-2199."""
        match = re.fullmatch(r"(2[01]\d\d)-W(\d\d)", text)
        if match is None:
            raise ValueError(text)
        return cls(dt.date.fromisocalendar(int(match[1]), int(match[2]), 1))

    def __str__(self) -> str:
        year, week, _ = self.monday.isocalendar()
        return f"{year}-W{week:02}"

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)

    @property
    def days(self) -> list[dt.date]:
        return [self.monday + dt.timedelta(days=n) for n in range(7)]

    def shifted(self, weeks: int) -> "Week":
        return Week(self.monday + dt.timedelta(weeks=weeks))

    def bounds(self, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
        """First instant of Monday and of the next, in ``zone``: 167, 168 or 169 hours apart."""
        return day_start(self.monday, zone), day_start(self.shifted(1).monday, zone)
