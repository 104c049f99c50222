import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couveuse.plots.organic import (
    Stage,
    may_sell_in_conversion,
    organic_dates,
    organic_stage,
)

START = dt.date(2024, 2, 29)
ORDER = list(Stage)


@pytest.mark.parametrize(
    ("day", "annual", "perennial"),
    [
        (dt.date(2024, 2, 28), Stage.CONVENTIONAL, Stage.CONVENTIONAL),
        (dt.date(2024, 2, 29), Stage.C1, Stage.C1),
        (dt.date(2025, 2, 27), Stage.C1, Stage.C1),
        (dt.date(2025, 2, 28), Stage.C2, Stage.C2),
        (dt.date(2026, 2, 27), Stage.C2, Stage.C2),
        (dt.date(2026, 2, 28), Stage.ORGANIC, Stage.C3),
        (dt.date(2027, 2, 27), Stage.ORGANIC, Stage.C3),
        (dt.date(2027, 2, 28), Stage.ORGANIC, Stage.ORGANIC),
    ],
)
def test_the_stage_follows_from_the_start_of_conversion(day, annual, perennial):
    assert organic_stage(START, day) == annual
    assert organic_stage(START, day, perennial=True) == perennial


def test_without_conversion_land_is_conventional():
    assert organic_stage(None, dt.date(2030, 1, 1)) == Stage.CONVENTIONAL
    assert organic_dates(None) is None
    assert not may_sell_in_conversion(None, dt.date(2030, 1, 1))


def test_harvests_are_sold_in_conversion_after_twelve_months():
    start = dt.date(2024, 9, 1)
    assert not may_sell_in_conversion(start, dt.date(2025, 8, 31))
    assert may_sell_in_conversion(start, dt.date(2025, 9, 1))


days = st.dates(dt.date(2000, 1, 1), dt.date(2080, 1, 1))


@given(days, days, days, st.booleans())
def test_land_never_falls_back(start, one, other, perennial):
    first, second = sorted((one, other))
    before = organic_stage(start, first, perennial=perennial)
    after = organic_stage(start, second, perennial=perennial)
    assert ORDER.index(after) >= ORDER.index(before)


@given(days, days)
def test_perennials_wait_at_least_as_long_as_annuals(start, day):
    annual, perennial = (organic_stage(start, day, perennial=kind) for kind in (False, True))
    assert ORDER.index(annual) >= ORDER.index(perennial)


@pytest.mark.parametrize("stage", [Stage.C1, Stage.C2, Stage.ORGANIC])
@given(start=days)
def test_a_stage_begins_on_the_day_it_is_reached(stage, start):
    dates = organic_dates(start)
    assert dates
    day = dates.reached_on(stage)
    assert organic_stage(start, day) == stage
    assert organic_stage(start, day - dt.timedelta(days=1)) != stage
