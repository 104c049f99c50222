"""The season of the land as the coordination works with it: see, claim, free, draw, split."""

import datetime as dt
import json
import re
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def in_days(days: int) -> dt.date:
    return dt.datetime.now(ZoneInfo("Europe/Paris")).date() + dt.timedelta(days=days)


async def open_plot(page: Page, code: str) -> None:
    """Go from the season to one plot."""
    await page.goto("/parcelles")
    await page.locator("[data-plot] a", has_text=re.compile(rf"^{code}\b")).first.click()
    await expect(page.locator("h1")).to_contain_text(code)


async def claim(page: Page, code: str, kind: str, start: dt.date, end: dt.date) -> None:
    await open_plot(page, code)
    await page.locator("summary", has_text="Occuper cette parcelle").click()
    await page.locator(f"#claim-form [name=kind][value={kind}]").check(force=True)
    await page.fill("#claim-form [name=starts_on]", str(start))
    await page.fill("#claim-form [name=ends_on]", str(end))
    await page.get_by_role("button", name="Noter l'occupation").click()


async def test_the_season_says_who_holds_what_and_what_comes_free(enter) -> None:
    page = await enter("ines")
    await page.goto("/parcelles")
    await expect(page.locator("[data-plot]").first).to_be_visible()
    await expect(page.locator("[data-claim]", has_text="Léa Martinet").first).to_be_visible()
    shares = re.findall(r"(\d+(?:,\d)?)\s%", await page.locator("main").inner_text())
    total = sum(float(share.replace(",", ".")) for share in shares[:5])
    assert abs(total - 100) < 0.2
    await expect(page.locator("[data-map][data-ready]")).to_be_visible()


async def test_the_season_is_a_list_without_javascript_on_a_phone(enter) -> None:
    page = await enter("lea", PHONE, java_script_enabled=False)
    await page.goto("/parcelles")
    await expect(page.locator("[data-claim]", has_text="Léa Martinet").first).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_ground_that_is_held_is_refused_and_an_early_end_frees_it(enter) -> None:
    page = await enter("ines")
    await claim(page, "LC-4", "works", in_days(1), in_days(30))
    await expect(page.locator("#notices")).not_to_be_empty()
    await claim(page, "LC-4", "rest", in_days(20), in_days(40))
    await expect(page.locator("#claim-form")).to_contain_text("Travaux", ignore_case=True)
    await open_plot(page, "LC-4")
    await page.locator("main").get_by_role("link", name="Travaux", exact=True).first.click()
    await page.locator("form[action$='/dates'] [name=ends_on]").fill(str(in_days(10)))
    await page.get_by_role("button", name="Enregistrer les dates").click()
    await expect(page.locator("#notices")).not_to_be_empty()
    await claim(page, "LC-4", "rest", in_days(20), in_days(40))
    await expect(page.locator("#notices")).not_to_be_empty()


async def test_a_stay_ends_early_and_says_so(enter) -> None:
    page = await enter("ines")
    await page.goto("/parcelles")
    await page.locator("[data-claim]", has_text="Tom Girardin").first.click()
    await page.locator("form[action$='/fin'] [name=ends_on]").fill(str(in_days(45)))
    await page.get_by_role("button", name="Finir ce jour-là").click()
    await expect(page.locator("main")).to_contain_text("Fin avancée")
    await claim(page, "NV-1", "rest", in_days(46), in_days(80))
    await expect(page.locator("#notices")).not_to_be_empty()


async def test_an_outline_is_drawn_on_the_map(enter) -> None:
    page = await enter("ines")
    await open_plot(page, "LC-5")
    await page.get_by_role("link", name="Contour", exact=True).click()
    place = page.locator("[data-map][data-ready]")
    await expect(place).to_be_visible()
    before = await page.locator("#f-outline").input_value()
    await page.locator(".leaflet-pm-icon-polygon").click()
    box = await place.bounding_box()
    assert box
    corners = [(0.1, 0.85), (0.25, 0.85), (0.25, 0.95), (0.1, 0.95), (0.1, 0.85)]
    for x, y in corners:
        await page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
    after = await page.locator("#f-outline").input_value()
    assert after != before
    assert json.loads(after)["type"] in {"Polygon", "MultiPolygon"}
    await page.get_by_role("button", name="Enregistrer le contour").click()
    await expect(page.locator("#notices")).not_to_be_empty()


async def test_an_outline_is_drawn_by_its_dimensions_with_the_keyboard_alone(enter) -> None:
    page = await enter("ines", java_script_enabled=False)
    await open_plot(page, "LC-4")
    await page.get_by_role("link", name="Contour", exact=True).click()
    await page.locator("#f-latitude").focus()
    for typed in ("46,5850", "1,9930"):
        await page.keyboard.type(typed)
        await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowRight")  # the point is the middle
    for typed in ("100", "80", "10"):
        await page.keyboard.press("Tab")
        await page.keyboard.press("Control+A")
        await page.keyboard.type(typed)
    await page.keyboard.press("Enter")
    await expect(page.locator("#notices")).to_contain_text("contour")
    await expect(page.locator("main")).to_contain_text(
        re.compile(r"(7\s999|8\s00\d)(,\d)? m² d'après le contour")
    )


