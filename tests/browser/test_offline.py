"""Without network: what a mentor writes arrives once, or is offered as a choice."""

import json
import os
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Page, expect

from tests.browser.conftest import PHONE
from tests.browser.wire import Cut, Wire, laid
from tests.conftest import Server
from tests.photos import WHERE, is_upright, jpeg, taken_upright

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

    async def photos(self, visit_id: int) -> list[dict[str, Any]]:
        kept = await self.db.fetchval("SELECT photos FROM report WHERE visit_id = $1", visit_id)
        return json.loads(kept)

    async def end_sessions(self) -> None:
        """Nobody came for a long time."""
        await self.db.execute("UPDATE session SET last_seen_at = now() - interval '1 year'")

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


@pytest.fixture
def asked_for(asked_for: tuple[str, ...]) -> tuple[str, ...]:
    return (*asked_for, "net::ERR_")


@pytest_asyncio.fixture
async def wire(site: str) -> AsyncIterator[Wire]:
    async with laid(site) as wire:
        yield wire


def form_of(visit_id: int) -> str:
    return f"/visites/{visit_id}/compte-rendu"


def photo(shade: int, size: tuple[int, int] = (40, 30), noise: int = 0) -> dict[str, Any]:
    picture = Image.effect_noise(size, noise) if noise else Image.new("L", size, 90)
    band = Image.new("L", size, shade)
    return file_of(jpeg(Image.merge("RGB", (band, picture, band))), f"{shade}.jpg")


