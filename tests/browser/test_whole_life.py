"""A whole life in a browser, by links and forms: from the first welcome to a farm of her own."""

import datetime as dt
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.house import House, SetClock, fill, follow, open_house, send
from tests.conftest import Server
from tests.trainees.agreeing import PDF

pytestmark = [pytest.mark.browser, pytest.mark.slow]
D = dt.date
FIRST = D(2027, 3, 1), D(2028, 2, 29)
SECOND = D(2028, 3, 1), D(2029, 2, 28)
THIRD = D(2029, 3, 1), D(2030, 2, 28)
END = D(2029, 9, 30)


@pytest_asyncio.fixture
async def house(embedded: Server, engine: Browser, fixed_clock: SetClock) -> AsyncIterator[House]:
    async with open_house(embedded, engine, fixed_clock) as opened:
        yield opened


def scan(name: str, more: bytes = b"") -> dict[str, Any]:
    return {"name": name, "mimeType": "application/pdf", "buffer": PDF + more}


def span(first: D, last: D) -> dict[str, D]:
    return {"starts_on": first, "ends_on": last}


async def test_a_whole_life(house: House) -> None:
    await welcomed(house)
    await selected(house)
    await under_agreement(house)
    await first_season(house)
    await renewed_twice(house)
    await ended(house)
    await settled(house)


async def welcomed(house: House) -> None:
    """Paul meets her and passes her on; Inès takes her on."""
    house.on(D(2026, 11, 25))
    page = await house.at("paul")
    await page.get_by_role("link", name="Parcours", exact=True).click()
    await follow(page, "Accueillir une personne")
    await send(
        page,
        "Enregistrer l'accueil",
        structure_id=str(house.cast.partner.id),
        given_name="Nour",
        family_name="Lambert",
        email="nour@exemple.fr",
        kind="garden",
        project="Des légumes pour les cantines du coin.",
        met_on=house.day,
        notice_given=True,
        consent=True,
    )
    await follow(page, "Orienter vers une autre structure")
    await send(page, "Envoyer l'orientation", structure_id=house.cast.home.id)
    house.on(D(2026, 12, 1))
    page = await house.at("ines")
    await follow(page, "Nour Lambert")
    await send(page, "Envoyer la réponse", answer="accept", first_meeting_on=D(2026, 12, 4))


async def selected(house: House) -> None:
    """She applies with every paper, the committee says yes, and the letter leaves."""
    house.on(D(2026, 12, 10))
    page = await path(house)
    await follow(page, "Ouvrir une candidature")
    await send(page, "Ouvrir la candidature", to_test="Deux hectares de légumes, seule")
    await expect(page.locator("main")).to_contain_text("pièces à fournir")
    pieces = page.locator("main li").filter(has=page.get_by_text("manque", exact=True))
    while await pieces.count():
        one = pieces.first
        await one.locator("summary").click()
        await one.locator("input[type=file]").set_input_files(scan("piece.pdf"))
        async with page.expect_navigation():
            await one.get_by_role("button", name="Noter comme reçue").click()
    await expect(page.locator(".page-head")).to_contain_text("dossier complet")
    house.on(D(2027, 1, 15))
    page = await house.at("ines", "/testeurs")
    await follow(page, "Comités", "Convoquer un comité")
    home = str(house.cast.home.id)
    await send(page, "Créer le comité", structure_id=home, held_on=D(2027, 1, 20))
    for juror in ("rosa", "marc"):
        await send(page, "Inviter", person_id=str(house.cast.person(juror).id))
    await send(page, "Mettre à l'ordre du jour")
    house.on(D(2027, 1, 20))
    juror = await house.at("rosa", "/comites")
    await follow(juror, re.compile("CIVAM"), "Nour Lambert")
    grid = juror.locator("form[action$='/grille']")
    for one in await grid.locator("fieldset").all():
        await one.get_by_role("radio").last.check(force=True)
    await send(juror, "Enregistrer ma grille")
    page = await house.at("ines", "/comites")
    await follow(page, re.compile("CIVAM"), "Nour Lambert")
    await send(page, "Noter la décision", decision="yes", reasons="Un projet clair, un lieu prêt.")
    await send(page, "Noter l'envoi", notified_on=house.day)
    await expect((await path(house)).locator(".page-head")).to_contain_text("candidature retenue")


