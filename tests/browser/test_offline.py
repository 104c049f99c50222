"""Without network: what a mentor writes arrives once, or is offered as a choice."""

import io
import os
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import PHONE
from tests.conftest import Server

expect.set_options(timeout=20_000)
pytestmark = [pytest.mark.browser, pytest.mark.slow]
WAITING = "/visites/en-attente"
BACK = "window.dispatchEvent(new Event('online'))"


class Ledger:
    """What arrived, read in the database of the demonstration itself."""

    def __init__(self, db: asyncpg.Connection) -> None:
        self.db = db

    async def visits(self, count: int) -> list[int]:
        """Fresh visits of today, which Marc may write about."""
        made = """
            INSERT INTO visit (person_id, mentor_id, starts_at, duration_minutes, state,
                               created_by_id)
            SELECT visit.person_id, mentor_id, now(), 60, 'planned', mentor_id
            FROM visit JOIN person ON person.id = mentor_id
            WHERE person.given_name = 'Marc' AND state = 'planned'
            ORDER BY starts_at DESC LIMIT 1
            RETURNING id
        """
        return [await self.db.fetchval(made) for _ in range(count)]

    async def reports(self, visit_id: int) -> list[tuple[str, int, int]]:
        """Text, version and number of photos."""
        asked = """
            SELECT seen, version, jsonb_array_length(photos::jsonb) AS photos FROM report
            WHERE visit_id = $1
        """
        return [tuple(row) for row in await self.db.fetch(asked, visit_id)]

    async def lasting(self, minutes: int) -> int:
        return await self.db.fetchval(
            "SELECT count(*) FROM visit WHERE duration_minutes = $1", minutes
        )


@pytest_asyncio.fixture
async def ledger(site: str, embedded: Server) -> AsyncIterator[Ledger]:
    address = embedded.address(f"browser_{os.getpid()}").replace("+asyncpg", "")
    db = await asyncpg.connect(address)
    yield Ledger(db)
    await db.close()


def form_of(visit_id: int) -> str:
    return f"/visites/{visit_id}/compte-rendu"


def photo(shade: int) -> dict[str, Any]:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), (shade, 90, 40)).save(written, "JPEG")
    return {"name": f"{shade}.jpg", "mimeType": "image/jpeg", "buffer": written.getvalue()}


async def prepare(page: Page) -> None:
    await page.goto("/visites/tournee")
    await page.get_by_role("button", name="Préparer ma tournée").click()
    await expect(page.locator("[data-prepare-state]")).to_contain_text("Prêt sans réseau")
    # The first page of a fresh browser was opened before the worker took over.
    await page.evaluate("navigator.serviceWorker.ready")


async def write(page: Page, visit_id: int, seen: str, photos: list[dict[str, Any]] = []) -> None:  # noqa: B006
    await page.goto(form_of(visit_id))
    await page.fill("[name=seen]", seen)
    if photos:
        await page.set_input_files("[name=photos]", photos)
    await expect(page.locator("[data-kept-state]")).to_contain_text("Enregistré sur cet appareil")


async def save(page: Page) -> None:
    await page.get_by_role("button", name="Enregistrer", exact=True).click()


def drafts(page: Page) -> Any:
    return page.locator(".draft")


async def sign_in(page: Page, person: str) -> None:
    await page.goto("/connexion")
    await page.locator(f"button[name=person][value={person}]").click()
    await page.wait_for_url(re.compile(r"/$"))


async def test_written_without_network_in_a_page_that_was_killed_it_arrives_once(
    enter: Any, ledger: Ledger
) -> None:
    [visit_id] = await ledger.visits(1)
    page = await enter("marc", PHONE)
    await page.context.add_init_script("Date.now = () => 0")  # a device that lost its clock
    await prepare(page)
    await page.context.set_offline(True)
    await write(page, visit_id, "Planches propres", [photo(10)])
    await page.close()

    page = await page.context.new_page()
    await page.goto(form_of(visit_id))
    await expect(page.locator("[name=seen]")).to_have_value("Planches propres")
    assert await page.evaluate("document.querySelector('[name=photos]').files.length") == 1
    await save(page)
    await expect(drafts(page)).to_contain_text("En attente du réseau")
    assert await ledger.reports(visit_id) == []

    await page.context.set_offline(False)
    await expect(drafts(page)).to_contain_text("Envoyé")
    assert await ledger.reports(visit_id) == [("Planches propres", 1, 1)]