def file_of(data: bytes, name: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


AS_MANY = """async (visits) => {
    const kept = window.couveuseDrafts;
    const [first] = await kept.drafts();
    const photos = await kept.photosOf(first.id);
    const old = visits[0];
    for (const [n, visit] of visits.entries()) {
        if (!n) continue;
        const id = kept.fresh();
        const said = JSON.stringify(first).replaceAll(`visites/${old}/`, `visites/${visit}/`);
        const draft = JSON.parse(said.replaceAll(`Texte ${old}`, `Texte ${visit}`));
        await kept.put({ ...kept.withValue(draft, "once", id), id, place: n + 1 }, photos);
    }
    await kept.told();
}"""
"""The first draft again for each of the other visits, as their forms would keep it."""


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


PHOTOS_CHOSEN = """async () => {
    const field = document.querySelector("[name=photos]");
    const soon = () => new Promise((go) => setTimeout(go, 20));
    for (let n = 0; n < 250 && !field.files.length; n++) await soon();
    return field.files.length;
}"""
"""They come back a moment after the text."""


async def write_without_network(
    page: Page,
    visit_id: int,
    seen: str,
    photos: list[dict[str, Any]] = [],  # noqa: B006
) -> None:
    """The form was open when the network went."""
    # The worker answers for the pages that are opened once it is there.
    await page.evaluate("navigator.serviceWorker.ready")
    await page.goto(form_of(visit_id))
    await page.context.set_offline(True)
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
    await page.context.clock.set_fixed_time("1970-01-01")  # a device that lost its clock
    await prepare(page)
    await page.context.set_offline(True)
    await write(page, visit_id, "Planches propres", [photo(10)])
    await page.close()

    page = await page.context.new_page()
    await page.goto(form_of(visit_id))
    await expect(page.locator("[name=seen]")).to_have_value("Planches propres")
    assert await page.evaluate(PHOTOS_CHOSEN) == 1
    await save(page)
    await expect(drafts(page)).to_contain_text("En attente du réseau")
    assert await ledger.reports(visit_id) == []

    await page.context.set_offline(False)
    await expect(drafts(page)).to_contain_text("Envoyé")
    assert await ledger.reports(visit_id) == [("Planches propres", 1, 1)]


@pytest.mark.parametrize(("cut", "stands"), [(Cut.DURING, 0), (Cut.AFTER, 1)])
async def test_a_network_cut_while_sending_or_answering_doubles_nothing(
    cut: Cut, stands: int, enter: Any, ledger: Ledger, wire: Wire
) -> None:
    [visit_id] = await ledger.visits(1)
    page = await enter("marc", PHONE, base_url=wire.address)
    await write(page, visit_id, "Coupé en route", [photo(20, (800, 600), noise=20)])
    wire.fail(cut)
    await save(page)
    await expect(drafts(page)).to_contain_text("En attente du réseau")
    assert wire.failed.is_set()
    assert await ledger.reports(visit_id) == [("Coupé en route", 1, 1)] * stands

    wire.mend()
    await page.evaluate(BACK)
    await expect(drafts(page)).to_contain_text("Envoyé")
    assert await ledger.reports(visit_id) == [("Coupé en route", 1, 1)]


async def test_a_visit_whose_answer_is_lost_is_noted_once(
    enter: Any, ledger: Ledger, wire: Wire
) -> None:
    page = await enter("marc", PHONE, base_url=wire.address)
    await page.goto("/visites/nouvelle")
    await page.select_option("[name=person_id]", index=1)
    await page.fill("[name=duration_minutes]", "173")
    wire.fail(Cut.AFTER)
    await save(page)
    await expect(drafts(page)).to_contain_text("En attente du réseau")
    assert await ledger.lasting(173) == 1

    wire.mend()
    await page.evaluate(BACK)
    await expect(drafts(page)).to_contain_text("Envoyé")
    assert await ledger.lasting(173) == 1


async def test_fifty_drafts_with_photos_arrive_once_each_through_every_kind_of_failure(
    enter: Any, ledger: Ledger, wire: Wire
) -> None:
    visits = await ledger.visits(50)
    page = await enter("marc", PHONE, base_url=wire.address)
    await page.evaluate("navigator.serviceWorker.ready")
    await page.context.clock.set_fixed_time("2091-01-01")  # far ahead of everybody
    pictures = [photo(shade, (1800, 1200), noise=8) for shade in (30, 60)]
    await write(page, visits[0], f"Texte {visits[0]}", pictures)
    wire.cut()
    await save(page)
    await expect(drafts(page)).to_contain_text("En attente du réseau")
    await page.evaluate(AS_MANY, visits)
    await expect(drafts(page).filter(has_text="En attente")).to_have_count(50)

    wire.mend()
    wire.fail(Cut.DURING, after=8)
    await page.evaluate(BACK)
    await wire.failed.wait()
    wire.mend()
    wire.fail(Cut.HELD, after=8)
    await page.evaluate(BACK)
    await wire.failed.wait()
    await page.close()

    page = await page.context.new_page()
    wire.fail(Cut.AFTER, after=8)
    await page.goto(WAITING)
    await wire.failed.wait()
    wire.mend()
    await page.evaluate(BACK)
    await expect(drafts(page).filter(has_not_text="Envoyé")).to_have_count(0, timeout=60_000)
    assert {one: await ledger.reports(one) for one in visits} == {
        one: [(f"Texte {one}", 1, 2)] for one in visits
    }


async def test_drafts_with_photos_in_two_tabs_arrive_once_each(enter: Any, ledger: Ledger) -> None:
    visits = await ledger.visits(3)
    page = await enter("marc", PHONE)
    posted: list[str] = []
    page.context.on("request", lambda one: one.method == "POST" and posted.append(one.url))
    other = await page.context.new_page()
    await write_without_network(page, visits[0], f"Texte {visits[0]}", [photo(1), photo(101)])
    await save(page)
    await expect(drafts(page)).to_contain_text("En attente du réseau")
    await page.evaluate(AS_MANY, visits)
    await other.goto(WAITING)
    await expect(drafts(other).filter(has_text="En attente")).to_have_count(3)
    posted.clear()

    await page.context.set_offline(False)
    for tab in (page, other):
        await expect(drafts(tab).filter(has_text="Envoyé")).to_have_count(3)
    assert len(posted) == 3
    for visit_id in visits:
        assert await ledger.reports(visit_id) == [(f"Texte {visit_id}", 1, 2)]


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


async def test_a_stored_report_changed_on_two_devices_is_a_choice(
    enter: Any, ledger: Ledger
) -> None:
    [visit_id] = await ledger.visits(1)
    phone, desk = await enter("marc", PHONE), await enter("marc")
    await write(desk, visit_id, "Au départ")
    await save(desk)
    await expect(desk.locator("h1")).to_contain_text("Compte rendu de visite")
    for page in (phone, desk):
        await page.goto(f"{form_of(visit_id)}/modifier")
    await phone.evaluate("navigator.serviceWorker.ready")
    await phone.context.set_offline(True)
    await phone.fill("[name=seen]", "Changé au champ")
    await save(phone)
    await expect(drafts(phone)).to_contain_text("En attente du réseau")
    await desk.fill("[name=seen]", "Changé au bureau")
    await save(desk)
    await expect(desk.locator("h1")).to_contain_text("Compte rendu de visite")

    await phone.context.set_offline(False)
    await expect(drafts(phone)).to_contain_text("choisissez")
    await expect(drafts(phone)).to_contain_text("Changé au bureau")
    assert await ledger.reports(visit_id) == [("Changé au bureau", 2, 0)]


async def test_two_devices_are_offered_both_texts(enter: Any, ledger: Ledger) -> None:
    mine, theirs = await ledger.visits(2)
    phone, desk = await enter("marc", PHONE), await enter("marc")
    await write_without_network(phone, mine, f"Texte {mine}")
    await save(phone)
    await expect(drafts(phone)).to_contain_text("En attente du réseau")
    await phone.evaluate(AS_MANY, [mine, theirs])
    for visit_id in (mine, theirs):
        await write(desk, visit_id, f"Du bureau {visit_id}")
        await save(desk)
        await expect(desk.locator("h1")).to_contain_text("Compte rendu de visite")

    await phone.context.set_offline(False)
    choices = drafts(phone).filter(has_text="choisissez")
    await expect(choices).to_have_count(2)
    for visit_id in (mine, theirs):
        both = choices.filter(has_text=f"Texte {visit_id}")
        await expect(both).to_contain_text(f"Du bureau {visit_id}")

    phone.on("dialog", lambda dialog: dialog.accept())
    first = choices.filter(has_text=f"Texte {mine}")
    await first.get_by_role("button", name="Enregistrer mon texte comme nouvelle version").click()
    await expect(drafts(phone).filter(has_text="Envoyé")).to_have_count(1)
    await choices.get_by_role("button", name="Garder l'autre version").click()
    await expect(choices).to_have_count(0)
    assert await ledger.reports(mine) == [(f"Texte {mine}", 2, 0)]
    assert await ledger.reports(theirs) == [(f"Du bureau {theirs}", 1, 0)]


@pytest.mark.parametrize("is_kept", [False, True])
async def test_a_photo_leaves_the_device_small_upright_and_without_its_place_unless_kept(
    is_kept: bool, enter: Any, ledger: Ledger, wire: Wire
) -> None:
    [visit_id] = await ledger.visits(1)
    page = await enter("marc", PHONE, base_url=wire.address)
    taken = taken_upright()
    await write(page, visit_id, "Une photo", [file_of(taken, "IMG_0001.JPG")])
    if is_kept:
        await page.get_by_label("Garder le lieu des photos ajoutées").check()
    await save(page)
    await expect(page.locator("h1")).to_contain_text("Compte rendu de visite")

    assert len(wire.sent) < len(taken)
    assert (b"Exif" in wire.sent) == is_kept
    [stored] = await ledger.photos(visit_id)
    assert stored.get("place") == (WHERE if is_kept else None)
    answer = await page.request.get(f"{form_of(visit_id)}/photos/{stored['file']}")
    assert is_upright(await answer.body())


async def test_a_device_without_room_says_so_and_sends_from_the_page(
    enter: Any, ledger: Ledger, wire: Wire
) -> None:
    [visit_id] = await ledger.visits(1)
    page = await enter("marc", PHONE, base_url=wire.address)
    await page.evaluate("navigator.serviceWorker.ready")
    used = await page.evaluate("navigator.storage.estimate().then((one) => one.usage)")
    session = await page.context.new_cdp_session(page)
    full = {"origin": wire.address, "quotaSize": used + 50_000}
    await session.send("Storage.overrideQuotaForOrigin", full)

    state = page.locator("[data-kept-state]")
    await write(page, visit_id, "Sans place")
    await page.set_input_files("[name=photos]", [photo(70, (1600, 1200), noise=60)])
    await expect(state).to_contain_text("Plus assez de place sur cet appareil")
    wire.cut()
    await save(page)
    await expect(state).to_contain_text("Laissez cette page ouverte")
    await expect(page.locator("[name=seen]")).to_have_value("Sans place")

    wire.mend()
    wire.fail(Cut.AFTER)
    await save(page)
    await wire.failed.wait()
    await expect(state).to_contain_text("Laissez cette page ouverte")
    wire.mend()
    await save(page)
    await expect(page.locator("h1")).to_contain_text("Compte rendu de visite")
    assert await ledger.reports(visit_id) == [("Sans place", 1, 1)]
    await page.goto(WAITING)
    await expect(page.get_by_text("Rien n'attend sur cet appareil.")).to_be_visible()


async def test_a_session_that_ended_meanwhile_loses_nothing(enter: Any, ledger: Ledger) -> None:
    [visit_id] = await ledger.visits(1)
    page = await enter("marc", PHONE)
    await write_without_network(page, visit_id, "Écrit avant la fin")
    await save(page)
    await page.wait_for_url(f"**{WAITING}*")
    await ledger.end_sessions()
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