async def path(house: House) -> Page:
    page = await house.at("ines", "/testeurs")
    await page.locator("[data-person]", has_text="Nour Lambert").locator(".path-state a").click()
    await expect(page.locator("h1")).to_have_text("Parcours de Nour Lambert")
    return page


async def file(house: House, name: str = "ines") -> Page:
    """Her file, as those who work with her find it."""
    page = await house.at(name, "/testeurs?tous=1")
    await follow(page, "Nour Lambert")
    return page


async def under_agreement(house: House) -> None:
    """Member, followed by Marc, and a CAPE signed before it starts."""
    house.on(D(2027, 2, 15))
    page, home = await file(house), str(house.cast.home.id)
    await follow(page, "Fiche et coordonnées", "Ajouter une appartenance")
    seat = {"structure_id": home, "role": "trainee", "starts_on": house.day}
    await send(page, "Ajouter l'appartenance", **seat)
    page = await file(house)
    await follow(page, "Groupe de suivi")
    place = {"member_id": str(house.cast.marc.id), "kind": "technical", "is_lead": True}
    await send(page, "Ajouter au groupe", **place, starts_on=house.day)
    page = await file(house)
    await follow(page, "Noter une convention")
    asked = {"kind": "cape", "structure_id": home, "signed_on": house.day}
    await send(page, "Noter la convention", **asked, **span(*FIRST))
    await expect(page.locator("main")).to_contain_text("attend le document signé")
    await sign(page, 1)
    await send_notices(page)
    house.on(FIRST[0])
    await send(await path(house), "Noter le changement", state="in_test")


async def sign(page: Page, number: int) -> None:
    """File the signed scan of the period that waits."""
    more = b"%%%d\n%%%%EOF\n" % number if number > 1 else b""
    await send(page, "Déposer le document signé", document=scan("contrat.pdf", more))


async def send_notices(page: Page) -> None:
    """From the agreement to each of its two open notices, and back."""
    for _ in range(2):
        waiting = page.locator("[data-notice]", has_text="d'ici au").first
        await waiting.get_by_role("link").click()
        reference = f"LR {page.url.rsplit('/', 1)[1]}"
        await send(page, "Noter l'envoi", reference=reference)
    await expect(page.locator("[data-notice]", has_text="d'ici au")).to_have_count(0)


async def agreement(house: House) -> Page:
    page = await file(house)
    await follow(page, re.compile("CAPE"))
    return page


async def plot(house: House, name: str, code: str) -> Page:
    page = await house.at(name, "/parcelles")
    await page.locator("[data-plot] a", has_text=re.compile(rf"^{code}\b")).first.click()
    await expect(page.locator("h1")).to_contain_text(code)
    return page


async def take(house: House, code: str, first: D, last: D) -> None:
    page = await plot(house, "ines", code)
    nour = await page.locator("option", has_text="Nour Lambert").first.get_attribute("value")
    await send(page, "Noter l'occupation", kind="stay", person_id=nour, **span(first, last))


async def book(house: House, day: D, *, taken: bool) -> None:
    page = await house.at("Nour", "/materiel", PHONE)
    await follow(page, "Tracteur vert")
    form = page.locator("#booking-form")
    await fill(form, starts_at=f"{day}T09:00", ends_at=f"{day}T12:00")
    await form.get_by_role("button", name="Réserver").click()
    if taken:
        await expect(page.locator("#notices a")).to_be_visible()
    else:
        await expect(page.locator("#booking-form .error")).to_contain_text("sous convention")


