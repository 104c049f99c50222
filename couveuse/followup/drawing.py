"""Drawings as points of SVG: a radar for an assessment, a line for each criterion over time, bars
for the months of somebody's figures.

Pure: levels and amounts in, coordinates out. A table always says the same in words beside them.
"""

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

SIZE, RADIUS = 260, 100
WIDTH, HEIGHT, EDGE = 160, 40, 6
BARS_WIDTH, BARS_HEIGHT, LEFT, FOOT, HEAD = 360, 170, 52, 22, 10
GAP = 6

Point = tuple[float, float]


class Axis(NamedTuple):
    number: int
    x: float
    y: float
    label_x: float
    label_y: float


class Radar(NamedTuple):
    axes: list[Axis]
    rings: list[str]
    shapes: list[tuple[str, str, list[Point]]]
    """Side, its outline, and its corners."""


class Line(NamedTuple):
    side: str
    points: str
    dots: list[Point]


def radar(sides: Sequence[tuple[str, Sequence[int | None]]], levels: int) -> Radar:
    """One axis for each criterion, one ring for each level, one outline for each side.

    A criterion that was left out has no corner; fewer than three make no outline.
    """
    count = max((len(values) for _, values in sides), default=0)
    axes = [
        Axis(number + 1, *_at(number, count, 1), *_at(number, count, 1.16))
        for number in range(count)
    ]
    rings = [
        _joined(_at(number, count, _reach(level, levels)) for number in range(count))
        for level in range(levels)
    ]
    shapes: list[tuple[str, str, list[Point]]] = []
    for side, values in sides:
        corners = [
            _at(number, count, _reach(level, levels))
            for number, level in enumerate(values)
            if level is not None
        ]
        shapes.append((side, _joined(corners) if len(corners) > 2 else "", corners))
    return Radar(axes, rings, shapes)


def _reach(level: int, levels: int) -> float:
    """The first level stands clear of the middle, the last one at the rim."""
    return (level + 1) / levels


def _at(number: int, count: int, reach: float) -> Point:
    angle = 2 * math.pi * number / count - math.pi / 2
    middle = SIZE / 2
    return (
        round(middle + RADIUS * reach * math.cos(angle), 1),
        round(middle + RADIUS * reach * math.sin(angle), 1),
    )


def progress(
    sides: Iterable[tuple[str, Sequence[tuple[dt.date, float | None]]]],
    span: tuple[dt.date, dt.date],
) -> list[Line]:
    """Lines of one criterion; each value is a share of the scale, from 0 (first level) to 1."""
    first, last = span
    days = max((last - first).days, 1)
    lines: list[Line] = []
    for side, values in sides:
        dots = [
            (
                round(EDGE + (WIDTH - 2 * EDGE) * (day - first).days / days, 1),
                round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share, 1),
            )
            for day, share in values
            if share is not None
        ]
        if dots:
            lines.append(Line(side, _joined(dots) if len(dots) > 1 else "", dots))
    return lines


class Bar(NamedTuple):
    x: float
    y: float
    width: float
    height: float


class Bars(NamedTuple):
    top: Decimal
    """The amount at the height of the upper line."""
    bars: list[Bar | None]
    """One for each month; none where nothing is known."""
    planned: str
    """Outline of the plan, as steps, from its first month to its last; nothing without a plan."""
    middles: list[float]
    """Where the name of each month stands."""


def bars(real: Sequence[Decimal | None], plan: Sequence[Decimal | None]) -> Bars | None:
    """Months across, amounts up, both on one scale from zero. None when all is nothing."""
    highest = max((one for one in (*real, *plan) if one is not None), default=Decimal(0))
    if not highest:
        return None
    top = _round_up(highest)
    step = (BARS_WIDTH - LEFT) / len(real)

    def height(amount: Decimal) -> float:
        return round(float(amount / top) * (BARS_HEIGHT - FOOT - HEAD), 1)

    floor = BARS_HEIGHT - FOOT
    drawn = [
        None
        if amount is None
        else Bar(
            round(LEFT + number * step + GAP / 2, 1),
            round(floor - height(amount), 1),
            round(step - GAP, 1),
            height(amount),
        )
        for number, amount in enumerate(real)
    ]
    foreseen = [number for number, amount in enumerate(plan) if amount is not None]
    span = range(foreseen[0], foreseen[-1] + 1) if foreseen else range(0)
    steps = [
        (round(LEFT + (number + side) * step, 1), round(floor - height(amount or Decimal(0)), 1))
        for number, amount in enumerate(plan)
        if number in span
        for side in (0, 1)
    ]
    middles = [round(LEFT + (number + 0.5) * step, 1) for number in range(len(real))]
    return Bars(top, drawn, _joined(steps) if any(plan) else "", middles)


def _round_up(amount: Decimal) -> Decimal:
    """To the next amount with one digit or two: a scale that people read."""
    power = Decimal(10) ** amount.adjusted()
    shares = (Decimal(one) for one in ("1", "1.5", "2", "2.5", "3", "4", "5", "6", "8", "10"))
    return next(share * power for share in shares if share * power >= amount)


def _joined(points: Iterable[Point]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
