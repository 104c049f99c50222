"""Ranges of days as people say them, and what reads as one. Pure.

Stored half-open; said with the first and the last day.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy.dialects.postgresql import Range

from couveuse.core import i18n

DAY = dt.timedelta(days=1)
FAR = dt.date.max
"""Stands for "without end" where days are compared."""


def days_of(first: dt.date, last: dt.date | None) -> Range[dt.date]:
    """From the first to the last day, both meant; without a last day, no end."""
    return Range(first, last + DAY if last else None)


def start_of(during: Range[dt.date]) -> dt.date:
    """The first day, which a constraint demands."""
    assert during.lower is not None  # noqa: S101
    return during.lower


def end_of(during: Range[dt.date]) -> dt.date:
    """The first day after; far away when there is no end."""
    return during.upper or FAR


def last_day_of(during: Range[dt.date]) -> dt.date | None:
    return during.upper - DAY if during.upper else None


def said(during: Range[dt.date]) -> str:
    """``du 1 nov. 2026 au 31 oct. 2027``, or ``à partir du …``."""
    return i18n.days(during.lower, last_day_of(during))


class Stage(StrEnum):
    """Where a claim is in its time."""

    COMING = "coming"
    RUNNING = "running"
    GOES_ON = "goes_on"
    OVER = "over"
    ENDED_EARLY = "ended_early"


def stage_of(
    during: Range[dt.date],
    planned_end_on: dt.date | None,
    today: dt.date,
    *,
    goes_on: bool = False,
) -> Stage:
    """``goes_on``: after its last day, it is held on by the same on what its plot became."""
    last = last_day_of(during)
    if start_of(during) > today:
        return Stage.COMING
    if last is None or last >= today:
        return Stage.RUNNING
    if goes_on:
        return Stage.GOES_ON
    return Stage.ENDED_EARLY if planned_end_on and planned_end_on > last else Stage.OVER


@dataclass(slots=True)
class Run:
    """Claims of one stay that follow each other without a gap: read as one."""

    kind: str
    stay_id: int | None
    during: Range[dt.date]
    claims: list[Any] = field(default_factory=list[Any])

    @property
    def plot_id(self) -> int:
        """Where it is at its end."""
        return self.claims[-1].plot_id

    @property
    def last_day(self) -> dt.date | None:
        return last_day_of(self.during)


def as_runs(claims: Iterable[Any]) -> list[Run]:
    """One run for each unbroken time of a stay; claims without a stay stand by themselves.

    On one plot or along its lineage: a claim that goes on where another ended is the same time.
    A claim is anything with ``plot_id``, ``kind``, ``stay_id`` and ``during``.
    """
    runs: list[Run] = []
    open_at: defaultdict[tuple[str, int, dt.date], list[Run]] = defaultdict(list)
    for claim in sorted(claims, key=lambda one: (start_of(one.during), one.plot_id)):
        waiting = open_at[claim.kind, claim.stay_id or 0, start_of(claim.during)]
        if claim.stay_id and waiting:
            run = next((one for one in waiting if one.plot_id == claim.plot_id), waiting[-1])
            waiting.remove(run)
        else:
            run = Run(claim.kind, claim.stay_id, claim.during)
            runs.append(run)
        run.claims.append(claim)
        run.during = Range(run.during.lower, claim.during.upper)
        if claim.stay_id and claim.during.upper:
            open_at[claim.kind, claim.stay_id, claim.during.upper].append(run)
    return runs


def unbroken(during: Range[dt.date], others: Iterable[Range[dt.date]]) -> Range[dt.date]:
    """The time around ``during`` that it and the others cover without a gap."""
    spans = sorted([during, *others], key=start_of)
    first, end = start_of(spans[0]), end_of(spans[0])
    for span in spans:
        if start_of(span) <= end:
            end = max(end, end_of(span))
        elif first <= start_of(during) < end:
            break
        else:
            first, end = start_of(span), end_of(span)
    return Range(first, None if end == FAR else end)


def first_free_within(
    allowed: Sequence[Range[dt.date]], taken: Sequence[Range[dt.date]], day: dt.date
) -> dt.date | None:
    """The first day from ``day`` on that is allowed and that no range holds, if any comes."""
    for during in sorted(allowed, key=start_of):
        free = first_free(taken, max(day, start_of(during)))
        if free and free < end_of(during):
            return free
    return None


def first_free(taken: Sequence[Range[dt.date]], day: dt.date) -> dt.date | None:
    """The first day from ``day`` on that no range holds; None when held for ever."""
    for during in sorted(taken, key=start_of):
        if start_of(during) > day:
            return day
        if day < end_of(during):
            if during.upper is None:
                return None
            day = during.upper
    return day
