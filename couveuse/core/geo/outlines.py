"""What an outline is: a GeoJSON geometry, and how to walk along it."""

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

Point: TypeAlias = tuple[float, float]
"""Longitude, latitude."""
Outline: TypeAlias = dict[str, Any]
Ring: TypeAlias = list[Point]
Polygon: TypeAlias = list[Ring]

DECIMALS = 7


def polygons_of(outline: Outline) -> list[Polygon]:
    """The polygons of a checked outline, each with its outer ring and then its holes."""
    kind, coordinates = outline["type"], outline["coordinates"]
    return [coordinates] if kind == "Polygon" else coordinates


def vertices(outline: Outline) -> Iterator[Point]:
    for polygon in polygons_of(outline):
        for ring in polygon:
            yield from ring


def geojson_text(outline: Outline | None) -> str:
    """As it stands in a form: short, empty when there is none."""
    return json.dumps(outline, separators=(",", ":")) if outline else ""
