"""One PostgreSQL for the run, one outer transaction per test, rolled back at its end."""

import asyncio
import datetime as dt
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from litestar import Litestar
from litestar.middleware.csrf import generate_csrf_token
from sqlalchemy import event
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from couveuse.app import Databases, create_app
from couveuse.core import clock, i18n
from couveuse.core.embedded import Cluster
from couveuse.core.migrations import migrate
from couveuse.core.settings import Settings
from couveuse.people.models import Person
from tests.cast import Cast, make_cast, open_session
from tests.html import Element, parse

NOON = dt.datetime(2026, 11, 25, 11, 0, tzinfo=dt.UTC)
"""Wednesday 25 November 2026, noon in Paris: "now" in every test that does not say otherwise."""

_names = count(1)


# ---------------------------------------------------------------- servers and databases


@dataclass(slots=True)
class Server:
    """A PostgreSQL server with a migrated template; databases are cloned from it in about 30 ms."""

    name: str
    address: Callable[[str], str]
    admin: asyncpg.Connection
    template: str = field(default_factory=lambda: f"couveuse_tpl{os.getpid()}")

    async def prepare(self) -> None:
        await self.admin.execute(f"DROP DATABASE IF EXISTS {self.template} WITH (FORCE)")
        await self.admin.execute(f"CREATE DATABASE {self.template}")
        await asyncio.to_thread(migrate, self.address(self.template))

    async def clone(self) -> str:
        name = f"couveuse_t{os.getpid()}_{next(_names)}"
        await self.admin.execute(
            f"CREATE DATABASE {name} TEMPLATE {self.template} STRATEGY file_copy"
        )
        return name

    async def drop(self, name: str) -> None:
        await self.admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    root = Path(tempfile.mkdtemp(prefix="couveuse-tests-"))
    root.chmod(0o755)
    made = Cluster(root)
    made.up()
    yield made
    made.down()
    shutil.rmtree(root, ignore_errors=True)


@pytest_asyncio.fixture(scope="session")
async def embedded(cluster: Cluster) -> AsyncIterator[Server]:
    admin = await asyncpg.connect(cluster.dsn("postgres"))
    for knob in ("fsync", "synchronous_commit", "full_page_writes"):
        await admin.execute(f"ALTER SYSTEM SET {knob} = off")
    await admin.execute("SELECT pg_reload_conf()")
    server = Server("embedded", cluster.url, admin)
    await server.prepare()
    yield server
    await admin.close()


@pytest_asyncio.fixture(scope="session")
async def debian() -> AsyncIterator[Server | None]:
    """The system's own PostgreSQL (15 on Debian 12), when the run says where it is."""
    base = os.environ.get("COUVEUSE_TEST_DEBIAN_PG")
    if not base:
        yield None
        return
    url = sa.make_url(base)

    def address(database: str) -> str:
        target = url.set(database=database, drivername="postgresql+asyncpg")
        return target.render_as_string(hide_password=False)

    admin = await asyncpg.connect(address("postgres").replace("+asyncpg", ""))
    server = Server("debian", address, admin)
    await server.prepare()
    yield server
    await admin.close()


@pytest_asyncio.fixture(params=["embedded", "debian"])
async def server(request: pytest.FixtureRequest, embedded: Server, debian: Server | None) -> Server:
    """Each server in turn: for promises that must hold on any PostgreSQL from 15 on."""
    if request.param == "embedded":
        return embedded
    if debian is None:
        pytest.skip("COUVEUSE_TEST_DEBIAN_PG is not set")
    return debian


@pytest_asyncio.fixture
async def database(server: Server) -> AsyncIterator[str]:
    """The address of a database of this test's own, for what needs several connections."""
    name = await server.clone()
    yield server.address(name)
    await server.drop(name)


# ---------------------------------------------------------------- one connection, rolled back


@pytest_asyncio.fixture(scope="session")
async def connection(embedded: Server) -> AsyncIterator[AsyncConnection]:
    name = await embedded.clone()
    engine = create_async_engine(embedded.address(name))
    async with engine.connect() as opened:
        yield opened
    await engine.dispose()
    await embedded.drop(name)


@pytest_asyncio.fixture(scope="session")
async def cast(connection: AsyncConnection) -> Cast:
    """The people and their structures, there before every test."""
    async with AsyncSession(connection, expire_on_commit=False) as db:
        made = await make_cast(db)
        await db.commit()
        db.expunge_all()
    return made


def _sessions(connection: AsyncConnection) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(
        connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
    )


