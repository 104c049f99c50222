"""What people type about plots, their outlines and what happens to their land."""

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from couveuse.core.fields import Amount, Day, Id, Line, Name, Paragraph, Tick, read_amount
from couveuse.core.geo.cadastre import BadReference, normal_reference
from couveuse.core.geo.communes import is_commune
from couveuse.core.i18n import N_, translated
from couveuse.plots.models import LandEventKind
from couveuse.plots.rotation import FAMILIES, family_of
from couveuse.structures.forms import InseeCode

MAX_M2 = 10_000_000
MAX_FEATURES = 30
MAX_PARCELS = 60

NO_COMMUNE = N_("Aucune commune n'a ce code INSEE. Ce n'est pas le code postal.")
NOT_AN_AREA = N_("« %(value)s » n'est pas une surface en m². Écrivez par exemple 1 250.")
TOO_MANY_PARCELS = N_("C'est trop : 60 références au plus.")
REPEATED_PARCEL = N_("« %(value)s » est donnée deux fois. Gardez-la une fois.")
TOO_MANY_FEATURES = N_("C'est trop : 30 mots au plus, de 60 caractères chacun.")
CERTIFIED_WITHOUT = N_("Sans conversion commencée, il n'y a pas de certificat. Donnez sa date.")
ENDS_FIRST = N_("Le dernier jour vient avant le premier. Corrigez une des deux dates.")
FAMILY_MISSING = N_(
    "Choisissez la famille : elle dit quand la culture peut revenir sur cette terre."
)
TITLE_MISSING = N_("Dites en quelques mots ce qui s'est passé.")


def _known_commune(code: str) -> str:
    if not is_commune(code):
        raise ValueError(NO_COMMUNE)
    return code


