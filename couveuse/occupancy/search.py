"""Free ground for a project: which plots fit, and when they fall free. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.dialects.postgresql import Range

from couveuse.occupancy.figures import FAR, Ground
from couveuse.occupancy.spans import DAY, end_of, start_of
from couveuse.plots.organic import STAGES, Stage, organic_dates, organic_stage


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
    """When it is free and has the organic stage asked for."""
    is_at_once: bool
    """On the very dates asked for."""
    stage_on: dt.date | None
    """When it reaches the stage asked for, if it has to be waited for."""
    until: dt.date | None
    """The first day after as long as was asked for; of the window when no end was."""

    @property
    def last_day(self) -> dt.date | None:
        return self.window.end - DAY if self.window.end else None

    @property
    def proposed_last_day(self) -> dt.date | None:
        """For who takes it as it was asked for."""
        return self.until - DAY if self.until else None

    @property
    def stage(self) -> str:
        """On the first day, in words; a marked sentence."""
        return STAGES[organic_stage(self.candidate.conversion_on, self.window.start)]

    @property
    def organic_on(self) -> dt.date | None:
        """From when what is sown is organic, if that is after the first day."""
        dates = organic_dates(self.candidate.conversion_on)
        return dates.annual_on if dates and dates.annual_on > self.window.start else None


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
    """Plots that may be had long enough, those at once first, then by when they may."""
    found = [fit for one in candidates if (fit := _fit(one, wanted, stage))]
    return sorted(found, key=lambda fit: (not fit.is_at_once, fit.window.start))


def _fit(candidate: Candidate, wanted: Window, stage: Stage | None) -> Fit | None:
    length = wanted.end - wanted.start if wanted.end else DAY
    stage_on = _stage_on(candidate, stage)
    if stage_on is None:
        return None
    for free in windows(candidate, wanted.start):
        start, until = max(free.start, stage_on), free.end or FAR
        if until - start >= length:
            is_late = stage_on > free.start
            return Fit(
                candidate,
                Window(start, free.end),
                is_at_once=start == wanted.start,
                stage_on=stage_on if is_late else None,
                until=start + length if wanted.end else free.end,
            )
    return None


def _stage_on(candidate: Candidate, stage: Stage | None) -> dt.date | None:
    """From when a plot has the stage that is asked for; None when it never will."""
    if stage is None:
        return dt.date.min
    dates = organic_dates(candidate.conversion_on)
    return dates.reached_on(stage) if dates else None
