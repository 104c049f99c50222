"""The measures, one function for each group of goals."""

import argparse
import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from statistics import median
from zoneinfo import ZoneInfo

import asyncpg
import bare
import meter
import statements
from browser import Answer, Browser, Lines
from stage import FULL, LARGE, SMALL, THIN, USUAL, Load, Server, Stage, open_sessions, this_week
from table import Table

VOLLEY = 50
ITEM = 7
"""Any item: all have the same number of bookings."""


class Pair:
    """The product and the bare page on the same database, with somebody signed in."""

    def __init__(
        self, stage: Stage, load: Load, stack: ExitStack, lines: int, *, workers: int = 1
    ) -> None:
        self.stage = stage
        self.dsn = stage.prepare(load)
        self.product = stack.enter_context(stage.product(load, workers))
        self.bare = stack.enter_context(stage.bare(load, workers))
        self.person = self.product.signed_in()
        self.passer_by = self.bare.visitor()
        self._lines = lines

    def of_product(self, requests: Sequence[bytes], status: int = 200) -> float:
        return self._cost(self.product, requests, status)

    def of_bare(self, requests: Sequence[bytes], status: int = 200) -> float:
        return self._cost(self.bare, requests, status)

    def _cost(self, server: Server, requests: Sequence[bytes], status: int) -> float:
        """Milliseconds of processor time for each request, of the server and PostgreSQL."""
        pids = [server.pid, self.stage.postmaster]
        with Lines(server.port, self._lines) as lines:
            before = meter.seconds(pids)
            answers = lines.ask(requests)
            after = meter.seconds(pids)
        all_answered(answers, status)
        return (after - before) / len(requests) * 1000


def all_answered(answers: Sequence[Answer], status: int) -> None:
    others = Counter(answer.status for answer in answers if answer.status != status)
    assert not others, f"expected {status}, received {dict(others)}"


def askall_answered(server: Server, requests: Sequence[bytes], status: int = 200) -> list[Answer]:
    with Lines(server.port, min(len(requests), 8)) as lines:
        answers = lines.ask(requests)
    all_answered(answers, status)
    return answers


def ask(server: Server, request: bytes, status: int = 200) -> Answer:
    return askall_answered(server, [request], status)[0]


def in_turn(rounds: int, *measures: Callable[[], float]) -> list[list[float]]:
    """Each measure once a round, the order turned round each time; the first round is thrown."""
    found: list[list[float]] = [[] for _ in measures]
    for number in range(rounds + 1):
        order = range(len(measures)) if number % 2 else reversed(range(len(measures)))
        for place in order:
            value = measures[place]()
            if number:
                found[place].append(value)
    return found


def boards(stage: Stage, table: Table, options: argparse.Namespace) -> None:
    """The week of all items and of one, against the bare page and the bare SQL."""
    with ExitStack() as stack:
        pair = Pair(stage, USUAL, stack, options.lines)
        for what, path, most, repeat in (
            ("week of all items", "/materiel", 5, 1),
            ("week of one item", f"/materiel/{ITEM}", 6, 3),
        ):
            address = f"{path}?semaine={this_week()}"
            count = options.requests * repeat
            ours = partial(pair.of_product, [pair.person.get(address)] * count)
            theirs = partial(pair.of_bare, [pair.passer_by.get(address)] * count)
            costs = in_turn(options.rounds, ours, theirs)
            table.compare(f"{what}, CPU", *costs, most)
            if path != "/materiel":
                _against_hours_alone(pair, table, options, ours, count)
            _sizes(pair, table, what, address, most=1.6 if path == "/materiel" else None)
            _sql_alone(pair, table, what, is_one=path != "/materiel", count=options.requests)


def _against_hours_alone(
    pair: Pair, table: Table, options: argparse.Namespace, ours: Callable[[], float], count: int
) -> None:
    """The page of one item also tells what it is, who is next, and has a form: without them."""
    request = pair.passer_by.get(f"/semaine/{ITEM}?semaine={this_week()}")
    costs = in_turn(options.rounds, ours, partial(pair.of_bare, [request] * count))
    table.compare("the same, against a bare page of the hours alone", *costs, None)


def _sizes(pair: Pair, table: Table, what: str, address: str, most: float | None) -> None:
    ours = ask(pair.product, pair.person.get(address)).body
    theirs = ask(pair.bare, pair.passer_by.get(address)).body
    found = [body.count(b'data-booking="') for body in (ours, theirs)]
    assert found[0] == found[1] > 0, found
    sizes = [len(ours) / 1024], [len(theirs) / 1024]
    if most:
        table.compare(f"{what}, HTML", *sizes, most, "KiB")
    else:
        table.tell(f"{what}, HTML", f"{sizes[0][0]:.1f} KiB", f"{sizes[1][0]:.1f} KiB")


