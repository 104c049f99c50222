"""What the screens of item management ask for, in the units that people use."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
)

from couveuse.core import clock
from couveuse.core.cells import BadCell, delay, duration
from couveuse.core.fields import Amount, Day, Id, Line, Name, Paragraph, Tick
from couveuse.core.i18n import N_, translated
from couveuse.core.sheets import shorten
from couveuse.equipment.describing import SAME_PERSON
from couveuse.equipment.models import Audience

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
SHORTEST_SLOT, LONGEST_SLOT = 5, 1440

NO_SUCH_TIME = N_("Écrivez une heure, par exemple 08:00.")
BAD_SLOT = N_("Le pas va de 5 minutes à 1 jour. Choisissez par exemple 30 min.")
MIN_OVER_MAX = N_("La durée la plus longue est plus courte que la plus courte. Corrigez l'une.")
SLOT_OVER_MAX = N_("La durée la plus longue est plus courte que le pas : rien ne tiendrait.")
HALF_OPEN = N_("Donnez les deux heures, d'ouverture et de fermeture, ou aucune.")
CLOSES_FIRST = N_("La fermeture doit venir après l'ouverture.")
UNIT_MISSING = N_("Dites l'unité.")
CHECK_WHOLE = N_(
    "Donnez la date de la dernière vérification et la périodicité, ou aucune des deux."
)
TO_COME = N_("Cette date est à venir : donnez celle de la dernière vérification faite.")


def read_clock(value: Any) -> Any:
    """ "08:00", "8 h", "8h30"."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"([01]?\d|2[0-3])\s?(?::|h)\s?([0-5]\d)?(?::00)?", value.strip().lower())
    if found is None:
        raise ValueError(NO_SUCH_TIME)
    return dt.time(int(found[1]), int(found[2] or 0))


