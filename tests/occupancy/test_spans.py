"""What reads as one, and when ground is free."""

import datetime as dt
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import Range

from couveuse.occupancy.season import SCALE, Season, add_months
from couveuse.occupancy.spans import (
    DAY,
    Stage,
    as_runs,
    days_of,
    first_free,
    last_day_of,
    said,
    stage_of,
    unbroken,
)

D = dt.date


@dataclass(frozen=True)
class Claim:
    plot_id: int
    kind: str
    stay_id: int | None
    during: Range[dt.date]


def claim(start: dt.date, end: dt.date | None, stay: int | None = 1, plot: int = 1) -> Claim:
    return Claim(plot, "stay" if stay else "rest", stay, Range(start, end))


def test_out_on_one_day_and_in_on_the_next_touch_without_overlap() -> None:
    first = days_of(D(2026, 5, 1), D(2026, 10, 31))
    second = days_of(D(2026, 11, 1), None)
    assert not first.overlaps(second)
    assert first.adjacent_to(second)
    assert last_day_of(first) == D(2026, 10, 31)


def test_contiguous_periods_of_one_stay_read_as_one() -> None:
    [run] = as_runs([claim(D(2027, 1, 1), None), claim(D(2026, 1, 1), D(2027, 1, 1))])
    assert run.during == Range(D(2026, 1, 1), None)
    assert len(run.claims) == 2


def test_a_gap_another_stay_or_a_rest_is_not_the_same_time() -> None:
    year = [D(2026, 1, 1), D(2026, 6, 1), D(2026, 9, 1), D(2027, 1, 1)]
    assert len(as_runs([claim(year[0], year[1]), claim(year[2], year[3])])) == 2
    assert len(as_runs([claim(year[0], year[1]), claim(year[1], year[2], 2)])) == 2
    assert len(as_runs([claim(year[0], year[1], None), claim(year[1], year[2], None)])) == 2


def test_a_stay_goes_on_along_the_lineage() -> None:
    cut = D(2026, 6, 1)
    runs = as_runs([claim(D(2026, 1, 1), cut), claim(cut, D(2027, 1, 1), plot=2)])
    assert [run.during for run in runs] == [Range(D(2026, 1, 1), D(2027, 1, 1))]


def test_two_plots_of_one_stay_are_not_mixed_up() -> None:
    cut, end = D(2027, 1, 1), D(2028, 1, 1)
    first = [claim(D(2026, 1, 1), cut, plot=plot) for plot in (1, 2)]
    runs = as_runs([*first, *(claim(cut, end, plot=plot) for plot in (1, 2))])
    assert [[one.plot_id for one in run.claims] for run in runs] == [[1, 1], [2, 2]]


def test_a_whole_stay_is_what_its_plots_cover_without_a_gap() -> None:
    lone, first = Range(D(2020, 1, 1), D(2021, 1, 1)), Range(D(2025, 1, 1), D(2026, 1, 1))
    moved, last = Range(D(2025, 9, 1), D(2027, 1, 1)), Range(D(2027, 1, 1), None)
    for one in (first, moved, last):
        assert unbroken(one, [last, lone, moved, first]) == Range(D(2025, 1, 1), None)
    assert unbroken(lone, [first, last]) == lone
    assert unbroken(first, [lone, last]) == first


@pytest.mark.parametrize(
    ("first", "end", "planned", "goes_on", "stage"),
    [
        (D(2026, 11, 26), None, None, False, Stage.COMING),
        (D(2026, 11, 25), None, None, False, Stage.RUNNING),
        (D(2026, 1, 1), D(2026, 11, 26), D(2027, 1, 1), True, Stage.RUNNING),
        (D(2026, 1, 1), D(2026, 11, 25), None, False, Stage.OVER),
        (D(2026, 1, 1), D(2026, 11, 25), D(2026, 11, 24), False, Stage.OVER),
        (D(2026, 1, 1), D(2026, 11, 25), D(2026, 11, 25), False, Stage.ENDED_EARLY),
        (D(2026, 1, 1), D(2026, 11, 25), None, True, Stage.GOES_ON),
    ],
)
def test_where_a_claim_is_in_its_time(
    first: dt.date, end: dt.date | None, planned: dt.date | None, *, goes_on: bool, stage: Stage
) -> None:
    assert stage_of(Range(first, end), planned, D(2026, 11, 25), goes_on=goes_on) == stage


def test_dates_are_said_with_the_last_day() -> None:
    assert said(Range(D(2026, 11, 2), D(2027, 11, 1))) == "du 2 nov. 2026 au 31 oct. 2027"
    assert said(Range(D(2026, 11, 2), None)) == "à partir du 2 nov. 2026"


days = st.dates(D(2020, 1, 1), D(2030, 12, 31))


@given(st.lists(st.tuples(days, st.integers(1, 400)), max_size=8), days)
def test_the_first_free_day_is_held_by_nothing_and_all_before_it_are(
    spans: list[tuple[dt.date, int]], day: dt.date
) -> None:
    taken: list[Range[dt.date]] = []
    for start, length in spans:
        span = Range(start, start + length * DAY)
        if not any(span.overlaps(other) for other in taken):
            taken.append(span)
    free = first_free(taken, day)
    assert free is not None
    assert not any(span.contains(free) for span in taken)
    before = [day + n * DAY for n in range((free - day).days)]
    assert all(any(span.contains(one) for span in taken) for one in before)


def test_held_for_ever_is_never_free() -> None:
    assert first_free([Range(D(2026, 1, 1), None)], D(2026, 5, 1)) is None


@given(days, st.integers(1, 7000), days, st.integers(1, 3000))
def test_bands_stay_on_the_board(
    first: dt.date, length: int, start: dt.date, days_long: int
) -> None:
    season = Season(first, first + length * DAY)
    left, width = season.place(start, start + days_long * DAY).split()
    assert 0 <= int(left[1:]) <= SCALE
    assert int(width[1:]) >= 1
    assert int(left[1:]) + int(width[1:]) <= SCALE


def test_seasons_follow_each_other() -> None:
    season = Season.around(D(2026, 11, 25))
    assert (season.start, season.last_day) == (D(2026, 11, 1), D(2027, 10, 31))
    assert season.shifted(1).start == season.end
    assert season.shifted(-1).end == season.start
    assert Season.around(D(2026, 10, 31)).end == season.start
    assert add_months(D(2024, 1, 31), 1) == D(2024, 2, 29)
    assert add_months(D(2026, 12, 1), 12) == D(2027, 12, 1)
