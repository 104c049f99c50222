"""Runs the revisions: each in its own transaction, one process at a time, never waiting long."""

import asyncio

import sqlalchemy as sa
from alembic import context
from sqlalchemy import pool
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from couveuse.core.db import normal_url
from couveuse.core.settings import load_settings
from couveuse.tables import metadata

ADVISORY_LOCK = 0x636F7576  # "couv": several processes may start at once, one migrates
OUTSIDE = ("pgqueuer", "alembic_version")


def ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and (name or "").startswith(OUTSIDE))


def run(connection: Connection) -> None:
    connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
    connection.commit()
    connection.execute(sa.text("SET lock_timeout = '4s'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        include_name=ours,
        compare_server_default=True,
        autogenerate_plugins=["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


async def run_online() -> None:
    url = str(context.config.attributes.get("url") or load_settings().database_url or "")
    engine = create_async_engine(normal_url(url), poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


asyncio.run(run_online())