def _read_with(parser: Callable[[str], int]) -> Callable[[Any], Any]:
    """The parsers of imported tables know what people write; their sentences say what to do."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return parser(value)
        except BadCell as bad:
            shown = {"value": shorten(value), **bad.values}
            raise ValueError(translated(bad.message, shown)) from None

    return read


def _sensible_slot(minutes: int) -> int:
    if not SHORTEST_SLOT <= minutes <= LONGEST_SLOT:
        raise ValueError(BAD_SLOT)
    return minutes


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return [word for part in re.split(r"[;,|\n]", value) if (word := " ".join(part.split()))]


def _nothing(_sent: Any) -> None:
    """An uploaded file is read apart; its field is here for the errors."""


Clock: TypeAlias = Annotated[dt.time, BeforeValidator(read_clock)]
Length: TypeAlias = Annotated[int, BeforeValidator(_read_with(duration))]
Delay: TypeAlias = Annotated[int, BeforeValidator(_read_with(delay))]
Slot: TypeAlias = Annotated[Length, AfterValidator(_sensible_slot)]
Code: TypeAlias = Annotated[Name, Field(max_length=40)]
Weekday: TypeAlias = Annotated[int, Field(ge=1, le=7)]
Words: TypeAlias = Annotated[tuple[Name, ...], BeforeValidator(_split), Field(max_length=20)]
Upload: TypeAlias = Annotated[None, BeforeValidator(_nothing)]
MeterUnit: TypeAlias = Literal["h", "km"]
TariffUnit: TypeAlias = Literal["hour", "half_day", "day", "slot", "hectare", "trip", "km"]


class ItemForm(BaseModel):
    """All of an item. The first five fields make one; every rule has a usual value."""

    code: Code
    name: Name
    category: Name
    site_id: Id
    structure_id: Id

    manager_id: Id | None = None
    deputy_id: Id | None = None
    serial_number: Line | None = None
    notes: Paragraph | None = None
    return_rule: Line | None = None
    audience: Audience = Audience.NETWORK
    companions: Annotated[list[Id], Field(max_length=20)] = []
    requirements: Annotated[list[Name], Field(max_length=20)] = []
    new_requirements: Words = ()

    capacity: Annotated[int, Field(ge=1, le=50)] = 1
    slot_minutes: Slot = 30
    min_minutes: Length = 30
    max_minutes: Annotated[Length, Field(validate_default=True)] = 1440
    notice_minutes: Delay = 0
    horizon_days: Annotated[int, Field(ge=1, le=1095)] = 90
    cancel_cutoff_minutes: Delay = 0
    opens_at: Clock | None = None
    closes_at: Annotated[Clock | None, Field(validate_default=True)] = None
    open_days: Annotated[list[Weekday], Field(max_length=7)] = list(EVERY_DAY)
    needs_approval: Tick = False
    needs_agreement: Tick = False
    answer_hours: Annotated[int, Field(ge=1, le=720)] = 48
    buffer_before_minutes: Delay = 0
    buffer_after_minutes: Delay = 0
    max_open_bookings: Annotated[int, Field(ge=1, le=100)] | None = None
    max_week_minutes: Length | None = None

    meter: Amount | None = None
    meter_unit: Annotated[MeterUnit | None, Field(validate_default=True)] = None
    tariff: Amount | None = None
    tariff_unit: Annotated[TariffUnit | None, Field(validate_default=True)] = None
    deposit: Amount | None = None
    check_done_on: Day | None = None
    check_months: Annotated[
        Annotated[int, Field(ge=1, le=600)] | None, Field(validate_default=True)
    ] = None

    photo: Upload = None
    remove_photo: Tick = False
    seen: Line | None = None
    """Digest of the item as the form showed it: tells whether somebody changed it meanwhile."""

    @field_validator("deputy_id")
    @classmethod
    def _somebody_else(cls, deputy: int | None, info: ValidationInfo) -> int | None:
        if deputy is not None and deputy == info.data.get("manager_id"):
            raise ValueError(SAME_PERSON)
        return deputy

    @field_validator("max_minutes")
    @classmethod
    def _lengths_in_order(cls, longest: int, info: ValidationInfo) -> int:
        if longest < info.data.get("min_minutes", 0):
            raise ValueError(MIN_OVER_MAX)
        if longest < info.data.get("slot_minutes", 0):
            raise ValueError(SLOT_OVER_MAX)
        return longest

    @field_validator("closes_at")
    @classmethod
    def _hours_in_order(cls, closes: dt.time | None, info: ValidationInfo) -> dt.time | None:
        if "opens_at" not in info.data:  # it could not be read, which is said already
            return closes
        opens = info.data["opens_at"]
        if (opens is None) != (closes is None):
            raise ValueError(HALF_OPEN)
        if opens and closes and closes <= opens:
            raise ValueError(CLOSES_FIRST)
        return closes

    @field_validator("open_days")
    @classmethod
    def _each_day_once(cls, days: list[int]) -> list[int]:
        return sorted(set(days))

    @field_validator("meter_unit")
    @classmethod
    def _meter_has_a_unit(cls, unit: str | None, info: ValidationInfo) -> str | None:
        if unit is None and info.data.get("meter") is not None:
            raise ValueError(UNIT_MISSING)
        return unit

    @field_validator("tariff_unit")
    @classmethod
    def _tariff_has_a_unit(cls, unit: str | None, info: ValidationInfo) -> str | None:
        if unit is None and info.data.get("tariff"):
            raise ValueError(UNIT_MISSING)
        return unit

    @field_validator("check_done_on")
    @classmethod
    def _check_is_done(cls, day: dt.date | None) -> dt.date | None:
        if day and day > clock.today():
            raise ValueError(TO_COME)
        return day

    @field_validator("check_months")
    @classmethod
    def _check_is_whole(cls, months: int | None, info: ValidationInfo) -> int | None:
        if "check_done_on" in info.data and (info.data["check_done_on"] is None) != (
            months is None
        ):
            raise ValueError(CHECK_WHOLE)
        return months


class RetirementForm(BaseModel):
    """Taking an item out of service; the box settles the bookings to come."""

    reason: Line | None = None
    cancel_bookings: Tick = False
