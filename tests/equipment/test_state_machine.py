"""Generated sequences of everything people do with items, done in PostgreSQL and on paper.

After each step both must say the same: the same answer with the same reasons, the same bookings in
the same states, the same claims on the same units, the same journal. Weeks with a clock change are
the most of it.
"""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from itertools import combinations
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from couveuse.core import clock
from couveuse.core.errors import Refused
from couveuse.equipment import actions, queries
from couveuse.equipment.forms import BookingForm, MoveForm, OutageForm
from tests.cast import Cast
from tests.conftest import Server
from tests.equipment.paper import BOSS, Entry, No, Paper, instants, meet, read_span
from tests.equipment.things import PEOPLE, THINGS, fill, read_all
from tests.ledger import broken_rules

WEEKS = (
    dt.datetime(2026, 10, 23, 10, tzinfo=dt.UTC),  # two days before an hour comes twice
    dt.datetime(2027, 3, 26, 10, tzinfo=dt.UTC),  # two days before an hour is missing
    dt.datetime(2026, 11, 25, 11, tzinfo=dt.UTC),
)
NAMES = [thing.name for thing in THINGS]
LENGTHS = (15, 30, 60, 60, 90, 120, 120, 120, 180, 240, 480, 1440, 2880, 0)
DEEDS = {
    "book": 14,
    "move": 3,
    "stretch": 4,
    "cancel": 3,
    "answer": 3,
    "restore": 3,
    "block": 2,
    "lift": 1,
    "wait": 4,
}
"""What people do, and how often."""
Local = tuple[dt.datetime, dt.datetime]


