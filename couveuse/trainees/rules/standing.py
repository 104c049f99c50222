"""Where an agreement stands on a day: months used and left, which period, when to decide."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from couveuse.trainees.models import Agreement, AgreementKind, AgreementPeriod
from couveuse.trainees.rules.agreements import last_of_all
from couveuse.trainees.rules.months import DAY, Span, decide_by, last_day_after, months_in

WARNING_DAYS = (7, 30, 60, 90)
"""How long before an end people are told, the most pressing first."""


class AgreementState(StrEnum):
    WAITING = "waiting"
    """For its signed document: nothing rests on it."""
    TO_COME = "to_come"
    RUNNING = "running"
    ENDED = "ended"
    ENDED_EARLY = "ended_early"


@dataclass(frozen=True, slots=True)
class Standing:
    """The clock of an agreement on a day. Days as people say them, both included."""

    state: AgreementState
    first: dt.date
    last: dt.date
    """Of the periods that are signed; of all while none is."""
    used: Span
    """Until the day, with the months made elsewhere."""
    left: Span
    """After the day, until the last one."""
    renewals: int
    renewals_left: int | None
    """None: the law sets no number."""
    latest: dt.date | None
    """How far renewals may still lead; None: the law sets no end."""
    decide_by: dt.date | None
    """The last day on which to decide about a renewal; None when there is nothing to decide."""
    days_left: int

    is_renewed: bool
    """A renewal is noted, and waits for its document."""

    @property
    def is_last_period(self) -> bool:
        return self.renewals_left == 0 and not self.is_renewed

    @property
    def warning(self) -> int | None:
        """Within how many days it ends, as people are told; None when far or over."""
        if self.days_left < 0 or self.state in {AgreementState.ENDED, AgreementState.ENDED_EARLY}:
            return None
        return next((days for days in WARNING_DAYS if self.days_left <= days), None)


def standing(agreement: Agreement, kind: AgreementKind, day: dt.date) -> Standing:
    """Needs the periods loaded."""
    periods = agreement.periods
    first, last = periods[0].first_day, _last_signed(periods)
    counted = min(day, last)
    used = months_in(first, counted) if counted >= first else Span(0, 0)
    ahead = max(first, day + DAY)
    renewals_left = _renewals_left(agreement, kind)
    latest = _latest(agreement, kind, renewals_left)
    is_noted = periods[-1].last_day > last
    open_end = agreement.ended_on is None and renewals_left != 0 and not is_noted and latest != last
    return Standing(
        state=state_of(agreement, day),
        first=first,
        last=last,
        used=Span(used.months + agreement.carried_months, used.days),
        left=months_in(ahead, last) if last >= ahead else Span(0, 0),
        renewals=len(periods) - 1,
        renewals_left=renewals_left,
        latest=latest,
        decide_by=decide_by(last, kind.decide_months) if open_end else None,
        days_left=(last - day).days,
        is_renewed=is_noted,
    )


def _last_signed(periods: Sequence[AgreementPeriod]) -> dt.date:
    """A renewal that waits for its document moves no end."""
    counting = [one for one in periods if one.is_signed] or periods
    return counting[-1].last_day


def state_of(agreement: Agreement, day: dt.date) -> AgreementState:
    """Needs the periods loaded."""
    first, last = agreement.periods[0], agreement.periods[-1]
    if agreement.ended_on and agreement.ended_on < day:
        return AgreementState.ENDED_EARLY
    if not first.is_signed:
        return AgreementState.WAITING
    if last.last_day < day:
        return AgreementState.ENDED
    if day < first.first_day:
        return AgreementState.TO_COME
    current = period_on(agreement.periods, day)
    return AgreementState.RUNNING if current and current.is_signed else AgreementState.WAITING


def period_on(periods: Sequence[AgreementPeriod], day: dt.date) -> AgreementPeriod | None:
    return next((one for one in periods if day in one.during), None)


def _renewals_left(agreement: Agreement, kind: AgreementKind) -> int | None:
    if agreement.ended_on:
        return 0
    if kind.max_renewals is None:
        return None
    return max(0, kind.max_renewals + 1 - len(agreement.periods))


def _latest(agreement: Agreement, kind: AgreementKind, renewals_left: int | None) -> dt.date | None:
    """The end of all the renewals that the law still allows."""
    first, last = agreement.periods[0].first_day, agreement.periods[-1].last_day
    if renewals_left == 0:
        return last
    ceiling = last_of_all(kind, first, agreement.carried_months)
    if kind.max_months and renewals_left:
        for _ in range(renewals_left):
            last = last_day_after(last + DAY, kind.max_months)
        return min(last, ceiling) if ceiling else last
    return ceiling


def current_agreement(agreements: Sequence[Agreement], day: dt.date) -> Agreement | None:
    """The one in force, else the next to come, else the last one. Needs the periods loaded."""
    running = [one for one in agreements if _first(one) <= day <= _last(one)]
    to_come = sorted((one for one in agreements if _first(one) > day), key=_first)
    over = sorted(agreements, key=_last, reverse=True)
    return next(iter([*running, *to_come, *over]), None)


def _first(agreement: Agreement) -> dt.date:
    return agreement.periods[0].first_day


def _last(agreement: Agreement) -> dt.date:
    return agreement.periods[-1].last_day
