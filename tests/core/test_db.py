"""Transactions: all or nothing, read only where nothing may be written, sturdy connections."""

import asyncio

import asyncpg
import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from couveuse.core.db import Sessions, atomic, make_engine, make_sessions, normal_url, unit_of_work
from couveuse.core.errors import Reason, Refused
from couveuse.structures.models import Structure, StructureNameTaken
from tests import build


async def count(db: AsyncSession, name: str = "Essai") -> int | None:
    found = sa.select(sa.func.count()).select_from(Structure).where(Structure.name == name)
    return await db.scalar(found)


@atomic
async def add(db: AsyncSession, name: str = "Essai", *, then: Exception | None = None) -> None:
    await build.make_structure(db, name)
    if then:
        raise then


# ---------------------------------------------------------------- all or nothing


async def test_a_refused_action_leaves_no_trace_and_the_session_goes_on(db: AsyncSession) -> None:
    with pytest.raises(Refused):
        await add(db, then=Refused(Reason("no", "Non.")))

    assert await count(db) == 0
    await add(db)
    assert await count(db) == 1


async def test_a_refusal_takes_back_its_own_action_alone(db: AsyncSession) -> None:
    await add(db, "Avant")
    with pytest.raises(Refused):
        await add(db, then=Refused(Reason("no", "Non.")))

    assert (await count(db, "Avant"), await count(db)) == (1, 0)


async def test_a_broken_promise_is_raised_as_its_error_and_the_session_goes_on(
    db: AsyncSession,
) -> None:
    await add(db)
    with pytest.raises(StructureNameTaken):
        await add(db, "ESSAI")

    assert await count(db) == 1
    assert await count(db, "ESSAI") == 0


async def test_actions_inside_actions_are_taken_back_together(db: AsyncSession) -> None:
    @atomic
    async def twice(db: AsyncSession, _unused: None = None) -> None:
        await add(db, "Un")
        await add(db, "Deux", then=ValueError("bug"))

    with pytest.raises(ValueError, match="bug"):
        await twice(db)

    assert (await count(db, "Un"), await count(db, "Deux")) == (0, 0)


# ---------------------------------------------------------------- real engines


@pytest_asyncio.fixture
async def writer(database: str):
    engine = make_engine(database)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def reader(database: str):
    engine = make_engine(database, read_only=True)
    yield engine
    await engine.dispose()


async def test_a_unit_of_work_is_kept_when_it_ends_well(writer: AsyncEngine) -> None:
    async with unit_of_work(make_sessions(writer)) as db:
        await add(db)

    async with make_sessions(writer)() as db:
        assert await count(db) == 1


async def test_a_unit_of_work_is_undone_by_an_exception(writer: AsyncEngine) -> None:
    with pytest.raises(ValueError, match="bug"):
        await break_off(make_sessions(writer))

    async with make_sessions(writer)() as db:
        assert await count(db) == 0


async def break_off(sessions: Sessions) -> None:
    async with unit_of_work(sessions) as db:
        await add(db)
        raise ValueError("bug")


WRITES = (
    "INSERT INTO structure (name) VALUES ('x')",
    "UPDATE person SET given_name = 'x'",
    "DELETE FROM person",
    "CREATE TABLE x ()",
    "SELECT nextval('structure_id_seq')",
)


@pytest.mark.parametrize("statement", WRITES)
async def test_the_reading_engine_cannot_write(reader: AsyncEngine, statement: str) -> None:
    async with make_sessions(reader)() as db:
        with pytest.raises(DBAPIError, match="read-only transaction"):
            await db.execute(sa.text(statement))


async def test_the_reading_engine_opens_no_transaction(reader: AsyncEngine) -> None:
    async with make_sessions(reader)() as db:
        await count(db)
        raw = (await (await db.connection()).get_raw_connection()).driver_connection
        assert raw is not None
        assert not raw.is_in_transaction()


async def test_statements_have_limits(writer: AsyncEngine, reader: AsyncEngine) -> None:
    for engine in (writer, reader):
        async with make_sessions(engine)() as db:
            assert await db.scalar(sa.text("SHOW statement_timeout")) == "5s"
            assert await db.scalar(sa.text("SHOW idle_in_transaction_session_timeout")) == "30s"


async def test_a_violation_outside_an_action_stays_a_database_error(writer: AsyncEngine) -> None:
    async with make_sessions(writer)() as db:
        await build.make_structure(db, "Essai")
        with pytest.raises(IntegrityError):
            await build.make_structure(db, "Essai")


@pytest.mark.parametrize("read_only", [True, False])
async def test_connections_that_the_server_closed_are_replaced(
    database: str, read_only: bool
) -> None:
    engine = make_engine(database, read_only=read_only)
    sessions = make_sessions(engine)
    async with sessions() as one, sessions() as two:
        await count(one)
        await count(two)
    admin = await asyncpg.connect(normal_url(database).replace("+asyncpg", ""))
    ended = await admin.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await asyncio.sleep(0.05)  # the loop of a server is never busy for longer

    async with sessions() as one, sessions() as two:
        assert (await count(one), await count(two)) == (0, 0)
    assert len(ended) == 2
    await admin.close()
    await engine.dispose()


@pytest.mark.parametrize(
    "given", ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+asyncpg://u@h/d"]
)
def test_every_way_to_write_the_address_means_asyncpg(given: str) -> None:
    assert normal_url(given) == "postgresql+asyncpg://u@h/d"
