"""500 plots with a long history: the season board and the figures, beside the same SQL run bare.

    python bench/season.py postgresql+asyncpg://user@/postgres?host=/folder [--rounds 30]

A database of its own for each length of history (5 and 20 years), dropped at the end. The page is
asked for in process, without a socket, as a signed-in coordinator; "bare" is exactly the SQL that
the page sent, run again by asyncpg on one connection and fetched, with nothing made of it.
"""

import argparse
import asyncio
import datetime as dt
import gc
import json
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import asyncpg
import sqlalchemy as sa
from sqlalchemy import event

from couveuse.app import Databases, create_app
from couveuse.core.db import make_engine, make_sessions
from couveuse.core.migrations import migrate
from couveuse.core.settings import Settings
from couveuse.core.tokens import hashed, new_token

PLOTS, PEOPLE, SITES = 500, 400, 25
TODAY = dt.date.today()  # noqa: DTZ011, the whole bench is in one time zone
SEASON = dt.date(TODAY.year - (TODAY.month < 11), 11, 1)
PERIOD = f"debut={SEASON}&fin={SEASON.replace(year=SEASON.year + 1) - dt.timedelta(days=1)}"
PATHS = {"board": f"/parcelles?{PERIOD}", "figures": f"/chiffres?{PERIOD}"}
MOST_STATEMENTS, MOST_RATIO, MOST_GROWTH = 6, 2.0, 1.25


async def fill(db: asyncpg.Connection, years: int) -> str:
    """Plots with about three claims a year, deterministic. Returns the token of a session."""
    dice = random.Random(20261123)
    ids = await db.fetchval("INSERT INTO structure (name) VALUES ('Banc d''essai') RETURNING id")
    await db.executemany(
        "INSERT INTO site (structure_id, name) VALUES ($1, $2)",
        [(ids, f"Lieu {n:02}") for n in range(SITES)],
    )
    await db.executemany(
        "INSERT INTO person (given_name, family_name) VALUES ($1, $2)",
        [(f"Prénom{n}", f"Nom{n}") for n in range(PEOPLE)],
    )
    people = [row[0] for row in await db.fetch("SELECT id FROM person ORDER BY id")]
    sites = [row[0] for row in await db.fetch("SELECT id FROM site ORDER BY id")]
    first = SEASON.replace(year=SEASON.year - years)
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
    plots = [row[0] for row in await db.fetch("SELECT id FROM plot ORDER BY id")]
    claims, stays, members = [], 0, []
    for plot in plots:
        day, last = first, SEASON.replace(year=SEASON.year + 2)
        while day < last:
            end = day + dt.timedelta(days=dice.randrange(60, 240))
            kind = dice.choice(["stay", "stay", "stay", "reserved", "rest", "works", "gap"])
            if kind in {"stay", "reserved"}:
                stays += 1
                group = dice.sample(people, dice.choice([1, 1, 1, 2]))
                members += [(stays, person) for person in group]
            if kind != "gap":
                stay = stays if kind in {"stay", "reserved"} else None
                claims.append((plot, asyncpg.Range(day, end), kind, stay, people[0]))
            day = end
    await db.executemany("INSERT INTO stay DEFAULT VALUES", [() for _ in range(stays)])
    await db.executemany("INSERT INTO stay_person VALUES ($1, $2)", members)
    await db.executemany(
        "INSERT INTO plot_period (plot_id, during, kind, stay_id, created_by_id) "
        "VALUES ($1, $2, $3, $4, $5)",
        claims,
    )
    await db.execute(
        "INSERT INTO membership (person_id, structure_id, role, during) "
        "VALUES ($1, $2, 'coordinator', daterange('2000-01-01', NULL))",
        people[0],
        ids,
    )
    token = new_token()
    await db.execute(
        "INSERT INTO session (token_hash, person_id) VALUES ($1, $2)", hashed(token), people[0]
    )
    await db.execute("VACUUM ANALYZE")
    print(f"{years} years: {len(claims)} claims on {PLOTS} plots")
    return token


class Page:
    """The application called in process."""

    def __init__(self, app: Any, token: str) -> None:
        self.app = app
        self.headers = [(b"cookie", f"session={token}".encode()), (b"host", b"bench")]

    async def get(self, path: str) -> bytes:
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
            "headers": self.headers,
            "client": ("127.0.0.1", 1),
            "server": ("bench", 80),
        }
        body, status = [], []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                status.append(message["status"])
            else:
                body.append(message.get("body", b""))

        await self.app(scope, receive, send)
        assert status == [200], (path, status)
        return b"".join(body)


async def measure(url: sa.URL, years: int, rounds: int) -> dict[str, tuple[float, float, int]]:
    admin = await asyncpg.connect(plain(url))
    name = f"couveuse_bench_season_{years}"
    await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await admin.execute(f"CREATE DATABASE {name}")
    own = url.set(database=name)
    address = own.render_as_string(hide_password=False)
    await asyncio.to_thread(migrate, address)
    bare = await asyncpg.connect(plain(own))
    token = await fill(bare, years)
    engine = make_engine(address, read_only=True)
    sessions = make_sessions(engine)
    settings = Settings(secret_text="s" * 40, base_url="http://bench")
    gc.collect()
    gc.freeze()  # as the server does when it starts
    page = Page(create_app(settings, Databases(reader=sessions, writer=sessions)), token)
    found = {what: await compare(page, engine, bare, path, rounds) for what, path in PATHS.items()}
    await engine.dispose()
    await bare.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()
    return found


async def compare(
    page: Page, engine: Any, bare: asyncpg.Connection, path: str, rounds: int
) -> tuple[float, float, int]:
    """Median milliseconds of the page and of its SQL alone, in turns; and how many statements."""
    sent: list[tuple[str, Any]] = []

    def keep(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    await page.get(path)
    event.listen(engine.sync_engine, "before_cursor_execute", keep)
    await page.get(path)
    event.remove(engine.sync_engine, "before_cursor_execute", keep)
    for kind in ("json", "jsonb"):
        await bare.set_type_codec(kind, schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
    prepared = [(await bare.prepare(statement), values) for statement, values in sent]
    ours, theirs = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        await page.get(path)
        ours.append(time.perf_counter() - start)
        start = time.perf_counter()
        for statement, values in prepared:
            await statement.fetch(*values)
        theirs.append(time.perf_counter() - start)
    return statistics.median(ours) * 1000, statistics.median(theirs) * 1000, len(sent)


def plain(url: sa.URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url")
    options.add_argument("--rounds", type=int, default=30)
    asked = options.parse_args()
    url = sa.make_url(asked.url)
    short, long = (asyncio.run(measure(url, years, asked.rounds)) for years in (5, 20))
    print("\n| what | page | SQL alone | ratio | statements | grows from 5 to 20 years |")
    print("|---|---|---|---|---|---|")
    missed = False
    for what in PATHS:
        page, bare, count = long[what]
        growth = page / short[what][0]
        line = f"{page:.1f} ms | {bare:.1f} ms | {page / bare:.2f} | {count} | {growth:.2f}"
        print(f"| {what} | {line} |")
        missed |= page / bare > MOST_RATIO or count > MOST_STATEMENTS or growth > MOST_GROWTH
    sys.exit(missed)


if __name__ == "__main__":
    main()
