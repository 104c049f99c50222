"""Every page that links lead to is checked on a phone: violations, and whether it fits."""

import re
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


async def test_no_page_that_a_mail_leads_to_has_a_violation(enter) -> None:
    visitor, ines = await enter(None, PHONE), await enter("ines", PHONE)
    email = await _invited(ines)
    await visitor.goto("/mot-de-passe/oublie")
    await visitor.locator("input[name=email]").fill(email)
    await visitor.locator("main form button").last.click()
    await visitor.wait_for_load_state()
    await visitor.goto("/connexion")
    await visitor.locator("input[name=email]").fill(email)
    await visitor.locator("button[formaction='/connexion/lien']").click()
    await visitor.wait_for_load_state()

    await ines.goto("/courrier")
    letters = await ines.locator("pre.letter").all_text_contents()
    links = {
        kind: found[0]
        for kind in ("invitations", "mot-de-passe", "connexion/lien")
        if (found := re.findall(rf"https?://[^/\s]+(/{kind}/\S+)", "\n".join(letters)))
    }
    assert len(links) == 3
    wrong = [fault for path in links.values() for fault in await check(visitor, path)]
    assert not wrong, "\n".join(wrong)


async def _invited(ines: Page) -> str:
    """The address of somebody who is sent an invitation."""
    for number in range(1, 30):
        await ines.goto(f"/personnes/{number}")
        invite = ines.get_by_role("button", name="Envoyer une invitation")
        mail = ines.locator("main a[href^='mailto:']").first
        if await invite.count() and await mail.count():
            address = await mail.get_attribute("href")
            await invite.click()
            await ines.wait_for_load_state()
            assert address
            return address.removeprefix("mailto:")
    raise AssertionError("nobody to invite")


def page_of(page: Page) -> Callable[[str], Any]:
    async def fetch(address: str) -> str | None:
        answer = await page.context.request.get(address)
        is_page = answer.status == 200 and "html" in answer.headers["content-type"]
        return await answer.text() if is_page else None

    return fetch
