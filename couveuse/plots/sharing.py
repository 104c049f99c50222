"""Ground that two plots would share: looked for whenever outlines are drawn. Pure.

The database has no constraint for it, since it knows no polygons: who writes an outline holds the
lock of ``actions/apart.py`` and looks here.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from sqlalchemy.dialects.postgresql import Range

from couveuse.core import geo
from couveuse.core.errors import Reason
from couveuse.core.geo import Outline
from couveuse.core.i18n import N_

SLIVER_M2, SLIVER_SHARE = Decimal(20), Decimal("0.02")
"""Outlines drawn by hand overlap a little: so much, or so much of the smaller, is no conflict."""
SHARED = N_(
    "Le contour recouvre %(area)s m² de %(code)s, en service aux mêmes dates : la même terre "
    "serait tenue deux fois. Redessinez-le, divisez %(code)s, ou notez d'abord la fin de son "
    "service."
)


@dataclass(frozen=True)
class Drawn:
    """A plot with its outline, and when it is in service."""

    code: str
    outline: Outline
    during: Range[dt.date]

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east and north."""
        eastings, northings = zip(*geo.vertices(self.outline), strict=True)
        return min(eastings), min(northings), max(eastings), max(northings)

    @cached_property
    def area_m2(self) -> Decimal:
        return geo.area_m2(self.outline)


class Shared(NamedTuple):
    code: str
    area: int

    @property
    def reason(self) -> Reason:
        return Reason("shared_ground", SHARED, self._asdict(), field="outline")


def shared_ground(one: Drawn, others: Iterable[Drawn]) -> list[Shared]:
    """The plots whose ground an outline takes on the same days, with how much of it."""
    return [
        Shared(other.code, round(area))
        for other in others
        if _boxes_meet(one, other) and one.during.overlaps(other.during)
        if (area := geo.overlap_m2(one.outline, other.outline)) > _sliver(one, other)
    ]


def _boxes_meet(one: Drawn, other: Drawn) -> bool:
    west, south, east, north = one.box
    its_west, its_south, its_east, its_north = other.box
    return west < its_east and its_west < east and south < its_north and its_south < north


def _sliver(one: Drawn, other: Drawn) -> Decimal:
    return max(SLIVER_M2, SLIVER_SHARE * min(one.area_m2, other.area_m2))