def _sql_alone(pair: Pair, table: Table, what: str, *, is_one: bool, count: int) -> None:
    _, start, end = bare.week_of(f"semaine={this_week()}".encode())

    async def ask() -> float:
        db = await asyncpg.connect(pair.dsn)
        before = meter.seconds([pair.stage.postmaster])
        for _ in range(count):
            if is_one:
                await db.fetchrow(bare.ITEM, ITEM)
                await db.fetch(bare.ITEM_WEEK, start, end, ITEM)
            else:
                await db.fetch(bare.ITEMS)
                await db.fetch(bare.WEEK, start, end)
        used = meter.seconds([pair.stage.postmaster]) - before
        await db.close()
        return used / count * 1000

    costs = [asyncio.run(ask()) for _ in range(5)]
    table.tell(f"{what}, bare SQL, PostgreSQL alone", "", f"{median(costs):.2f} ms")


class Slots:
    """Quarters of an hour that nobody took yet, item after item, from two weeks ahead on."""

    def __init__(self, dsn: str) -> None:
        self._slots = self._walk(asyncio.run(self._first_free_day(dsn)))

    @staticmethod
    async def _first_free_day(dsn: str) -> dt.date:
        db = await asyncpg.connect(dsn)
        last = await db.fetchval(
            "SELECT max(day) FROM (SELECT upper(during) FROM item_claim "
            "UNION ALL SELECT upper(during) FROM bare.claim) AS ends (day)"
        )
        await db.close()
        later = dt.datetime.now(ZoneInfo("Europe/Paris")) + dt.timedelta(days=15)
        return max(last, later).date() + dt.timedelta(days=1)

    @staticmethod
    def _walk(day: dt.date) -> Iterator[tuple[int, str, str]]:
        while True:
            for quarter in range(4 * 4, 23 * 4):  # no clock changes at these hours
                start = dt.datetime.combine(day, dt.time()) + quarter * dt.timedelta(minutes=15)
                end = start + dt.timedelta(minutes=15)
                for item in range(1, 51):
                    yield item, f"{start:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}"
            day += dt.timedelta(days=1)

    def requests(self, browser: Browser, count: int, **fields: object) -> list[bytes]:
        return [self.request(browser, *next(self._slots), **fields) for _ in range(count)]

    def next(self) -> tuple[int, str, str]:
        return next(self._slots)

    @staticmethod
    def request(browser: Browser, item: int, start: str, end: str, **fields: object) -> bytes:
        filled = {"starts_at": start, "ends_at": end, "purpose": "Labour"} | fields
        return browser.post(f"/materiel/{item}/reservations", **filled)


def booking(stage: Stage, table: Table, options: argparse.Namespace) -> None:
    """A booking made, with everything that the product does around it."""
    with ExitStack() as stack:
        pair = Pair(stage, USUAL, stack, options.lines)
        slots, count = Slots(pair.dsn), options.requests * 2
        once = iter(range(10**9))

        def ours() -> float:
            made = [
                slots.requests(pair.person, 1, once=f"{id(slots)}-{next(once)}")[0]
                for _ in range(count)
            ]
            return pair.of_product(made, 303)

        def theirs() -> float:
            return pair.of_bare(slots.requests(pair.passer_by, count, person_id=1), 303)

        table.compare("a booking made, CPU", *in_turn(options.rounds, ours, theirs), 6)


def volley(stage: Stage, table: Table, options: argparse.Namespace) -> None:
    """Fifty people ask for the same slot at once: how long until the last is answered.

    Both sides with two web processes, as the product is deployed, and with one.
    """
    for workers, what in ((2, "two web processes each"), (1, "one web process each")):
        with ExitStack() as stack:
            pair = Pair(stage, USUAL, stack, 1, workers=workers)
            found = _volleys(pair, max(options.rounds, 9))
            table.compare(f"volley of 50, until the last answer, {what}", *found, 5)


def _volleys(pair: Pair, rounds: int) -> list[list[float]]:
    sessions = asyncio.run(open_sessions(pair.dsn, VOLLEY))
    people = [
        Browser(pair.product.port, pair.person.cookies | {"session": token})
        for _, token in sessions
    ]
    slots = Slots(pair.dsn)

    def at_product() -> float:
        slot = slots.next()
        return _volley(pair.product, [slots.request(one, *slot) for one in people])

    def at_bare() -> float:
        slot = slots.next()
        requests = [
            slots.request(pair.passer_by, *slot, person_id=person_id) for person_id, _ in sessions
        ]
        return _volley(pair.bare, requests)

    return in_turn(rounds, at_product, at_bare)


