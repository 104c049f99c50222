"""An automatic check of every page, once for each role that may open it, and how pages fit."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

INVENTORY = Path(__file__).parents[1] / "files/inventaire-materiel.csv"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

PUBLIC = ["/connexion", "/mot-de-passe/oublie", "/connexion/lien/inconnu", "/nulle-part"]
MEMBER = [
    "/",
    "/materiel",
    "/materiel/1",
    "/materiel/1/reservations/nouvelle",
    "/materiel/feuille",
    "/mes-reservations",
    "{booking}",
    "/personnes",
    "/personnes/1",
    "/structures",
    "/structures/1",
    "/sites/1",
    "/profil",
    "/parcelles",
    "/parcelles?vue=liste",
    "/parcelles/feuille",
    "/parcelles/comparaison",
    "/parcelles/libres",
    "/parcelles/2",
    "/parcelles/2/carnet",
    "/parcelles/2/etats-des-lieux",
    "/chiffres",
    "/structures/fonctions",
    "/structures/droits",
]
FOLLOWING = [
    "/visites",
    "/visites/nouvelle",
    "/visites/tournee",
    "/visites/creneaux/nouveaux",
    "{visit}",
    "{visit}/compte-rendu",
    "{visit}/compte-rendu/modifier",
]
STEWARD = [
    "/materiel/nouveau",
    "/materiel/1/modification",
    "/materiel/1/suivi",
    "/materiel/1/indisponibilites/nouvelle",
]
COORDINATOR = [
    "/courrier",
    "/materiel/import",
    "/personnes/nouvelle",
    "/personnes/5/modification",
    "/personnes/5/appartenances/nouvelle",
    "/personnes/5/papiers/nouveau",
    "/appartenances/5/fin",
    "/personnes/5/fin",
    "/structures/nouvelle",
    "/structures/import",
    "/structures/1/modification",
    "/structures/1/sites/nouveau",
    "/sites/1/modification",
    "/parcelles/nouvelle",
    "/parcelles/import",
    "/parcelles/2/modification",
    "/parcelles/2/trace",
    "/parcelles/2/division",
    "/parcelles/2/fusion",
    "/parcelles/2/fin-de-service",
    "/parcelles/2/occupations/nouvelle",
    "/parcelles/2/etats-des-lieux/nouveau",
    "/structures/1/fonctions/nouvelle",
    "/structures/1/droits/nouveau",
    "/droits/1/modification",
]
PAGES = {
    None: PUBLIC,
    "ines": [*MEMBER, *STEWARD, *COORDINATOR],
    "gaston": [*MEMBER, *STEWARD],
    "marc": [*MEMBER, *FOLLOWING],
    "lea": [*MEMBER, "/visites", "{visit}", "{visit}/compte-rendu", "/testeurs/5/actions"],
    "zoe": ["/", "/mes-reservations", "/profil"],
}


async def check(page: Page, path: str) -> list[str]:
    await page.goto(path)
    return await flaws(page, path)


async def flaws(page: Page, path: str) -> list[str]:
    """What is wrong with a page: axe's violations, and a page wider than its window."""
    results: Any = await Axe().run(page, options=RULES)
    wrong = [
        f"{path}: {one['id']} {[node['target'] for node in one['nodes'][:3]]}"
        for one in results.response["violations"]
    ]
    if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append(f"{path}: wider than the window")
    return wrong


async def booking_path(page: Page) -> str:
    await page.goto("/materiel")
    link = await page.locator(".board [data-booking]").first.get_attribute("href")
    assert link
    assert re.fullmatch(r"/reservations/\d+", link)
    return link


async def visit_path(page: Page) -> str:
    """A visit whose report the person reads: the first to sign, or to share."""
    await page.goto("/visites")
    link = await page.locator("main a[href$='/compte-rendu']").first.get_attribute("href")
    assert link
    return link.removesuffix("/compte-rendu")


@pytest.mark.parametrize("person", [person for person in PAGES if person != "ines"])
async def test_no_violation_for_any_role(enter, person: str | None) -> None:
    page = await enter(person, DESK)
    booking = await booking_path(page) if "{booking}" in PAGES[person] else ""
    visit = await visit_path(page) if "{visit}" in PAGES[person] else ""
    wrong = [
        fault
        for path in PAGES[person]
        for fault in await check(page, path.format(booking=booking, visit=visit))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_no_violation_light_and_dark_small_and_wide(
    enter, viewport: dict[str, int], scheme: str
) -> None:
    page = await enter("ines", viewport, color_scheme=scheme)
    booking = await booking_path(page)
    wrong = [
        fault for path in PAGES["ines"] for fault in await check(page, path.format(booking=booking))
    ]
    assert not wrong, "\n".join(wrong)


async def refused(page: Page, path: str, **typed: str) -> list[str]:
    """What is wrong with a form that comes back with what to mend."""
    await page.goto(path)
    for name, value in typed.items():
        await page.locator(f"main form[method=post] [name={name}]").fill(value)
    form = page.locator("main form[method=post]").last
    await form.evaluate("form => { form.noValidate = true }")
    await form.locator("button[type=submit], button:not([type])").last.click()
    await page.locator("main [role=alert], main .error").first.wait_for()
    return await flaws(page, f"refused: {path}")


async def test_no_violation_in_what_is_refused_or_forbidden(enter) -> None:
    lea, gaston, ines = [await enter(person, PHONE) for person in ("lea", "gaston", "ines")]
    past = {"starts_at": "2020-01-06T09:00", "ends_at": "2020-01-06T08:00"}
    wrong = [
        *await refused(lea, "/materiel/1/reservations/nouvelle", **past),
        *await refused(gaston, "/materiel/1/indisponibilites/nouvelle", **past),
        *await refused(ines, "/personnes/nouvelle"),
        *await refused(ines, "/parcelles/nouvelle"),
        *await refused(ines, "/materiel/nouveau"),
        *await check(lea, "/courrier"),
        *await check(lea, "/personnes/99999"),
    ]
    assert not wrong, "\n".join(wrong)


async def test_no_violation_in_the_preview_of_an_import(enter) -> None:
    page = await enter("ines", PHONE)
    await page.goto("/materiel/import")
    await page.locator("main input[type=file]").set_input_files(INVENTORY)
    await page.get_by_role("button", name="Voir l'aperçu").click()
    await page.get_by_role("heading", name="Aperçu de l'import").wait_for()
    assert not await flaws(page, "preview of an import")


async def test_what_was_agreed_is_ticked_on_the_home_page(enter) -> None:
    page = await enter("lea", PHONE)
    await page.goto("/")
    step = page.locator("[data-step]").first
    said = await step.locator("strong").inner_text()

    await step.get_by_role("button", name="Fait").click()

    await page.wait_for_url("**/")
    assert await page.get_by_text("C'est noté.").count()
    assert await page.get_by_text(said).count() == 0
