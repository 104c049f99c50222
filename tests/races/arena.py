"""The product served for real by two processes on one database, and what must hold afterwards."""

import asyncio
import datetime as dt
import html
import os
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, TypeVar

import httpx
import sqlalchemy as sa
from litestar.middleware.csrf import generate_csrf_token
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from couveuse.core.actor import Role
from couveuse.core.db import Sessions, make_sessions, unit_of_work
from couveuse.core.tokens import hashed, new_token
from couveuse.equipment.models import Booking, Item, item_companion
from couveuse.people.models import Person, Session
from tests import build
from tests.ledger import broken_rules

ROOT = Path(__file__).parents[2]
RACERS = 50
LIMITS = httpx.Limits(keepalive_expiry=2)
"""Sooner than the server, or it may close a connection just when it is used again."""
T = TypeVar("T")
SECRET = secrets.token_hex(32)


@dataclass(frozen=True, slots=True)
class Racer:
    """Somebody signed in, and the cookies of the browser."""

    id: int
    name: str
    token: str
    session: str

    @property
    def cookies(self) -> dict[str, str]:
        return {"session": self.session, "csrf": self.token}


@dataclass(slots=True)
class Process:
    """One ``couveuse serve`` on a port of its own."""

    address: str
    running: subprocess.Popen[bytes]
    log: Path
    browsers: dict[int, httpx.AsyncClient] = field(default_factory=dict)

    def browser(self, who: Racer) -> httpx.AsyncClient:
        """Everybody has a browser, hence a connection, of her own."""
        if who.id not in self.browsers:
            self.browsers[who.id] = httpx.AsyncClient(
                base_url=self.address,
                cookies=who.cookies,
                timeout=30,
                trust_env=False,
                limits=LIMITS,
            )
        return self.browsers[who.id]

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")


