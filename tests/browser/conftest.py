"""The product as its README starts it, and Chromium in front of it."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.conftest import Server

ROOT = Path(__file__).parents[2]
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}


def chromium() -> str:
    found = (
        os.environ.get("COUVEUSE_TEST_CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
    )
    if not found:
        pytest.fail("Chromium is not there: apt-get install chromium")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest_asyncio.fixture(scope="session")
async def site(embedded: Server) -> AsyncIterator[str]:
    """The address of a running demonstration."""
    name = f"browser_{os.getpid()}"
    await embedded.admin.execute(f"CREATE DATABASE {name}")
    folder, port = tempfile.mkdtemp(prefix="couveuse-browser-"), free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": embedded.address(name),
        "COUVEUSE_DATA": folder,
        "PYTHONPATH": str(ROOT),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "couveuse", "serve", "--demo", "--port", str(port),
        cwd=ROOT, env=environment,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    await _wait_for(address, process)
    yield address
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.wait(), 20)
    await embedded.drop(name)
    shutil.rmtree(folder, ignore_errors=True)


async def _wait_for(address: str, process: asyncio.subprocess.Process) -> None:
    def answers() -> bool:
        with contextlib.suppress(urllib.error.URLError, OSError):
            return urllib.request.urlopen(f"{address}/sante/pret", timeout=2).status == 200  # noqa: S310, ours
        return False

    for _ in range(900):  # a year is made first, perhaps beside other work
        assert process.returncode is None, "the server stopped"
        if await asyncio.to_thread(answers):
            return
        await asyncio.sleep(0.2)
    pytest.fail("the server did not answer in time")


@pytest_asyncio.fixture(scope="session")
async def engine() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        await browser.close()


@pytest.fixture
def asked_for() -> tuple[str, ...]:
    """Errors of the console that the test brings about; a module may ask for others."""
    return ("server responded with a status of 4",)


@pytest_asyncio.fixture
async def enter(
    site: str, engine: Browser, asked_for: tuple[str, ...]
) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """``await enter("lea", PHONE)``: a window in which lea is signed in; faults fail the test."""
    faults: list[str] = []
    contexts: list[Any] = []

    async def open_window(
        person: str | None, viewport: dict[str, int] = DESK, **options: Any
    ) -> Page:
        of_here = {"locale": "fr-FR", "timezone_id": "Europe/Paris", "base_url": site}
        context = await engine.new_context(viewport=viewport, **of_here | options)
        contexts.append(context)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        context.on("console", lambda said: _keep(faults, said, asked_for))
        page = await context.new_page()
        await page.goto("/connexion")
        if person:
            await page.locator(f"button[name=person][value={person}]").click()
            await page.wait_for_url(re.compile(r"/$"))
        return page

    yield open_window
    for context in contexts:
        await context.close()
    assert not faults


def _keep(faults: list[str], said: Any, asked_for: tuple[str, ...]) -> None:
    if said.type == "error" and not any(one in said.text for one in asked_for):
        faults.append(said.text)