class Shed(RuleBasedStateMachine):
    """One example: a transaction in which people come and go, rolled back at its end."""

    runner: ClassVar[asyncio.Runner]
    connection: ClassVar[AsyncConnection]
    cast: ClassVar[Cast]
    ids: ClassVar[dict[str, int]]
    seen: ClassVar[Counter[str]]
    """What happened over all examples."""

    def __init__(self) -> None:
        super().__init__()
        self.outer = self.runner.run(self._begin())
        self.paper = Paper(THINGS, WEEKS[0])
        self.steps = 0

    async def _begin(self) -> Any:
        return await self.connection.begin()

    def teardown(self) -> None:
        self.runner.run(self._end())

    async def _end(self) -> None:
        async with AsyncSession(self.connection) as db:
            broken = await broken_rules(db)
        await self.outer.rollback()
        assert broken == []

    @initialize(week=st.sampled_from(WEEKS))
    def begin(self, week: dt.datetime) -> None:
        self.midnight = dt.datetime.combine(week.date(), dt.time())
        self.at(week)

    def at(self, moment: dt.datetime) -> None:
        note(f"it is {moment}")
        self.paper.now = moment
        clock.now = lambda: moment

    @rule(seed=st.integers(0, 2**32))
    def somebody_does_something(self, seed: int) -> None:
        """One rule that throws dice: hypothesis prefers few rules and the same small numbers, and
        would have a shed where nothing is ever booked."""
        self.steps += 1
        dice = Random(f"{seed} {self.steps}")
        (deed,) = dice.choices(list(DEEDS), list(DEEDS.values()))
        getattr(self, deed)(dice, dice.choice(PEOPLE))

    # ------------------------------------------------------------ throwing dice

    def span(self, dice: Random) -> Local:
        """Some hours of these days, and often those around the clock change of the third night."""
        if dice.random() < 0.4:
            first = dt.timedelta(days=2, minutes=60 + 15 * dice.randrange(12))
            length = dice.choice(LENGTHS[:6])
        else:
            minutes = dice.choice([0, 0, 0, 0, 0, 7]) + 30 * dice.randrange(12, 38)
            first = dt.timedelta(days=dice.choice([0, 1, 1, 2, 3]), minutes=minutes)
            length = dice.choice(LENGTHS)
        start = self.midnight + first
        return start, start + dt.timedelta(minutes=length)

    def somewhere(self, dice: Random) -> tuple[str, Local]:
        """An item and a time: any, or in touch with what somebody holds."""
        key = self.one_of(dice, lambda entry: entry.is_holding)
        if key is None or dice.random() < 0.5:
            return dice.choice(NAMES), self.span(dice)
        entry = self.paper.entries[key]
        length = dt.timedelta(minutes=dice.choice(LENGTHS))
        first, end = entry.span
        start = dice.choice([first, end, first - length, end + dt.timedelta(minutes=45)])
        return dice.choice(list(entry.units)), (local(start), local(start + length))

    def turning_points(self) -> Iterator[dt.datetime]:
        """When something changes by itself: the second before, it has not."""
        for entry in self.paper.entries.values():
            cutoff = self.paper.things[entry.item].cancel_cutoff_minutes
            yield from (*entry.span, entry.span[0] - dt.timedelta(minutes=cutoff, seconds=-1))
            if entry.answer_by:
                yield from (entry.answer_by, entry.answer_by - dt.timedelta(seconds=1))

    def one_of(self, dice: Random, chosen: Callable[[Entry], bool]) -> int | None:
        keys = [key for key, entry in self.paper.entries.items() if chosen(entry)]
        return dice.choice(keys) if keys else None

    def rather(self, dice: Random, key: int, who: str) -> str:
        """Mostly those who may."""
        holder = self.paper.entries[key].who
        return dice.choice([holder, holder, BOSS, who])

    # ------------------------------------------------------------ what people do

    def book(self, dice: Random, who: str) -> None:
        (name, span), fold, why = self.somewhere(dice), fold_of(dice), why_of(dice)
        companion = dice.choice([None, None, *self.paper.things[name].companions])
        chosen = self.ids[companion] if companion else None
        sent = typed(span, fold) | {"override_reason": why, "companion_id": chosen}
        form = BookingForm.model_validate(sent)

        async def done(db: AsyncSession) -> int:
            actor = self.cast.actors[who]
            item = await queries.get_item(db, actor, self.ids[name])
            return (await actions.book(db, actor, item, form)).id

        def on_paper(key: int) -> None:
            self.paper.book(key, who, name, read_span(*span, fold), companion, why)
            self.seen["the hour that comes again"] += fold == 1 and len(instants(span[0])) == 2

        self.both(done, on_paper, "book", who, name, span, fold, companion, why)

    def move(self, dice: Random, who: str) -> None:
        if key := self.one_of(dice, lambda _: True):
            self.moved(key, self.rather(dice, key, who), self.span(dice), dice)

    def stretch(self, dice: Random, who: str) -> None:
        """Extend, shorten, shift a little: what is held is moved by minutes at each end."""
        if key := self.one_of(dice, lambda entry: entry.is_holding):
            more = dice.choice([0, 0, -30, 30]), dice.choice([0, -60, -30, 30, 60])
            start, end = (
                local(moment + dt.timedelta(minutes=minutes))
                for moment, minutes in zip(self.paper.entries[key].span, more, strict=True)
            )
            self.moved(key, self.rather(dice, key, who), (start, end), dice)

    def moved(self, key: int, who: str, span: Local, dice: Random) -> None:
        fold, why = fold_of(dice), why_of(dice)
        form = MoveForm.model_validate(typed(span, fold) | {"override_reason": why})
        done = self.decide(key, who, actions.move_booking, form)
        self.both(
            done,
            lambda _: self.paper.move(key, who, read_span(*span, fold), why),
            "move",
            key,
            who,
            span,
        )

    def cancel(self, dice: Random, who: str) -> None:
        if key := self.one_of(dice, lambda entry: entry.is_holding or dice.random() < 0.2):
            who, why = self.rather(dice, key, who), why_of(dice)
            done = self.decide(key, who, actions.cancel_booking, why)
            self.both(done, lambda _: self.paper.cancel(key, who, why), "cancel", key, who)

    def answer(self, dice: Random, who: str) -> None:
        who = dice.choice([who, BOSS, BOSS])
        if key := self.one_of(dice, lambda entry: entry.state == "requested"):
            self.answered(key, who, yes=dice.random() < 0.5)

    def answered(self, key: int, who: str, *, yes: bool) -> None:
        verb = actions.approve_booking if yes else actions.refuse_booking
        done = self.decide(key, who, verb, *([] if yes else ["Sol trop humide"]))
        self.both(
            done, lambda _: self.paper.answer(key, who, yes=yes), "yes" if yes else "no", key, who
        )

    def restore(self, dice: Random, who: str) -> None:
        if key := self.one_of(dice, lambda entry: not entry.is_holding):
            who, why = self.rather(dice, key, who), why_of(dice)
            done = self.decide(key, who, actions.restore_booking, why)
            self.both(done, lambda _: self.paper.restore(key, who, why), "restore", key, who, why)

    def decide(self, key: int, who: str, verb: Any, *more: Any) -> Any:
        async def done(db: AsyncSession) -> None:
            booking = await queries.get_booking(db, self.cast.actors[who], key)
            await verb(db, self.cast.actors[who], booking, *more)

        return done

    def block(self, dice: Random, _who: str) -> None:
        (name, span), fold, clear = self.somewhere(dice), fold_of(dice), why_of(dice)
        sent = {"reason": "Révision", "cancel_bookings": bool(clear)}
        form = OutageForm.model_validate(typed(span, fold) | sent)

        async def done(db: AsyncSession) -> int:
            item = await queries.get_item(db, self.cast.actors[BOSS], self.ids[name])
            return (await actions.block_item(db, self.cast.actors[BOSS], item, form)).id

        def on_paper(key: int) -> None:
            self.paper.block(key, name, read_span(*span, fold), clear=bool(clear))

        self.both(done, on_paper, "block", name, span, fold, clear)

    def lift(self, dice: Random, _who: str) -> None:
        if not self.paper.gaps:
            return
        key = dice.choice(list(self.paper.gaps))

        async def done(db: AsyncSession) -> None:
            outage = await queries.get_outage(db, self.cast.actors[BOSS], key)
            await actions.lift_outage(db, self.cast.actors[BOSS], outage)

        self.both(done, lambda _: self.paper.lift(key), "lift", key)

    def wait(self, dice: Random, _who: str) -> None:
        """Time goes by; the worker, when it is at work, lets overdue requests go."""
        moments = sorted(one for one in self.turning_points() if one > self.paper.now)[:4]
        moments.append(self.paper.now + dt.timedelta(minutes=dice.choice([10, 60, 360])))
        self.at(dice.choice(moments))
        if dice.random() < 0.4:
            lapsed, _ = self.runner.run(self._request(actions.lapse_requests))
            assert lapsed == self.paper.lapse()
            self.seen["lapse"] += lapsed

    # ------------------------------------------------------------ doing it twice

    def both(
        self,
        done: Callable[[AsyncSession], Awaitable[Any]],
        on_paper: Callable[[Any], None],
        what: str,
        *details: Any,
    ) -> None:
        """Do it in the database, then on paper: the same answer, with the same reasons."""
        result, codes = self.runner.run(self._request(done))
        note(f"{what} {' '.join(map(str, details))}: {codes or result or 'done'}")
        try:
            on_paper(result)
        except No as no:
            expected = no.codes
        else:
            expected = set[str]()
        assert codes == expected, f"{what}: the product says {codes}, the paper {expected}"
        self.seen.update(codes or [what])

    async def _request(self, done: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        """As a request does it: a session and a transaction of its own."""
        options: dict[str, Any] = {"join_transaction_mode": "create_savepoint"}
        try:
            async with (
                AsyncSession(self.connection, expire_on_commit=False, **options) as db,
                db.begin(),
            ):
                return await done(db), set[str]()
        except Refused as refused:
            return -1, {reason.code for reason in refused.reasons}

    # ------------------------------------------------------------ what must hold after each step

    @invariant()
    def both_say_the_same(self) -> None:
        found = self.runner.run(read_all(self.connection, self.ids, self.cast))
        assert found.bookings == {key: known(one) for key, one in self.paper.entries.items()}
        assert found.claims == sorted(self.paper.claims(), key=str)
        for one, other in combinations(found.claims, 2):
            assert one[:2] != other[:2] or not meet(one[2], other[2])
        assert found.verbs == {key: one.verbs for key, one in self.paper.entries.items()}
        told = [verb for one in found.verbs.values() for verb in one if verb != OVERRIDDEN]
        assert found.jobs == len(told)


OVERRIDDEN = "booking.overridden"
"""Written down beside the line of the change; told with it."""


def known(entry: Entry) -> tuple[Any, ...]:
    answer_by = entry.answer_by if entry.state == "requested" else None
    return entry.who, entry.item, entry.companion, entry.span, entry.state, answer_by


def fold_of(dice: Random) -> int | None:
    return dice.choice([None, 0, 1])


def why_of(dice: Random) -> str | None:
    return dice.choice([None, "Gel annoncé"])


def local(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(clock.PARIS).replace(tzinfo=None)


def typed(span: Local, fold: int | None) -> dict[str, Any]:
    """What a browser sends for a span."""
    start, end = (one.isoformat() for one in span)
    which = None if fold is None else str(fold)
    return {"starts_at": start, "ends_at": end, "starts_fold": which, "ends_fold": which}


HAPPENED = {
    *("book", "move", "cancel", "yes", "no", "restore", "block", "lift", "lapse"),
    *("slot_taken", "changed", "past_cutoff", "booking_in_the_way", "missing_hour", "doubled_hour"),
    "the hour that comes again",
}
"""A machine in which these never happen proves nothing."""


@pytest.mark.slow
async def test_whatever_people_do_the_database_and_the_paper_agree(
    embedded: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", clock.now)  # put back at the end
    name = await embedded.clone()
    await asyncio.to_thread(play, embedded.address(name))
    await embedded.drop(name)


def play(url: str) -> None:
    """Hypothesis is not asynchronous: it has a thread, a loop and a connection of its own."""
    engine = create_async_engine(url, poolclass=NullPool)
    with asyncio.Runner() as runner:
        Shed.runner = runner
        Shed.connection = runner.run(opened(engine))
        Shed.cast, Shed.ids = runner.run(fill(Shed.connection))
        Shed.seen = Counter()
        try:
            run_state_machine_as_test(
                Shed,
                settings=settings(
                    max_examples=60,
                    stateful_step_count=40,
                    derandomize=True,
                    database=None,
                    deadline=None,
                    # Shrinking takes minutes; add Phase.shrink to look for a shorter failure.
                    phases=[Phase.generate],
                    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
                ),
            )
        finally:
            runner.run(Shed.connection.close())
            runner.run(engine.dispose())
    missing = {what for what in HAPPENED if not Shed.seen[what]}
    assert not missing, f"never happened: {missing}"


async def opened(engine: Any) -> AsyncConnection:
    return await engine.connect()
