"""What the screens of grants and charges ask for."""

from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
)

from couveuse.core.fields import Day, Id, Line, Name, read_amount
from couveuse.core.i18n import N_
from couveuse.followup.forms import OnceForm
from couveuse.network.models import ActionMode

ENDS_TOO_EARLY = N_("Le dernier jour vient avant le premier. Corrigez l'une des deux dates.")
NOT_TO_THE_MINUTE = N_("Les heures se comptent à la minute : écrivez par exemple 20 ou 20,5.")
TOO_MUCH_FOR_ONE = N_("C'est plus que le plafond en tout. Corrigez l'un des deux.")


def to_the_minute(hours: Decimal) -> Decimal:
    if hours * 60 % 1:
        raise ValueError(NOT_TO_THE_MINUTE)
    return hours


Hours: TypeAlias = Annotated[
    Decimal,
    BeforeValidator(read_amount),
    Field(gt=0, le=100_000),
    AfterValidator(to_the_minute),
]
HalfDays: TypeAlias = Annotated[int, Field(ge=1, le=10_000)]
Percent: TypeAlias = Annotated[
    Decimal, BeforeValidator(read_amount), Field(gt=0, le=100, decimal_places=2)
]


class GrantForm(OnceForm):
    """The part of each structure stands in a field of its own."""

    funder: Name
    name: Name
    reference: Name | None = None
    starts_on: Day
    ends_on: Day
    structure_ids: Annotated[list[Id], Field(min_length=1, max_length=200)]

    @field_validator("ends_on")
    @classmethod
    def _ends_after_it_starts(cls, value: Day, info: ValidationInfo) -> Day:
        start = info.data.get("starts_on")
        if start and value < start:
            raise ValueError(ENDS_TOO_EARLY)
        return value


class PartForm(BaseModel):
    """The part that one structure holds, in per cent."""

    percent: Percent | None = None


class FundedActionForm(OnceForm):
    label: Name
    mode: ActionMode
    total_hours: Hours | None = None
    person_hours: Hours | None = None
    total_half_days: HalfDays | None = None
    person_half_days: HalfDays | None = None

    @field_validator("person_hours", "person_half_days")
    @classmethod
    def _within_the_total(
        cls, value: Decimal | int | None, info: ValidationInfo
    ) -> Decimal | int | None:
        name = str(info.field_name).replace("person", "total")
        whole = info.data.get(name)
        if value is not None and whole is not None and value > whole:
            raise ValueError(TOO_MUCH_FOR_ONE)
        return value


class ChargeForm(BaseModel):
    """The action of each session stands in a field of its own."""

    sessions: list[str] = Field(default_factory=list, max_length=200)
    reason: Line | None = None


class OneChargeForm(BaseModel):
    action_id: Id | None = None
    """None takes the charge off."""
    known: Id | None = None
    """The action that paid the session when the form was shown."""
    reason: Line | None = None
