"""Until when agreements cover those who hold ground. Pure.

A stay without an agreement is allowed: what does not match is told where the stay is shown.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from couveuse.occupancy.spans import DAY

Agreed = Mapping[int, Sequence[tuple[dt.date, dt.date]]]
"""By person whom the reader is told about, the days of signed agreements, half-open."""


class Cover(NamedTuple):
    """What agreements say of the days that somebody holds ground."""

    until: dt.date | None
    """The first day that none covers any more; None when there is none so far."""
    is_within: bool
    """Whether one covers any of these days; if not, ``until`` lies before them."""


NOTHING = Cover(None, is_within=False)


def cover_of(agreements: Iterable[tuple[dt.date, dt.date]], start: dt.date, end: dt.date) -> Cover:
    """``end`` is the first day after."""
    found = NOTHING
    for begins, ends in agreements:
        if begins >= end:
            continue
        cover = Cover(ends, is_within=ends > start)
        if found.until is None or (cover.is_within, ends) > (found.is_within, found.until):
            found = cover
    return found


class Holder(NamedTuple):
    """Somebody who holds ground, with what their agreements say of it."""

    name: str
    cover: Cover
    is_short: bool
    """Whether the agreement ends while the stay goes on."""

    @property
    def last_day(self) -> dt.date | None:
        return self.cover.until - DAY if self.cover.until else None


def holders_of(
    people: Iterable[tuple[int, str]], agreed: Agreed, start: dt.date, end: dt.date
) -> list[Holder]:
    """Those whom the reader is told about."""
    covers = [(name, cover_of(agreed[one], start, end)) for one, name in people if one in agreed]
    return [
        Holder(name, cover, cover.is_within and cover.until is not None and cover.until < end)
        for name, cover in covers
    ]
