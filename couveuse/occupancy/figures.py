"""Occupancy in figures, exact to the day. Pure: rows in, fractions out.

Every figure keeps its numerator and its denominator. Areas are counted in m² × days to the last
digit: nothing is rounded before it is shown.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, localcontext
from fractions import Fraction
from typing import NamedTuple

from couveuse.occupancy.models import PeriodKind

FAR = dt.date.max
EXACT = Context(prec=100, traps=[Inexact])
"""In which areas are summed: exactly, or not at all."""
SERVICE, OUT = "service", "out_of_service"
STAY = PeriodKind.STAY.value
OCCUPIED = (PeriodKind.STAY, PeriodKind.COLLECTIVE)
BANDS = ("occupied", "reserved", "rest", "works", "vacant")
"""They sum to the ground in service: what is out of service is no part of it."""


class Ground(NamedTuple):
    """A plot as the board and the figures see it."""

    id: int
    code: str
    name: str | None
    size_m2: Decimal
    covered_m2: Decimal
    start: dt.date
    end: dt.date | None
    site_id: int
    site_name: str
    is_temporary: bool
    free_on: dt.date | None = None
    usable_until: dt.date | None = None
    """The first day beyond its service or the rights on its land."""


@dataclass(slots=True)
class Held:
    """A claim with the people who hold it together."""

    id: int
    plot_id: int
    kind: str
    start: dt.date
    end: dt.date
    """The first day after; far away when there is no end."""
    stay_id: int | None = None
    reason: str | None = None
    people: tuple[int, ...] = ()
    names: tuple[str, ...] = ()

    def add(self, person_id: int, name: str) -> None:
        self.people += (person_id,)
        self.names += (name,)


class Before(NamedTuple):
    """What was on the ground before a stay began: its end, and whose stays ended then."""

    end: dt.date
    stays: frozenset[int]


@dataclass(slots=True)
class PlotDays:
    """How a plot spent its days of the period."""

    ground: Ground
    service: int
    """Days in service, without those out of service."""
    by_kind: dict[str, int]
    person_days: int

    @property
    def occupied(self) -> int:
        return sum(self.by_kind.get(kind, 0) for kind in OCCUPIED)

    @property
    def out(self) -> int:
        return self.by_kind.get(OUT, 0)

    @property
    def vacant(self) -> int:
        return self.service - sum(
            days for kind, days in self.by_kind.items() if kind != PeriodKind.OUT_OF_SERVICE
        )

    def band(self, name: str) -> int:
        match name:
            case "occupied":
                return self.occupied
            case "vacant":
                return self.vacant
            case "service":
                return self.service
            case _:
                return self.by_kind.get(name, 0)


class Ratio(NamedTuple):
    """A figure that never goes without what it is made of."""

    numerator: Fraction
    denominator: Fraction

    @property
    def value(self) -> Fraction | None:
        return self.numerator / self.denominator if self.denominator else None


class Gap(NamedTuple):
    """The days between two stays on one ground."""

    plot_id: int
    left: dt.date
    """The first day without the stay before."""
    came: dt.date

    @property
    def days(self) -> int:
        return (self.came - self.left).days


class Presence(NamedTuple):
    """A person's months on temporary sites, whatever the number of plots."""

    person_id: int
    name: str
    days: int
    months: Fraction


def overlap(start: dt.date, end: dt.date, other_start: dt.date, other_end: dt.date) -> int:
    """Days that two half-open spans share."""
    # Not min and max: a season asks for thousands of them.
    first = start if start > other_start else other_start  # noqa: FURB136
    last = end if end < other_end else other_end  # noqa: FURB136
    return (last - first).days if first < last else 0


def count_days(
    grounds: Iterable[Ground], claims: Iterable[Held], start: dt.date, end: dt.date
) -> list[PlotDays]:
    """How each plot spent the period; ``end`` is the first day after it."""
    found: dict[int, PlotDays] = {}
    for ground in grounds:
        days = overlap(ground.start, ground.end or FAR, start, end)
        found[ground.id] = PlotDays(ground, days, {}, 0)
    for claim in claims:
        plot = found.get(claim.plot_id)
        if plot is None:
            continue
        days = overlap(claim.start, claim.end, start, end)
        plot.by_kind[claim.kind] = plot.by_kind.get(claim.kind, 0) + days
        if claim.kind == OUT:
            plot.service -= days
        elif claim.kind == STAY:
            plot.person_days += days * len(claim.people)
    return list(found.values())


