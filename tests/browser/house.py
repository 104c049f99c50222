"""The product in the test's own process, whose days pass as the test says, and its windows."""

import asyncio
import datetime as dt
import re
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import uvicorn
from playwright.async_api import Browser, BrowserContext, Locator, Page, Response, expect

from couveuse.app import create_app
from couveuse.core import clock
from couveuse.core.db import Sessions, make_engine, make_sessions, unit_of_work
from couveuse.core.mail import OutgoingMail
from couveuse.core.settings import Settings
from couveuse.people.models import Person, Session
from tests import build
from tests.browser.conftest import DESK, free_port
from tests.cast import Cast, make_cast, open_session
from tests.conftest import Server

SetClock = Callable[[dt.datetime], None]


@dataclass
class House:
    address: str
    sessions: Sessions
    cast: Cast
    engine: Browser
    set_clock: SetClock
    day: dt.date = dt.date.min
    faults: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    windows: dict[str, tuple[Page, dt.date]] = field(default_factory=dict)

    def on(self, day: dt.date) -> None:
        """Come to that day, at noon."""
        self.day = day
        self.set_clock(dt.datetime.combine(day, dt.time(11), dt.UTC))

    async def at(self, name: str, path: str = "/", viewport: dict[str, int] = DESK) -> Page:
        """The window of that person, at that page; everybody signs in anew each day."""
        if name not in self.windows:
            self.windows[name] = await self.window(viewport), dt.date.min
        page, seen_on = self.windows[name]
        if seen_on != self.day:
            await page.context.add_cookies(
                [{"name": "session", "value": await self._signed_in(name), "url": self.address}]
            )
            self.windows[name] = page, self.day
        answer = await page.goto(path)
        assert _status(answer) == 200, await page.inner_text("body")
        return page

    async def window(self, viewport: dict[str, int]) -> Page:
        size: Any = viewport
        context = await self.engine.new_context(
            viewport=size, locale="fr-FR", timezone_id="Europe/Paris", base_url=self.address
        )
        context.on("weberror", lambda fault: self.faults.append(str(fault.error)))
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        return await context.new_page()

    async def _signed_in(self, name: str) -> str:
        async with self.sessions() as db:
            known = name in self.cast.actors
            chosen = sa.select(Person).where(Person.given_name == name)
            person = self.cast.person(name) if known else (await db.scalars(chosen)).one()
            token = await open_session(db, person)
            await db.execute(sa.update(Session).values(last_seen_at=clock.now()))
            await db.commit()
        return token

    async def mailed(self, recipient: str, wanted: str) -> str:
        """What the last letter to that address says."""
        asked = sa.select(OutgoingMail.body).where(OutgoingMail.recipient == recipient)
        async with self.sessions() as db:
            bodies = " ".join(await db.scalars(asked.order_by(OutgoingMail.id)))
        return re.findall(wanted, bodies)[-1]


@asynccontextmanager
async def open_house(server: Server, engine: Browser, set_clock: SetClock) -> AsyncIterator[House]:
    name, port = await server.clone(), free_port()
    url, address = server.address(name), f"http://127.0.0.1:{port}"
    database = make_engine(url)
    sessions = make_sessions(database)
    async with unit_of_work(sessions) as db:
        cast = await make_cast(db)
        for code in ("V-1", "V-2"):
            await build.make_plot(db, cast.farm, code=code)
        await build.make_item(db, cast.farm, name="Tracteur vert", needs_agreement=True)
    with tempfile.TemporaryDirectory(prefix="couveuse-house-") as folder:
        settings = Settings(
            database_url=url, data=Path(folder), secret_text="s" * 40, base_url=address
        )
        serving = uvicorn.Server(
            uvicorn.Config(create_app(settings), port=port, log_config=None, access_log=False)
        )
        running = asyncio.create_task(serving.serve())
        for _ in range(1000):
            if serving.started:
                break
            await asyncio.sleep(0.01)
        house = House(address, sessions, cast, engine, set_clock)
        yield house
        for context in house.contexts:
            await context.close()
        serving.should_exit = True
        await running
    await database.dispose()
    await server.drop(name)
    assert not house.faults


# ---------------------------------------------------------------- hands


async def follow(page: Page, *names: str | re.Pattern[str]) -> None:
    """Through the links of those names, one after the other; each leads to a page."""
    for name in names:
        link = page.locator("main").get_by_role("link", name=name).first
        place = await link.evaluate("one => one.href.split('#')[0]")
        async with page.expect_response(place) as going:
            await link.click()
        assert (await going.value).status == 200, (name, await page.inner_text("body"))
        await page.wait_for_load_state()


async def fill(form: Locator, **typed: Any) -> None:
    """Type, tick and choose by the names of the fields; what is folded is opened first."""
    for name, value in typed.items():
        fields = form.locator(f"[name={name}]:not([type=hidden])")
        folded = fields.first.locator("xpath=ancestor::details[not(@open)]/summary")
        if await folded.count():
            await folded.click()
        kind = await fields.first.evaluate("one => one.type")
        if kind == "radio":
            await form.locator(f"[name={name}][value='{value}']").check(force=True)
        elif kind == "checkbox":
            await fields.first.set_checked(bool(value), force=True)
        elif kind == "file":
            await fields.set_input_files(value)
        elif kind.startswith("select"):
            await fields.first.select_option(value)
        else:
            await fields.first.fill(str(value))


async def send(page: Page, button: str, taken: bool = True, **typed: Any) -> None:
    """Fill the form of that button and send it; when it is not taken, the page says why."""
    pressed = page.get_by_role("button", name=button, exact=True, include_hidden=True)
    form = page.locator("main form", has=pressed).first
    folded = form.locator("xpath=ancestor::details[not(@open)]/summary")
    if await folded.count():
        await folded.first.click()
    await fill(form, **typed)
    async with page.expect_navigation() as going:
        await form.get_by_role("button", name=button, exact=True).click()
    status = _status(await going.value)
    assert status == (200 if taken else 422), await page.locator("main").inner_text()
    if taken:
        await expect(page.locator("#notices")).not_to_be_empty()


def _status(answer: Response | None) -> int:
    return answer.status if answer else 0
