"""An outline as a small drawing made by the server, for lists and for pages without JavaScript."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from couveuse.core.geo.outlines import Outline, polygons_of, vertices

METRES_PER_DEGREE = 111_320


class Drawing(NamedTuple):
    """What an ``<svg>`` needs: its box in metres, one path per outline, and a scale bar."""

    width: float
    height: float
    paths: list[str]
    bar_m: int
    """A round length that fits about a third of the width."""

    @property
    def view_box(self) -> str:
        return f"0 0 {self.width:g} {self.height:g}"


def draw(outlines: Sequence[Outline], margin: float = 0.06) -> Drawing:
    """North up, in metres, all outlines in one box. Empty outlines make an empty drawing."""
    points = [point for outline in outlines for point in vertices(outline)]
    if not points:
        return Drawing(100, 100, [], 0)
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    across = METRES_PER_DEGREE * math.cos(math.radians((south + north) / 2))
    inner_width, inner_height = (east - west) * across, (north - south) * METRES_PER_DEGREE
    edge = max(inner_width, inner_height) * margin
    width, height = inner_width + 2 * edge, inner_height + 2 * edge

    def place(x: float, y: float) -> str:
        right, down = (x - west) * across + edge, (north - y) * METRES_PER_DEGREE + edge
        return f"{right:.1f} {down:.1f}"

    paths = [
        "".join(
            "M" + "L".join(place(x, y) for x, y in ring[:-1]) + "Z"
            for polygon in polygons_of(outline)
            for ring in polygon
        )
        for outline in outlines
    ]
    return Drawing(round(width, 1), round(height, 1), paths, _round_length(width / 3))


def _round_length(metres: float) -> int:
    """1, 2, 5, 10, 20, 50…: the largest that is not longer."""
    if metres < 1:
        return 1
    ten = 10 ** math.floor(math.log10(metres))
    return next(step * ten for step in (5, 2, 1) if step * ten <= metres)
