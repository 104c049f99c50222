"""Outlines of land: read from files, checked, measured, drawn. Pure; heavy libraries load late.

An outline is a GeoJSON geometry (Polygon or MultiPolygon) in WGS 84, longitude first, with seven
decimals, which is about a centimetre.
"""

from couveuse.core.geo.checking import Checked, check_outline
from couveuse.core.geo.combining import cut, joined, outside_m2, overlap_m2
from couveuse.core.geo.drawing import Drawing, draw
from couveuse.core.geo.measuring import area_m2, centre, rectangle
from couveuse.core.geo.outlines import Outline, geojson_text, vertices
from couveuse.core.geo.problems import FileProblem, GeoProblem
from couveuse.core.geo.reading import Feature, read_features, read_outline

__all__ = [
    "Checked",
    "Drawing",
    "Feature",
    "FileProblem",
    "GeoProblem",
    "Outline",
    "area_m2",
    "centre",
    "check_outline",
    "cut",
    "draw",
    "geojson_text",
    "joined",
    "outside_m2",
    "overlap_m2",
    "read_features",
    "read_outline",
    "rectangle",
    "vertices",
]