async def test_an_answer_that_is_lost_doubles_neither_report_nor_visit(
    enter: Any, ledger: Ledger
) -> None:
    [visit_id] = await ledger.visits(1)
    page = await enter("marc", PHONE)
    arrived: list[int] = []
    is_cut = True

    async def lose_the_answer(route: Route) -> None:
        if route.request.method != "POST" or not is_cut:
            return await route.continue_()
        if not arrived:
            arrived.append((await route.fetch()).status)
        return await route.abort()

    await page.context.route(re.compile(r"/visites(/\d+/compte-rendu)?$"), lose_the_answer)
    await write(page, visit_id, "Arrivé sans réponse")
    await save(page)
    await expect(drafts(page)).to_contain_text("En attente du réseau")
    assert await ledger.reports(visit_id) == [("Arrivé sans réponse", 1, 0)]
    is_cut = False
    await page.evaluate(BACK)
    await expect(drafts(page)).to_contain_text("Envoyé")
    assert await ledger.reports(visit_id) == [("Arrivé sans réponse", 1, 0)]

    is_cut = True
    assert arrived.pop() == 204
    await page.goto("/visites/nouvelle")
    await page.select_option("[name=person_id]", index=1)
    await page.fill("[name=duration_minutes]", "173")
    await save(page)
    await expect(drafts(page).filter(has_text="En attente du réseau")).to_have_count(1)
    assert await ledger.lasting(173) == 1
    is_cut = False
    await page.evaluate(BACK)
    await expect(drafts(page).filter(has_text="Envoyé")).to_have_count(2)
    assert await ledger.lasting(173) == 1
    assert arrived == [204]


async def test_several_drafts_with_photos_in_two_tabs_arrive_once_each(
    enter: Any, ledger: Ledger
) -> None:
    visits = await ledger.visits(4)
    page = await enter("marc", PHONE)
    posted: list[str] = []
    page.context.on("request", lambda one: one.method == "POST" and posted.append(one.url))
    await prepare(page)
    other = await page.context.new_page()
    await page.context.set_offline(True)
    for number, visit_id in enumerate(visits):
        await write(page, visit_id, f"Texte {number}", [photo(number), photo(100 + number)])
        await save(page)
        await expect(drafts(page)).to_have_count(number + 1)
    await other.goto(WAITING)
    await expect(drafts(other)).to_have_count(4)
    posted.clear()

    await page.context.set_offline(False)
    for tab in (page, other):
        await expect(drafts(tab).filter(has_text="Envoyé")).to_have_count(4)
    assert len(posted) == 4
    for number, visit_id in enumerate(visits):
        assert await ledger.reports(visit_id) == [(f"Texte {number}", 1, 2)]


async def test_the_same_report_in_two_tabs_is_a_choice(enter: Any, ledger: Ledger) -> None:
    [visit_id] = await ledger.visits(1)
    page = await enter("marc", PHONE)
    other = await page.context.new_page()
    await write(page, visit_id, "Premier onglet")
    await write(other, visit_id, "Second onglet")
    await save(page)
    await page.wait_for_url(f"**{form_of(visit_id)}")
    await expect(page.locator("h1")).to_contain_text("Compte rendu de visite")
    await save(other)
    await expect(drafts(other).filter(has_text="choisissez")).to_have_count(1)
    assert await ledger.reports(visit_id) == [("Premier onglet", 1, 0)]


