"""Drawings: where corners and dots stand."""

import datetime as dt
import math

import pytest

from couveuse.followup.drawing import EDGE, HEIGHT, RADIUS, SIZE, WIDTH, progress, radar

MIDDLE = SIZE / 2
SPAN = (dt.date(2026, 1, 1), dt.date(2026, 1, 11))


def reach(point: tuple[float, float]) -> float:
    return math.hypot(point[0] - MIDDLE, point[1] - MIDDLE)


@pytest.mark.parametrize("level", range(4))
def test_a_level_further_on_stands_further_out(level: int) -> None:
    ((_, _, corners),) = radar([("person", [level] * 5)], 4).shapes

    assert [reach(corner) for corner in corners] == pytest.approx(
        [RADIUS * (level + 1) / 4] * 5, abs=0.1
    )


def test_the_first_criterion_stands_at_the_top() -> None:
    drawn = radar([("person", [3, 0, 0])], 4)

    assert drawn.shapes[0][2][0] == (MIDDLE, MIDDLE - RADIUS)
    assert [axis.number for axis in drawn.axes] == [1, 2, 3]
    assert len(drawn.rings) == 4


def test_what_was_left_out_has_no_corner() -> None:
    drawn = radar([("person", [1, None, 2, 3]), ("mentor", [None, None, 1, 1])], 4)

    assert [len(corners) for _, _, corners in drawn.shapes] == [3, 2]
    assert [bool(outline) for _, outline, _ in drawn.shapes] == [True, False]


def test_days_run_across_and_levels_up() -> None:
    first, last = SPAN
    (line,) = progress([("person", [(first, 0.0), (last, 1.0)])], SPAN)

    assert line.dots == [(EDGE, HEIGHT - EDGE), (WIDTH - EDGE, EDGE)]
    assert line.points == f"{EDGE}.0,{HEIGHT - EDGE}.0 {WIDTH - EDGE}.0,{EDGE}.0"


def test_one_day_makes_a_dot_and_none_makes_nothing() -> None:
    first, _ = SPAN
    lines = progress([("person", [(first, 0.5)]), ("mentor", [(first, None)])], (first, first))

    assert [(line.side, line.points, len(line.dots)) for line in lines] == [("person", "", 1)]
