"""The season of plots: 500 of them, one year of history and twenty, beside the same SQL run bare.

The bare side is exactly the statements that the page sends, run again by asyncpg on one connection
and fetched, with nothing made of the rows. Processor time of both sides counts PostgreSQL's.
"""

import argparse
import asyncio
import datetime as dt
import random
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg
import meter
import statements
import uvloop
from browser import Browser, Lines
from parts import all_answered, in_turn
from sqlalchemy import event
from stage import Stage, open_sessions
from table import Table

from couveuse.app import Databases, create_app
from couveuse.core.db import make_engine, make_sessions
from couveuse.core.migrations import migrate
from couveuse.core.settings import Settings

PLOTS, PEOPLE, SITES = 500, 400, 25
TODAY = dt.date.today()  # noqa: DTZ011, the whole bench is in one time zone
SEASON = dt.date(TODAY.year - (TODAY.month < 11), 11, 1)
PERIOD = f"debut={SEASON}&fin={SEASON.replace(year=SEASON.year + 1) - dt.timedelta(days=1)}"
PATHS = {"season board": f"/parcelles?{PERIOD}", "figures": f"/chiffres?{PERIOD}"}
Said = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class History:
    """A database of plots with so many years behind them."""

    years: int

    @property
    def name(self) -> str:
        return f"bench_season_{self.years}"


