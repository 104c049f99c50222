"""A volunteer with a phone, a personal link, large letters and no JavaScript."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.test_accessibility import RULES

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest_asyncio.fixture
async def link(enter: Any) -> str:
    """The address that coordination gives to Rosa; a new one in each test."""
    ines: Page = await enter("ines")
    await ines.goto("/personnes?q=rosa")
    await ines.locator("main").get_by_role("link", name="Rosa Delgado").first.click()
    await ines.get_by_role("link", name="Lien sans mot de passe").click()
    await ines.get_by_role("button", name=re.compile("le lien$")).click()
    address = await ines.locator(".link-url a").get_attribute("href")
    assert address
    await ines.context.close()
    return address


@pytest_asyncio.fixture
async def phone(engine: Browser, link: str) -> AsyncIterator[Page]:
    """Rosa's: no JavaScript, nobody signed in."""
    context = await engine.new_context(viewport=PHONE, locale="fr-FR", java_script_enabled=False)
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(link)
    yield page
    await context.close()


async def fits(page: Page) -> None:
    """Nothing to push sideways, and every target large enough for unsure fingers."""
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], page.url
    small = await page.evaluate(
        """() => [...document.querySelectorAll(
            "main a, main button, main input:not([type=hidden]), main select, main summary")]
          .map(one => one.closest("label.chip, label.check") ?? one)
          .filter(one => one.getClientRects().length && one.getBoundingClientRect().height < 48)
          .map(one => one.outerHTML)"""
    )
    assert small == [], page.url


async def enlarge(page: Page) -> None:
    """As with letters of twice the size."""
    await page.evaluate("document.documentElement.style.fontSize = '38px'")


async def test_a_visit_is_told_shared_and_signed_without_javascript(
    phone: Page, link: str, enter: Any
) -> None:
    await fits(phone)
    await enlarge(phone)
    await fits(phone)
    card = phone.locator("section.light-card", has_text="Karim Benhaddou")
    await card.get_by_role("link", name="J'ai vu Karim").click()
    await fits(phone)
    await phone.get_by_text("2 heures").click()
    await phone.get_by_label("Ce que j'ai vu").fill("Le bois est rentré, les poireaux aussi.")
    await phone.get_by_label("Quoi").fill("Rappeler le menuisier")
    await enlarge(phone)
    await fits(phone)
    await phone.get_by_role("button", name="Partager avec Karim").click()
    await expect(phone.locator("#notices")).to_contain_text("C'est partagé")
    await fits(phone)
    await phone.get_by_role("button", name="Signer en tant que Rosa Delgado").click()
    await expect(phone.locator("main")).to_contain_text("Signé par Rosa Delgado")
    await phone.get_by_role("link", name="Revenir à mes visites").click()
    step = phone.locator("li[data-step]", has_text="Rappeler le menuisier")
    await step.get_by_role("button", name="C'est fait").click()
    await expect(phone.locator("#notices")).to_contain_text("C'est noté comme fait")
    await expect(step).to_have_count(0)
    assert phone.url == link
    await phone.goto(link.partition("/benevole")[0] + "/")
    assert "/connexion" in phone.url


async def test_a_visit_is_planned_and_something_is_agreed(phone: Page) -> None:
    card = phone.locator("section.light-card", has_text="Hugo Fradet")
    await card.get_by_role("link", name="Je viens le").click()
    await phone.get_by_role("button", name="Prévoir la visite").click()  # the browser asks the day
    await phone.get_by_label("Quel jour").fill("2030-01-15")
    await phone.get_by_role("button", name="Prévoir la visite").click()
    await expect(card).to_contain_text("15 janv.")
    await card.get_by_role("link", name="On a convenu").click()
    await fits(phone)
    await phone.get_by_label("Quoi").fill("Prêter la serfouette")
    await phone.get_by_text("Moi").click()
    await phone.get_by_role("button", name="C'est convenu").click()
    await expect(card.locator("li[data-step]")).to_contain_text(["Prêter la serfouette"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_violation_behind_the_link(engine: Browser, link: str, scheme: Any) -> None:
    context = await engine.new_context(viewport=PHONE, color_scheme=scheme, locale="fr-FR")
    page = await context.new_page()
    site = link.partition("/benevole")[0]
    await page.goto(link)
    links = await page.locator("main a").all()
    paths = [link.removeprefix(site), f"/benevole/{'x' * 43}"]
    paths += [str(await one.get_attribute("href")) for one in links]
    found: dict[str, list[str]] = {}
    for path in paths:
        await page.goto(site + path)
        results: Any = await Axe().run(page, options=RULES)
        if wrong := results.response["violations"]:
            found[path] = [f"{one['id']} {one['nodes'][0]['target']}" for one in wrong]
    await context.close()

    assert found == {}


async def test_a_sheet_prints_on_one_page_for_each_person(engine: Browser, link: str) -> None:
    context = await engine.new_context(viewport=DESK, locale="fr-FR")
    page = await context.new_page()
    await page.goto(f"{link}/feuille")
    people = await page.locator("section.paper-sheet").count()

    pdf = await page.pdf(prefer_css_page_size=True)

    await context.close()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == people
