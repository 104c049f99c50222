"""Which agreement counts on a day. Pure."""

import datetime as dt
from collections.abc import Sequence

from couveuse.trainees.models import Agreement


def current_agreement(agreements: Sequence[Agreement], day: dt.date) -> Agreement | None:
    """The one in force, else the next to come, else the last one. Needs the periods loaded."""
    running = [one for one in agreements if _first(one) <= day <= _last(one)]
    to_come = sorted((one for one in agreements if _first(one) > day), key=_first)
    over = sorted(agreements, key=_last, reverse=True)
    return next(iter([*running, *to_come, *over]), None)


def _first(agreement: Agreement) -> dt.date:
    return agreement.periods[0].first_day


def _last(agreement: Agreement) -> dt.date:
    return agreement.periods[-1].last_day
