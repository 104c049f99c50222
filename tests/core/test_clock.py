"""Instants, wall clocks and weeks: both nights on which the clocks change."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from couveuse.core import clock
from couveuse.core.clock import PARIS, UTC, DoubledHour, MissingHour, Week, day_start, to_instant

MARTINIQUE, NOUMEA = ZoneInfo("America/Martinique"), ZoneInfo("Pacific/Noumea")
QUARTERS = [dt.time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]
SPRING, AUTUMN = dt.date(2026, 3, 29), dt.date(2026, 10, 25)
"""In Paris: at 2 it is suddenly 3; at 3 it is suddenly 2 again."""


def local(day: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, time)


def utc(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


# ---------------------------------------------------------------- local times to instants


@pytest.mark.parametrize("time", QUARTERS)
def test_the_spring_night_skips_one_hour_and_no_other(time: dt.time) -> None:
    if time.hour == 2:
        with pytest.raises(MissingHour):
            to_instant(local(SPRING, time), PARIS)
    else:
        ahead = 1 if time.hour < 2 else 2
        expected = local(SPRING, time).replace(tzinfo=UTC) - dt.timedelta(hours=ahead)
        assert to_instant(local(SPRING, time), PARIS) == expected


@pytest.mark.parametrize("time", QUARTERS)
def test_the_autumn_night_asks_about_one_hour_and_no_other(time: dt.time) -> None:
    moment = local(AUTUMN, time)
    if time.hour == 2:
        with pytest.raises(DoubledHour):
            to_instant(moment, PARIS)
        assert to_instant(moment, PARIS, 0) == utc(AUTUMN, 0, time.minute)
        assert to_instant(moment, PARIS, 1) == utc(AUTUMN, 1, time.minute)
    else:
        ahead = 2 if time.hour < 2 else 1
        expected = moment.replace(tzinfo=UTC) - dt.timedelta(hours=ahead)
        assert to_instant(moment, PARIS) == expected


@pytest.mark.parametrize("fold", [0, 1])
def test_choosing_one_of_two_hours_conjures_up_no_missing_one(fold: int) -> None:
    with pytest.raises(MissingHour):
        to_instant(dt.datetime(2026, 3, 29, 2, 30), PARIS, fold)  # noqa: DTZ001, a wall clock


@pytest.mark.parametrize("fold", [None, 0, 1])
def test_on_other_nights_the_choice_changes_nothing(fold: int | None) -> None:
    moment = dt.datetime(2026, 11, 25, 2, 30)  # noqa: DTZ001, a wall clock
    assert to_instant(moment, PARIS, fold) == dt.datetime(2026, 11, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(("zone", "ahead"), [(MARTINIQUE, -4), (NOUMEA, 11)])
@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize("time", QUARTERS[::4])
def test_where_clocks_never_change_every_hour_exists_once(
    day: dt.date, time: dt.time, zone: ZoneInfo, ahead: int
) -> None:
    moment = local(day, time)
    expected = moment.replace(tzinfo=UTC) - dt.timedelta(hours=ahead)
    assert to_instant(moment, zone) == expected
    assert expected.astimezone(zone).replace(tzinfo=None) == moment


@pytest.mark.parametrize("day", [SPRING, AUTUMN, dt.date(2026, 11, 25)])
def test_every_instant_is_found_again_through_its_wall_clock(day: dt.date) -> None:
    start = day_start(day, PARIS)
    for quarter in range(100):
        instant = start + dt.timedelta(minutes=15 * quarter)
        shown = instant.astimezone(PARIS)
        assert to_instant(shown.replace(tzinfo=None, fold=0), PARIS, shown.fold) == instant


def test_days_begin_at_their_own_midnight() -> None:
    assert day_start(AUTUMN, PARIS) == utc(dt.date(2026, 10, 24), 22)
    assert day_start(AUTUMN + dt.timedelta(days=1), PARIS) == utc(AUTUMN, 23)
    assert day_start(AUTUMN, MARTINIQUE) == utc(AUTUMN, 4)
    assert day_start(AUTUMN, NOUMEA) == utc(dt.date(2026, 10, 24), 13)


def test_today_depends_on_where_one_stands(fixed_clock) -> None:
    fixed_clock(utc(dt.date(2026, 11, 25), 23, 30))

    assert clock.today() == dt.date(2026, 11, 26)
    assert clock.today(MARTINIQUE) == dt.date(2026, 11, 25)


# ---------------------------------------------------------------- weeks


@pytest.mark.parametrize(
    ("text", "monday"),
    [
        ("2026-W48", dt.date(2026, 11, 23)),
        ("2026-W01", dt.date(2025, 12, 29)),
        ("2026-W53", dt.date(2026, 12, 28)),
        ("2000-W01", dt.date(2000, 1, 3)),
        ("2199-W52", dt.date(2199, 12, 23)),
    ],
)
def test_a_week_is_read_and_written_the_same(text: str, monday: dt.date) -> None:
    week = Week.parse(text)

    assert week.monday == monday
    assert str(week) == text
    assert {Week.of(day) for day in week.days} == {week}
    assert week.sunday == week.days[-1]
    assert week.sunday.isoweekday() == 7


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026", "2026-48", "2026-W00", "2026-W54", "2025-W53", "1999-W01", "2200-W01"),
        *("2026-W48 ", "2026-W48\n", "2026-w48", "W48", "2026-W4", "2026-W481", "-2026-W48"),
    ],
)
def test_anything_else_is_no_week(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Week.parse(text)


@pytest.mark.parametrize(
    ("text", "zone", "hours"),
    [
        ("2026-W48", PARIS, 168),
        ("2026-W13", PARIS, 167),
        ("2026-W43", PARIS, 169),
        ("2026-W43", MARTINIQUE, 168),
        ("2026-W13", NOUMEA, 168),
    ],
)
def test_the_weeks_of_the_change_are_an_hour_shorter_or_longer(
    text: str, zone: ZoneInfo, hours: int
) -> None:
    start, end = Week.parse(text).bounds(zone)

    assert end - start == dt.timedelta(hours=hours)
    assert start.astimezone(zone).strftime("%A %H:%M") == "Monday 00:00"
    assert end.astimezone(zone).strftime("%A %H:%M") == "Monday 00:00"


def test_weeks_follow_each_other_across_the_year() -> None:
    week = Week.parse("2026-W53")

    assert str(week.shifted(1)) == "2027-W01"
    assert str(week.shifted(-53)) == "2025-W52"
    assert week.bounds(PARIS)[1] == week.shifted(1).bounds(PARIS)[0]
    assert week < week.shifted(1)
    assert week.number == 53
