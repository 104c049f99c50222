"""Every page that links lead to is checked on a phone: violations, and whether it fits."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page

from couveuse.app import create_app
from couveuse.core.settings import Settings
from tests.browser.conftest import PHONE
from tests.browser.test_accessibility import check, flaws
from tests.guards.doors import Door, list_doors
from tests.guards.test_reach import AFTER_SOMETHING, BY_MAIL
from tests.guards.walking import walk

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def doors(settings: Settings) -> list[Door]:
    return [door for door in list_doors(create_app(settings)) if door.method == "GET"]


VISITS = 2
FILES = {
    "coordination.own_data.archive",
    "equipment.live",
    "equipment.photos.show",
    "followup.app.show",
    "followup.figure_exports.show",
    "followup.minutes_paper_signatures.show",
    "followup.minutes_papers.show",
    "followup.paper_signatures.show",
    "followup.report_papers.show",
    "followup.report_photos.show",
    "followup.scans.show",
    "followup.shared_figure_exports.show",
    "followup.sheet_papers.show",
    "followup.sheet_scans.show",
    "followup.worker.show",
    "health.alive",
    "health.ready",
    "network.hour_exports.show",
    "occupancy.figure_exports.show",
    "occupancy.report_photos.show",
    "people.papers.document",
    "plots.documents.show",
    "plots.map",
    "structures.land_rights.document",
    "trainees.application_pieces.show",
    "trainees.documents.show",
    "trainees.notices.proof",
    "trainees.pieces.show",
}
NOT_IN_A_DEMONSTRATION = {
    "equipment.unattended_items.index",
    "followup.links.show",  # below, with what it leads to
    "followup.minutes.edit",
    "followup.records.edit",
    "occupancy.report_versions.show",
    "trainees.amendments.show",
    "trainees.joinings.new",
    "trainees.signatures.new",
}
"""Pages for which nobody there has a record at these days."""


async def test_no_page_that_links_lead_to_has_a_violation(enter, doors: list[Door]) -> None:
    checked: set[str] = set()
    wrong: list[str] = []
    for person in ("ines", "marc", "lea", "gaston"):
        page = await enter(person, PHONE)
        async for name, address, text in walk(page_of(page), doors, VISITS):
            if text and name not in checked:
                checked.add(name)
                wrong += await check(page, address)

    assert not wrong, "\n".join(wrong)
    missed = {door.name for door in doors} - checked - FILES - BY_MAIL - AFTER_SOMETHING
    assert missed <= NOT_IN_A_DEMONSTRATION, missed - NOT_IN_A_DEMONSTRATION


async def test_no_page_behind_the_link_of_a_volunteer_has_a_violation(
    enter, doors: list[Door]
) -> None:
    ines, rosa = await enter("ines", PHONE), await enter(None, PHONE)
    await ines.goto("/personnes?q=Delgado")
    await ines.get_by_role("link", name="Rosa Delgado").first.click()
    await ines.get_by_role("link", name="Lien sans mot de passe").click()
    wrong = await flaws(ines, "how to give a link")
    await ines.get_by_role("button", name=re.compile("(Faire|Refaire) le lien")).click()
    link = ines.locator(".link-url a")
    await link.wait_for()
    wrong += await flaws(ines, "a link given")

    start = urlsplit(await link.get_attribute("href") or "").path
    checked: set[str] = set()
    async for name, address, text in walk(page_of(rosa), doors, VISITS, start):
        if text and name not in checked:
            checked.add(name)
            wrong += await check(rosa, address)
    assert not wrong, "\n".join(wrong)
    assert {one for one in BY_MAIL if one.startswith("followup.light")} <= checked, checked


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
