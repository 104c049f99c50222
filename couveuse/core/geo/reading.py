"""Files of outlines as people have them: GeoJSON or KML, from a phone, a GPS or a map program."""

import json
from dataclasses import dataclass
from typing import Any

from couveuse.core.geo.checking import Checked, check_outline
from couveuse.core.geo.kml import read_placemarks
from couveuse.core.geo.problems import FileProblem
from couveuse.core.i18n import N_

MAX_BYTES = 5_000_000
MAX_FEATURES = 1000

TOO_HEAVY = N_("Ce fichier dépasse 5 Mo. Envoyez les parcelles en plusieurs fichiers.")
TOO_MANY = N_("Ce fichier compte %(count)s objets, le maximum est 1 000. Coupez-le en plusieurs.")
NOTHING = N_("Ce fichier est vide. Choisissez un fichier GeoJSON ou KML.")
NO_FEATURE = N_("Ce fichier ne contient aucune parcelle. Exportez au moins un contour.")
NOT_JSON = N_(
    "Ce fichier n'est pas un GeoJSON lisible : erreur ligne %(line)s. Exportez-le de nouveau."
)
NOT_GEOJSON = N_("Ce fichier est du JSON, mais pas du GeoJSON. Choisissez un fichier de contours.")
NOT_KNOWN = N_(
    "Ce fichier n'est ni du GeoJSON ni du KML. Exportez les contours dans un de ces deux formats."
)
ZIPPED = N_(
    "Ce fichier est une archive (KMZ, ZIP). Ouvrez-la et envoyez le fichier .kml ou .geojson "
    "qu'elle contient."
)
SEVERAL = N_("Il y a %(count)s contours ; il en faut un seul ici. Passez par l'import.")
NAMES = ("nom", "name", "Name", "title", "titre", "code", "id")


@dataclass(frozen=True, slots=True)
class Feature:
    number: int
    """Its place in the file, from 1."""
    properties: dict[str, Any]
    """Texts, numbers, booleans, lists of texts; anything else is left out."""
    checked: Checked

    @property
    def name(self) -> str | None:
        found = (self.properties.get(key) for key in NAMES)
        return next((str(one) for one in found if one not in {None, ""}), None)


def read_features(data: bytes) -> list[Feature]:
    """Every object of the file, each with its own problems. Raises FileProblem for the file."""
    if len(data) > MAX_BYTES:
        raise FileProblem(TOO_HEAVY)
    if data.startswith(b"PK\x03\x04"):
        raise FileProblem(ZIPPED)
    text = _decoded(data).strip()
    if not text:
        raise FileProblem(NOTHING)
    if text.startswith("<"):
        raw = read_placemarks(text)
    elif text.startswith(("{", "[")):
        raw = _members(_parsed(text))
    else:
        raise FileProblem(NOT_KNOWN)
    if not raw:
        raise FileProblem(NO_FEATURE)
    if len(raw) > MAX_FEATURES:
        raise FileProblem(TOO_MANY, count=len(raw))
    return [
        Feature(number, _plain(properties), check_outline(geometry))
        for number, (properties, geometry) in enumerate(raw, start=1)
    ]


def read_outline(data: bytes) -> Checked:
    """One outline, as pasted into a form or sent: a geometry, or a file with one object.

    Raises FileProblem when it is neither.
    """
    features = read_features(data)
    if len(features) == 1:
        return features[0].checked
    raise FileProblem(SEVERAL, count=len(features))


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=lambda _name: None)
    except json.JSONDecodeError as error:
        raise FileProblem(NOT_JSON, line=error.lineno) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets without end
        raise FileProblem(NOT_GEOJSON) from None


def _members(value: Any) -> list[tuple[Any, Any]]:
    """Properties and geometry of each feature; a bare geometry is one without properties."""
    if not isinstance(value, dict):
        raise FileProblem(NOT_GEOJSON)
    match value.get("type"):
        case "FeatureCollection":
            features = value.get("features")
            if not isinstance(features, list):
                raise FileProblem(NOT_GEOJSON)
            return [_member(one) for one in features]
        case "Feature":
            return [_member(value)]
        case str() if "coordinates" in value or "geometries" in value:
            return [({}, value)]
        case _:
            raise FileProblem(NOT_GEOJSON)


def _member(feature: Any) -> tuple[Any, Any]:
    if not isinstance(feature, dict):
        return {}, None
    return feature.get("properties"), feature.get("geometry")


def _plain(properties: Any) -> dict[str, Any]:
    if not isinstance(properties, dict):
        return {}
    return {_clean(str(key)): _plain_value(value) for key, value in properties.items()}


def _plain_value(value: Any) -> Any:
    match value:
        case str():
            return _clean(value)
        case bool() | int() | float() | None:
            return value
        case list():
            return [_clean(str(one)) for one in value if isinstance(one, str | int)]
        case _:
            return None


def _clean(text: str) -> str:
    """What PostgreSQL can keep: no NUL, no half of a character."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode().strip()
