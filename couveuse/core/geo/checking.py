"""One geometry, checked: a clean outline with what was tidied, or every problem in words."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from couveuse.core.geo.grounds import is_in_france, projection_of
from couveuse.core.geo.measuring import area_m2
from couveuse.core.geo.outlines import DECIMALS, Outline, Point, Polygon, Ring
from couveuse.core.geo.problems import GeoProblem
from couveuse.core.i18n import N_, gettext, language

MAX_VERTICES = 20_000
MAX_AREA_M2 = 10_000_000
"""1,000 ha: no plot of a test-space comes near."""
MIN_AREA_M2 = 1

EMPTY = N_("le contour est vide. Dessinez la parcelle, puis exportez-la de nouveau.")
NOT_A_SURFACE = N_(
    "c'est %(kind)s et non une surface. Dessinez un contour fermé (polygone), puis exportez-le."
)
UNKNOWN_KIND = N_("le type de géométrie « %(kind)s » n'est pas connu. Exportez un polygone.")
UNREADABLE = N_("les coordonnées sont illisibles. Exportez de nouveau le fichier en GeoJSON.")
TOO_MANY = N_(
    "le contour compte %(count)s points, le maximum est 20 000. Simplifiez-le avant de l'envoyer."
)
PROJECTED = N_(
    "les coordonnées sont en mètres (%(name)s) et non en degrés. "
    "Exportez en WGS 84 (EPSG:4326), longitude puis latitude."
)
OFF_GLOBE = N_(
    "les coordonnées ne sont pas des degrés (%(x)s ; %(y)s). "
    "Exportez en WGS 84 (EPSG:4326), longitude puis latitude."
)
SWAPPED = N_(
    "la latitude et la longitude sont inversées. Écrivez la longitude d'abord "
    "(longitude %(lon)s, latitude %(lat)s)."
)
ABROAD = N_(
    "le contour est hors de France : latitude %(lat)s, longitude %(lon)s. "
    "Vérifiez le fichier et sa projection."
)
TOO_FEW = N_("il faut au moins trois points différents. Redessinez le contour.")
CROSSING = N_(
    "le contour se croise près de la latitude %(lat)s, longitude %(lon)s. "
    "Déplacez le point qui croise."
)
BAD_HOLE = N_(
    "un trou sort du contour, ou en touche un autre, près de la latitude %(lat)s, "
    "longitude %(lon)s. Redessinez-le à l'intérieur."
)
OVERLAPPING_PARTS = N_(
    "deux morceaux de la parcelle se recouvrent près de la latitude %(lat)s, longitude %(lon)s. "
    "Réunissez-les en un seul."
)
NO_AREA = N_("le contour ne renferme aucune surface. Redessinez-le.")
TOO_LARGE = N_(
    "le contour renferme %(hectares)s ha, le maximum est 1 000 ha. Vérifiez la projection."
)

HAD_HEIGHT = N_("Les altitudes n'ont pas été reprises.")
WAS_OPEN = N_("Le contour n'était pas fermé : il l'est.")
HAD_DOUBLES = N_("Points en double retirés : %(count)s.")
HAS_HOLES = N_("Trous déduits de la surface : %(count)s.")
HAS_PARTS = N_("La parcelle est en %(count)s morceaux.")

KINDS = {
    "Point": N_("un point"),
    "MultiPoint": N_("un ensemble de points"),
    "LineString": N_("une ligne"),
    "MultiLineString": N_("un ensemble de lignes"),
}


@dataclass(frozen=True, slots=True)
class Checked:
    outline: Outline | None
    """None when there is a problem."""
    problems: tuple[GeoProblem, ...] = ()
    notes: tuple[GeoProblem, ...] = ()


class Bad(Exception):
    def __init__(self, code: str, message: str, **values: Any) -> None:
        super().__init__(code)
        self.problem = GeoProblem(code, message, values)


def check_outline(geometry: Any) -> Checked:
    """Read any JSON value as the outline of a plot. Nothing is simplified or moved; rings are
    closed, doubled points dropped, heights left out, and each of these is noted."""
    tidy = _Tidy()
    try:
        polygons = tidy.polygons(geometry)
        _refuse_strange_places(polygons)
        polygons = [tidy.polygon(polygon) for polygon in polygons]
        _refuse_bad_shapes(polygons)
    except Bad as bad:
        return Checked(None, (bad.problem,), tuple(tidy.notes()))
    return Checked(_outline(polygons), (), (*tidy.notes(), *_facts(polygons)))


class _Tidy:
    """Reads a geometry and remembers what it set right."""

    def __init__(self) -> None:
        self.heights = self.opened = self.doubles = self.count = 0

    def notes(self) -> Iterator[GeoProblem]:
        if self.heights:
            yield GeoProblem("had_height", HAD_HEIGHT)
        if self.opened:
            yield GeoProblem("was_open", WAS_OPEN)
        if self.doubles:
            yield GeoProblem("had_doubles", HAD_DOUBLES, {"count": self.doubles})

    def polygons(self, geometry: Any) -> list[Polygon]:
        """Every polygon inside, points as pairs of numbers, not looked at further."""
        if not geometry:
            raise Bad("empty", EMPTY)
        if not isinstance(geometry, dict):
            raise Bad("unreadable", UNREADABLE)
        found = self._collected(geometry)
        if not found:
            raise Bad("empty", EMPTY)
        return found

    def _collected(self, geometry: dict[str, Any]) -> list[Polygon]:
        kind = geometry.get("type")
        if kind == "GeometryCollection":
            parts = _listed(geometry.get("geometries"))
            return [polygon for part in parts for polygon in self.polygons(part)]
        coordinates = geometry.get("coordinates")
        if kind == "Polygon":
            return [self._rings(coordinates)] if coordinates else []
        if kind == "MultiPolygon":
            return [self._rings(rings) for rings in _listed(coordinates) if rings]
        if isinstance(kind, str) and kind in KINDS:
            raise Bad("not_a_surface", NOT_A_SURFACE, kind=gettext(KINDS[kind]))
        raise Bad("unknown_kind", UNKNOWN_KIND, kind=str(kind)[:40])

    def _rings(self, rings: Any) -> Polygon:
        read = [[self._point(point) for point in _listed(ring)] for ring in _listed(rings)]
        if not read[0]:
            raise Bad("empty", EMPTY)
        return [ring for ring in read if ring]

    def _point(self, point: Any) -> Point:
        self.count += 1
        if not isinstance(point, list | tuple) or len(point) < 2:
            raise Bad("unreadable", UNREADABLE)
        self.heights += len(point) > 2
        return _number(point[0]), _number(point[1])

    def polygon(self, polygon: Polygon) -> Polygon:
        if self.count > MAX_VERTICES:
            raise Bad("too_many", TOO_MANY, count=self.count)
        return [self._ring(ring) for ring in polygon]

    def _ring(self, ring: Ring) -> Ring:
        rounded = [(round(x, DECIMALS), round(y, DECIMALS)) for x, y in ring]
        kept = rounded[:1] + [after for before, after in pairwise(rounded) if before != after]
        self.doubles += len(rounded) - len(kept)
        if kept[0] != kept[-1]:
            self.opened += 1
            kept.append(kept[0])
        if len(set(kept)) < 3:
            raise Bad("too_few", TOO_FEW)
        return kept


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple) or not value:
        raise Bad("unreadable" if value else "empty", UNREADABLE if value else EMPTY)
    return list(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Bad("unreadable", UNREADABLE)
    try:
        number = float(value)
    except OverflowError:
        raise Bad("unreadable", UNREADABLE) from None
    if not math.isfinite(number):
        raise Bad("unreadable", UNREADABLE)
    return number


def _refuse_strange_places(polygons: list[Polygon]) -> None:
    """Degrees, longitude first, in France: each point, since one may be far from the others."""
    for point in (point for polygon in polygons for ring in polygon for point in ring):
        if is_in_france(point):
            continue
        x, y = point
        if abs(x) > 180 or abs(y) > 90:
            _refuse_metres(point)
        if is_in_france((y, x)):
            raise Bad("swapped", SWAPPED, lon=_degrees(y), lat=_degrees(x))
        raise Bad("abroad", ABROAD, lat=_degrees(y), lon=_degrees(x))


def _refuse_metres(point: Point) -> None:
    name = projection_of(point) or projection_of((point[1], point[0]))
    if name:
        raise Bad("projected", PROJECTED, name=gettext(name))
    raise Bad("off_globe", OFF_GLOBE, x=f"{point[0]:.6g}", y=f"{point[1]:.6g}")


def _refuse_bad_shapes(polygons: list[Polygon]) -> None:
    import shapely  # noqa: PLC0415, heavy and rare
    from shapely.validation import explain_validity  # noqa: PLC0415

    shape = shapely.geometry.shape(_outline(polygons))
    if shape.convex_hull.geom_type != "Polygon":
        raise Bad("no_area", NO_AREA)
    if not shape.is_valid:
        raise _crossing(explain_validity(shape))
    area = area_m2(_outline(polygons))
    if area < MIN_AREA_M2:
        raise Bad("no_area", NO_AREA)
    if area > MAX_AREA_M2:
        raise Bad("too_large", TOO_LARGE, hectares=Decimal(round(area / 10_000)))


def _crossing(said: str) -> Bad:
    """GEOS says what and where: ``Ring Self-intersection[1.98 46.57]``."""
    found = re.fullmatch(r"(.*?)\[(\S+) (\S+)\]", said)
    what = found[1].lower() if found else ""
    place = {"lat": _degrees(float(found[3])), "lon": _degrees(float(found[2]))} if found else {}
    if not found or "too few" in what:
        return Bad("no_area", NO_AREA)
    if "hole" in what or "interior" in what:
        return Bad("bad_hole", BAD_HOLE, **place)
    if "nested" in what or "duplicate" in what:
        return Bad("overlapping_parts", OVERLAPPING_PARTS, **place)
    return Bad("crossing", CROSSING, **place)


def _degrees(value: float) -> str:
    """As the reader writes it, to a metre or so."""
    text = f"{value:.5f}"
    return text.replace(".", ",") if language() == "fr" else text


def _facts(polygons: list[Polygon]) -> Iterator[GeoProblem]:
    holes = sum(len(polygon) - 1 for polygon in polygons)
    if holes:
        yield GeoProblem("has_holes", HAS_HOLES, {"count": holes})
    if len(polygons) > 1:
        yield GeoProblem("has_parts", HAS_PARTS, {"count": len(polygons)})


def _outline(polygons: list[Polygon]) -> Outline:
    """Outer rings anticlockwise and holes clockwise, as RFC 7946 asks."""
    turned = [
        [_turned(ring, anticlockwise=n == 0) for n, ring in enumerate(polygon)]
        for polygon in polygons
    ]
    if len(turned) == 1:
        return {"type": "Polygon", "coordinates": turned[0]}
    return {"type": "MultiPolygon", "coordinates": turned}


def _turned(ring: Ring, *, anticlockwise: bool) -> list[list[float]]:
    doubled = sum((x2 - x1) * (y2 + y1) for (x1, y1), (x2, y2) in pairwise(ring))
    points = [[x, y] for x, y in ring]
    return points if (doubled < 0) == anticlockwise else points[::-1]