async def test_two_devices_are_offered_both_texts(enter: Any, ledger: Ledger) -> None:
    mine, theirs = await ledger.visits(2)
    phone, desk = await enter("marc", PHONE), await enter("marc")
    await prepare(phone)
    await phone.context.set_offline(True)
    for visit_id in (mine, theirs):
        await write(phone, visit_id, f"Du téléphone {visit_id}")
        await save(phone)
        await phone.wait_for_url(f"**{WAITING}*")
        await write(desk, visit_id, f"Du bureau {visit_id}")
        await save(desk)
        await expect(desk.locator("h1")).to_contain_text("Compte rendu de visite")

    await phone.context.set_offline(False)
    choices = drafts(phone).filter(has_text="choisissez")
    await expect(choices).to_have_count(2)
    for visit_id in (mine, theirs):
        both = choices.filter(has_text=f"Du téléphone {visit_id}")
        await expect(both).to_contain_text(f"Du bureau {visit_id}")

    phone.on("dialog", lambda dialog: dialog.accept())
    first = choices.filter(has_text=f"Du téléphone {mine}")
    await first.get_by_role("button", name="Enregistrer mon texte comme nouvelle version").click()
    await expect(drafts(phone).filter(has_text="Envoyé")).to_have_count(1)
    await choices.get_by_role("button", name="Garder l'autre version").click()
    await expect(choices).to_have_count(0)
    assert await ledger.reports(mine) == [(f"Du téléphone {mine}", 2, 0)]
    assert await ledger.reports(theirs) == [(f"Du bureau {theirs}", 1, 0)]


async def test_a_session_that_ended_meanwhile_loses_nothing(enter: Any, ledger: Ledger) -> None:
    [visit_id] = await ledger.visits(1)
    page = await enter("marc", PHONE)
    await prepare(page)
    await page.context.set_offline(True)
    await write(page, visit_id, "Écrit avant la fin")
    await save(page)
    await page.wait_for_url(f"**{WAITING}*")
    await page.context.clear_cookies(name="session")
    await page.context.set_offline(False)
    await expect(drafts(page)).to_contain_text("Reconnectez-vous")

    await sign_in(page, "lea")  # somebody else: not hers to see, nor to send
    await page.goto(WAITING)
    await expect(page.get_by_text("Rien n'attend sur cet appareil.")).to_be_visible()
    await expect(drafts(page)).to_have_count(0)
    await page.context.clear_cookies(name="session")
    assert await ledger.reports(visit_id) == []

    await sign_in(page, "marc")
    await page.goto(WAITING)
    await expect(drafts(page)).to_contain_text("Envoyé")
    assert await ledger.reports(visit_id) == [("Écrit avant la fin", 1, 0)]


async def test_a_refusal_says_why_and_keeps_the_text(enter: Any, ledger: Ledger) -> None:
    page = await enter("marc", PHONE)
    await page.goto("/visites/nouvelle")
    await page.evaluate("document.querySelector('[name=person_id]').required = false")
    await page.fill("[name=duration_minutes]", "174")
    await save(page)
    await expect(page.locator(".form-errors")).to_contain_text("Ce champ est à remplir.")
    await page.goto(WAITING)
    await expect(drafts(page)).to_contain_text("Ce champ est à remplir.")
    await drafts(page).get_by_role("link", name="Reprendre").click()
    await expect(page.locator("[name=duration_minutes]")).to_have_value("174")
    await page.select_option("[name=person_id]", index=1)
    await save(page)
    await expect(page.locator("h1")).not_to_contain_text("Prévoir")
    assert await ledger.lasting(174) == 1


async def test_nothing_of_a_person_stays_unless_prepared_nor_after_signing_out(
    enter: Any, ledger: Ledger
) -> None:
    [visit_id] = await ledger.visits(1)
    page = await enter("marc", PHONE)
    await page.evaluate("navigator.serviceWorker.ready")
    await page.goto("/visites")
    await page.goto(form_of(visit_id))
    await page.context.set_offline(True)
    await page.goto("/visites")
    await expect(page.get_by_text("Sans réseau.")).to_be_visible()
    await page.goto(form_of(visit_id))
    await expect(page.get_by_text("Sans réseau.")).to_be_visible()

    await page.context.set_offline(False)
    await page.get_by_role("button", name="Essayer de nouveau").click()
    await expect(page.locator("#report-form")).to_be_visible()
    await prepare(page)
    await page.context.set_offline(True)
    await write(page, visit_id, "Jamais envoyé")
    await page.context.set_offline(False)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.get_by_text("Menu", exact=True).click()
    await page.get_by_role("button", name="Me déconnecter").click()
    await page.wait_for_url("**/connexion")
    await page.context.set_offline(True)
    await page.goto(form_of(visit_id))
    await expect(page.get_by_text("Rien n'attend sur cet appareil.")).to_be_visible()
    await expect(page.locator("[data-ready]")).to_be_hidden()
