"""Work for later, queued on the request's own connection and in its transaction."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.db import Sessions
from couveuse.core.prepared import Prepared
from couveuse.core.settings import Settings


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a job may need: where to open a transaction, and the settings."""

    sessions: Sessions
    settings: Settings


Job = Callable[..., Awaitable[None]]
JOBS: dict[str, Job] = {}
PERIODIC: dict[str, tuple[str, Callable[[Workshop], Awaitable[None]]]] = {}


def job(name: str) -> Callable[[Job], Job]:
    """Register ``async def f(workshop, **payload)`` under a name. It may run more than once."""

    def register(function: Job) -> Job:
        JOBS[name] = function
        return function

    return register


def every(name: str, cron: str) -> Callable[[Job], Job]:
    """Register ``async def f(workshop)`` to run at the times of a cron expression (UTC)."""

    def register(function: Job) -> Job:
        PERIODIC[name] = (cron, function)
        return function

    return register


# What pgqueuer's own `enqueue` does for one job without options, at a fifth of its price; it also
# writes a line of statistics that we do not read. The table is ours: a migration makes it.
_QUEUE = Prepared(
    sa.text("""
        INSERT INTO pgqueuer (priority, entrypoint, payload, status)
        VALUES (0, :name, :payload, 'queued')
    """)
)


async def queue(db: AsyncSession, name: str, **payload: Any) -> None:
    """Queue a job; it exists only if the transaction commits."""
    await _QUEUE.all(db, name=name, payload=json.dumps(payload).encode())