async def test_two_dates_and_the_figures_lead_to_their_lists(enter) -> None:
    page = await enter("marc")
    await page.goto(f"/parcelles/comparaison?du={in_days(0)}&au={in_days(400)}")
    await expect(page.locator("h2", has_text=re.compile(r"parcelles? change"))).to_be_visible()
    await page.goto("/chiffres")
    figure = page.locator(".figure", has_text="Taux d'occupation brut")
    await expect(figure).to_contain_text("÷")
    await figure.get_by_role("link").click()
    await expect(page.locator("tbody tr").first).to_be_visible()
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Tableur (XLSX)").click()
    assert (await started.value).suggested_filename.endswith(".xlsx")


def square(code: str, site: str, longitude: float, latitude: float) -> dict[str, Any]:
    """An object of a map file: a plot of a hundred metres."""
    x, y = longitude, latitude
    ring = [[x, y], [x + 0.001, y], [x + 0.001, y + 0.001], [x, y + 0.001], [x, y]]
    return {
        "type": "Feature",
        "properties": {"code": code, "lieu": site},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


async def preview(page: Page, *features: dict[str, Any]) -> None:
    await page.goto("/parcelles/import")
    sent = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    file = {"name": "p.geojson", "mimeType": "application/geo+json", "buffer": sent}
    await page.set_input_files("[name=file]", file)
    await page.get_by_role("button", name="Voir l'aperçu").click()


async def test_the_places_of_an_archipelago_stand_below_the_map_whatever_plot_comes_first(
    enter,
) -> None:
    page = await enter("ines", PHONE)
    ends_then_middle = [("AR-1", 1.50), ("AR-3", 1.54), ("AR-2", 1.52)]  # 1.5 km from each other
    await preview(page, *(square(code, "Châteauroux", x, 46.9) for code, x in ends_then_middle))
    await page.get_by_role("button", name="Enregistrer").click()
    await expect(page.locator("#notices")).not_to_be_empty()
    place = page.locator("[data-map][data-ready]")
    await expect(place).to_be_visible()
    places = page.get_by_role("group", name="Aller à un lieu")
    names = await places.get_by_role("button").all_inner_texts()
    assert [name for name in names if name.startswith("Châteauroux")] == [
        *("Châteauroux · AR-1, AR-2, AR-3", "Châteauroux · CX-1", "Châteauroux · CX-2"),
    ]
    map_box, places_box = await place.bounding_box(), await places.bounding_box()
    assert map_box
    assert places_box
    assert places_box["y"] >= map_box["y"] + map_box["height"]
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await places.get_by_role("button", name="CX-2").click()
    await expect(place.locator(".plot-code", has_text="CX-2")).to_be_in_viewport()
    await expect(place.locator(".plot-shape.collective")).not_to_have_count(0)


async def test_outlines_are_imported_after_a_preview(enter) -> None:
    page = await enter("ines")
    sound = square("NEUVE", "Ferme test La Châtre", 1.99, 46.57)
    crossed = square("CROISEE", "Ferme test La Châtre", 1.99, 46.57)
    [ring] = crossed["geometry"]["coordinates"]
    ring[1], ring[2] = ring[2], ring[1]
    await preview(page, sound, crossed)
    await expect(page.locator("main")).to_contain_text("le contour se croise")
    await page.get_by_label("Importer les objets corrects seulement").check()
    await page.get_by_role("button", name="Enregistrer").click()
    await expect(page.locator("#notices")).not_to_be_empty()
    await expect(page.locator("[data-plot]", has_text="NEUVE").first).to_be_visible()


async def test_a_plot_is_split_while_somebody_is_on_it(enter) -> None:
    page = await enter("ines")
    await open_plot(page, "LC-2")
    await page.get_by_role("link", name="Diviser", exact=True).click()
    await page.fill("[name=happened_on]", str(in_days(60)))
    await page.fill("[name=code_1]", "LC-2a")
    await page.fill("[name=size_1]", "6000")
    await page.fill("[name=code_2]", "LC-2b")
    await expect(page.locator("[name=size_2]")).to_have_value("4000")
    await expect(page.locator("[name=cultivable_2]")).to_have_value("3520")
    await expect(page.locator("[name=tunnels_2]")).to_have_value("1")
    await page.get_by_role("button", name="Diviser").click()
    await expect(page.locator("#notices")).not_to_be_empty()
    await page.get_by_role("link", name="Parcelles").first.click()
    for code in ("LC-2", "LC-2a", "LC-2b"):
        name = page.get_by_role("link", name=re.compile(f"^{code}$"))
        row = page.locator("[data-plot]", has=name)
        await expect(row.first).to_contain_text("Léa Martinet")


async def test_the_season_prints_on_a3_across(enter) -> None:
    page = await enter("ines")
    await page.goto("/parcelles")
    await page.get_by_role("link", name="Imprimer (A3)").click()
    printed = PdfReader(BytesIO(await page.pdf(prefer_css_page_size=True)))
    [sheet] = printed.pages
    assert [round(side / 72 * 25.4) for side in sheet.mediabox[2:]] == [420, 297]
    assert all(name in sheet.extract_text() for name in ("LC-1", "NV-2", "Léa Martinet"))
