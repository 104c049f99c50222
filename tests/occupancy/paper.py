"""The land on paper: squares of 100 m², and for each square what it is on each day.

Nothing here knows of plots that end, of ranges or of locks: a plot is the squares that it covers, a
claim is what somebody wrote on squares and days, and two things never stand on one.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

FIRST = dt.date(2026, 10, 1)
DAYS = 620
"""Up to June 2028, so that a 29 February is among them; what has no end goes on to the last."""
SQUARE = 100


@dataclass(slots=True)
class Lot:
    """A plot as paper knows it."""

    squares: frozenset[int]
    start: int = 0
    end: int = DAYS
    became_others: bool = False

    @property
    def days(self) -> range:
        return range(self.start, self.end)


@dataclass(slots=True)
class Entry:
    """A claim: days from ``start`` up to and without ``end``."""

    lot: int
    kind: str
    start: int
    end: int
    stay: int | None = None

    @property
    def what(self) -> tuple[str, int | None]:
        return self.kind, self.stay


@dataclass(slots=True)
class Paper:
    today: int
    lots: dict[int, Lot] = field(default_factory=dict[int, Lot])
    entries: dict[int, Entry] = field(default_factory=dict[int, Entry])
    people: dict[int, frozenset[int]] = field(default_factory=dict[int, frozenset[int]])
    """Of each stay."""
    joins: int = 0
    """How often several stays became one."""

    def held(self, *, besides: int | None = None) -> dict[tuple[int, int], Entry]:
        """Who holds each square on each day. Fails when two do."""
        found: dict[tuple[int, int], Entry] = {}
        for key, entry in self.entries.items():
            if key == besides:
                continue
            for place in places(self.lots[entry.lot], entry):
                assert place not in found, f"{entry} and {found[place]} share {place}"
                found[place] = entry
        return found

    def may_hold(self, lot: int, start: int, end: int, *, besides: int | None = None) -> bool:
        if not (start < end and {start, end - 1} <= set(self.lots[lot].days)):
            return False
        held, square = self.held(besides=besides), min(self.lots[lot].squares)
        return not any((square, day) in held for day in range(start, end))

    # ------------------------------------------------------------ what people do

    def run_of(self, key: int) -> list[int]:
        """A claim of people and those of its stay that follow it without a gap on the same plot."""
        entry, found = self.entries[key], [key]
        if entry.stay is None:
            return found
        end = entry.end
        while following := [
            other
            for other, one in self.entries.items()
            if (one.lot, one.what, one.start) == (entry.lot, entry.what, end) and other not in found
        ]:
            found += following
            end = self.entries[following[0]].end
        return found

    def joined(self, stay: int, start: int, end: int) -> int:
        """The stay for these days: those of the same people that touch them become the oldest."""
        near = {
            one.stay
            for one in self.entries.values()
            if one.stay and one.start <= end and start <= one.end
        }
        same = {one for one in near | {stay} if self.people[one] == self.people[stay]}
        self.joins += len(same) > 1
        for one in self.entries.values():
            if one.stay in same:
                one.stay = min(same)
        return min(same)

    def end_early(self, key: int, last: int, *, all_plots: bool) -> bool:
        entry = self.entries[key]
        if not entry.start <= last < entry.end - 1:
            return False
        together = self.run_of(key)
        if all_plots and entry.stay is not None:
            together = [k for k, one in self.entries.items() if one.what == entry.what]
        for other in together:
            one = self.entries[other]
            one.end = min(one.end, last + 1)
            if one.start >= one.end:
                del self.entries[other]
        return True

    def may_divide(self, lots: Collection[int], day: int) -> bool:
        return all(
            not self.lots[one].became_others and self.lots[one].start < day < self.lots[one].end
            for one in lots
        )

    def cut(self, lots: Collection[int], day: int) -> list[tuple[int, Entry]]:
        """End the plots and their claims on the day; what of them was to go on, by plot."""
        rest: list[tuple[int, Entry]] = []
        for key, entry in list(self.entries.items()):
            if entry.lot in lots and entry.end > day:
                left = Entry(entry.lot, entry.kind, max(entry.start, day), entry.end, entry.stay)
                rest.append((key, left))
                entry.end = day
                if entry.start >= day:
                    del self.entries[key]
        for one in lots:
            self.lots[one].end, self.lots[one].became_others = day, True
        return rest

    def alike(self, lots: Sequence[int], day: int) -> bool:
        """Whether the plots end together and are held alike from the day on."""
        seen = [
            {
                (one.what, max(one.start, day), one.end)
                for one in self.entries.values()
                if one.lot == lot and one.end > day
            }
            for lot in lots
        ]
        ends = {self.lots[lot].end for lot in lots}
        return len(ends) == 1 and all(one == seen[0] for one in seen)

    # ------------------------------------------------------------ what may be counted

    def area_days(self, days: range) -> Mapping[str, int]:
        """m² × days of each band, one square on one day after another."""
        held, found = self.held(), dict.fromkeys(BANDS, 0)
        for lot in self.lots.values():
            for day in set(lot.days) & set(days):
                for square in lot.squares:
                    entry = held.get((square, day))
                    found[BAND_OF.get(entry.kind, entry.kind) if entry else "vacant"] += SQUARE
        return found


BANDS = ("occupied", "reserved", "rest", "works", "vacant", "out_of_service")
BAND_OF = {"stay": "occupied", "collective": "occupied"}


def places(lot: Lot, entry: Entry) -> Iterator[tuple[int, int]]:
    for square in lot.squares:
        for day in range(entry.start, entry.end):
            yield square, day


def date(day: int) -> dt.date:
    return FIRST + dt.timedelta(days=day)