def season(stage: Stage, table: Table, options: argparse.Namespace) -> None:
    """The board and the figures of one season: against their SQL, and as history grows."""
    with ExitStack() as stack:
        short, long = (Shown(stage, History(years), stack) for years in (1, 20))
        count = max(options.requests // 4, 10)
        for what, path in PATHS.items():
            said = long.statements(path)
            ours = partial(long.cost, path, count)
            bare = partial(long.bare_cost, said, count)
            costs = in_turn(options.rounds, ours, bare)
            table.compare(f"{what} of 500 plots, 20 years, against its SQL", *costs, 2)
            costs = in_turn(options.rounds, ours, partial(short.cost, path, count))
            table.compare(f"{what}, 20 years of history against 1", *costs, 1.25)
            table.count(f"statements of the {what}, session included", len(said), 6)


class Shown:
    """The product on a database of plots, with a coordinator signed in."""

    def __init__(self, stage: Stage, history: History, stack: ExitStack) -> None:
        self.stage, self.history = stage, history
        self.dsn = stage.cluster.dsn(history.name)
        asyncio.run(_create(stage, history))
        [(_, token)] = asyncio.run(open_sessions(self.dsn, 1))
        self.server = stack.enter_context(stage.product(history))
        self.person = Browser(self.server.port, {"session": token})

    def cost(self, path: str, count: int) -> float:
        """Milliseconds of processor time for each page, of the server and PostgreSQL."""
        pids = [self.server.pid, self.stage.postmaster]
        with Lines(self.server.port, 1) as lines:
            before = meter.seconds(pids)
            answers = lines.ask([self.person.get(path)] * count)
            after = meter.seconds(pids)
        all_answered(answers, 200)
        return (after - before) / count * 1000

    def bare_cost(self, said: Said, count: int) -> float:
        """The same for the statements alone: of this process and PostgreSQL."""

        async def run() -> float:
            settings = {"jit": "off", "default_transaction_read_only": "on"}
            db = await asyncpg.connect(self.dsn, server_settings=settings)
            for _ in range(10):  # until PostgreSQL keeps its plans, as it does for the pool
                await _fetch(db, said)
            before, start = meter.seconds([self.stage.postmaster]), time.process_time()
            for _ in range(count):
                await _fetch(db, said)
            own = time.process_time() - start
            used = meter.seconds([self.stage.postmaster]) - before + own
            await db.close()
            return used / count * 1000

        return uvloop.run(run())

    def statements(self, path: str) -> Said:
        """What the page sends, heard in process; PostgreSQL's own log must agree."""
        said = asyncio.run(_listen(self, path))
        with statements.logged(self.stage.cluster) as log:
            self.cost(path, 8)
            found = log.during(lambda: self.cost(path, 1))
        assert len(found) == len(said), (found, said)
        return said


async def _fetch(db: asyncpg.Connection, said: Said) -> None:
    for statement, values in said:
        await db.fetch(statement, *values)


async def _listen(shown: Shown, path: str) -> Said:
    """Ask for the page in process, and keep every statement with its values."""
    said: Said = []
    engine = make_engine(shown.dsn, read_only=True)

    @event.listens_for(engine.sync_engine, "connect")
    def _(connection: Any, _record: Any) -> None:
        raw = connection.driver_connection
        raw.add_query_logger(lambda query: said.append((query.query, query.args)))

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        said.append((statement, values))

    sessions = make_sessions(engine)
    settings = Settings(secret_text="s" * 40, base_url="http://127.0.0.1")
    app = create_app(settings, Databases(reader=sessions, writer=sessions))
    await _get(app, path, shown.person.cookies)
    said.clear()
    await _get(app, path, shown.person.cookies)
    await engine.dispose()
    return said


async def _get(app: Any, path: str, cookies: dict[str, str]) -> None:
    where, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": where,
        "raw_path": where.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"cookie", f"session={cookies['session']}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    assert statuses == [200], (path, statuses)


async def _create(stage: Stage, history: History) -> None:
    admin = await asyncpg.connect(stage.cluster.dsn("postgres"))
    known = await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", history.name)
    if not known:
        await admin.execute(f"CREATE DATABASE {history.name}")
    await asyncio.to_thread(migrate, stage.cluster.url(history.name))
    if not known:
        db = await asyncpg.connect(stage.cluster.dsn(history.name))
        await fill(db, history.years)
        await db.close()
    await admin.close()


async def fill(db: asyncpg.Connection, years: int) -> None:
    """Plots with about two claims a year, the same at each run; the first person coordinates."""
    dice = random.Random(20261123)
    structure = await db.fetchval("INSERT INTO structure (name) VALUES ('Essai') RETURNING id")
    await db.executemany(
        "INSERT INTO site (structure_id, name) VALUES ($1, $2)",
        [(structure, f"Lieu {n:02}") for n in range(SITES)],
    )
    await db.executemany(
        "INSERT INTO person (given_name, family_name) VALUES ($1, $2)",
        [(f"Prénom{n}", f"Nom{n}") for n in range(PEOPLE)],
    )
    people, sites = await _ids(db, "person"), await _ids(db, "site")
    await db.execute(
        "INSERT INTO membership (person_id, structure_id, role, during) "
        "VALUES ($1, $2, 'coordinator', daterange('2000-01-01', NULL))",
        people[0],
        structure,
    )
    first, last = (SEASON.replace(year=SEASON.year + n) for n in (-years, 2))
    await db.executemany(
        "INSERT INTO plot (site_id, code, during, declared_m2, covered_m2, has_water) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        [
            (
                sites[n % SITES],
                f"B-{n:03}",
                asyncpg.Range(first, None),
                dice.randrange(500, 20_000),
                dice.choice([0, 0, 400]),
                n % 3 > 0,
            )
            for n in range(PLOTS)
        ],
    )
    claims: list[tuple[Any, ...]] = []
    members: list[tuple[int, int]] = []
    stays = 0
    for plot in await _ids(db, "plot"):
        day = first
        while day < last:
            end = day + dt.timedelta(days=dice.randrange(60, 240))
            kind = dice.choice(["stay", "stay", "stay", "reserved", "rest", "works", "gap"])
            stay = None
            if kind in {"stay", "reserved"}:
                stays += 1
                stay = stays
                members += [(stay, one) for one in dice.sample(people, dice.choice([1, 1, 1, 2]))]
            if kind != "gap":
                claims.append((plot, asyncpg.Range(day, end), kind, stay, people[0]))
            day = end
    await db.executemany("INSERT INTO stay DEFAULT VALUES", [() for _ in range(stays)])
    await db.executemany("INSERT INTO stay_person VALUES ($1, $2)", members)
    await db.executemany(
        "INSERT INTO plot_period (plot_id, during, kind, stay_id, created_by_id) "
        "VALUES ($1, $2, $3, $4, $5)",
        claims,
    )
    await db.execute("VACUUM (FREEZE, ANALYZE)")


async def _ids(db: asyncpg.Connection, table: str) -> list[int]:
    return [row[0] for row in await db.fetch(f"SELECT id FROM {table} ORDER BY id")]
