"""The demonstration is made once; each test has a copy of its own."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

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
async def demo_db(demo: Sessions) -> AsyncIterator[AsyncSession]:
    async with demo() as session:
        yield session


@pytest_asyncio.fixture
async def sessions(database: str) -> AsyncIterator[Sessions]:
    """An empty database, on each server in turn."""
    engine = make_engine(database)
    yield make_sessions(engine)
    await engine.dispose()
