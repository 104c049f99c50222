"""The network between a browser and the site: it can be cut anywhere, real sockets included."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from enum import StrEnum, auto
from urllib.parse import urlsplit

BLOCK = 1 << 16


class Cut(StrEnum):
    """When the network fails a form that is sent."""

    DURING = auto()
    """Half of it has left."""
    AFTER = auto()
    """The site has it, its answer is lost."""
    HELD = auto()
    """The site has it, its answer does not come, the line stands."""


class Wire:
    """An address of its own in front of the site. ``sent`` is the last form that passed here."""

    def __init__(self, site: str) -> None:
        self.site = urlsplit(site)
        self.address = ""
        self.posts = 0
        self.sent = bytearray()
        self.failed = asyncio.Event()
        self._is_open = True
        self._fails: tuple[Cut, int] | None = None
        self._ends: set[asyncio.StreamWriter] = set()

    def fail(self, cut: Cut, *, after: int = 0) -> None:
        """Fail the next form that is sent, or one later."""
        self._fails = cut, self.posts + after + 1
        self.failed.clear()

    def cut(self) -> None:
        self._is_open = False
        for end in self._ends:
            end.transport.abort()

    def mend(self) -> None:
        self._is_open = True

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if self._is_open:
                there = await asyncio.open_connection(self.site.hostname, self.site.port)
                self._ends |= {writer, there[1]}
                await Line(self, reader, writer, *there).carry()
        writer.close()

    def fails_now(self) -> Cut | None:
        """One more form is sent: what becomes of it."""
        self.posts += 1
        if self._fails is None or self._fails[1] != self.posts:
            return None
        cut, self._fails = self._fails[0], None
        return cut


class Line:
    """One connection of the browser and its other half."""

    def __init__(
        self,
        wire: Wire,
        here: asyncio.StreamReader,
        back: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        forth: asyncio.StreamWriter,
    ) -> None:
        self.wire, self.here, self.back, self.there, self.forth = wire, here, back, there, forth
        self.loses: Cut | None = None

    async def carry(self) -> None:
        answers = asyncio.ensure_future(self._answers())
        try:
            while data := await self.here.read(BLOCK):
                if data.startswith(b"POST "):
                    await self._send(data)
                else:
                    self.forth.write(data)
                await self.forth.drain()
        finally:
            self.forth.close()
            answers.cancel()
            await asyncio.gather(answers, return_exceptions=True)

    async def _send(self, start: bytes) -> None:
        head, _, body = start.partition(b"\r\n\r\n")
        named = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-le"))
        length = int(named.partition(b":")[2])
        cut = self.wire.fails_now()
        self.forth.write(head + b"\r\n\r\n")
        wanted = length // 2 if cut == Cut.DURING else length
        body += await self.here.readexactly(max(0, wanted - len(body)))
        self.forth.write(body[:wanted])
        await self.forth.drain()
        self.wire.sent[:] = body
        if cut == Cut.DURING:
            self.wire.cut()
            self.wire.failed.set()
        else:
            self.loses = cut

    async def _answers(self) -> None:
        while data := await self.there.read(BLOCK):
            if self.loses == Cut.AFTER:
                self.wire.cut()
            if self.loses:
                self.wire.failed.set()
                return
            self.back.write(data)
            await self.back.drain()
        self.back.close()


@contextlib.asynccontextmanager
async def laid(site: str) -> AsyncIterator[Wire]:
    wire = Wire(site)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    wire.address = "http://{}:{}".format(*server.sockets[0].getsockname())
    yield wire
    wire.cut()
    server.close()
