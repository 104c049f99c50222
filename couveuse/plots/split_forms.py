"""What people type to split a plot, or to make several one."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from pydantic import BaseModel, Field, create_model

from couveuse.core.errors import Reason, Refused
from couveuse.core.fields import Day, Id, Name
from couveuse.core.i18n import N_
from couveuse.plots.forms import Area, Code, Number, PartArea

MAX_PARTS = 6
SHARED = ("size", "cultivable", "covered", "tunnels", "beds")
"""What the parts share out among them: together they have what the plot had."""

PART_WITHOUT_CODE = N_("Donnez un code à ce morceau.")
PART_WITHOUT_SIZE = N_("Donnez la surface de ce morceau, en m².")
LEFT_OVER = N_("Il reste %(rest)s à répartir. Dites combien sur ce morceau, ou zéro.")


class Part(BaseModel):
    """One piece of a plot that is split."""

    code: Code
    name: Name | None = None
    size_m2: Area
    covered_m2: PartArea | None = None
    cultivable_m2: PartArea | None = None
    tunnels: Number = 0
    beds: Number = 0
    outline: dict[str, Any] | None = None
    """A checked outline."""
    line: int = 0
    """Where it stood on the form, from 1."""


class Whole(NamedTuple):
    """What a plot has to share out; None where it is not known."""

    size: Decimal
    cultivable: Decimal | None
    covered: Decimal
    tunnels: int
    beds: int


Line: TypeAlias = dict[str, Any]
"""What was typed of one part, by field."""

_LINE: Mapping[str, Any] = {
    "code": Code,
    "name": Name,
    "size": Area,
    "cultivable": PartArea,
    "covered": PartArea,
    "tunnels": Number,
    "beds": Number,
}
_FIELDS: Any = {
    f"{name}_{number}": (kind | None, None)
    for number in range(1, MAX_PARTS + 1)
    for name, kind in _LINE.items()
}
_Lines: type[BaseModel] = create_model("_Lines", **_FIELDS)


class SplitForm(_Lines):
    """A split as a form asks for it: a small table with one line for each part."""

    happened_on: Day
    """The first day of the parts."""

    def parts(self, whole: Whole) -> list[Part]:
        """The lines that were filled in; what one of them leaves empty is what remains.

        Raises Refused, each reason on its field.
        """
        lines = {number: self._line(number) for number in range(1, MAX_PARTS + 1)}
        used = {number: line for number, line in lines.items() if any(map(_is_said, line.values()))}
        reasons = [
            Reason("no_code", PART_WITHOUT_CODE, field=f"code_{number}")
            for number, line in used.items()
            if line["code"] is None
        ]
        for field in SHARED:
            reasons += _fill_in(field, getattr(whole, field), used)
        if reasons:
            raise Refused(*reasons)
        return [_part(number, line) for number, line in used.items()]

    def _line(self, number: int) -> Line:
        return {field: getattr(self, f"{field}_{number}") for field in _LINE}


def _is_said(value: Any) -> bool:
    return value is not None


def _fill_in(field: str, whole: Any, lines: Mapping[int, Line]) -> list[Reason]:
    """Give the line that says nothing of a field what the others leave; several are asked."""
    unsaid = [number for number, line in lines.items() if line[field] is None]
    if not unsaid or whole is None:
        return []
    rest = whole - sum(line[field] for line in lines.values() if line[field] is not None)
    if field == "size" and (len(unsaid) > 1 or rest <= 0):
        return [Reason("no_size", PART_WITHOUT_SIZE, field=f"size_{one}") for one in unsaid]
    if len(unsaid) > 1 and rest > 0:
        told = {"rest": rest}
        return [Reason("left_over", LEFT_OVER, told, field=f"{field}_{one}") for one in unsaid]
    for number in unsaid:
        lines[number][field] = max(rest, 0)
    return []


def _part(number: int, line: Line) -> Part:
    return Part(
        code=line["code"],
        name=line["name"],
        size_m2=line["size"],
        cultivable_m2=line["cultivable"],
        covered_m2=line["covered"],
        tunnels=line["tunnels"] or 0,
        beds=line["beds"] or 0,
        line=number,
    )


class MergeForm(BaseModel):
    happened_on: Day
    """The first day of the whole."""
    plot_ids: list[Id] = Field(min_length=1, max_length=20)
    """The other plots."""
    code: Code
    name: Name | None = None
