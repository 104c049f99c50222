"""What people type about structures and sites."""

import datetime as dt
import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator
from sqlalchemy.dialects.postgresql import Range

from couveuse.core.contacts import Email, Phone
from couveuse.core.fields import SPACES, Amount, Day, Id, Line, Name, Paragraph, Tick
from couveuse.core.i18n import N_
from couveuse.structures.models import Function, SiteKind

NOT_A_CODE = N_(
    "Ce n'est pas un code INSEE de commune. Écrivez cinq chiffres, par exemple 36046 "
    "(ce n'est pas le code postal)."
)
ENDS_TOO_EARLY = N_("Le dernier jour vient avant le premier. Corrigez l'une des deux dates.")

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


NOT_A_SIRET = N_(
    "Ce n'est pas un SIRET : quatorze chiffres, dont le dernier vérifie les autres. Recopiez-le."
)


def read_siret(value: Any) -> Any:
    """Fourteen digits whose weighted sum ends in zero, as for bank cards."""
    if not isinstance(value, str):
        return value
    digits = value.translate(SPACES)
    if not re.fullmatch(r"[0-9]{14}", digits):
        raise ValueError(NOT_A_SIRET)
    doubled = [int(one) * (2 - place % 2) for place, one in enumerate(digits)]
    if sum(one - 9 if one > 9 else one for one in doubled) % 10:
        raise ValueError(NOT_A_SIRET)
    return digits


Siret: TypeAlias = Annotated[str, BeforeValidator(read_siret)]


class StructureForm(BaseModel):
    name: Name
    short_name: Name | None = None
    kind: Line | None = None
    commune: Line | None = None
    insee_code: InseeCode | None = None
    email: Email | None = None
    phone: Phone | None = None
    siret: Siret | None = None
    registered_office: Line | None = None
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


class Spell(BaseModel):
    """First and last day, both included; without a last day it goes on."""

    starts_on: Day
    ends_on: Day | None = None

    @field_validator("ends_on")
    @classmethod
    def _ends_after_starting(cls, last: dt.date | None, info: ValidationInfo) -> dt.date | None:
        first = info.data.get("starts_on")
        if first and last and last < first:
            raise ValueError(ENDS_TOO_EARLY)
        return last

    @property
    def during(self) -> Range[dt.date]:
        return until(self.starts_on, self.ends_on)


def until(first: dt.date | None, last: dt.date | None) -> Range[dt.date]:
    """First and last day included, as people say them, kept half-open."""
    return Range(first, last + dt.timedelta(days=1) if last else None, bounds="[)")


class FunctionForm(Spell):
    function: Function
    site_id: Id | None = None
    """None: everywhere."""


class FunctionEndForm(BaseModel):
    """The last day; none when the structure goes on."""

    ends_on: Day | None = None


def _nothing(_sent: Any) -> None:
    """An uploaded file is read apart; its field is here for the errors."""


class LandRightForm(Spell):
    form: Line
    owner_name: Name | None = None
    owner_contact: Line | None = None
    renewals: Annotated[int, Field(ge=0, le=20)] = 0
    yearly_fee: Amount | None = None
    conditions: Paragraph | None = None
    document: Annotated[None, BeforeValidator(_nothing)] = None
    remove_document: Tick = False


class NewLandRightForm(LandRightForm):
    site_id: Id


class RenewalForm(BaseModel):
    """The new last day."""

    ends_on: Day
