"""Several outlines together: what they share, what they make."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from couveuse.core.geo.checking import check_outline
from couveuse.core.geo.measuring import area_m2
from couveuse.core.geo.outlines import Outline


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
