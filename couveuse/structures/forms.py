"""What people type about structures and sites."""

import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator

from couveuse.core.contacts import Email, Phone
from couveuse.core.fields import Day, Line, Name, Paragraph
from couveuse.core.i18n import N_
from couveuse.structures.models import SiteKind

NOT_A_CODE = N_(
    "Ce n'est pas un code INSEE de commune. Écrivez cinq chiffres, par exemple 36046 "
    "(ce n'est pas le code postal)."
)

Zone: TypeAlias = Literal[
    "Europe/Paris",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "Indian/Reunion",
    "Indian/Mayotte",
    "America/Miquelon",
    "America/St_Barthelemy",
    "America/Marigot",
    "Pacific/Noumea",
    "Pacific/Wallis",
    "Pacific/Tahiti",
]
ZONES: dict[str, str] = {
    "Europe/Paris": N_("Métropole"),
    "America/Guadeloupe": N_("Guadeloupe"),
    "America/Martinique": N_("Martinique"),
    "America/Cayenne": N_("Guyane"),
    "Indian/Reunion": N_("La Réunion"),
    "Indian/Mayotte": N_("Mayotte"),
    "America/Miquelon": N_("Saint-Pierre-et-Miquelon"),
    "America/St_Barthelemy": N_("Saint-Barthélemy"),
    "America/Marigot": N_("Saint-Martin"),
    "Pacific/Noumea": N_("Nouvelle-Calédonie"),
    "Pacific/Wallis": N_("Wallis-et-Futuna"),
    "Pacific/Tahiti": N_("Polynésie française"),
}


def read_insee_code(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    code = value.replace(" ", "").upper()
    if not re.fullmatch(r"[0-9]{5}|2[AB][0-9]{3}", code):
        raise ValueError(NOT_A_CODE)
    return code


InseeCode: TypeAlias = Annotated[str, BeforeValidator(read_insee_code)]


class StructureForm(BaseModel):
    name: Name
    short_name: Name | None = None
    kind: Line | None = None
    commune: Line | None = None
    insee_code: InseeCode | None = None
    email: Email | None = None
    phone: Phone | None = None
    notes: Paragraph | None = None
    joined_on: Day | None = None


class DepartureForm(BaseModel):
    """The last day as a member; none when the structure stays, or comes back."""

    left_on: Day | None = None


class SiteForm(BaseModel):
    name: Name
    kind: SiteKind = SiteKind.PERMANENT
    address: Line | None = None
    commune: Line | None = None
    insee_code: InseeCode | None = None
    time_zone: Zone = "Europe/Paris"
    access_notes: Paragraph | None = None


class ClosingForm(BaseModel):
    """The day from which nobody tests there any more; none when the site stays open."""

    closed_on: Day | None = None
