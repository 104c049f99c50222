"""A plot in words: what it was, what it becomes, for the journal, the forms and the import."""

import hashlib
from typing import Any, TypeAlias

from couveuse.core import i18n
from couveuse.core.changes import Wording, plainly
from couveuse.core.geo.communes import find_commune
from couveuse.core.i18n import N_
from couveuse.plots.forms import ParcelShare, parcels_text
from couveuse.plots.models import LandEventKind, Plot

Facts: TypeAlias = dict[str, Any]
"""A plot by field; parcels as texts, rights as ids."""

LABELS: dict[str, str] = {
    "code": N_("Code"),
    "name": N_("Nom"),
    "starts_on": N_("En service à partir du"),
    "last_day": N_("Dernier jour en service"),
    "declared_m2": N_("Surface déclarée (m²)"),
    "area_m2": N_("Surface du contour (m²)"),
    "cultivable_m2": N_("Surface cultivable (m²)"),
    "covered_m2": N_("Surface couverte (m²)"),
    "tunnels": N_("Tunnels"),
    "beds": N_("Planches"),
    "bed_length_m": N_("Longueur des planches (m)"),
    "bed_width_m": N_("Largeur des planches (m)"),
    "soil": N_("Sol"),
    "water": N_("Eau"),
    "has_water": N_("Point d'eau"),
    "has_power": N_("Électricité"),
    "has_fence": N_("Clôture"),
    "access": N_("Accès"),
    "forbidden": N_("Interdit ici"),
    "features": N_("Particularités"),
    "insee_code": N_("Commune"),
    "parcels": N_("Parcelles cadastrales"),
    "conversion_on": N_("Début de conversion bio"),
    "certifier": N_("Organisme certificateur"),
    "certified_until": N_("Certificat valable jusqu'au"),
    "notes": N_("Notes"),
    "rights": N_("Droits sur la terre"),
}
DERIVED = ("starts_on", "last_day", "parcels", "rights")
COLUMNS = tuple(name for name in LABELS if name not in DERIVED)
TYPED = tuple(name for name in COLUMNS if name != "area_m2")
"""What a form may say; the area of the outline is measured."""

EVENT_KINDS: dict[str, str] = {
    LandEventKind.CROP: N_("Culture"),
    LandEventKind.COVER: N_("Engrais vert, couvert"),
    LandEventKind.INPUT: N_("Apport (fumier, compost, amendement, traitement)"),
    LandEventKind.SOIL_TEST: N_("Analyse de sol"),
    LandEventKind.INCIDENT: N_("Incident (maladie, ravageur, gel, inondation)"),
    LandEventKind.REST: N_("Repos"),
    LandEventKind.WORKS: N_("Travaux"),
    LandEventKind.DOCUMENT: N_("Document"),
    LandEventKind.OBSERVATION: N_("Observation"),
}


def facts_of(plot: Plot) -> Facts:
    """The plot as it stands; its rights and parcels loaded."""
    facts: Facts = {name: getattr(plot, name) for name in COLUMNS}
    facts["features"] = tuple(plot.features)
    facts["starts_on"], facts["last_day"] = plot.during.lower, plot.last_day
    facts["parcels"] = tuple(parcels_text([one]) for one in shares_of(plot))
    facts["rights"] = tuple(sorted(right.id for right in plot.rights))
    return facts


def shares_of(plot: Plot) -> list[ParcelShare]:
    ordered = sorted(plot.parcels, key=lambda one: one.reference)
    return [ParcelShare(one.reference, one.area_m2) for one in ordered]


def digest_of(plot: Plot) -> str:
    """Tells whether a plot is still the one that a form showed, outline included."""
    told = repr((sorted(facts_of(plot).items(), key=lambda pair: pair[0]), plot.outline))
    return hashlib.sha256(told.encode()).hexdigest()[:20]


def typed(plot: Plot) -> dict[str, Any]:
    """The plot as somebody would type it in the form."""
    values: dict[str, Any] = {name: i18n.typed(getattr(plot, name)) for name in TYPED}
    values["features"] = ", ".join(plot.features)
    values["starts_on"] = plot.during.lower
    values["parcels"] = parcels_text(shares_of(plot)) or None
    values["rights"] = [right.id for right in plot.rights]
    return values | {"seen": digest_of(plot)}


def said(field: str, value: Any) -> str:
    """A value of a field as people read it, on one short line."""
    if field == "insee_code" and (commune := find_commune(value)):
        return commune.label
    return plainly(value)


WORDING = Wording(LABELS, said)
