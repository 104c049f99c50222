"""Every page that links lead to is checked on a phone: violations, and whether it fits."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Page

from couveuse.app import create_app
from couveuse.core.settings import Settings
from tests.browser.conftest import PHONE
from tests.browser.test_accessibility import check
from tests.guards.doors import list_doors
from tests.guards.walking import walk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VISITS = 2
MANY = 140
"""Fewer kinds of pages met mean that the walk was lost."""


async def test_no_page_that_links_lead_to_has_a_violation(enter, settings: Settings) -> None:
    doors = [door for door in list_doors(create_app(settings)) if door.method == "GET"]
    checked: set[str] = set()
    wrong: list[str] = []
    for person in ("ines", "marc", "lea"):
        page = await enter(person, PHONE)
        async for name, address, text in walk(page_of(page), doors, VISITS):
            if text and name not in checked:
                checked.add(name)
                wrong += await check(page, address)

    assert not wrong, "\n".join(wrong)
    assert len(checked) >= MANY, len(checked)


def page_of(page: Page) -> Callable[[str], Any]:
    async def fetch(address: str) -> str | None:
        answer = await page.context.request.get(address)
        is_page = answer.status == 200 and "html" in answer.headers["content-type"]
        return await answer.text() if is_page else None

    return fetch
