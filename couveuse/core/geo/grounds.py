"""Where France is, and which projections people export by mistake. Rough on purpose: it catches
errors of thousands of kilometres, not of metres."""

from collections.abc import Sequence
from typing import NamedTuple

from couveuse.core.geo.outlines import Point
from couveuse.core.i18n import N_

MAINLAND: Sequence[Point] = (
    (-5.5, 48.2), (-5.4, 48.8), (-3.2, 49.15), (-2.5, 49.95), (-1.2, 50.0), (0.8, 50.15),
    (1.35, 50.5), (1.35, 51.0), (2.3, 51.3), (2.85, 51.25), (3.4, 51.0), (4.3, 50.55),
    (5.1, 50.35), (5.2, 49.85), (6.3, 49.7), (7.1, 49.4), (8.1, 49.25), (8.5, 49.0), (7.95, 48.1),
    (7.85, 47.4), (7.1, 47.2), (6.8, 46.7), (7.1, 46.5), (7.3, 45.9), (7.4, 45.1), (7.3, 44.6),
    (7.95, 44.2), (7.8, 43.55), (6.6, 42.7), (4.0, 42.9), (3.5, 42.3), (2.3, 42.1), (1.5, 42.2),
    (0.4, 42.45), (-1.2, 42.7), (-2.1, 43.2), (-1.7, 44.0), (-1.6, 45.5), (-2.7, 46.4),
    (-3.6, 47.1), (-5.2, 47.7),
)  # fmt: skip
"""Mainland France with about 20 km around it."""


class Box(NamedTuple):
    west: float
    south: float
    east: float
    north: float

    def holds(self, point: Point) -> bool:
        return self.west <= point[0] <= self.east and self.south <= point[1] <= self.north


ISLANDS_AND_OVERSEAS = (
    Box(8.4, 41.2, 9.8, 43.2),  # Corsica
    Box(-61.9, 15.7, -60.9, 16.7),  # Guadeloupe
    Box(-61.4, 14.3, -60.7, 15.0),  # Martinique
    Box(-54.8, 2.0, -51.4, 6.0),  # Guyane
    Box(55.1, -21.5, 56.0, -20.8),  # La Réunion
    Box(44.9, -13.1, 45.4, -12.5),  # Mayotte
    Box(-56.7, 46.6, -56.0, 47.3),  # Saint-Pierre-et-Miquelon
    Box(-63.3, 17.8, -62.7, 18.2),  # Saint-Martin, Saint-Barthélemy
    Box(158.0, -23.5, 173.0, -17.5),  # Nouvelle-Calédonie
    Box(-178.5, -14.6, -175.9, -13.0),  # Wallis-et-Futuna
    Box(-155.2, -28.2, -134.0, -7.5),  # Polynésie française
)

PROJECTIONS: Sequence[tuple[Box, str]] = (
    (Box(80_000, 6_000_000, 1_300_000, 7_200_000), N_("Lambert-93 (EPSG:2154)")),
    (Box(1_000_000, 1_000_000, 2_400_000, 9_400_000), N_("Lambert conique conforme (CC42 à CC50)")),
    (Box(160_000, 5_000_000, 840_000, 5_700_000), N_("Web Mercator (EPSG:3857) ou UTM")),
    (Box(-650_000, 5_000_000, 1_100_000, 6_700_000), N_("Web Mercator (EPSG:3857)")),
    (Box(100_000, 1_500_000, 1_100_000, 2_800_000), N_("Lambert II étendu (EPSG:27572)")),
    (Box(100_000, 0, 900_000, 10_000_000), N_("UTM")),
)


def is_in_france(point: Point) -> bool:
    return _inside(point, MAINLAND) or any(box.holds(point) for box in ISLANDS_AND_OVERSEAS)


def projection_of(point: Point) -> str | None:
    """The name of the projection in metres that such a point suggests, a marked sentence."""
    return next((name for box, name in PROJECTIONS if box.holds(point)), None)


def _inside(point: Point, ring: Sequence[Point]) -> bool:
    """Counts the sides that lie east of the point: an odd number means inside."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