def _volley(server: Server, requests: Sequence[bytes]) -> float:
    with Lines(server.port, len(requests)) as lines:
        all_answered(lines.ask([Browser(server.port).get("/sante")] * len(requests)), 200)
        seconds, answers = lines.volley(requests)
    assert Counter(answer.status for answer in answers) == {303: 1, 422: len(requests) - 1}
    return seconds * 1000


def fullness(stage: Stage, table: Table, options: argparse.Namespace) -> None:
    """A week four times as full; and the statements of a board, 10 or 500 bookings in it."""
    address = f"/materiel?semaine={this_week()}"
    with ExitStack() as stack:
        usual, full = (Pair(stage, load, stack, options.lines) for load in (USUAL, FULL))
        reads = [
            partial(pair.of_product, [pair.person.get(address)] * options.requests)
            for pair in (full, usual)
        ]
        costs = in_turn(options.rounds, *reads)
        table.compare("week of all, 2,000 bookings against 500", *costs, 4.5)


def counts(stage: Stage, table: Table, options: argparse.Namespace) -> None:
    """SQL statements as PostgreSQL's own log names them."""
    boards_found: dict[str, list[int]] = {"all items": [], "one item": []}
    for load in (THIN, USUAL):
        dsn = stage.prepare(load)
        with stage.product(load) as product:
            person = product.signed_in()
            with statements.logged(stage.cluster) as log:
                for what, path in (("all items", "/materiel"), ("one item", f"/materiel/{ITEM}")):
                    request = person.get(f"{path}?semaine={this_week()}")
                    askall_answered(product, [request] * 8)
                    said = log.during(lambda request=request: ask(product, request))
                    boards_found[what].append(len(statements.besides_session(said)))
                    _print(options, f"{what}, {load.week} bookings", said)
                if load == USUAL:
                    slots = Slots(dsn)
                    askall_answered(product, slots.requests(person, 8), 303)
                    (request,) = slots.requests(person, 1, once=f"counted-{id(slots)}")
                    said = log.during(lambda request=request: ask(product, request, 303))
                    _print(options, "a booking", said)
                    table.count("statements of a booking", len(said), 10)
    for what, found in boards_found.items():
        table.count(f"statements of the week of {what}, session aside", max(found), 5)
        table.same(f"the same for 10 and 500 bookings, {what}", found)


def _print(options: argparse.Namespace, title: str, said: list[str]) -> None:
    if options.statements:
        print(f"--- {title}", *said, sep="\n")


def growth(stage: Stage, table: Table, options: argparse.Namespace) -> None:
    """From a thousand bookings in all to a million."""
    with ExitStack() as stack:
        small, large = (Pair(stage, load, stack, options.lines) for load in (SMALL, LARGE))
        for what, path, repeat in (
            ("week of all", "/materiel", 1),
            ("week of one", f"/materiel/{ITEM}", 3),
        ):
            address, count = f"{path}?semaine={this_week()}", options.requests * repeat
            reads = [
                partial(pair.of_product, [pair.person.get(address)] * count)
                for pair in (large, small)
            ]
            costs = in_turn(options.rounds, *reads)
            table.compare(f"{what}, 1,000,000 in all against 1,000", *costs, 1.25)
        slots = {pair: Slots(pair.dsn) for pair in (small, large)}

        def book(pair: Pair) -> float:
            requests = slots[pair].requests(pair.person, options.requests * 2)
            return pair.of_product(requests, 303)

        costs = in_turn(options.rounds, partial(book, large), partial(book, small))
        table.compare("a booking, 1,000,000 in all against 1,000", *costs, 1.25)


def memory(stage: Stage, table: Table, _options: argparse.Namespace) -> None:
    """Two web processes that have served some pages and some bookings."""
    dsn = stage.prepare(USUAL)
    with stage.product(USUAL, workers=2) as product:
        person, slots = product.signed_in(), Slots(dsn)
        for path in ("/", "/materiel", f"/materiel/{ITEM}", "/mes-reservations"):
            askall_answered(product, [person.get(path)] * 40)
        askall_answered(product, slots.requests(person, 40), 303)
        shares = sorted(meter.proportional_mib(pid) for pid in meter.tree(product.pid))
    *others, first, second = shares
    table.count("two web processes, PSS", round(first + second), 200, " MiB")
    table.tell("what starts and watches them, PSS", f"{sum(others):.0f} MiB")


Part = Callable[[Stage, Table, argparse.Namespace], None]
PARTS: dict[str, Part] = {
    "boards": boards,
    "booking": booking,
    "volley": volley,
    "counts": counts,
    "fullness": fullness,
    "growth": growth,
    "memory": memory,
}
