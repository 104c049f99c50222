"""Figures against an independent count, day by day and square metre by square metre."""

import calendar
import datetime as dt
import random
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest

from couveuse.occupancy import figures
from couveuse.occupancy.figures import Before, Ground, Held
from couveuse.occupancy.summary import Facts, summarise

D = dt.date
DAY = dt.timedelta(days=1)
KINDS = ["stay", "stay", "stay", "reserved", "rest", "works", "collective", "out_of_service"]


class History:
    """A made-up site: plots that split and merge, groups, gaps, open ends, leap years."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.grounds: list[Ground] = []
        self.claims: list[Held] = []
        self.parents: dict[int, list[int]] = {}
        self.born = D(2023, 6, 1) + self.dice.randrange(300) * DAY
        for _ in range(self.dice.randrange(1, 4)):
            self._plot(self.born, self.dice.randrange(1, 12), self.dice.random() < 0.25)
        for _ in range(self.dice.randrange(3)):
            self._divide()
        for ground in self.grounds:
            self._fill(ground)
        for ground in [one for one in self.grounds if ground_parents(self, one)]:
            self._continue(ground)

    def _plot(self, start: dt.date, size: int, temporary: bool) -> Ground:
        number = len(self.grounds) + 1
        covered = Decimal(self.dice.randrange(size + 1))
        ground = Ground(
            number, f"P{number}", None, Decimal(size), covered, start, None, 1, "S", temporary
        )
        self.grounds.append(ground)
        self.parents[number] = []
        return ground

    def _divide(self) -> None:
        alive = [one for one in self.grounds if one.end is None]
        on = max(one.start for one in alive) + self.dice.randrange(30, 200) * DAY
        if len(alive) > 1 and self.dice.random() < 0.5 and not any(o.is_temporary for o in alive):
            pair = self.dice.sample(alive, 2)
            child = self._plot(on, sum(int(one.size_m2) for one in pair), False)
        else:
            pair = [self.dice.choice(alive)]
            if pair[0].size_m2 < 2:
                return
            part = self.dice.randrange(1, int(pair[0].size_m2))
            rest = int(pair[0].size_m2) - part
            for size in (part, rest):
                made = self._plot(on, size, pair[0].is_temporary)
                self.parents[made.id] = [pair[0].id]
            child = None
        for one in pair:
            self.grounds[one.id - 1] = one._replace(end=on)
        if child:
            self.parents[child.id] = [one.id for one in pair]

    def _fill(self, ground: Ground) -> None:
        day, end = ground.start, ground.end or D(2027, 6, 1)
        if ground.end is None and self.dice.random() < 0.3:
            end = D.max
        while True:
            day += self.dice.choice([0, 0, 1, 20, 90]) * DAY
            until = day + self.dice.randrange(1, 300) * DAY
            if end == D.max and day > D(2026, 1, 1):
                until = D.max
            until = min(until, end)
            if day >= until:
                return
            self._claim(ground.id, self.dice.choice(KINDS), day, until)
            day = until
            if day == D.max:
                return

    def _claim(self, plot: int, kind: str, start: dt.date, end: dt.date) -> None:
        claim = Held(len(self.claims) + 1, plot, kind, start, end)
        if kind in ("stay", "reserved"):
            last = [one for one in self.claims if one.plot_id == plot and one.end == start]
            renewed = last and last[0].kind == kind and self.dice.random() < 0.4
            source = last[0] if renewed else None
            claim.stay_id = source.stay_id if source else 1000 + claim.id
            people = (
                source.people
                if source
                else self.dice.sample(range(1, 7), self.dice.choice([1, 1, 2, 3]))
            )
            for person in people:
                claim.add(person, f"Personne {person}")
        self.claims.append(claim)

    def _continue(self, ground: Ground) -> None:
        """A stay on the parent goes on upon its child, now and then."""
        mine = [one for one in self.claims if one.plot_id == ground.id and one.kind == "stay"]
        first = next((one for one in mine if one.start == ground.start), None)
        before = [
            one
            for one in self.claims
            if one.plot_id in self.parents[ground.id]
            and one.kind == "stay"
            and one.end == ground.start
        ]
        if first and before and self.dice.random() < 0.7:
            first.stay_id, first.people = before[0].stay_id, before[0].people
            first.names = before[0].names

    # ------------------------------------------------------------ the slow and obvious way

    def holder(self, plot: int, day: dt.date) -> Held | None:
        found = [c for c in self.claims if c.plot_id == plot and c.start <= day < c.end]
        assert len(found) <= 1
        return found[0] if found else None

    def origins(self, plot: int) -> list[int]:
        found = [plot]
        for one in found:
            found += [parent for parent in self.parents[one] if parent not in found]
        return found

    def before(self) -> dict[int, Before]:
        """What the database answers: the last stay before each one, on the same ground."""
        known: dict[int, Before] = {}
        for claim in self.claims:
            if claim.kind != "stay":
                continue
            earlier = [
                one
                for one in self.claims
                if one.kind == "stay"
                and one.plot_id in self.origins(claim.plot_id)
                and one.start < claim.start
            ]
            if earlier:
                end = max(one.end for one in earlier)
                stays = {one.stay_id for one in earlier if one.end == end}
                known[claim.id] = Before(end, frozenset(s for s in stays if s))
        return known


def ground_parents(history: History, ground: Ground) -> list[int]:
    return history.parents[ground.id]


def each_day(start: dt.date, end: dt.date) -> list[dt.date]:
    return [start + n * DAY for n in range((end - start).days)]


def count_slowly(history: History, start: dt.date, end: dt.date) -> dict[str, Fraction]:
    """One square metre on one day after another."""
    seen: Counter[str] = Counter()
    for day in each_day(start, end):
        for ground in history.grounds:
            if ground.start <= day < (ground.end or D.max) and not ground.is_temporary:
                count_one_day(seen, ground, history.holder(ground.id, day))
    return {name: Fraction(number) for name, number in seen.items()}


def count_one_day(seen: Counter[str], ground: Ground, claim: Held | None) -> None:
    kind = claim.kind if claim else "vacant"
    band = "occupied" if kind in ("stay", "collective") else kind
    for metre in range(int(ground.size_m2)):
        if kind == "out_of_service":
            seen["out"] += 1
            continue
        seen[band] += 1
        seen["service"] += 1
        if metre < ground.covered_m2:
            seen["covered"] += 1
            seen["covered_occupied"] += band == "occupied"
    if kind == "out_of_service":
        return
    seen["places"] += 1
    seen[f"places_{kind}"] += 1
    if claim and kind == "stay":
        seen["persons"] += len(claim.people)


def months_slowly(history: History, start: dt.date, end: dt.date) -> dict[int, Fraction]:
    found: dict[int, Fraction] = {}
    for day in each_day(start, end):
        present = {
            person
            for ground in history.grounds
            if ground.is_temporary
            and (claim := history.holder(ground.id, day))
            and claim.kind == "stay"
            for person in claim.people
        }
        for person in present:
            length = calendar.monthrange(day.year, day.month)[1]
            found[person] = found.get(person, Fraction(0)) + Fraction(1, length)
    return found


def gaps_slowly(history: History, start: dt.date, end: dt.date) -> list[int]:
    """Walk back from the first day of each stay to the last day of the one before."""
    found: list[int] = []
    for ground in history.grounds:
        if ground.is_temporary:
            continue
        for day in each_day(start, end):
            claim = history.holder(ground.id, day)
            if not claim or claim.kind != "stay" or claim.start != day:
                continue
            past = day - DAY
            while past >= history.born:
                there = [history.holder(plot, past) for plot in history.origins(ground.id)]
                stays = [one for one in there if one and one.kind == "stay"]
                if stays:
                    if past == day - DAY and claim.stay_id in {one.stay_id for one in stays}:
                        break
                    found.append((day - past).days - 1)
                    break
                past -= DAY
    return sorted(found)


def period(dice: random.Random) -> tuple[dt.date, dt.date]:
    start = D(2023, 6, 1) + dice.randrange(900) * DAY
    return start, start + dice.choice([1, 7, 29, 60, 120]) * DAY


def check(seed: int) -> None:
    history = History(seed)
    start, end = period(history.dice)
    slow = count_slowly(history, start, end)
    nothing = Fraction(0)

    def of(name: str) -> Fraction:
        return slow.get(name, nothing)

    claims = [c for c in history.claims if c.start < end and c.end > start]
    grounds = [g for g in history.grounds if g.start < end and (g.end or D.max) > start]
    plots = figures.count_days(grounds, claims, start, end)
    lasting = [one for one in plots if not one.ground.is_temporary]
    sums, covered = figures.area_days(lasting), figures.area_days(lasting, covered=True)
    assert {name: sums[name] for name in figures.BANDS} == {n: of(n) for n in figures.BANDS}
    assert sum(sums[name] for name in figures.BANDS) == sums["service"] == of("service")
    assert sums["out_of_service"] == of("out")
    assert figures.gross(sums) == (of("occupied"), of("service"))
    assert figures.net(sums) == (of("occupied"), of("service") - of("rest") - of("works"))
    assert figures.gross(covered) == (of("covered_occupied"), of("covered"))
    assert figures.by_place(lasting) == (of("persons"), of("places"))
    assert figures.places_held(lasting) == (of("places_stay"), of("places"))
    assert figures.resting(lasting) == (of("places_rest"), of("places"))
    assert figures.reserved_days(lasting) == of("places_reserved")
    day = start + (end - start) // 2
    on_day = count_slowly(history, day, day + DAY)
    assert figures.on_day(grounds, claims, day) == (
        on_day.get("occupied", nothing),
        on_day.get("service", nothing),
    )
    months = {one.person_id: one.months for one in figures.presences(grounds, claims, start, end)}
    assert months == months_slowly(history, start, end)
    by_id = {one.ground.id: one.ground for one in lasting}
    _, gaps = figures.changes(claims, history.before(), by_id, start, end)
    assert sorted(gap.days for gap in gaps) == gaps_slowly(history, start, end)
    shares = figures.percentages(sums)
    assert sum(shares.values()) == (100 if of("service") else 0)


@pytest.mark.parametrize("batch", range(10))
def test_figures_equal_a_count_by_day_and_square_metre(batch: int) -> None:
    for seed in range(batch * 200, batch * 200 + 200):
        check(seed)


@pytest.mark.slow
def test_figures_equal_it_on_thousands_more() -> None:
    for seed in range(10_000, 13_000):
        check(seed)


def ground(size: str = "100", **fields: object) -> Ground:
    base = Ground(1, "P", None, Decimal(size), Decimal(0), D(2020, 1, 1), None, 1, "S", False)
    return base._replace(**fields)  # type: ignore[arg-type]


def test_a_leap_day_counts() -> None:
    held = [Held(1, 1, "stay", D(2024, 2, 29), D(2024, 3, 1))]
    [plot] = figures.count_days([ground()], held, D(2024, 1, 1), D(2025, 1, 1))
    assert figures.gross(figures.area_days([plot])) == (100, 36_600)


def test_areas_with_decimals_stay_exact() -> None:
    grounds = [ground("0.1", id=n) for n in range(1, 11)]
    plots = figures.count_days(grounds, [], D(2026, 1, 1), D(2026, 1, 4))
    assert figures.area_days(plots)["vacant"] == 3


def test_without_ground_there_is_no_rate() -> None:
    summary = summarise(Facts([], [], {}, D(2026, 1, 1), D(2027, 1, 1)))
    assert {one.shown for one in summary.figures} == {"–", "0\u00a0jour", "0\u00a0mois"}


def test_five_bands_shown_sum_to_a_hundred() -> None:
    sums = {name: Fraction(1, 3) for name in figures.BANDS}
    assert sum(figures.percentages(sums).values()) == 100


def test_a_month_counts_one_whatever_its_length() -> None:
    assert figures.months_between(D(2024, 2, 1), D(2024, 3, 1)) == 1
    assert figures.months_between(D(2024, 1, 16), D(2024, 2, 1)) == Fraction(16, 31)
    assert figures.months_between(D(2023, 11, 1), D(2026, 11, 1)) == 36
