"""KML, as Google Earth and phones write it. DTDs are refused: they can make a small file huge."""

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from couveuse.core.geo.problems import FileProblem
from couveuse.core.i18n import N_

NOT_KML = N_("Ce fichier n'est pas un KML lisible. Exportez-le de nouveau, en KML (et non en KMZ).")
SHAPES = {"Polygon", "MultiGeometry", "Point", "LineString", "LinearRing", "Track", "MultiTrack"}
NESTED_AT_MOST = 20


def read_placemarks(text: str) -> list[tuple[dict[str, Any], Any]]:
    """Properties and GeoJSON geometry of each placemark."""
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415, rare
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415

    try:
        # Bytes: a text with an encoding declaration is refused by the parser.
        root = fromstring(_without_declaration(text).encode(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise FileProblem(NOT_KML) from None
    if _name(root) != "kml":
        raise FileProblem(NOT_KML)
    folders = {
        one: name
        for folder in root.iter()
        if _name(folder) == "Folder" and (name := _text(_child(folder, "name")))
        for one in folder
    }
    return [_placemark(one, folders.get(one)) for one in root.iter() if _name(one) == "Placemark"]


def _without_declaration(text: str) -> str:
    return text.partition("?>")[2] if text.startswith("<?xml") else text


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _child(element: Element, name: str) -> Element | None:
    return next((one for one in element if _name(one) == name), None)


def _text(element: Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _placemark(placemark: Element, folder: str | None) -> tuple[dict[str, Any], Any]:
    """What is drawn by hand has a name and a folder only: its code, and where it is."""
    properties: dict[str, Any] = {}
    if name := _text(_child(placemark, "name")):
        properties["name"] = name
    for one in placemark.iter():
        match _name(one):
            case "Data":
                properties[one.get("name", "")] = _text(_child(one, "value"))
            case "SimpleData":
                properties[one.get("name", "")] = _text(one)
            case _:
                pass
    for key, told in (("code", name), ("lieu", folder)):
        if told:
            properties.setdefault(key, told)
    shape = next((one for one in placemark if _name(one) in SHAPES), None)
    return properties, _geometry(shape) if shape is not None else None


def _geometry(shape: Element, depth: int = 0) -> dict[str, Any]:
    match _name(shape):
        case "Polygon":
            return {"type": "Polygon", "coordinates": _rings(shape)}
        case "MultiGeometry" if depth < NESTED_AT_MOST:
            parts = [_geometry(one, depth + 1) for one in shape if _name(one) in SHAPES]
            return {"type": "GeometryCollection", "geometries": parts}
        case "Point":
            return {"type": "Point"}
        case _:
            return {"type": "LineString"}


def _rings(polygon: Element) -> list[Any]:
    outer = [one for one in polygon if _name(one) == "outerBoundaryIs"]
    inner = [one for one in polygon if _name(one) == "innerBoundaryIs"]
    rings = [_ring(ring) for edge in (*outer, *inner) for ring in edge]
    return rings if any(rings) else []


def _ring(ring: Element) -> list[list[Any]]:
    """ "1.98,46.57,0 1.99,46.57,0": what is no number stays a text, which the checks refuse."""
    return [[_coordinate(one) for one in point.split(",")] for point in _points(ring)]


def _points(ring: Element) -> list[str]:
    return _text(_child(ring, "coordinates")).split()


def _coordinate(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text
