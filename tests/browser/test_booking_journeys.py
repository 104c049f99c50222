"""The main job as people do it: see the week, book, be refused, cancel, hear of others."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def some_day() -> dt.date:
    """A Wednesday that the demonstration left empty. Each test takes another item."""
    today = dt.datetime.now(ZoneInfo("Europe/Paris")).date()
    return today + dt.timedelta(days=2 - today.weekday(), weeks=3)


async def open_item(page: Page, name: str, day: dt.date) -> None:
    year, week, _ = day.isocalendar()
    await page.goto(f"/materiel?semaine={year}-W{week:02}")
    await page.get_by_role("link", name=name, exact=True).click()
    await page.goto(f"{page.url.partition('?')[0]}?semaine={year}-W{week:02}")


async def fill_slot(page: Page, day: dt.date, start: str = "09:00", end: str = "11:00") -> None:
    await page.fill("#booking-form [name=starts_at]", f"{day}T{start}")
    await page.fill("#booking-form [name=ends_at]", f"{day}T{end}")


async def book(page: Page) -> None:
    await page.locator("#booking-form").get_by_role("button", name="Réserver").click()


async def test_a_trainee_books_a_tractor_on_a_phone(enter) -> None:
    day, page = some_day(), await enter("lea", PHONE)
    await open_item(page, "Tracteur fruitier 60 ch", day)
    await fill_slot(page, day)
    await book(page)
    await expect(page.locator("#notices")).to_contain_text("C'est réservé")
    await expect(page.locator(".board [data-booking]")).to_contain_text("moi")
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]


async def test_a_refusal_offers_alternatives_and_one_is_taken(enter) -> None:
    day, lea, gaston = some_day(), await enter("lea"), await enter("gaston")
    for page in (lea, gaston):
        await open_item(page, "Motoculteur 9 ch", day)
        await fill_slot(page, day)
    await book(lea)
    await expect(lea.locator("#notices")).to_contain_text("C'est réservé")
    await gaston.fill("#booking-form [name=purpose]", "Essai")
    await book(gaston)
    form = gaston.locator("#booking-form")
    await expect(form.get_by_role("alert")).to_contain_text("Léa Martinet")
    await expect(form.locator("[name=purpose]")).to_have_value("Essai")
    await form.locator("button.chip").first.click()
    await expect(gaston.locator("#notices")).to_contain_text("C'est réservé")
    await expect(gaston.locator(".board [data-booking]")).to_have_count(2)


async def test_a_booking_is_cancelled_and_the_other_window_hears_of_it(enter) -> None:
    day, lea, gaston = some_day(), await enter("lea"), await enter("gaston")
    await open_item(gaston, "Remorque 1,5 t", day)
    await open_item(lea, "Remorque 1,5 t", day)
    await fill_slot(lea, day)
    await book(lea)
    seen = gaston.locator(".board [data-booking]")
    await expect(seen).to_have_count(1, timeout=3000)
    await lea.locator(".board [data-booking]").click()
    await lea.get_by_role("button", name="Annuler la réservation").click()
    await expect(lea.locator("#notices")).to_contain_text("annulée")
    await expect(seen).to_have_count(0, timeout=3000)


async def test_it_works_without_javascript(enter) -> None:
    day, page = some_day(), await enter("lea", PHONE, java_script_enabled=False)
    await open_item(page, "Motopompe 40 m³/h", day)
    await fill_slot(page, day)
    await book(page)
    await expect(page.locator("#notices")).to_contain_text("C'est réservé")
    await expect(page.locator("h1")).to_contain_text("09:00")
    await page.get_by_role("button", name="Annuler la réservation").click()
    await expect(page.locator("#notices")).to_contain_text("annulée")


async def tab_to(page: Page, target: Locator) -> None:
    """Forward with the tabulator, as far as a page has places to stop at."""
    for _ in range(400):
        await page.keyboard.press("Tab")
        if await target.evaluate("one => one === document.activeElement"):
            return
    await expect(target).to_be_focused()


async def type_moment(page: Page, day: dt.date, hour: str) -> None:
    """Into the field that has the focus, part by part in the order that Chromium shows them."""
    await page.keyboard.type(f"{day:%m%d%Y}")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.type(f"{hour}00A")


async def test_it_works_with_the_keyboard_alone(enter) -> None:
    day, page = some_day(), await enter("lea")
    for name in ("Matériel", "Semoir maraîcher 6 rangs"):
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
        await tab_to(page, page.get_by_role("link", name=name, exact=True).first)
        async with page.expect_navigation():
            await page.keyboard.press("Enter")

    form = page.locator("#booking-form")
    for field, hour in (("starts_at", "09"), ("ends_at", "11")):
        await tab_to(page, form.locator(f"[name={field}]"))
        await type_moment(page, day, hour)
    await tab_to(page, form.locator("[name=purpose]"))
    await page.keyboard.type("Mâche")
    await tab_to(page, form.get_by_role("button", name="Réserver"))
    await page.keyboard.press("Enter")
    await expect(page.locator("#notices")).to_contain_text("C'est réservé")

    await tab_to(page, form.locator("[name=starts_at]"))
    await type_moment(page, day, "09")
    await tab_to(page, form.locator("[name=ends_at]"))
    await type_moment(page, day, "11")
    await page.keyboard.press("Enter")
    await expect(form.get_by_role("alert")).to_be_focused()


async def test_an_empty_place_on_the_board_opens_the_form_there(enter) -> None:
    day, page = some_day(), await enter("gaston")
    year, week, _ = day.isocalendar()
    await page.goto(f"/materiel?semaine={year}-W{week:02}")
    row = page.locator(".board .row", has_text="Balance homologuée")
    await row.scroll_into_view_if_needed()
    box = await row.bounding_box()
    head = await page.locator(f".board-head [data-day='{day}']").bounding_box()
    assert box
    assert head
    await page.mouse.click(head["x"] + head["width"] / 2, box["y"] + 12)
    chosen = page.locator("#booking-form [name=item_id] option:checked")
    await expect(chosen).to_have_text(re.compile("Balance"))
    await expect(page.locator("#booking-form [name=starts_at]")).to_have_value(
        re.compile(f"^{day}T")
    )
    await book(page)
    await expect(page.locator("#notices")).to_contain_text("C'est réservé")


async def test_a_request_is_answered_by_the_person_in_charge(enter) -> None:
    day, lea, gaston = some_day(), await enter("lea", PHONE), await enter("gaston")
    await open_item(lea, "Fourgon 9 m³", day)
    await fill_slot(lea, day, "08:00", "12:00")
    await lea.locator("#booking-form").get_by_role("button", name="Demander").click()
    await expect(lea.locator("#notices")).to_contain_text("demande est envoyée")
    await gaston.goto("/")
    await gaston.get_by_role("link", name="Fourgon 9 m³").last.click()
    await gaston.get_by_role("button", name="Accepter").click()
    await expect(gaston.locator("#notices")).to_contain_text("acceptée")