async def first_season(house: House) -> None:
    """A plot with its entry report, a tractor, and a visit that both sign."""
    await take(house, "V-1", *FIRST)
    page = await plot(house, "marc", "V-1")
    await follow(page, "États des lieux", "Faire un état des lieux")
    stay = await page.locator("[name=stay_id] option").last.get_attribute("value")
    report = {"kind": "entry", "stay_id": stay, "keys": "deux clés du portail"}
    await send(page, "Enregistrer", **report, water_meter="120")
    await book(house, D(2028, 3, 10), taken=False)
    await book(house, D(2027, 3, 10), taken=True)
    house.on(D(2027, 4, 14))
    page = await house.at("marc", "/visites")
    await follow(page, "Prévoir ou noter une visite")
    nour = await page.locator("option", has_text="Nour Lambert").first.get_attribute("value")
    await send(
        page, "Enregistrer", person_id=nour, starts_at="2027-04-14T10:00", duration_minutes=90
    )
    await follow(page, "Écrire le compte rendu")
    await send(page, "Enregistrer", seen="Les semis lèvent bien.")
    await send(page, "Partager avec Nour")
    await send(page, "Signer en tant que Marc Essai")
    page = await house.at("Nour", page.url, PHONE)
    await expect(page.locator("main")).to_contain_text("Les semis lèvent bien.")
    await send(page, "Signer en tant que Nour Lambert")


async def renewed_twice(house: House) -> None:
    """A second period, with a second plot; then a third one, which is the last."""
    for number, period in ((2, SECOND), (3, THIRD)):
        house.on(period[0] - dt.timedelta(20))
        page = await agreement(house)
        await follow(page, "Renouveler")
        await send(page, "Noter le renouvellement", signed_on=house.day, **span(*period))
        await sign(page, number)
        await send_notices(page)
        if number == 2:
            page = await plot(house, "ines", "V-1")
            await follow(page, "Nour Lambert")
            await send(page, "Enregistrer les dates", ends_on=period[1])
            await take(house, "V-2", *period)
    await page.goto(page.url)
    await expect(page.locator("#agreement-clock")).to_contain_text("aucun possible")
    await expect(page.get_by_role("link", name="Renouveler")).to_have_count(0)
    for code in ("V-1", "V-2"):
        page = await plot(house, "ines", code)
        await follow(page, "Nour Lambert")
        await send(page, "Enregistrer les dates", ends_on=THIRD[1])


async def ended(house: House) -> None:
    """She finds land before the end: all that the date touches is settled on one screen."""
    house.on(D(2029, 9, 1))
    await book(house, D(2029, 10, 10), taken=True)
    page = await agreement(house)
    await follow(page, "Préparer la fin")
    await page.fill("#f-jour", str(END))
    async with page.expect_navigation():
        await page.get_by_role("button", name="Voir ce que ce jour touche").click()
    touched = page.locator("main")
    for said in ("V-1", "V-2", "deux clés du portail", "Tracteur vert", "CIVAM"):
        await expect(touched).to_contain_text(said)
    await send(page, "Régler cette fin", reason="Elle a trouvé une ferme")
    await follow(page, re.compile("CAPE"))
    await send_notices(page)
    page = await house.at("Nour", "/mes-reservations", PHONE)
    await expect(page.locator("main")).to_contain_text("annulée")
    page = await plot(house, "ines", "V-2")
    await expect(page.locator(".answer")).to_contain_text("1er octobre 2029")


async def settled(house: House) -> None:
    """She leaves; six months later she says where she is, without any account."""
    house.on(D(2029, 10, 2))
    await follow(await path(house), "La sortie et l'après-test")
    page, _ = house.windows["ines"]
    left = {"left_on": END, "outcome": "settled_nearby", "insee_code": "36046", "area_ha": "3"}
    await send(page, "Enregistrer", **left)
    house.on(D(2030, 3, 31))
    page = await house.at("ines")
    await follow(page, "Après le test", "Nour Lambert")
    await follow(page, "Noter")
    await send(page, "Envoyer le lien")
    link = await house.mailed("nour@exemple.fr", r"/nouvelles/[\w-]+")
    stranger = await house.window(PHONE)
    await stranger.goto(link)
    await fill(stranger.locator("main form"), situation="settled_nearby", living="partly")
    await stranger.get_by_role("button", name="Envoyer ma réponse").click()
    await expect(stranger.locator("h1")).to_have_text("Merci de vos nouvelles")
    page = await file(house)
    await expect(page.locator(".lede").first).to_contain_text("Suivi après le test")
    told = await page.locator("#timeline").inner_text()
    wanted = ["suivi après le test", "test terminé", "renouvelé", "signé avec", "Accueil par"]
    places = [told.lower().index(one.lower()) for one in wanted]
    assert places == sorted(places)