@dataclass(slots=True)
class Arena:
    """Where races are run: a site in UTC (clock changes have tests of their own)."""

    name: str
    processes: list[Process]
    engine: AsyncEngine
    sessions: Sessions
    site_id: int
    racers: list[Racer]
    ines: Racer
    """Coordinates: in charge of every item."""
    doors: Iterator[Process]

    def rounds(self, most: int) -> range:
        """Long races are run in full on one server, and a quarter of them on the other."""
        return range(most if self.name == "embedded" else most // 4)

    # ------------------------------------------------------------ preparing

    async def item(self, *companions: int, **fields: Any) -> int:
        """A new item, free for ever."""
        async with unit_of_work(self.sessions) as db:
            site = await db.get_one(build.Site, self.site_id)
            with_it = [await db.get_one(Item, one) for one in companions]
            return (await build.make_item(db, site, companions=with_it, **fields)).id

    async def goes_with(self, item: int, *companions: int) -> None:
        """The item needs one of these, first ones first."""
        rows = [
            {"item_id": item, "companion_id": one, "position": n}
            for n, one in enumerate(companions)
        ]
        async with unit_of_work(self.sessions) as db:
            await db.execute(sa.insert(item_companion), rows)

    async def booked(
        self, item: int, who: Racer, start: dt.datetime, end: dt.datetime, **fields: Any
    ) -> int:
        """A booking that went through the product's own door."""
        return made(await self.book(who, item, start, end, **fields))

    async def change(self, *booking_ids: int, **values: Any) -> None:
        """Put bookings in a state that takes time to reach."""
        async with unit_of_work(self.sessions) as db:
            await db.execute(sa.update(Booking).where(Booking.id.in_(booking_ids)).values(**values))

    # ------------------------------------------------------------ racing

    async def post(self, who: Racer, path: str, **fields: Any) -> httpx.Response:
        """Send a form; neighbours in a race go through different processes."""
        browser = next(self.doors).browser(who)
        return await browser.post(path, data={**fields, "_csrf_token": who.token})

    async def book(
        self, who: Racer, item: int, start: dt.datetime, end: dt.datetime, **fields: Any
    ) -> httpx.Response:
        return await self.post(who, f"/materiel/{item}/reservations", **span(start, end), **fields)

    async def move(
        self, who: Racer, booking: int, start: dt.datetime, end: dt.datetime
    ) -> httpx.Response:
        return await self.post(who, f"/reservations/{booking}/deplacement", **span(start, end))

    async def cancel(self, who: Racer, booking: int) -> httpx.Response:
        return await self.post(who, f"/reservations/{booking}/annulation")

    async def approve(self, who: Racer, booking: int) -> httpx.Response:
        return await self.post(who, f"/reservations/{booking}/validation")

    async def refuse(self, who: Racer, booking: int) -> httpx.Response:
        return await self.post(who, f"/reservations/{booking}/refus", reason="Il est en panne.")

    async def restore(self, who: Racer, booking: int) -> httpx.Response:
        return await self.post(who, f"/reservations/{booking}/retablissement")

    async def block(
        self, item: int, start: dt.datetime, end: dt.datetime, **fields: Any
    ) -> httpx.Response:
        path = f"/materiel/{item}/indisponibilites"
        return await self.post(self.ines, path, reason="Révision", **span(start, end), **fields)

    # ------------------------------------------------------------ looking

    async def booking(self, booking_id: int) -> Booking:
        async with self.sessions() as db:
            return await db.get_one(Booking, booking_id)

    async def bookings(self, *items: int) -> Sequence[Booking]:
        """What holds the items by itself (not as a companion), by start."""
        async with self.sessions() as db:
            chosen = sa.select(Booking).where(Booking.item_id.in_(items))
            return (await db.scalars(chosen.order_by(sa.func.lower(Booking.during)))).all()

    async def verbs(self, booking_id: int) -> list[str]:
        """The journal of a booking, oldest first."""
        async with self.sessions() as db:
            return list(
                await db.scalars(
                    sa.text(
                        "SELECT verb FROM journal_line "
                        "WHERE subject_kind = 'booking' AND subject_id = :id ORDER BY id"
                    ),
                    {"id": booking_id},
                )
            )

    async def check(self) -> None:
        """What must hold whoever won."""
        async with self.sessions() as db:
            assert await broken_rules(db) == []
        for process in self.processes:
            assert process.running.poll() is None, "the server died"
            assert not process.said, process.said[-6000:]


# ---------------------------------------------------------------- opening and closing


async def open_arena(name: str, url: str, folder: Path, stack: ExitStack) -> Arena:
    engine = create_async_engine(url, pool_size=10)
    sessions = make_sessions(engine)
    async with unit_of_work(sessions) as db:
        home = await build.make_structure(db)
        site = await build.make_site(db, home, time_zone="UTC")
        people = [await build.make_person(db, f"Racer{n}") for n in range(RACERS)]
        boss = await build.make_person(db, "Inès")
        for person in people:
            await build.make_membership(db, person, home)
        await build.make_membership(db, boss, home, Role.COORDINATOR)
        racers = [signed_in(db, person) for person in [*people, boss]]
    processes = [_serve(url, folder, stack) for _ in range(2)]
    for process in processes:
        await _wait_for(process)
    return Arena(
        name, processes, engine, sessions, site.id, racers[:-1], racers[-1], cycle(processes)
    )


def signed_in(db: AsyncSession, person: Person) -> Racer:
    token = new_token()
    db.add(Session(token_hash=hashed(token), person_id=person.id))
    return Racer(person.id, person.name, generate_csrf_token(SECRET), token)


def _serve(url: str, folder: Path, stack: ExitStack) -> Process:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / f"{port}.log"
    ours = {key: value for key, value in os.environ.items() if not key.startswith("COUVEUSE_")}
    with log.open("wb") as errors:
        running = subprocess.Popen(
            [sys.executable, "-m", "couveuse", "serve", "--no-worker", "--port", str(port)],
            cwd=ROOT,
            env=ours
            | {
                "DATABASE_URL": url,
                "COUVEUSE_SECRET": SECRET,
                "COUVEUSE_DATA": str(folder / "data"),
            },
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    stack.callback(_stop, running)
    return Process(f"http://127.0.0.1:{port}", running, log)


async def _wait_for(process: Process) -> None:
    async with asyncio.timeout(180), httpx.AsyncClient(trust_env=False) as http:
        while True:
            assert process.running.poll() is None, process.said
            with suppress(httpx.TransportError):
                if (await http.get(f"{process.address}/sante/pret")).is_success:
                    return
            await asyncio.sleep(0.1)


def _stop(running: subprocess.Popen[bytes]) -> None:
    running.terminate()
    try:
        running.wait(10)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
        raise


async def close_arena(arena: Arena, stack: ExitStack) -> None:
    for process in arena.processes:
        for browser in process.browsers.values():
            await browser.aclose()
    stack.close()
    async with arena.sessions() as db:  # sessions report their deadlocks when they end
        deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        counted = await db.scalar(sa.text(deadlocks))
    await arena.engine.dispose()
    assert counted == 0, f"{counted} deadlocks"


# ---------------------------------------------------------------- reading answers

START = dt.datetime.combine(dt.datetime.now(dt.UTC).date(), dt.time()) + dt.timedelta(days=7)
"""Local time of the site; every race takes an item of its own, so all begin here."""


def hour(number: float) -> dt.datetime:
    return START + dt.timedelta(hours=number)


def span(start: dt.datetime, end: dt.datetime) -> dict[str, str]:
    return {
        "starts_at": start.isoformat(timespec="minutes"),
        "ends_at": end.isoformat(timespec="minutes"),
    }


def held(booking: Booking) -> tuple[dt.datetime, dt.datetime]:
    """When it is, in local time of the site."""
    assert booking.during.lower
    assert booking.during.upper
    return booking.during.lower.replace(tzinfo=None), booking.during.upper.replace(tzinfo=None)


async def at_once(runs: Iterable[Awaitable[T]]) -> list[T]:
    return list(await asyncio.gather(*runs))


def made(answer: httpx.Response) -> int:
    """The booking that an accepted form leads to."""
    assert answer.status_code == 303, f"{answer.status_code}: {sentences(answer)}"
    return int(answer.headers["location"].rpartition("/")[2])


def winners(answers: Iterable[httpx.Response]) -> list[httpx.Response]:
    """Those that were accepted; all the others were told why not, in words of the product."""
    won: list[httpx.Response] = []
    for answer in answers:
        if answer.status_code == 303:
            won.append(answer)
        else:
            told(answer)
    return won


def told(answer: httpx.Response) -> str:
    """Why a form was refused: a page with sentences, and none that blames the database."""
    said = " ".join(sentences(answer))
    assert answer.status_code in {409, 422}, f"{answer.status_code}: {said}"
    assert said.endswith("."), f"no sentence: {answer.text[:3000]}"
    assert "Réessayez" not in said, f"the requests got in each other's way: {said}"
    return said


SAID = {
    422: re.compile(r'<p class="error"[^>]*>(.*?)</p>|(?<=\n)<li>([^<]*)</li>'),
    409: re.compile(r"<p>(.*?)</p>()"),
}


def sentences(answer: httpx.Response) -> list[str]:
    """What is said in red on a form, or on the page that replaces it."""
    found = SAID.get(answer.status_code, SAID[409]).findall(answer.text)
    return [html.unescape("".join(groups)) for groups in found]
