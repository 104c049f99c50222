"""What is measured: the embedded PostgreSQL, seeded databases, and the two servers."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from urllib.error import URLError
from urllib.request import urlopen

import asyncpg
from bare import SCHEMA
from browser import Browser, Line

from couveuse.core.embedded import Cluster
from couveuse.core.migrations import migrate

HERE = Path(__file__).parent
ITEMS, PEOPLE = 50, 200
PASSWORD = "couveuse-bench"  # noqa: S105, of people made up for the benchmark


class Named(Protocol):
    """Any database of the benchmark."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Load:
    """A database of the benchmark: bookings in the present week, and in all."""

    week: int
    total: int

    @property
    def name(self) -> str:
        return f"bench_w{self.week}_t{self.total}"


USUAL = Load(500, 20_500)
THIN, FULL = Load(10, 20_010), Load(2_000, 22_000)
SMALL, LARGE = Load(500, 1_000), Load(500, 1_000_000)


class Stage:
    """A running cluster, fsync on, with its databases made when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cluster = Cluster(folder / "postgres")
        self.cluster.up()
        self.postmaster = int((self.cluster.data / "postmaster.pid").read_text().split()[0])

    def close(self) -> None:
        self.cluster.down()

    def prepare(self, load: Load) -> str:
        """The address of the database, for asyncpg; filled by the product's own seed."""
        asyncio.run(self._create(load))
        migrate(self.cluster.url(load.name))
        asyncio.run(self._add_bare(load))
        return self.cluster.dsn(load.name)

    async def _create(self, load: Load) -> None:
        admin = await asyncpg.connect(self.cluster.dsn("postgres"))
        assert await admin.fetchval("SHOW fsync") == "on"
        known = await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", load.name)
        if not known:
            await admin.execute(f"CREATE DATABASE {load.name}")
            self._seed(load)
        await admin.close()

    async def _add_bare(self, load: Load) -> None:
        db = await asyncpg.connect(self.cluster.dsn(load.name))
        if not await db.fetchval("SELECT to_regnamespace('bare')"):
            await db.execute(SCHEMA, timeout=600)
            await db.execute("VACUUM (FREEZE, ANALYZE)", timeout=600)
            await db.execute("CHECKPOINT")
        await db.close()

    def _seed(self, load: Load) -> None:
        print(f"filling {load.name} …", file=sys.stderr, flush=True)
        sizes = {
            "--items": ITEMS,
            "--people": PEOPLE,
            "--week-bookings": load.week,
            "--total-bookings": load.total,
        }
        flags = [str(word) for pair in sizes.items() for word in pair]
        subprocess.run(
            [sys.executable, "-m", "couveuse", "seed", "--profile", "bench", *flags],
            env=self._environment(load),
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def _environment(self, load: Named) -> dict[str, str]:
        return os.environ | {
            "PYTHONPATH": os.pathsep.join([str(HERE.parent), str(HERE)]),
            "DATABASE_URL": self.cluster.dsn(load.name),
            "BARE_DSN": self.cluster.dsn(load.name),
            "COUVEUSE_DATA": str(self.folder / "data"),
        }

    @contextmanager
    def product(self, load: Named, workers: int = 1) -> Iterator["Server"]:
        words = ["couveuse", "serve", "--no-worker", "--workers", str(workers), "--port"]
        with self._serve(load, words, "/sante/pret") as server:
            yield server

    @contextmanager
    def bare(self, load: Load, workers: int = 1) -> Iterator["Server"]:
        words = ["uvicorn", "bare:app", "--no-access-log", "--log-level", "warning"]
        week = f"/materiel?semaine={this_week()}"
        with self._serve(load, [*words, "--workers", str(workers), "--port"], week) as server:
            yield server

    @contextmanager
    def _serve(self, load: Named, words: list[str], path: str) -> Iterator["Server"]:
        port = _free_port()
        command = [sys.executable, "-m", *words, str(port)]
        process = subprocess.Popen(
            command, env=self._environment(load), stdout=subprocess.DEVNULL, start_new_session=True
        )
        try:
            _wait(port, path, process)
            yield Server(process.pid, port)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@dataclass(frozen=True, slots=True)
class Server:
    pid: int
    port: int

    def visitor(self) -> Browser:
        return Browser(self.port)

    def signed_in(self, number: int = 1) -> Browser:
        """Somebody who came in by the door: address, password, form token."""
        browser, line = self.visitor(), Line(self.port)
        browser.keep(line.ask(browser.get("/connexion")))
        email = f"bench-{number:03}@couveuse.example"
        answer = line.ask(browser.post("/connexion", email=email, password=PASSWORD))
        assert answer.status == 303, answer.status
        browser.keep(answer)
        line.socket.close()
        return browser


async def open_sessions(dsn: str, count: int) -> list[tuple[int, str]]:
    """Persons with a session each, put in the table: the right password is slow to check."""
    db = await asyncpg.connect(dsn)
    rows = await db.fetch("SELECT id FROM person ORDER BY id LIMIT $1", count)
    tokens = [(row[0], secrets.token_urlsafe(32)) for row in rows]
    await db.executemany(
        "INSERT INTO session (token_hash, person_id) VALUES ($1, $2)",
        [(sha256(token.encode()).digest(), person_id) for person_id, token in tokens],
    )
    await db.close()
    return tokens


def this_week() -> str:
    return time.strftime("%G-W%V")


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def _wait(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120  # a busy machine
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server left with {process.returncode}")
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(path)
