"""Months from day-number to day-number, both ways."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couveuse.trainees.rules import Span, decide_by, first_day_before, last_day_after, months_in

DAY = dt.timedelta(days=1)
DAYS = st.dates(dt.date(2019, 1, 1), dt.date(2060, 12, 31))
MONTHS = st.integers(1, 40)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


ENDS = [
    # first day, months, last day
    ("2026-02-01", 12, "2027-01-31"),
    ("2026-02-01", 1, "2026-02-28"),
    ("2026-01-15", 1, "2026-02-14"),
    ("2027-01-28", 1, "2027-02-27"),
    ("2027-01-29", 1, "2027-02-28"),
    ("2027-01-30", 1, "2027-02-28"),
    ("2027-01-31", 1, "2027-02-28"),
    ("2028-01-29", 1, "2028-02-28"),
    ("2028-01-30", 1, "2028-02-29"),
    ("2028-01-31", 1, "2028-02-29"),
    ("2028-02-29", 1, "2028-03-28"),
    ("2028-02-29", 12, "2029-02-28"),
    ("2028-02-29", 24, "2030-02-28"),
    ("2028-02-29", 48, "2032-02-28"),
    ("2027-02-28", 12, "2028-02-27"),
    ("2027-03-01", 12, "2028-02-29"),
    ("2026-03-31", 1, "2026-04-30"),
    ("2026-03-30", 1, "2026-04-29"),
    ("2026-08-31", 6, "2027-02-28"),
    ("2026-12-31", 12, "2027-12-30"),
    ("2026-05-31", 36, "2029-05-30"),
    ("2026-11-01", 0, "2026-10-31"),
]


@pytest.mark.parametrize(("first", "months", "last"), ENDS)
def test_where_a_period_of_so_many_months_ends(first, months, last):
    assert last_day_after(day(first), months) == day(last)


@pytest.mark.parametrize(("first", "months", "last"), [one for one in ENDS if one[1]])
def test_how_long_it_is(first, months, last):
    assert months_in(day(first), day(last)) == Span(months, 0)
    assert months_in(day(first), day(last) - DAY).months == months - 1


@pytest.mark.parametrize(
    ("first", "last", "span"),
    [
        ("2026-02-01", "2026-02-01", (0, 1)),
        ("2026-02-01", "2026-11-25", (9, 25)),
        ("2026-01-31", "2026-02-27", (0, 28)),
        ("2026-01-31", "2026-03-01", (1, 1)),
        ("2028-02-29", "2029-02-27", (11, 30)),
        ("2028-02-29", "2029-03-01", (12, 1)),
    ],
)
def test_months_and_days(first, last, span):
    assert months_in(day(first), day(last)) == span


@pytest.mark.parametrize(
    ("last", "decide"),
    [
        ("2027-01-31", "2026-11-30"),
        ("2027-02-28", "2026-12-31"),
        ("2028-02-29", "2027-12-31"),
        ("2027-04-30", "2027-02-28"),
        ("2027-01-14", "2026-11-14"),
    ],
)
def test_the_last_day_to_decide_leaves_two_whole_months(last, decide):
    assert decide_by(day(last), 2) == day(decide)


def plain_last_day(first: dt.date, months: int) -> dt.date:
    """The same, written otherwise: count the days of the calendar one by one."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    found = dt.date(year, month + 1, 1)
    while found.day < first.day:
        if (found + DAY).month != month + 1:
            return found
        found += DAY
    return found - DAY


@given(DAYS, MONTHS)
def test_it_agrees_with_a_calendar(first, months):
    assert last_day_after(first, months) == plain_last_day(first, months)


@given(DAYS, MONTHS)
def test_both_directions_agree(first, months):
    last = last_day_after(first, months)
    assert months_in(first, last) == Span(months, 0)
    latest = first_day_before(last, months)
    assert latest >= first
    assert last_day_after(latest, months) == last
    assert last_day_after(latest + DAY, months) > last


@given(DAYS, DAYS)
def test_no_day_is_lost_or_counted_twice(one, other):
    first, last = sorted((one, other))
    months, days = months_in(first, last)
    assert last_day_after(first, months) + days * DAY == last
    assert 0 <= days <= 31
