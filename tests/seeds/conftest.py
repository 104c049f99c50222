"""The demonstration is made once; tests that write have a copy of their own."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from couveuse.core.db import Sessions, make_engine, make_sessions
from couveuse.seeds import seed_demo
from tests.conftest import NOON, Server


@pytest_asyncio.fixture(scope="session")
async def demo_template(embedded: Server) -> AsyncIterator[str]:
    name = await embedded.clone()
    engine = make_engine(embedded.address(name))
    await seed_demo(make_sessions(engine), today=NOON.date())
    await engine.dispose()
    yield name
    await embedded.drop(name)


@pytest_asyncio.fixture
async def demo(embedded: Server, demo_template: str) -> AsyncIterator[Sessions]:
    """A copy of the demonstration as made on the day of the tests."""
    name = await replace(embedded, template=demo_template).clone()
    engine = make_engine(embedded.address(name))
    yield make_sessions(engine)
    await engine.dispose()
    await embedded.drop(name)


@pytest_asyncio.fixture
async def demo_db(embedded: Server, demo_template: str) -> AsyncIterator[AsyncSession]:
    """For reading: the same for all tests. It keeps no connection, so that it can be copied."""
    engine = create_async_engine(embedded.address(demo_template), poolclass=NullPool)
    async with make_sessions(engine)() as session:
        yield session
    await engine.dispose()


@pytest_asyncio.fixture
async def sessions(database: str) -> AsyncIterator[Sessions]:
    """An empty database, on each server in turn."""
    engine = make_engine(database)
    yield make_sessions(engine)
    await engine.dispose()
