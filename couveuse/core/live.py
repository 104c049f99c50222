"""Live boards: PostgreSQL says what changed, every open board of every process hears it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg

RESYNC = "resync"
_LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class Hub:
    """One LISTEN connection for the process, fanned out to the open pages.

    Only short texts travel (which item changed); the browser fetches its part again. After a lost
    connection every page is told to fetch, so none stays stale.
    """

    def __init__(self, dsn: str, channel: str) -> None:
        self._dsn = dsn
        self._channel = channel
        self._listeners: set[asyncio.Queue[str]] = set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def changes(self, *, idle: float = 15.0) -> AsyncIterator[str | None]:
        """What changes from now on; None after ``idle`` seconds of silence."""
        queue: asyncio.Queue[str] = asyncio.Queue(100)
        self._listeners.add(queue)
        try:
            while True:
                try:
                    yield await asyncio.wait_for(queue.get(), idle)
                except TimeoutError:
                    yield None
        finally:
            self._listeners.discard(queue)

    async def _listen(self) -> None:
        while True:
            with suppress(*_LOST):
                await self._listen_once()
            await asyncio.sleep(0.5)

    async def _listen_once(self) -> None:
        connection = await asyncpg.connect(self._dsn)
        gone = asyncio.Event()
        connection.add_termination_listener(lambda _: gone.set())
        try:
            await connection.add_listener(self._channel, lambda *said: self._tell(said[3]))
            self._tell(RESYNC)
            await gone.wait()
        finally:
            await connection.close(timeout=1)

    def _tell(self, what: str) -> None:
        for queue in self._listeners:
            if not queue.full():
                queue.put_nowait(what)