def area_days(plots: Iterable[PlotDays], *, covered: bool = False) -> dict[str, Fraction]:
    """m² × days of every band, of the ground in service, and of what is named apart."""
    with localcontext(EXACT):
        service, by_kind = Decimal(), dict.fromkeys(map(str, PeriodKind), Decimal())
        for plot in plots:
            area = plot.ground.covered_m2 if covered else plot.ground.size_m2
            if not area:
                continue
            service += area * plot.service
            for kind, days in plot.by_kind.items():
                by_kind[kind] += area * days
    return _bands_of(Fraction(service), {kind: Fraction(whole) for kind, whole in by_kind.items()})


def _bands_of(service: Fraction, by_kind: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """From sums by kind to the five bands and what is named apart."""
    occupied = sum((by_kind[kind] for kind in OCCUPIED), Fraction(0))
    kept = {name: by_kind[name] for name in ("reserved", "rest", "works")}
    return {
        "occupied": occupied,
        **kept,
        "vacant": service - occupied - sum(kept.values()),
        "service": service,
        PeriodKind.COLLECTIVE.value: by_kind[PeriodKind.COLLECTIVE],
        OUT: by_kind[PeriodKind.OUT_OF_SERVICE],
    }


def on_day(grounds: Iterable[Ground], claims: Iterable[Held], day: dt.date) -> Ratio:
    """Occupied m² ÷ m² in service on one day, lasting sites only."""
    sizes = {
        ground.id: ground.size_m2
        for ground in grounds
        if ground.start <= day and not ground.is_temporary and day < (ground.end or FAR)
    }
    occupied: list[Decimal] = []
    for claim in claims:
        if claim.start <= day < claim.end and claim.plot_id in sizes:
            if claim.kind == OUT:
                del sizes[claim.plot_id]
            elif claim.kind in OCCUPIED:
                occupied.append(sizes[claim.plot_id])
    with localcontext(EXACT):
        sums = sum(occupied, Decimal()), sum(sizes.values(), Decimal())
    return Ratio(*map(Fraction, sums))


def gross(sums: Mapping[str, Fraction]) -> Ratio:
    """Occupied m² × days ÷ m² in service × days."""
    return Ratio(sums["occupied"], sums["service"])


def net(sums: Mapping[str, Fraction]) -> Ratio:
    """As gross, without the rest and works that were in the denominator."""
    return Ratio(sums["occupied"], sums["service"] - sums["rest"] - sums["works"])


def by_place(plots: Sequence[PlotDays]) -> Ratio:
    """Person-days in a place ÷ places × days. A place held by two counts two person-days."""
    return Ratio(
        Fraction(sum(one.person_days for one in plots)),
        Fraction(sum(one.service for one in plots)),
    )


def places_held(plots: Sequence[PlotDays]) -> Ratio:
    """Places with somebody × days ÷ places × days."""
    held = sum(one.by_kind.get(PeriodKind.STAY, 0) for one in plots)
    return Ratio(Fraction(held), Fraction(sum(one.service for one in plots)))


def resting(plots: Sequence[PlotDays]) -> Ratio:
    """The share of plot-days in rest."""
    rest = sum(one.by_kind.get(PeriodKind.REST, 0) for one in plots)
    return Ratio(Fraction(rest), Fraction(sum(one.service for one in plots)))


def reserved_days(plots: Sequence[PlotDays]) -> int:
    """Plot-days reserved and not begun."""
    return sum(one.by_kind.get(PeriodKind.RESERVED, 0) for one in plots)


def changes(
    claims: Iterable[Held],
    before: Mapping[int, Before],
    plots: Mapping[int, Ground],
    start: dt.date,
    end: dt.date,
) -> tuple[list[Held], list[Gap]]:
    """Stays that begin in the period, and the time that the ground waited for each.

    A stay that goes on (renewed, or on the parts of a divided plot) does not begin.
    """
    begun: list[Held] = []
    gaps: list[Gap] = []
    for claim in claims:
        if claim.kind != PeriodKind.STAY or claim.plot_id not in plots:
            continue
        if not start <= claim.start < end:
            continue
        known = before.get(claim.id)
        if known and known.end == claim.start and claim.stay_id in known.stays:
            continue
        begun.append(claim)
        if known:
            gaps.append(Gap(claim.plot_id, known.end, claim.start))
    return begun, gaps


def mean_vacancy(gaps: Sequence[Gap]) -> Ratio:
    """Days between two stays ÷ number of changes."""
    return Ratio(Fraction(sum(gap.days for gap in gaps)), Fraction(len(gaps)))


def turnover(begun: Sequence[Held], plots: Sequence[PlotDays], days: int) -> Ratio:
    """Stays begun ÷ mean number of places in service."""
    service = sum(one.service for one in plots)
    return Ratio(Fraction(len(begun)), Fraction(service, days) if days else Fraction(0))


def months_between(start: dt.date, end: dt.date) -> Fraction:
    """Months in a half-open span: whole ones count one, a day of February more than one of July."""
    months = Fraction(0)
    while start < end:
        first = start.replace(day=1)
        following = (first + dt.timedelta(days=32)).replace(day=1)
        until = min(end, following)
        months += Fraction((until - start).days, (following - first).days)
        start = until
    return months


def presences(
    grounds: Iterable[Ground], claims: Iterable[Held], start: dt.date, end: dt.date
) -> list[Presence]:
    """Who was in test on temporary sites, and for how many months: each day once per person."""
    temporary = {ground.id for ground in grounds if ground.is_temporary}
    spans: dict[int, list[tuple[dt.date, dt.date]]] = {}
    names: dict[int, str] = {}
    for claim in claims:
        if claim.kind != PeriodKind.STAY or claim.plot_id not in temporary:
            continue
        span = (max(claim.start, start), min(claim.end, end))
        for person_id, name in zip(claim.people, claim.names, strict=True):
            names[person_id] = name
            if span[0] < span[1]:
                spans.setdefault(person_id, []).append(span)
    found = [
        Presence(
            person_id,
            names[person_id],
            sum((until - since).days for since, until in merged),
            sum((months_between(since, until) for since, until in merged), Fraction(0)),
        )
        for person_id, merged in ((key, _merged(some)) for key, some in spans.items())
    ]
    return sorted(found, key=lambda one: (one.name, one.person_id))


def _merged(spans: list[tuple[dt.date, dt.date]]) -> list[tuple[dt.date, dt.date]]:
    merged: list[tuple[dt.date, dt.date]] = []
    for since, until in sorted(spans):
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
        else:
            merged.append((since, until))
    return merged


def percentages(sums: Mapping[str, Fraction], names: Sequence[str] = BANDS) -> dict[str, Decimal]:
    """Tenths of a per cent that sum to exactly 100, the rest given to the largest remainders."""
    whole = sum((sums[name] for name in names), Fraction(0))
    if not whole:
        return dict.fromkeys(names, Decimal(0))
    exact = {name: sums[name] * 1000 / whole for name in names}
    down = {name: int(value) for name, value in exact.items()}
    short = 1000 - sum(down.values())
    by_rest = sorted(names, key=lambda name: (down[name] - exact[name], names.index(name)))
    for name in by_rest[:short]:
        down[name] += 1
    return {name: Decimal(value) / 10 for name, value in down.items()}


class Shares(NamedTuple):
    """The five bands as they are shown, and what is named apart."""

    percent: dict[str, Decimal]
    collective: Decimal
    """The part of the occupied band that the structure uses itself, in per cent of the ground."""
    out: int
    """m² × days out of service, not counted in the bands."""
    service: int

    @classmethod
    def of(cls, plots: Sequence[PlotDays]) -> "Shares":
        """Of the plots of lasting sites: temporary ones are counted as person-months."""
        return cls.of_sums(area_days([one for one in plots if not one.ground.is_temporary]))

    @classmethod
    def of_sums(cls, sums: Mapping[str, Fraction]) -> "Shares":
        part = sums[PeriodKind.COLLECTIVE] * 1000 / sums["service"] if sums["service"] else 0
        return cls(
            percentages(sums), Decimal(round(part)) / 10, round(sums[OUT]), round(sums["service"])
        )