def _words(value: Any) -> Any:
    """ "haie, mare" in one field, or several fields."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list):
        return texts
    found = [" ".join(word.split()) for text in texts for word in re.split(r"[;,\n]", str(text))]
    unique = list(dict.fromkeys(word for word in found if word))
    if len(unique) > MAX_FEATURES or any(len(word) > 60 for word in unique):
        raise ValueError(TOO_MANY_FEATURES)
    return unique


Code: TypeAlias = Annotated[Name, Field(max_length=40)]
Area: TypeAlias = Annotated[
    Decimal, BeforeValidator(read_amount), Field(gt=0, le=MAX_M2, max_digits=9, decimal_places=1)
]
PartArea: TypeAlias = Annotated[
    Decimal, BeforeValidator(read_amount), Field(ge=0, le=MAX_M2, max_digits=9, decimal_places=1)
]
Commune: TypeAlias = Annotated[InseeCode, AfterValidator(_known_commune)]
Words: TypeAlias = Annotated[list[str], BeforeValidator(_words)]
Number: TypeAlias = Annotated[int, Field(ge=0, le=10_000)]


class ParcelShare(NamedTuple):
    reference: str
    area_m2: Decimal | None
    """How much of the parcel the plot takes; None when it is not said."""


def read_parcels(text: str, commune: str | None) -> list[ParcelShare]:
    """One reference for each line, with the area taken after a colon: ``ZB 105 : 1 200``.

    Raises ValueError with a sentence in the reader's language.
    """
    shares: dict[str, ParcelShare] = {}
    for line in (one.strip() for one in re.split(r"[;\n]", text)):
        if not line:
            continue
        typed, _, area = line.partition(":")
        try:
            reference = normal_reference(typed, commune)
        except BadReference as bad:
            raise ValueError(str(bad)) from None
        if reference in shares:
            raise ValueError(translated(REPEATED_PARCEL, {"value": typed.strip()}))
        shares[reference] = ParcelShare(reference, _area(area) if area.strip() else None)
    if len(shares) > MAX_PARCELS:
        raise ValueError(TOO_MANY_PARCELS)
    return list(shares.values())


def _area(text: str) -> Decimal:
    number = read_amount(re.sub(r"\s*m(²|2)\s*$", "", text))
    if not re.fullmatch(r"[0-9]{1,8}(\.[0-9])?", number) or not Decimal(number):
        raise ValueError(translated(NOT_AN_AREA, {"value": text.strip()}))
    return Decimal(number)


class PlotFields(BaseModel):
    """What is said of a plot, new or not."""

    code: Code
    name: Name | None = None
    starts_on: Day
    declared_m2: Area | None = None
    cultivable_m2: PartArea | None = None
    covered_m2: PartArea = Decimal(0)
    tunnels: Number = 0
    beds: Number = 0
    bed_length_m: Amount | None = None
    bed_width_m: Amount | None = None
    soil: Line | None = None
    water: Line | None = None
    has_water: Tick = False
    has_power: Tick = False
    has_fence: Tick = False
    access: Paragraph | None = None
    forbidden: Paragraph | None = None
    features: Words = Field(default_factory=list)
    insee_code: Commune | None = None
    parcels: Annotated[str, Field(max_length=4000)] | None = None
    """One cadastral reference for each line; normal once checked, see ``shares``."""
    conversion_on: Day | None = None
    certifier: Name | None = None
    certified_until: Day | None = None
    notes: Paragraph | None = None
    rights: list[Id] = Field(default_factory=list)

    @field_validator("parcels")
    @classmethod
    def _are_references(cls, value: str | None, info: ValidationInfo) -> str | None:
        # A wrong INSEE code is told on its own field; the references need not repeat it.
        shares = read_parcels(value, info.data.get("insee_code")) if value else []
        return parcels_text(shares) or None

    @model_validator(mode="after")
    def _is_certified_once_converted(self) -> Self:
        if self.certified_until and not self.conversion_on:
            raise ValueError(CERTIFIED_WITHOUT)
        return self

    @property
    def shares(self) -> list[ParcelShare]:
        return read_parcels(self.parcels or "", self.insee_code)


def parcels_text(shares: list[ParcelShare]) -> str:
    """As it stands in the form."""
    return "\n".join(
        f"{one.reference} : {one.area_m2.normalize():f}" if one.area_m2 else one.reference
        for one in shares
    )


class NewPlotForm(PlotFields):
    site_id: Id


class PlotForm(PlotFields):
    seen: Line | None = None
    """The plot as the form showed it: somebody else may have changed it since."""


class OutlineForm(BaseModel):
    """A drawn, pasted or sent outline."""

    outline: Annotated[str, Field(max_length=5_000_000)] | None = None
    file: Annotated[None, BeforeValidator(lambda _sent: None)] = None
    """An uploaded file is read apart; its field is here for the errors."""
    seen: Line | None = None


class DimensionsForm(BaseModel):
    """A rectangle, measured on the spot."""

    latitude: Annotated[Decimal, BeforeValidator(read_amount), Field(ge=-90, le=90)]
    longitude: Annotated[Decimal, BeforeValidator(read_amount), Field(ge=-180, le=180)]
    length_m: Annotated[Decimal, BeforeValidator(read_amount), Field(ge=1, le=3000)]
    width_m: Annotated[Decimal, BeforeValidator(read_amount), Field(ge=1, le=3000)]
    bearing: Annotated[Decimal, BeforeValidator(read_amount), Field(ge=0, le=360)] = Decimal(0)
    place: Literal["corner", "centre"] = "corner"
    seen: Line | None = None


class ServiceEndForm(BaseModel):
    last_day: Day | None = None
    """None: the plot stays in service after all."""
    reason: Line | None = None


class LandEventForm(BaseModel):
    kind: LandEventKind
    happened_on: Day
    ends_on: Day | None = None
    title: Line | None = None
    details: Paragraph | None = None
    crop: Line | None = None
    family: str | None = None
    quantity: Amount | None = None
    unit: Annotated[str, Field(max_length=20)] | None = None
    document: Annotated[None, BeforeValidator(lambda _sent: None)] = None
    """A paper or a photo, read apart; its field is here for the errors."""
    is_personal: Tick = False

    @field_validator("ends_on")
    @classmethod
    def _ends_after_beginning(cls, value: dt.date | None, info: ValidationInfo) -> dt.date | None:
        if value and info.data.get("happened_on") and value < info.data["happened_on"]:
            raise ValueError(ENDS_FIRST)
        return value

    @field_validator("family")
    @classmethod
    def _is_a_family(cls, value: str | None) -> str | None:
        if value and value not in FAMILIES:
            raise ValueError(FAMILY_MISSING)
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        """A crop is known by its name, and its family by the crop when we know it."""
        if self.kind in {LandEventKind.CROP, LandEventKind.COVER}:
            self.title = self.title or self.crop
            self.family = self.family or family_of(self.crop or self.title)
            if self.title and not self.family:
                raise ValueError(FAMILY_MISSING)
        else:
            self.crop = self.family = None
        if not self.title:
            raise ValueError(TITLE_MISSING)
        return self
