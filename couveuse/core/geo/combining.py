"""Several outlines together: what they share, what they make, and one cut in several."""

import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from couveuse.core.geo.checking import check_outline
from couveuse.core.geo.measuring import area_m2
from couveuse.core.geo.outlines import Outline

HALVINGS = 40
"""Enough to place a line to less than a millimetre."""


def joined(outlines: Sequence[Outline]) -> Outline | None:
    """All of them as one outline; None when they do not make a sound one."""
    import shapely  # noqa: PLC0415

    whole = shapely.union_all([_shape(one) for one in outlines])
    return check_outline(shapely.geometry.mapping(whole)).outline


def overlap_m2(one: Outline, other: Outline) -> Decimal:
    """The ground that two outlines share."""
    common = _shape(one).intersection(_shape(other))
    return _shape_area(common)


def outside_m2(part: Outline, whole: Outline) -> Decimal:
    """The ground of a part that lies outside the whole."""
    return _shape_area(_shape(part).difference(_shape(whole)))


def cut(outline: Outline, shares: Sequence[float]) -> list[Outline | None]:
    """An outline in slices across its longest side, as large as the shares say, in their order.

    None where a slice does not make a sound outline.
    """
    import shapely  # noqa: PLC0415

    middle = _shape(outline).centroid
    narrowing = math.cos(math.radians(middle.y))  # a degree of longitude against one of latitude
    flat = shapely.transform(_shape(outline), lambda points: points * (narrowing, 1))
    turn = _bearing(shapely.minimum_rotated_rectangle(flat))
    level = _turned(flat, -turn)
    slices = _slices(level, shares)
    return [_raised(one, turn, narrowing) for one in slices]


def _turned(shape: Any, angle: float) -> Any:
    from shapely.affinity import rotate  # noqa: PLC0415

    return rotate(shape, angle, origin=(0, 0), use_radians=True)


def _between(shape: Any, start: float, end: float) -> Any:
    """What stands between two upright lines."""
    from shapely import box  # noqa: PLC0415

    _, low, _, high = shape.bounds
    return shape.intersection(box(start, low, end, high))


def _bearing(rectangle: Any) -> float:
    """The angle of the longest side of a rectangle."""
    sides = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(rectangle.exterior.coords)]
    x, y = max(sides, key=lambda side: math.hypot(*side))
    return math.atan2(y, x)


def _slices(shape: Any, shares: Sequence[float]) -> list[Any]:
    """Cut by upright lines, from left to right."""
    left, _, right, _ = shape.bounds
    edges, done = [left], 0.0
    for share in shares[:-1]:
        done += share / sum(shares)
        edges.append(_edge(shape, done * shape.area))
    return [_between(shape, *pair) for pair in pairwise([*edges, right])]


def _edge(shape: Any, area: float) -> float:
    """Where an upright line leaves so much on its left."""
    left, _, right, _ = shape.bounds
    start, end = left, right
    for _ in range(HALVINGS):
        middle = (start + end) / 2
        if _between(shape, left, middle).area < area:
            start = middle
        else:
            end = middle
    return (start + end) / 2


def _raised(shape: Any, turn: float, narrowing: float) -> Outline | None:
    import shapely  # noqa: PLC0415

    back = _turned(shape, turn)
    there = shapely.transform(back, lambda points: points / (narrowing, 1))
    return check_outline(shapely.geometry.mapping(there)).outline


def _shape_area(shape: Any) -> Decimal:
    parts = [one for one in getattr(shape, "geoms", [shape]) if one.geom_type == "Polygon"]
    rings = [
        [list(part.exterior.coords), *(list(hole.coords) for hole in part.interiors)]
        for part in parts
        if not part.is_empty
    ]
    return area_m2({"type": "MultiPolygon", "coordinates": rings}) if rings else Decimal(0)


def _shape(outline: Outline) -> Any:
    from shapely.geometry import shape  # noqa: PLC0415

    return shape(outline)
