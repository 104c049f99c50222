"""When progress committees are due, as tables."""

import datetime as dt

import pytest

from couveuse.followup.rhythm import (
    Course,
    DueState,
    Milestone,
    course_on,
    milestones,
    next_milestone,
)

D = dt.date
END = D(2029, 1, 30)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (D(2026, 1, 31), [D(2026, 4, 30), D(2026, 7, 31), D(2027, 1, 31), D(2027, 7, 31)]),
        (D(2026, 11, 30), [D(2027, 2, 28), D(2027, 5, 30), D(2027, 11, 30), D(2028, 5, 30)]),
        (D(2027, 11, 30), [D(2028, 2, 29), D(2028, 5, 30), D(2028, 11, 30)]),
        (D(2028, 2, 29), [D(2028, 5, 29), D(2028, 8, 29)]),
        (D(2026, 2, 1), [D(2026, 5, 1), D(2026, 8, 1), D(2027, 2, 1), D(2027, 8, 1)]),
    ],
)
def test_three_six_and_twelve_months_then_each_half_year(first: D, expected: list[D]) -> None:
    found = [one.on for one in milestones(Course(first, END))]

    assert found[: len(expected)] == expected


def test_no_date_beyond_what_the_last_day_completes() -> None:
    first = D(2026, 2, 1)

    assert [one.months for one in milestones(Course(first, D(2027, 1, 31)))] == [3, 6, 12]
    assert [one.months for one in milestones(Course(first, D(2027, 1, 30)))] == [3, 6]
    assert [one.months for one in milestones(Course(first, D(2026, 4, 29)))] == []


@pytest.mark.parametrize(
    ("today", "held", "agreed", "expected"),
    [
        (D(2026, 2, 1), None, None, D(2026, 5, 1)),
        (D(2026, 5, 1), None, None, D(2026, 5, 1)),
        (D(2026, 5, 2), None, None, D(2026, 5, 1)),
        # two dates passed without a session: the last of them is what waits
        (D(2026, 9, 1), None, None, D(2026, 8, 1)),
        # held up to thirty days before, it counts; a day more and it does not
        (D(2026, 5, 2), D(2026, 4, 1), None, D(2026, 8, 1)),
        (D(2026, 5, 2), D(2026, 3, 31), None, D(2026, 5, 1)),
        (D(2026, 9, 1), D(2026, 8, 20), None, D(2027, 2, 1)),
        # the committee agreed on a date of its own
        (D(2026, 9, 1), D(2026, 8, 20), D(2026, 10, 15), D(2026, 10, 15)),
        # and it has been held since
        (D(2026, 10, 20), D(2026, 10, 15), D(2026, 10, 15), D(2027, 2, 1)),
        # agreed beyond the end of the test
        (D(2026, 9, 1), D(2026, 8, 20), D(2028, 3, 1), None),
        (D(2028, 1, 20), D(2028, 1, 10), None, None),
    ],
)
def test_what_is_due(today: D, held: D | None, agreed: D | None, expected: D | None) -> None:
    found = next_milestone(Course(D(2026, 2, 1), D(2028, 1, 31)), today, held, agreed)

    assert (found.on if found else None) == expected


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (D(2026, 3, 31), DueState.SOON),
        (D(2026, 2, 28), DueState.SOON),
        (D(2026, 2, 27), DueState.LATER),
        (D(2026, 4, 1), DueState.LATE),
    ],
)
def test_a_month_before_it_is_soon_and_the_day_after_it_is_late(today: D, state: DueState) -> None:
    assert Milestone(D(2026, 3, 31), 3).state_on(today) == state


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([Course(D(2026, 1, 1), D(2026, 12, 31))], Course(D(2026, 1, 1), D(2026, 12, 31))),
        # renewed the next day, or after a short gap: one test
        (
            [Course(D(2026, 1, 1), D(2026, 6, 30)), Course(D(2026, 7, 1), D(2027, 1, 31))],
            Course(D(2026, 1, 1), D(2027, 1, 31)),
        ),
        (
            [Course(D(2025, 1, 1), D(2026, 6, 2)), Course(D(2026, 8, 31), D(2027, 1, 31))],
            Course(D(2025, 1, 1), D(2027, 1, 31)),
        ),
        # long ago, then again: another test
        (
            [Course(D(2025, 1, 1), D(2026, 6, 1)), Course(D(2026, 8, 31), D(2027, 1, 31))],
            Course(D(2026, 8, 31), D(2027, 1, 31)),
        ),
        ([Course(D(2027, 1, 1), D(2027, 6, 30))], None),
        ([Course(D(2025, 1, 1), D(2025, 6, 30))], None),
        ([], None),
    ],
)
def test_the_test_that_goes_on(spans: list[Course], expected: Course | None) -> None:
    assert course_on(spans, D(2026, 9, 1)) == expected
