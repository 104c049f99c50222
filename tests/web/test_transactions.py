"""One request, one transaction: kept before the answer is sent, or not at all."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from litestar import Response, get, post

from couveuse.app import Databases, create_app
from couveuse.core.db import make_engine, make_sessions
from couveuse.core.errors import Reason, Refused
from couveuse.core.jobs import queue
from couveuse.core.settings import Settings
from couveuse.web.deps import Db
from couveuse.web.guards import PUBLIC
from tests import build

OPEN = {**PUBLIC, "exclude_from_csrf": True}


@post("/essai/fait", opt=OPEN)
async def do(db: Db) -> Response[str]:
    await build.make_structure(db, "Essai")
    await queue(db, "send_mail", mail_id=1)
    return Response("ok", status_code=201)


@post("/essai/casse", opt=OPEN)
async def do_and_fail(db: Db) -> None:
    await build.make_structure(db, "Essai")
    raise ValueError("bug")


@post("/essai/refus", opt=OPEN)
async def do_and_refuse(db: Db) -> None:
    await build.make_structure(db, "Essai")
    raise Refused(Reason("no", "Non."))


@post("/essai/trop-tard", opt=OPEN)
async def do_what_is_refused_at_the_end(db: Db) -> Response[str]:
    """The database looks at this constraint when the transaction ends."""
    await build.make_structure(db, "Essai")
    await db.execute(sa.text("INSERT INTO late VALUES (1), (1)"))
    return Response("promised", status_code=201)


@get("/essai/lu", opt=OPEN)
async def write_while_reading(db: Db) -> None:
    await build.make_structure(db, "Essai")


HANDLERS = (do, do_and_fail, do_and_refuse, do_what_is_refused_at_the_end, write_while_reading)


@pytest_asyncio.fixture
async def http(settings: Settings, database: str) -> AsyncIterator[httpx.AsyncClient]:
    reader, writer = make_engine(database, read_only=True), make_engine(database)
    app: Any = create_app(settings, Databases(make_sessions(reader), make_sessions(writer)))
    for handler in HANDLERS:
        app.register(handler)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x.local") as client:
        yield client
    await reader.dispose()
    await writer.dispose()


@pytest_asyncio.fixture
async def kept(database: str):
    """What another process sees of it."""
    engine = make_engine(database)

    async def counts() -> tuple[int, int]:
        async with engine.connect() as connection:
            structures = await connection.scalar(sa.text("SELECT count(*) FROM structure"))
            jobs = await connection.scalar(sa.text("SELECT count(*) FROM pgqueuer"))
            return structures or 0, jobs or 0

    async with engine.begin() as connection:
        await connection.execute(
            sa.text("CREATE TABLE late (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        )
    yield counts
    await engine.dispose()


async def test_what_was_done_is_kept_with_its_jobs(http: httpx.AsyncClient, kept: Any) -> None:
    answer = await http.post("/essai/fait")

    assert answer.status_code == 201
    assert await kept() == (1, 1)


@pytest.mark.parametrize(
    ("path", "status"), [("/essai/casse", 500), ("/essai/refus", 409), ("/essai/trop-tard", 500)]
)
async def test_what_failed_is_not_kept_and_not_promised(
    http: httpx.AsyncClient, kept: Any, path: str, status: int
) -> None:
    answer = await http.post(path)

    assert answer.status_code == status
    assert "promised" not in answer.text
    assert await kept() == (0, 0)


async def test_reading_cannot_write(http: httpx.AsyncClient, kept: Any) -> None:
    answer = await http.get("/essai/lu")

    assert answer.status_code == 500
    assert await kept() == (0, 0)


async def test_a_failure_leaves_the_connection_usable(http: httpx.AsyncClient, kept: Any) -> None:
    for _ in range(12):  # more than the pool holds
        await http.post("/essai/casse")
        await http.get("/essai/lu")

    assert (await http.post("/essai/fait")).status_code == 201
    assert (await http.get("/sante/pret")).status_code == 200
