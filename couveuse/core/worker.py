"""The process that does what was queued, and what comes round by the clock."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job
from pgqueuer.types import QueueExecutionMode

from couveuse.core import i18n
from couveuse.core.jobs import JOBS, PERIODIC, Workshop

log = logging.getLogger("couveuse.worker")
LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


async def work(workshop: Workshop, dsn: str, *, drain: bool = False) -> None:
    """Run queued and periodic jobs until cancelled; with ``drain``, until the queue is empty.

    A lost database connection is taken up again; jobs not finished are done again, since delivery
    is at least once.
    """
    while True:
        try:
            await _work_once(workshop, dsn, drain=drain)
        except LOST as error:
            log.warning("database lost, trying again", extra={"error": str(error)})
        if drain:
            return
        await asyncio.sleep(2)


async def _work_once(workshop: Workshop, dsn: str, *, drain: bool) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        manager = PgQueuer.from_asyncpg_connection(connection)
        # By itself it would see the loss with its next question only, half a minute later.
        connection.add_termination_listener(lambda _: manager.shutdown.set())
        _register(manager, workshop)
        if drain:
            await manager.qm.run(mode=QueueExecutionMode.drain)
        else:
            await manager.run()
    finally:
        await connection.close(timeout=2)


def _register(manager: PgQueuer, workshop: Workshop) -> None:
    for name, function in JOBS.items():
        manager.entrypoint(
            name, on_failure="hold", executor_factory=DatabaseRetryEntrypointExecutor
        )(_job(function, workshop))
    for name, (cron, function) in PERIODIC.items():
        manager.schedule(name, cron, clean_old=True)(_round(name, function, workshop))


def _job(
    function: Callable[..., Awaitable[None]], workshop: Workshop
) -> Callable[[Job], Awaitable[None]]:
    async def run(job: Job) -> None:
        i18n.set_language(None)
        await function(workshop, **json.loads(job.payload or b"{}"))

    return run


def _round(
    name: str, function: Callable[[Workshop], Awaitable[None]], workshop: Workshop
) -> Callable[..., Awaitable[None]]:
    async def run(_schedule: object) -> None:
        i18n.set_language(None)
        try:
            await function(workshop)
        except Exception:
            log.exception("periodic job failed", extra={"job": name})

    return run
