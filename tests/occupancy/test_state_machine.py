"""Generated sequences of everything people do with ground, done in PostgreSQL and on paper.

After each step both say the same: accepted or refused, the same plots in service on the same days,
the same claims; and whatever period is counted, the figures are those of the paper, square by
square and day by day. Splits, mergers, groups, open ends and a leap day are the most of it.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from decimal import Decimal
from random import Random
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from couveuse.core import clock
from couveuse.core.errors import Refused
from couveuse.occupancy import actions, figures, queries
from couveuse.occupancy.forms import (
    CancellationForm,
    ConfirmationForm,
    CorrectionForm,
    DatesForm,
    EarlyEndForm,
    MistakeForm,
)
from couveuse.occupancy.models import PlotPeriod
from couveuse.occupancy.queries import Filters
from couveuse.occupancy.season import Season
from couveuse.plots.actions import end_service, merge_plots, split_plot
from couveuse.plots.models import Plot
from couveuse.plots.queries import get_plot
from couveuse.plots.split_forms import Part
from tests.cast import Cast, make_cast
from tests.conftest import NOON, Server
from tests.ledger import broken_rules
from tests.occupancy.building import asked, make_plot
from tests.occupancy.paper import DAYS, FIRST, SQUARE, Entry, Lot, Paper, date

DEEDS = {"claim": 16, "move": 6, "end": 4, "cancel": 3, "confirm": 2, "split": 3, "merge": 3}
DEEDS |= {"correct": 2, "mistake": 2, "close": 2, "count": 2}
"""What people do, and how often."""
KINDS = ["stay", "stay", "stay", "reserved", "rest", "works", "collective", "out_of_service"]
SIZES = (4, 3, 5)
"""Of the plots at the beginning, in squares."""


class Field(RuleBasedStateMachine):
    """One example: a transaction in which ground changes hands, rolled back at its end."""

    runner: ClassVar[asyncio.Runner]
    connection: ClassVar[AsyncConnection]
    cast: ClassVar[Cast]
    seen: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.outer = self.runner.run(self._begin())
        self.paper = Paper((NOON.date() - FIRST).days)
        self.steps = self.squares = 0
        for size in SIZES:
            plot = self.runner.run(self._request(lambda db, size=size: self._plot(db, size)))
            self.paper.lots[plot] = self._lot(size)

    async def _begin(self) -> Any:
        return await self.connection.begin()

    async def _plot(self, db: AsyncSession, size: int) -> int:
        area = Decimal(size * SQUARE)
        return (await make_plot(db, self.cast.farm, start=FIRST, declared_m2=area)).id

    def _lot(self, size: int) -> Lot:
        self.squares += size
        return Lot(frozenset(range(self.squares - size, self.squares)))

    def teardown(self) -> None:
        self.runner.run(self._end())

        self.seen["joined"] += self.paper.joins

    async def _end(self) -> None:
        async with AsyncSession(self.connection) as db:
            broken = await broken_rules(db)
        await self.outer.rollback()
        assert broken == []

    @rule(seed=st.integers(0, 2**32))
    def somebody_does_something(self, seed: int) -> None:
        """One rule that throws dice, so that small numbers are not preferred."""
        self.steps += 1
        dice = Random(f"{seed} {self.steps}")
        (deed,) = dice.choices(list(DEEDS), list(DEEDS.values()))
        getattr(self, deed)(dice)

    # ------------------------------------------------------------ throwing dice

    def some_lot(self, dice: Random) -> int:
        """Mostly one that is still there."""
        standing = [key for key, lot in self.paper.lots.items() if not lot.became_others]
        return dice.choice(standing if dice.random() < 0.9 else list(self.paper.lots))

    def some_days(self, dice: Random, lot: int) -> tuple[int, int]:
        """First day and first day after; often in touch with claims, now and then without end."""
        edges = [
            edge
            for one in self.paper.entries.values()
            if one.lot == lot
            for edge in (one.start, one.end, one.end + 1)
            if edge < DAYS
        ]
        near = bool(edges) and dice.random() < 0.6
        latest = self.paper.today if dice.random() < 0.2 else DAYS
        start = dice.choice(edges) if near else dice.randrange(latest)
        later = [edge for edge in edges if edge > start]
        if later and dice.random() < 0.4:
            return start, min(later)
        if dice.random() < 0.1:
            return start, DAYS
        return start, min(DAYS - 1, start + dice.choice([1, 5, 30, 90, 180])) or 1

    def some_entry(self, dice: Random, *kinds: str) -> int | None:
        keys = [k for k, one in self.paper.entries.items() if not kinds or one.kind in kinds]
        return dice.choice(keys) if keys else None

    def some_people(self, dice: Random, kind: str) -> list[int]:
        """Few, so that the same ones hold ground again and again."""
        lea, tom = self.cast.lea.id, self.cast.tom.id
        return dice.choice([[lea], [lea], [tom], [tom, lea]]) if kind in KINDS[:4] else []

    # ------------------------------------------------------------ what people do

    def claim(self, dice: Random) -> None:
        lot, kind = self.some_lot(dice), dice.choice(KINDS)
        start, end = self.some_days(dice, lot)
        people = self.some_people(dice, kind)
        form = asked(date(start), last(end), kind=kind, person_ids=people)

        async def done(db: AsyncSession) -> tuple[int, int | None]:
            plot = await get_plot(db, self.ines, lot)
            made = await actions.claim_ground(db, self.ines, plot, form)
            return made.id, made.stay_id

        if made := self.both(done, "claim", lot, kind, start, end, ok=self.may(lot, start, end)):
            stay = self.stay(made[1], people, start, end)
            self.paper.entries[made[0]] = Entry(lot, kind, start, end, stay)

    def stay(self, made: int | None, people: list[int], start: int, end: int) -> int | None:
        """On paper, of a claim that the product gave to the stay ``made``."""
        if made is None:
            return None
        self.paper.people.setdefault(made, frozenset(people))
        return self.paper.joined(made, start, end)

    def may(self, lot: int, start: int, end: int, **more: Any) -> bool:
        return self.paper.may_hold(lot, start, end, **more)

    def move(self, dice: Random) -> None:
        if (key := self.some_entry(dice)) is None:
            return
        entry = self.paper.entries[key]
        start, end = self.some_days(dice, entry.lot)
        if dice.random() < 0.5:
            start = entry.start
        form = DatesForm(starts_on=date(start), ends_on=last(end))
        ok = self.may(entry.lot, start, end, besides=key)
        if self.both(self.on(key, actions.change_dates, form), "move", key, start, end, ok=ok):
            entry.start, entry.end = start, end
            if entry.stay:
                self.paper.joined(entry.stay, start, end)

    def end(self, dice: Random) -> None:
        if (key := self.some_entry(dice)) is None:
            return
        entry, everywhere = self.paper.entries[key], dice.random() < 0.4
        day = dice.randrange(max(0, entry.start - 3), min(DAYS, entry.end + 3))
        form = EarlyEndForm(ends_on=date(day), all_plots=everywhere)
        ok = self.paper.end_early(key, day, all_plots=everywhere)
        self.both(self.on(key, actions.end_early, form), "end", key, day, everywhere, ok=ok)

    def cancel(self, dice: Random) -> None:
        if (key := self.some_entry(dice)) is None:
            return
        ok = self.paper.entries[key].start > self.paper.today
        done = self.on(key, actions.cancel_claim, CancellationForm())
        if self.both(done, "cancel", key, ok=ok):
            del self.paper.entries[key]

    def mistake(self, dice: Random) -> None:
        if (key := self.some_entry(dice)) is None:
            return
        ok = self.paper.entries[key].start <= self.paper.today
        done = self.on(key, actions.remove_mistake, MistakeForm(reason="Erreur"))
        if self.both(done, "mistake", key, ok=ok):
            del self.paper.entries[key]

    def correct(self, dice: Random) -> None:
        """Another use, or other people."""
        if (key := self.some_entry(dice)) is None:
            return
        entry, kind = self.paper.entries[key], dice.choice(KINDS)
        people = self.some_people(dice, kind)
        before = self.paper.people.get(entry.stay or 0, frozenset())
        form = CorrectionForm(kind=kind, person_ids=people)

        async def done(db: AsyncSession) -> tuple[int | None]:
            period = await queries.get_period(db, self.ines, key)
            await actions.correct_claim(db, self.ines, period, form)
            return (period.stay_id,)

        ok = (kind, frozenset(people)) != (entry.kind, before)
        if made := self.both(done, "correct", key, kind, people, ok=ok):
            entry.kind = kind
            if frozenset(people) != before:
                entry.stay = self.stay(made[0], people, entry.start, entry.end)

    def confirm(self, dice: Random) -> None:
        if (key := self.some_entry(dice, "reserved")) is None:
            return
        if self.both(
            self.on(key, actions.confirm_stay, ConfirmationForm()), "confirm", key, ok=True
        ):
            self.paper.entries[key].kind = "stay"

    def split(self, dice: Random) -> None:
        key, day = self.some_lot(dice), dice.randrange(DAYS)
        lot, ok = self.paper.lots[key], self.paper.may_divide([key], day)
        if len(lot.squares) < 2:
            return
        some = dice.randrange(1, len(lot.squares))
        ordered = sorted(lot.squares)
        shares = [frozenset(ordered[:some]), frozenset(ordered[some:])]
        parts = [Part(code=self.code(n), size_m2=area(one)) for n, one in enumerate(shares)]
        chosen = {k: {dice.randrange(2)} for k in self.paper.entries if dice.random() < 0.3}

        async def done(db: AsyncSession) -> list[int]:
            plot = await get_plot(db, self.ines, key)

            async def make() -> Any:
                return await split_plot(db, self.ines, plot, date(day), parts)

            made = await actions.divide_ground(db, self.ines, plot, date(day), make, chosen)
            return [one.id for one in made]

        old_end = lot.end
        made = self.both(done, "split", key, day, some, ok=ok)
        if made:
            rest = self.paper.cut([key], day)
            for number, (part, share) in enumerate(zip(made, shares, strict=True)):
                self.paper.lots[part] = Lot(share, day, old_end)
                self.go_on(part, [one for k, one in rest if number in chosen.get(k, {0, 1})])

    def merge(self, dice: Random) -> None:
        keys = sorted({self.some_lot(dice) for _ in range(3)})
        day = dice.randrange(DAYS)
        ends_of = [self.paper.lots[key].end for key in keys]
        ok = len(keys) > 1 and self.paper.may_divide(keys, day) and self.paper.alike(keys, day)

        async def done(db: AsyncSession) -> int:
            plots = [await get_plot(db, self.ines, key) for key in keys]

            async def make() -> Any:
                return [await merge_plots(db, self.ines, plots, date(day), self.code(0))]

            return (await actions.join_ground(db, self.ines, plots, date(day), make)).id

        if whole := self.both(done, "merge", keys, day, ok=ok):
            rest = self.paper.cut(keys, day)
            squares = frozenset(s for key in keys for s in self.paper.lots[key].squares)
            self.paper.lots[whole] = Lot(squares, day, ends_of[0])
            self.go_on(whole, [one for _, one in rest if one.lot == keys[0]])

    def close(self, dice: Random) -> None:
        key, day = dice.choice(list(self.paper.lots)), dice.randrange(DAYS - 1)
        lot = self.paper.lots[key]
        beyond = any(one.lot == key and one.end > day + 1 for one in self.paper.entries.values())
        ok = not lot.became_others and day >= lot.start and not beyond

        async def done(db: AsyncSession) -> bool:
            await end_service(db, self.ines, await get_plot(db, self.ines, key), date(day))
            return True

        if self.both(done, "close", key, day, ok=ok):
            lot.end = day + 1

    def count(self, dice: Random) -> None:
        """Any period, counted by the product and on paper."""
        start = dice.randrange(DAYS - 1)
        period = range(start, min(DAYS, start + dice.choice([1, 30, 200])))
        counted = self.runner.run(self._request(lambda db: self._count(db, period)))
        expected = self.paper.area_days(period)
        assert {name: counted[name] for name in expected} == expected
        assert sum(counted[name] for name in figures.BANDS) == counted["service"]
        self.seen["count"] += 1

    async def _count(self, db: AsyncSession, period: range) -> Any:
        season = Season.between(date(period.start), date(period.stop - 1))
        grounds = await queries.list_grounds(db, self.ines, season.range, Filters())
        held = await queries.list_held(db, season.range, grounds, narrowed=False)
        plots = figures.count_days(grounds, held, season.start, season.end)
        return figures.area_days(plots)

    # ------------------------------------------------------------ doing it twice

    @property
    def ines(self) -> Any:
        return self.cast.actors["ines"]

    def code(self, number: int) -> str:
        return f"M{self.steps}-{number}"

    def go_on(self, lot: int, rest: list[Entry]) -> None:
        """The product gave these claims new numbers: read them by plot and first day."""
        numbers = self.runner.run(self._numbers(lot))
        for one in rest:
            new = Entry(lot, one.kind, one.start, one.end, one.stay)
            self.paper.entries[numbers[date(one.start)]] = new

    async def _numbers(self, lot: int) -> dict[Any, int]:
        async with AsyncSession(self.connection) as db:
            mine = sa.select(sa.func.lower(PlotPeriod.during), PlotPeriod.id)
            rows = await db.execute(mine.where(PlotPeriod.plot_id == lot))
            return dict(map(tuple, rows))

    def on(self, key: int, verb: Any, form: Any) -> Callable[[AsyncSession], Awaitable[bool]]:
        async def done(db: AsyncSession) -> bool:
            await verb(db, self.ines, await queries.get_period(db, self.ines, key), form)
            return True

        return done

    def both(
        self, done: Callable[[AsyncSession], Awaitable[Any]], what: str, *details: Any, ok: bool
    ) -> Any:
        """Do it in the database; it must be accepted exactly when the paper would."""
        try:
            result = self.runner.run(self._request(done))
        except Refused as refused:
            result, codes = None, [one.code for one in refused.reasons]
            self.seen.update(codes)
        else:
            codes = []
            self.seen[what] += 1
        note(f"{what} {' '.join(map(str, details))}: {codes or result}")
        assert (not codes) == ok, f"{what} {details}: {codes or 'done'}, the paper says {ok}"
        return result

    async def _request(self, done: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        options: dict[str, Any] = {"join_transaction_mode": "create_savepoint"}
        async with (
            AsyncSession(self.connection, expire_on_commit=False, **options) as db,
            db.begin(),
        ):
            return await done(db)

    @invariant()
    def both_say_the_same(self) -> None:
        self.paper.held()  # fails when two hold one square on one day
        plots, periods = self.runner.run(self._read())
        assert plots == {key: (lot.start, lot.end) for key, lot in self.paper.lots.items()}
        assert periods == self.paper.entries

    async def _read(self) -> tuple[dict[int, tuple[int, int]], dict[int, Entry]]:
        async with AsyncSession(self.connection) as db:
            plots = await db.execute(sa.select(Plot.id, Plot.during))
            periods = await db.scalars(sa.select(PlotPeriod))
            return (
                {key: span(during) for key, during in plots},
                {p.id: Entry(p.plot_id, p.kind, *span(p.during), p.stay_id) for p in periods},
            )


def span(during: Any) -> tuple[int, int]:
    return (during.lower - FIRST).days, (during.upper - FIRST).days if during.upper else DAYS


def last(end: int) -> Any:
    """The last day, as forms say it; none for what goes on to the end of the paper."""
    return None if end == DAYS else date(end - 1)


def area(squares: frozenset[int]) -> Decimal:
    return Decimal(len(squares) * SQUARE)


HAPPENED = {
    *("claim", "move", "end", "cancel", "confirm", "split", "merge", "close", "count", "joined"),
    *("correct", "mistake", "nothing_new", "not_begun"),
    *("ground_taken", "before_service", "after_service", "end_outside", "has_begun"),
    *("divided", "not_in_service", "claims_differ", "plot_still_held", "has_descendants"),
}
"""A machine in which these never happen proves nothing."""


@pytest.mark.slow
async def test_whatever_people_do_with_ground_the_database_and_the_paper_agree(
    embedded: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    name = await embedded.clone()
    await asyncio.to_thread(play, embedded.address(name))
    await embedded.drop(name)


def play(url: str) -> None:
    """Hypothesis is not asynchronous: it has a thread, a loop and a connection of its own."""
    engine = create_async_engine(url, poolclass=NullPool)
    with asyncio.Runner() as runner:
        Field.runner = runner
        Field.connection, Field.cast = runner.run(opened(engine))
        Field.seen = Counter()
        try:
            run_state_machine_as_test(
                Field,
                settings=settings(
                    max_examples=32,
                    stateful_step_count=30,
                    derandomize=True,
                    database=None,
                    deadline=None,
                    # Shrinking takes minutes; add Phase.shrink to look for a shorter failure.
                    phases=[Phase.generate],
                    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
                ),
            )
        finally:
            runner.run(Field.connection.close())
            runner.run(engine.dispose())
    missing = {what for what in HAPPENED if not Field.seen[what]}
    assert not missing, f"never happened: {missing}"


async def opened(engine: Any) -> tuple[AsyncConnection, Cast]:
    async with AsyncSession(engine, expire_on_commit=False) as db:
        cast = await make_cast(db)
        await db.commit()
    return await engine.connect(), cast
