"""Which spans are taken, kept sorted: a year of them costs no more to look through than a day."""

import datetime as dt
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Hashable

Span = tuple[dt.datetime, dt.datetime]


class Calendar:
    """Spans that do not overlap, by whatever they belong to: a unit of an item, a person."""

    def __init__(self) -> None:
        self._spans: defaultdict[Hashable, list[Span]] = defaultdict(list)

    def is_free(self, key: Hashable, start: dt.datetime, end: dt.datetime) -> bool:
        spans = self._spans[key]
        place = bisect_left(spans, (start, start))
        before_ends = place == 0 or spans[place - 1][1] <= start
        return before_ends and (place == len(spans) or spans[place][0] >= end)

    def hold(self, key: Hashable, start: dt.datetime, end: dt.datetime) -> None:
        insort(self._spans[key], (start, end))
