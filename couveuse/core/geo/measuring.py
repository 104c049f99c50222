"""Areas and shapes on the ellipsoid WGS 84: square metres that a surveyor would find."""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from couveuse.core.geo.outlines import DECIMALS, Outline, Point, polygons_of, vertices

TENTH = Decimal("0.1")


@lru_cache(maxsize=1)
def _earth() -> Any:
    from pyproj import Geod  # noqa: PLC0415, heavy and rare

    return Geod(ellps="WGS84")


def area_m2(outline: Outline) -> Decimal:
    """The geodesic area, holes left out, to a tenth of a square metre."""
    total = 0.0
    for outer, *holes in polygons_of(outline):
        total += _ring_area(outer) - sum(map(_ring_area, holes))
    return Decimal(str(total)).quantize(TENTH)


def _ring_area(ring: Sequence[Sequence[float]]) -> float:
    area, _perimeter = _earth().polygon_area_perimeter([x for x, _ in ring], [y for _, y in ring])
    return abs(area)


def rectangle(
    corner: Point, length_m: float, width_m: float, bearing: float, *, centred: bool = False
) -> Outline:
    """A plot by its dimensions: the length runs along the bearing (degrees from north, clockwise),
    the width to the right of it, from a corner or around a centre."""
    if centred:
        side, turned = _walk(corner, bearing + 180, length_m / 2)
        corner, turned = _walk(side, turned + 90, width_m / 2)
        bearing = turned + 90
    end, onward = _walk(corner, bearing, length_m)
    far, _ = _walk(end, onward + 90, width_m)
    near, _ = _walk(corner, bearing + 90, width_m)
    ring = (corner, near, far, end, corner)
    points = [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in ring]
    return {"type": "Polygon", "coordinates": [points]}


def _walk(point: Point, bearing: float, metres: float) -> tuple[Point, float]:
    """Where one comes to, and the bearing there: north is not quite the same a little further."""
    lon, lat, back = _earth().fwd(point[0], point[1], bearing, metres)
    return (lon, lat), back + 180


def centre(outline: Outline) -> Point:
    """The middle of the box around it: where to put a name or a map."""
    xs, ys = zip(*vertices(outline), strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
