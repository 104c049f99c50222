"""Is it up, and can it work: what a load balancer and a person at night need to know."""

import os
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from couveuse.app import create_app
from couveuse.core.migrations import newest_revision
from couveuse.core.settings import Settings
from tests.conftest import Server


async def ask(settings: Settings, url: str) -> dict[str, httpx.Response]:
    app: Any = create_app(settings.model_copy(update={"database_url": url}))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://x.local") as http,
    ):
        return {path: await http.get(path) for path in ("/sante", "/sante/pret")}


@pytest_asyncio.fixture
async def empty(server: Server) -> AsyncIterator[str]:
    name = f"couveuse_h{os.getpid()}"
    await server.admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield server.address(name)
    await server.drop(name)


async def test_ready_with_a_migrated_database(settings: Settings, database: str) -> None:
    answers = await ask(settings, database)

    assert {path: one.status_code for path, one in answers.items()} == {
        "/sante": 200,
        "/sante/pret": 200,
    }


async def test_not_ready_before_the_first_migration(settings: Settings, empty: str) -> None:
    answers = await ask(settings, empty)

    assert answers["/sante"].status_code == 200
    assert answers["/sante/pret"].status_code == 503


async def test_not_ready_when_a_migration_is_missing(settings: Settings, database: str) -> None:
    connection = await asyncpg.connect(database.replace("+asyncpg", ""))
    await connection.execute("UPDATE alembic_version SET version_num = '0001'")
    await connection.close()

    answers = await ask(settings, database)

    assert newest_revision() != "0001"
    assert answers["/sante/pret"].status_code == 503
    assert "migrated" in answers["/sante/pret"].text


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody@127.0.0.1:1/nothing",
        "postgresql://nobody@/nothing?host=/nowhere",
        "postgresql://nobody@nowhere.invalid/nothing",
    ],
)
async def test_not_ready_without_a_database(settings: Settings, url: str) -> None:
    answers = await ask(settings, url)

    assert answers["/sante"].status_code == 200
    assert answers["/sante/pret"].status_code == 503
    assert "nobody" not in answers["/sante/pret"].text


async def test_not_ready_with_the_wrong_database(settings: Settings, server: Server) -> None:
    answers = await ask(settings, server.address("there_is_no_such_database"))

    assert answers["/sante/pret"].status_code == 503
