"""Races need real time, real processes and real connections: nothing here is rolled back."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.conftest import Server
from tests.races.arena import Arena, close_arena, open_arena
from tests.races.land import Land, open_land
from tests.races.meetings import Meetings, open_meetings


@pytest.fixture(autouse=True)
def fixed_clock() -> None:
    """The processes that serve look at the real clock, so the tests do too."""


@pytest_asyncio.fixture(scope="session", params=["embedded", "debian"])
async def served(
    request: pytest.FixtureRequest, embedded: Server, debian: Server | None
) -> AsyncIterator[Arena]:
    """Two processes of the product on a database of their own, on each PostgreSQL in turn."""
    server = embedded if request.param == "embedded" else debian
    if server is None:
        pytest.skip("COUVEUSE_TEST_DEBIAN_PG is not set")
    name = await server.clone()
    try:
        with tempfile.TemporaryDirectory(prefix="couveuse-races-") as folder, ExitStack() as stack:
            arena = await open_arena(server.name, server.address(name), Path(folder), stack)
            yield arena
            await close_arena(arena, stack)
    finally:
        await server.drop(name)


@pytest_asyncio.fixture
async def arena(served: Arena) -> AsyncIterator[Arena]:
    """The race track; after each race its rules are checked."""
    yield served
    await served.check()


@pytest_asyncio.fixture(scope="session")
async def fields(served: Arena) -> Land:
    """The land of the arena, made once."""
    return await open_land(served)


@pytest_asyncio.fixture
async def land(fields: Land, arena: Arena) -> Land:
    assert fields.arena is arena
    return fields


@pytest_asyncio.fixture(scope="session")
async def places(served: Arena) -> Meetings:
    """Who leads the workshops of the arena, made once."""
    return await open_meetings(served)


@pytest_asyncio.fixture
async def meetings(places: Meetings, arena: Arena) -> Meetings:
    assert places.arena is arena
    return places
