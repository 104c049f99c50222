"""The period and the filters that an address asks for."""

import datetime as dt
from typing import TypeAlias
from urllib.parse import quote_plus

from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery

from couveuse.core import clock
from couveuse.core.errors import Unreadable
from couveuse.core.fields import read_day
from couveuse.core.i18n import N_
from couveuse.occupancy.queries import Filters
from couveuse.occupancy.season import BadPeriod, Season
from couveuse.web.forms import read_id

BAD_DATE = N_("« %(text)s » n'est pas une date. Écrivez par exemple 2026-11-01.")
BAD_PERIOD = N_("La période va d'un premier à un dernier jour, sur vingt ans au plus. Corrigez-la.")


def read_date(text: str | None) -> dt.date | None:
    if not text:
        return None
    try:
        return read_day(text)
    except ValueError:
        raise Unreadable(BAD_DATE, text=text[:40]) from None


def read_season(first: str | None, last: str | None) -> Season:
    """The period of an address; the farm season of today when it says none."""
    start, end = read_date(first), read_date(last)
    if start is None and end is None:
        return Season.around(clock.today())
    if start is None:
        raise Unreadable(BAD_PERIOD)
    try:
        return Season.between(start, end)
    except (BadPeriod, OverflowError):
        raise Unreadable(BAD_PERIOD) from None


Text: TypeAlias = FromQuery[str | None]


async def asked_season(debut: Text = None, fin: Text = None) -> Season:
    return read_season(debut, fin)


async def asked_filters(
    lieu: Text = None,
    structure: Text = None,
    eau: Text = None,
    electricite: Text = None,
    cloture: Text = None,
    abri: Text = None,
    avec: Text = None,
) -> Filters:
    """``avec`` is one of the particularities that people write on plots."""
    named = {"eau": eau, "electricite": electricite, "cloture": cloture, "abri": abri}
    chosen = frozenset(name for name, value in named.items() if value)
    return Filters(read_id(lieu), read_id(structure), chosen, (avec or "").strip()[:80] or None)


AskedSeason: TypeAlias = NamedDependency[Season]
AskedFilters: TypeAlias = NamedDependency[Filters]
ASKED = {"season": Provide(asked_season), "filters": Provide(asked_filters)}
"""What every page of a season reads from its address, and carries to the next."""


def query_of(filters: Filters) -> str:
    """The filters as an address says them, with a leading ``&``."""
    parts: list[str] = []
    if filters.site_id:
        parts.append(f"lieu={filters.site_id}")
    if filters.structure_id:
        parts.append(f"structure={filters.structure_id}")
    parts += [f"{name}=1" for name in sorted(filters.features)]
    if filters.particularity:
        parts.append(f"avec={quote_plus(filters.particularity)}")
    return "".join(f"&{part}" for part in parts)
