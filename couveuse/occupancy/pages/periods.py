"""The period and the filters that an address asks for."""

import datetime as dt

from couveuse.core import clock
from couveuse.core.errors import Unreadable
from couveuse.core.fields import read_day
from couveuse.core.i18n import N_
from couveuse.occupancy.queries import FEATURES, Filters
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


def read_filters(
    site: str | None, structure: str | None, features: dict[str, str | None]
) -> Filters:
    chosen = frozenset(name for name, value in features.items() if value and name in FEATURES)
    return Filters(read_id(site), read_id(structure), chosen)


def query_of(filters: Filters) -> str:
    """The filters as an address says them, with a leading ``&``."""
    parts: list[str] = []
    if filters.site_id:
        parts.append(f"lieu={filters.site_id}")
    if filters.structure_id:
        parts.append(f"structure={filters.structure_id}")
    parts += [f"{name}=1" for name in sorted(filters.features)]
    return "".join(f"&{part}" for part in parts)
