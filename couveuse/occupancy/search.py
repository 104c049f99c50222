"""Free ground for a project: which plots fit, and when they fall free. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.dialects.postgresql import Range

from couveuse.occupancy.figures import FAR, Ground
from couveuse.occupancy.spans import DAY, end_of, start_of
from couveuse.plots.organic import STAGES, Stage, organic_stage, reaches


class Candidate(NamedTuple):
    """A plot that has what is asked for, and what limits its use."""

    ground: Ground
    water: str | None
    has_power: bool
    has_fence: bool
    conversion_on: dt.date | None
    rights: list[Range[dt.date]] | None
    """What the rights on the land cover; None when none is recorded."""
    taken: list[Range[dt.date]] | None


@dataclass(frozen=True, slots=True)
class Window:
    """Days when a plot may be had; ``end`` is the first day after, None when open."""

    start: dt.date
    end: dt.date | None


@dataclass(frozen=True, slots=True)
class Fit:
    candidate: Candidate
    window: Window
    is_at_once: bool
    """Free on the very dates asked for."""
    stage: str

    @property
    def last_day(self) -> dt.date | None:
        return self.window.end - DAY if self.window.end else None


def windows(candidate: Candidate, day: dt.date) -> list[Window]:
    """The free times of a plot from a day on, inside its service and the rights on it."""
    ground = candidate.ground
    service = Range(max(ground.start, day), ground.end)
    reach = [service] if candidate.rights is None else _within(service, candidate.rights)
    free = [part for span in reach for part in _without(span, candidate.taken or [])]
    return [Window(start_of(span), span.upper) for span in free]


def _within(span: Range[dt.date], others: Sequence[Range[dt.date]]) -> list[Range[dt.date]]:
    found: list[Range[dt.date]] = []
    for other in others:
        start, end = max(start_of(span), start_of(other)), min(end_of(span), end_of(other))
        if start < end:
            found.append(Range(start, None if end == FAR else end))
    return found


def _without(span: Range[dt.date], taken: Sequence[Range[dt.date]]) -> list[Range[dt.date]]:
    found: list[Range[dt.date]] = []
    at, end = start_of(span), end_of(span)
    for one in sorted(taken, key=start_of):
        if start_of(one) > at:
            found.append(Range(at, min(start_of(one), end)))
        at = max(at, end_of(one))
        if at >= end:
            break
    if at < end:
        found.append(Range(at, None if end == FAR else end))
    return [one for one in found if start_of(one) < end_of(one)]


def fits(
    candidates: Sequence[Candidate],
    wanted: Window,
    stage: Stage | None,
) -> list[Fit]:
    """Plots with a window long enough, those free at once first, then by when they fall free."""
    found = [fit for one in candidates if (fit := _fit(one, wanted, stage))]
    return sorted(found, key=lambda fit: (not fit.is_at_once, fit.window.start))


def _fit(candidate: Candidate, wanted: Window, stage: Stage | None) -> Fit | None:
    length = wanted.end - wanted.start if wanted.end else dt.timedelta(days=1)
    for window in windows(candidate, wanted.start):
        until = window.end or FAR
        if until - window.start < length:
            continue
        reached = organic_stage(candidate.conversion_on, window.start)
        if stage and not reaches(reached, stage):
            continue
        is_at_once = window.start == wanted.start and (wanted.end or window.start) <= until
        return Fit(candidate, window, is_at_once, STAGES[reached])
    return None
