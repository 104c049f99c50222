"""Drawings of assessments as points of SVG: a radar for one, a line for each criterion over time.

Pure: levels in, coordinates out. A table always says the same in words beside them.
"""

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

SIZE, RADIUS = 260, 100
WIDTH, HEIGHT, EDGE = 160, 40, 6

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


def _joined(points: Iterable[Point]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
