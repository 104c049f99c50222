"""What the screens of somebody's own figures ask for: amounts as French people type them."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional

from pydantic import BaseModel, BeforeValidator, Field, create_model

from couveuse.core.fields import MINUS, SPACES, Money, Name, Paragraph, Tick
from couveuse.core.i18n import N_
from couveuse.followup.forms import OnceForm
from couveuse.followup.models import FigureHeading, HeadingKind, HoursPer

NOT_HOURS = N_("Écrivez des heures, par exemple 152, 152,5 ou 152 h 30.")
NOT_A_MONTH = N_("Choisissez un mois dans la liste.")


def read_hours(value: Any) -> Any:
    """ "152", "152,5", "152 h 30" → hours."""
    if not isinstance(value, str):
        return value
    text = value.translate(SPACES).replace(",", ".").lower().removesuffix("min")
    if clock := re.fullmatch(r"([0-9]{1,4})h(?:([0-5]?[0-9]))?", text):
        minutes = Decimal(clock[2] or 0)
        return Decimal(clock[1]) + (minutes / 60).quantize(Decimal("0.01"))
    if text.startswith(MINUS) or not re.fullmatch(r"[0-9]+(\.[0-9]*)?", text):
        raise ValueError(NOT_HOURS)
    return text


def read_month(value: Any) -> Any:
    """ "2026-10" → its first day."""
    if not isinstance(value, str):
        return value
    if found := re.fullmatch(r"(20[0-9]{2}|21[0-9]{2})-(0[1-9]|1[0-2])", value):
        return dt.date(int(found[1]), int(found[2]), 1)
    raise ValueError(NOT_A_MONTH)


MaybeMoney: Any = Optional[Money]  # noqa: UP045, the type checker reads no other form
Hours = Annotated[Decimal, BeforeValidator(read_hours), Field(max_digits=6, decimal_places=2)]
Month = Annotated[dt.date, BeforeValidator(read_month)]


class MonthForm(OnceForm):
    """One month. The amount of each heading stands in a field of its own (``month_form``)."""

    version: Annotated[int, Field(ge=0, le=2**31 - 1)]
    """Which text the writer knew."""
    hours: Hours | None = None
    hours_per: HoursPer = HoursPer.MONTH
    words: Paragraph | None = None
    new_sale: Name | None = None
    new_sale_amount: Money | None = None
    new_cost: Name | None = None
    new_cost_amount: Money | None = None

    def digest(self, subject: str) -> bytes:
        """Without what is empty: a heading made by the first sending is a field of the second."""
        said = self.model_dump_json(exclude={"once"}, exclude_none=True)
        return hashlib.sha256(f"{subject} {said}".encode()).digest()

    def amounts(self) -> dict[int, Decimal]:
        """By heading, those that were filled in."""
        found = self.model_dump()
        return {
            int(name.removeprefix("amount_")): amount
            for name, amount in found.items()
            if name.startswith("amount_") and amount is not None
        }


def month_form(headings: Iterable[FigureHeading]) -> type[MonthForm]:
    fields: dict[str, Any] = {f"amount_{one.id}": (MaybeMoney, None) for one in headings}
    return create_model("FigureMonthForm", __base__=MonthForm, **fields)


class HeadingsForm(BaseModel):
    """Several of the given ones at once, or one in one's own words."""

    kind: HeadingKind
    names: list[Name] = Field(default_factory=list, max_length=20)
    name: Name | None = None


class HeadingForm(BaseModel):
    name: Name


class MoveForm(BaseModel):
    way: Literal["up", "down"]


class YearPlanForm(BaseModel):
    """A total of twelve months for each heading, and the one that the page showed."""


class MonthsPlanForm(BaseModel):
    """An amount for each of twelve months of a heading, and those that the page showed."""


def plan_form(base: type[BaseModel], keys: Iterable[str]) -> type[BaseModel]:
    """``plan_KEY`` as typed, ``was_KEY`` as it was shown."""
    fields: dict[str, Any] = {
        f"{part}_{key}": (MaybeMoney, None) for key in keys for part in ("plan", "was")
    }
    return create_model(base.__name__, __base__=base, **fields)


def planned(form: BaseModel) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    """By key: what the page showed, and what was typed."""
    said = form.model_dump()
    return {
        name.removeprefix("plan_"): (said[name.replace("plan_", "was_", 1)], typed)
        for name, typed in said.items()
        if name.startswith("plan_")
    }


class ShareMonthsForm(BaseModel):
    month: Month
    reach: Literal["month", "on"] = "month"
    readers: Annotated[list[str], Field(min_length=1, max_length=50)]
    """``group``, or ids of its members."""
    with_hours: Tick = False

    @property
    def reader_ids(self) -> Sequence[int | None]:
        """None for the whole group, which includes everybody in it."""
        if "group" in self.readers:
            return [None]
        ids = {int(one) for one in self.readers if one.isascii() and one.isdigit()}
        return sorted(one for one in ids if one < 2**63)


class ReminderForm(BaseModel):
    wanted: Tick = False
