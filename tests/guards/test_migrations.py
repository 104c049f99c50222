"""The revisions lead to what the models say, there and back, whoever starts them and how often."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from sqlalchemy.ext.asyncio import create_async_engine

from couveuse.core.migrations import is_fresh, migrate, newest_revision
from couveuse.core.paths import MIGRATIONS
from couveuse.tables import metadata
from tests.conftest import Server

OURS = frozenset(metadata.tables)
QUEUE = frozenset({"pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics"})


def config(url: str = "") -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["url"] = url
    return made


@pytest_asyncio.fixture
async def empty(server: Server) -> AsyncIterator[str]:
    """The address of a database with nothing in it."""
    name = f"couveuse_e{os.getpid()}"
    await server.admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield server.address(name)
    await server.drop(name)


# ---------------------------------------------------------------- what a database holds

COLUMNS = """
    SELECT table_name || '.' || column_name, data_type || ' ' || udt_name || ' ' || is_nullable
        || ' ' || coalesce(column_default, '') || ' ' || is_identity || ' ' || is_generated
    FROM information_schema.columns WHERE table_name = ANY ($1) AND table_schema = 'public'
"""
CONSTRAINTS = """
    SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE conrelid::regclass::text = ANY ($1) AND contype <> 't' AND contype <> 'n'
"""
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY ($1)"
EVERYTHING = """
    SELECT kind, name FROM (
        SELECT 'relation', relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT 'function', proname FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
        UNION ALL
        SELECT 'enum', typname FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
    ) found (kind, name)
"""


async def dsn_answers(url: str, question: str, *values: Any) -> dict[str, str]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return dict(await connection.fetch(question, *values))
    finally:
        await connection.close()


async def shape(url: str, tables: frozenset[str]) -> dict[str, str]:
    """Columns, constraints and indexes, each with its definition as PostgreSQL words it."""
    found: dict[str, str] = {}
    for question in (COLUMNS, CONSTRAINTS, INDEXES):
        found |= await dsn_answers(url, question, sorted(tables))
    return found


# ---------------------------------------------------------------- the revisions


def test_there_is_one_newest_revision() -> None:
    heads = ScriptDirectory.from_config(config()).get_heads()

    assert heads == [newest_revision()]


def test_every_revision_can_be_undone_and_says_what_it_is_for() -> None:
    for revision in ScriptDirectory.from_config(config()).walk_revisions():
        assert callable(revision.module.downgrade)
        assert len(revision.doc) > 3


async def test_the_newest_revision_is_what_the_models_say(database: str) -> None:
    await asyncio.to_thread(command.check, config(database))


async def test_tables_made_by_the_models_are_the_same(database: str, empty: str) -> None:
    """Names and words of every constraint and index, which the check above does not compare."""
    engine = create_async_engine(empty)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("CREATE EXTENSION btree_gist")
        await connection.run_sync(metadata.create_all)
    await engine.dispose()

    assert await shape(database, OURS) == await shape(empty, OURS)


@pytest.mark.slow
async def test_up_down_and_up_again_leads_to_the_same(database: str, empty: str) -> None:
    await asyncio.to_thread(migrate, empty)
    once = await shape(empty, OURS | QUEUE)
    await asyncio.to_thread(command.downgrade, config(empty), "base")
    left = await dsn_answers(empty, EVERYTHING)
    await asyncio.to_thread(migrate, empty)

    assert set(left.values()) <= {"alembic_version", "alembic_version_pkc"}
    assert once == await shape(empty, OURS | QUEUE) == await shape(database, OURS | QUEUE)


async def test_the_queue_is_the_one_of_the_installed_library(database: str, empty: str) -> None:
    connection = await asyncpg.connect(empty.replace("+asyncpg", ""))
    await connection.execute(QueryBuilderEnvironment().build_install_query())
    await connection.close()

    assert await shape(database, QUEUE) == await shape(empty, QUEUE)
    assert await dsn_answers(database, BODY) == await dsn_answers(empty, BODY)


BODY = """
    SELECT proname, regexp_replace(prosrc, '\\s+', ' ', 'g')
    FROM pg_proc WHERE proname = 'fn_pgqueuer_changed'
"""


async def test_only_an_empty_database_is_fresh(database: str, empty: str) -> None:
    assert await is_fresh(empty)
    assert not await is_fresh(database)


@pytest.mark.slow
async def test_processes_that_migrate_together_do_it_once(database: str, empty: str) -> None:
    environment = {**os.environ, "DATABASE_URL": empty}
    starting = [
        subprocess.Popen(
            [sys.executable, "-m", "couveuse", "migrate"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]

    said = [await asyncio.to_thread(process.communicate, timeout=60) for process in starting]

    assert [(one.returncode, text) for one, (text, _) in zip(starting, said, strict=True)] == [
        (0, "La base est à jour.\n")
    ] * 2
    assert await shape(empty, OURS) == await shape(database, OURS)
