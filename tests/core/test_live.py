"""Open boards hear within a second what others change, and miss nothing when the line was cut."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg
import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range

from couveuse.core.db import Sessions, make_engine, make_sessions, unit_of_work
from couveuse.core.live import RESYNC, Hub
from couveuse.equipment.models import BookingState, ItemClaim
from tests import build
from tests.conftest import NOON

CHANNEL = "board"


@pytest.fixture
def dsn(database: str) -> str:
    return database.replace("+asyncpg", "")


@pytest_asyncio.fixture
async def other(dsn: str):
    """Another process of the same installation."""
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


class Page:
    """An open board: what it heard, in order; None for a silence."""

    def __init__(self, hub: Hub, *, idle: float = 15.0) -> None:
        self.heard: asyncio.Queue[str | None] = asyncio.Queue()
        self.task = asyncio.create_task(self._listen(hub, idle))

    async def _listen(self, hub: Hub, idle: float) -> None:
        async for what in hub.changes(idle=idle):
            self.heard.put_nowait(what)

    async def hears(self, seconds: float = 1.0) -> str | None:
        return await asyncio.wait_for(self.heard.get(), seconds)

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@asynccontextmanager
async def opened(dsn: str) -> AsyncGenerator[tuple[Hub, Page], None]:
    hub = Hub(dsn, CHANNEL)
    page = Page(hub)
    await hub.start()
    try:
        yield hub, page
    finally:
        await page.close()
        await hub.stop()


async def test_a_change_made_elsewhere_is_heard_within_a_second(
    dsn: str, other: asyncpg.Connection
) -> None:
    async with opened(dsn) as (_hub, page):
        assert await page.hears() == RESYNC  # the line is open from here on

        await other.execute(f"NOTIFY {CHANNEL}, '12'")

        assert await page.hears() == "12"


async def test_every_open_page_hears_it_and_closed_ones_cost_nothing(
    dsn: str, other: asyncpg.Connection
) -> None:
    async with opened(dsn) as (hub, page):
        await page.hears()
        pages = [Page(hub) for _ in range(3)]
        await asyncio.sleep(0)
        await pages[0].close()

        await other.execute(f"NOTIFY {CHANNEL}, '12'")

        assert [await one.hears() for one in (page, *pages[1:])] == ["12"] * 3
        assert len(hub._listeners) == 3
        for one in pages:
            await one.close()
        assert len(hub._listeners) == 1


async def test_a_change_that_is_taken_back_is_not_heard(
    dsn: str, other: asyncpg.Connection
) -> None:
    async with opened(dsn) as (_hub, page):
        await page.hears()
        transaction = other.transaction()
        await transaction.start()
        await other.execute(f"NOTIFY {CHANNEL}, '12'")
        await transaction.rollback()

        await other.execute(f"NOTIFY {CHANNEL}, '13'")

        assert await page.hears() == "13"


async def test_after_a_cut_line_every_page_is_told_to_fetch(
    dsn: str, other: asyncpg.Connection
) -> None:
    async with opened(dsn) as (_hub, page):
        await page.hears()

        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

        assert await page.hears(5) == RESYNC
        await other.execute(f"NOTIFY {CHANNEL}, '12'")
        assert await page.hears() == "12"


async def test_silence_is_broken_so_that_proxies_keep_the_line_open(dsn: str) -> None:
    hub = Hub(dsn, CHANNEL)
    page = Page(hub, idle=0.05)

    assert await page.hears() is None
    await page.close()


async def test_an_unreachable_database_is_asked_again_and_stopping_is_prompt() -> None:
    hub = Hub("postgresql://nobody@127.0.0.1:1/nothing", CHANNEL)
    await hub.start()
    await asyncio.sleep(0.05)

    async with asyncio.timeout(1):
        await hub.stop()


async def test_a_page_that_does_not_read_holds_no_other_up(dsn: str) -> None:
    hub = Hub(dsn, CHANNEL)
    page = Page(hub)
    await asyncio.sleep(0)
    stuck: asyncio.Queue[str] = asyncio.Queue(1)
    hub._listeners.add(stuck)

    for number in range(5):
        hub._tell(str(number))

    assert [await page.hears() for _ in range(5)] == ["0", "1", "2", "3", "4"]
    assert stuck.qsize() == 1
    await page.close()


# ---------------------------------------------------------------- what tells


@pytest_asyncio.fixture
async def sessions(database: str):
    engine = make_engine(database)
    yield make_sessions(engine)
    await engine.dispose()


async def test_each_change_of_a_booking_says_which_item_changed(
    dsn: str, sessions: Sessions
) -> None:
    async with unit_of_work(sessions) as db:
        site = await build.make_site(db, await build.make_structure(db))
        item, person = await build.make_item(db, site), await build.make_person(db)
    async with opened(dsn) as (_hub, page):
        await page.hears()

        async with unit_of_work(sessions) as db:
            booking = await build.make_booking(db, item, person, NOON, NOON + dt.timedelta(hours=1))
        assert await page.hears() == str(item.id)

        async with unit_of_work(sessions) as db:
            db.add(booking)
            booking.during = Range(NOON, NOON + dt.timedelta(hours=2))
        assert await page.hears() == str(item.id)

        async with unit_of_work(sessions) as db:
            db.add(booking)
            booking.state = BookingState.CANCELLED
            await db.execute(sa.delete(ItemClaim))
        assert await page.hears() == str(item.id)
        assert page.heard.empty()  # one transaction, one item: said once