@pytest.fixture(scope="session")
def databases(connection: AsyncConnection) -> Databases:
    """Both sides of the application on the test's connection; the reading side cannot write."""
    reader = async_sessionmaker(
        connection,
        expire_on_commit=False,
        join_transaction_mode="create_savepoint",
        sync_session_class=type("ReadOnly", (sa.orm.Session,), {}),
    )

    @event.listens_for(reader.kw["sync_session_class"], "after_begin")
    def refuse_writes(_session: Any, _transaction: Any, inner: sa.Connection) -> None:
        inner.execute(sa.text("SET TRANSACTION READ ONLY"))

    return Databases(reader=reader, writer=_sessions(connection))


@pytest_asyncio.fixture
async def outer(connection: AsyncConnection, cast: Cast) -> AsyncIterator[AsyncConnection]:
    transaction = await connection.begin()
    yield connection
    await transaction.rollback()


@pytest_asyncio.fixture
async def db(outer: AsyncConnection) -> AsyncIterator[AsyncSession]:
    async with _sessions(outer)() as session:
        yield session


# ---------------------------------------------------------------- time and language


@pytest.fixture(autouse=True)
def fixed_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Time stands still at NOON; call the fixture to set it elsewhere."""

    def set_to(moment: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    set_to(NOON)
    return set_to


@pytest.fixture(autouse=True)
def french() -> None:
    i18n.set_language("fr")


# ---------------------------------------------------------------- the application


@pytest.fixture(scope="session")
def settings() -> Iterator[Settings]:
    folder = Path(tempfile.mkdtemp(prefix="couveuse-data-"))
    yield Settings(data=folder, secret_text="s" * 40, base_url="http://testserver.local")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def app(settings: Settings, databases: Databases) -> Litestar:
    return create_app(settings, databases)


@dataclass(slots=True)
class Browser:
    """A signed-in browser: keeps its cookies, sends the form token, follows no redirect."""

    http: httpx.AsyncClient
    token: str
    statements: list[str] = field(default_factory=list)

    async def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return await self.http.get(path, **kwargs)

    async def page(self, path: str, **kwargs: Any) -> Element:
        """The parsed page; it must answer 200."""
        answer = await self.get(path, **kwargs)
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"
        return parse(answer.text)

    async def post(
        self, path: str, data: dict[str, Any] | None = None, *, htmx: bool = False, **kwargs: Any
    ) -> httpx.Response:
        headers = kwargs.pop("headers", {})
        if htmx:
            headers |= {
                "hx-request": "true",
                "hx-request-type": "partial",
                "x-csrftoken": self.token,
            }
        return await self.http.post(
            path, data={"_csrf_token": self.token, **(data or {})}, headers=headers, **kwargs
        )


@pytest_asyncio.fixture
async def browse(
    app: Litestar, settings: Settings, outer: AsyncConnection, cast: Cast
) -> AsyncGenerator[Callable[..., Awaitable[Browser]], None]:
    """``await browse("lea")``: a browser in which lea is signed in; without a name, nobody is.

    Somebody outside the cast is given as a person.
    """
    opened: list[httpx.AsyncClient] = []

    async def make(name: str | Person | None = None) -> Browser:
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
            base_url="http://testserver.local",
        )
        opened.append(http)
        token = generate_csrf_token(settings.secret)
        # With the domain, as a server's own cookie has it: a new one then replaces it.
        http.cookies.set("csrf", token, domain="testserver.local")
        if name:
            async with _sessions(outer)() as db:
                person = cast.person(name) if isinstance(name, str) else name
                session = await open_session(db, person)
                http.cookies.set("session", session, domain="testserver.local")
        return Browser(http, token)

    yield make
    for http in opened:
        await http.aclose()


@pytest.fixture
def statements(connection: AsyncConnection) -> Iterator[list[str]]:
    """The SQL sent while the test runs.

    Left out: savepoints of the fixtures, and what the driver asks once of each type and connection.
    """
    seen: list[str] = []

    def keep(statement: str) -> None:
        is_fixtures = statement.startswith(
            ("SAVEPOINT", "RELEASE", "ROLLBACK TO", "SET TRANSACTION")
        )
        if not is_fixtures and "typeinfo_tree" not in statement and "'jit'" not in statement:
            seen.append(statement)

    def by_sqlalchemy(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        keep(statement)

    def by_the_driver(logged: Any) -> None:  # see core/prepared.py
        keep(logged.query)

    raw: Any = connection.sync_connection.connection.driver_connection  # type: ignore[union-attr]
    raw.add_query_logger(by_the_driver)
    event.listen(connection.sync_connection, "before_cursor_execute", by_sqlalchemy)
    yield seen
    event.remove(connection.sync_connection, "before_cursor_execute", by_sqlalchemy)
    raw.remove_query_logger(by_the_driver)
