"""When progress committees are due. Pure: days in, days out."""

import datetime as dt
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

DAY = dt.timedelta(days=1)
FIRST_MONTHS = (3, 6, 12)
THEN_EVERY = 6
"""Months after the entry: the custom of test-spaces, "at about 3, 6 and 12 months, then each
half-year". No law says so; a committee that agrees on another date moves its next one."""
NOTICE = relativedelta(months=1)
"""How long before a date people are reminded."""
EARLY = 30 * DAY
"""A session held so long before a date counts for it."""
GAP = 90 * DAY
"""Agreements that follow each other within this time make one test."""


class DueState(StrEnum):
    LATE = "late"
    SOON = "soon"
    LATER = "later"


class Milestone(NamedTuple):
    on: dt.date
    months: int | None
    """After the entry; None: agreed by the committee before."""

    def state_on(self, day: dt.date) -> DueState:
        if self.on < day:
            return DueState.LATE
        return DueState.SOON if self.on - NOTICE <= day else DueState.LATER


class Course(NamedTuple):
    """From the first entry to the last day of the agreements that follow each other."""

    first: dt.date
    last: dt.date


def course_on(spans: Iterable[Course], day: dt.date) -> Course | None:
    """The test that goes on that day, from the first and last days of signed periods."""
    found: Course | None = None
    for one in sorted(spans):
        if found and one.first <= found.last + GAP:
            found = Course(found.first, max(found.last, one.last))
        elif found is None or found.last < day:
            found = one
    return found if found and found.first <= day <= found.last else None


def milestones(test: Course) -> Iterator[Milestone]:
    """From day-number to day-number; the last day of the month where it is too short.

    A year of test has its 12 months, though they are up the day after its last one.
    """
    number = 0
    while True:
        extra = (number - len(FIRST_MONTHS) + 1) * THEN_EVERY
        months = FIRST_MONTHS[number] if number < len(FIRST_MONTHS) else FIRST_MONTHS[-1] + extra
        on = test.first + relativedelta(months=months)
        if on - DAY > test.last:
            return
        yield Milestone(on, months)
        number += 1


def served_milestone(
    test: Course, day: dt.date, held_on: dt.date | None = None, agreed_on: dt.date | None = None
) -> Milestone | None:
    """Which date a session of that day is for: the last that it counts for, else the next."""
    agreed = agreed_on and (held_on is None or agreed_on > held_on) and agreed_on <= test.last
    after = agreed_on if agreed else held_on
    waiting = [Milestone(agreed_on, None)] if agreed and agreed_on else []
    waiting += [one for one in milestones(test) if after is None or one.on > after + EARLY]
    served = [one for one in waiting if one.on <= day + EARLY]
    return served[-1] if served else next(iter(waiting), None)


def next_milestone(
    test: Course, day: dt.date, held_on: dt.date | None = None, agreed_on: dt.date | None = None
) -> Milestone | None:
    """What is due: the date that the last committee agreed on; else the last custom one that passed
    without a session, else the next one. None: nothing more before the test ends."""
    if agreed_on and (held_on is None or agreed_on > held_on):
        return Milestone(agreed_on, None) if agreed_on <= test.last else None
    waiting = [one for one in milestones(test) if held_on is None or one.on > held_on + EARLY]
    passed = [one for one in waiting if one.on < day]
    return passed[-1] if passed else next(iter(waiting), None)
