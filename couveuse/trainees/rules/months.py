"""Months as contracts count them, in both directions. The one place that knows how."""

import datetime as dt
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

DAY = dt.timedelta(days=1)


class Span(NamedTuple):
    """Whole months, and the days left over."""

    months: int
    days: int


def last_day_after(first: dt.date, months: int) -> dt.date:
    """The last day of a period of so many months that begins on ``first``.

    From day-number to day-number: it ends on the eve of the same day-number, or, where that month
    has no such day, on the month's last day. So article 641 of the code of civil procedure counts
    delays; contracts follow it by analogy. From 31 January one month goes to the last day of
    February; from 29 February 2028 twelve months go to 28 February 2029.
    """
    same = first + relativedelta(months=months)  # on the last day when the month is too short
    return same - DAY if same.day == first.day else same


def months_in(first: dt.date, last: dt.date) -> Span:
    """How long it is from the first to the last day, both included."""
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    while months and last_day_after(first, months) > last:
        months -= 1
    return Span(months, (last - last_day_after(first, months)).days)


def first_day_before(last: dt.date, months: int) -> dt.date:
    """The latest first day of a period of so many months that is over on ``last``."""
    first = last - relativedelta(months=months) - 3 * DAY
    while last_day_after(first + DAY, months) <= last:
        first += DAY
    return first


def decide_by(last: dt.date, months: int) -> dt.date:
    """The last day that leaves so many whole months before the end; it does not count itself."""
    return first_day_before(last, months) - DAY
