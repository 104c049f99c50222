"""The gentle warning of a report appears as one types, and says what the server says."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from couveuse.followup.rules import sensitive_words

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TEXTS = (
    "Tout va bien, les planches sont propres.",
    "Il est malade, très MALADE, et maladroit : dépression ?",
    "L'église du village, puis la grève ; arrêt de travail.",
    "Un tracteur nul part, le rôle du romarin, et les roms.",
    "🌱 enceinte 🌱 (Policière) œil",
)


async def form_of_a_report(page: Page) -> None:
    await page.goto("/visites")
    addresses = await page.locator("main a[href^='/visites/']").evaluate_all(
        "links => links.map(one => one.getAttribute('href'))"
    )
    for address in addresses:
        if re.fullmatch(r"/visites/\d+", address):
            await page.goto(f"{address}/compte-rendu")
            if await page.locator("form#report-form").count():
                return
    pytest.fail("no report to begin")


async def test_the_warning_follows_what_is_typed_as_the_server_says_it(enter: Any) -> None:
    page = await enter("marc")
    await form_of_a_report(page)
    lines = page.locator("#w-seen li")
    for text in TEXTS:
        await page.fill("[name=seen]", text)
        await expect(lines).to_have_count(len(sensitive_words(text)))
        shown = [re.sub(r"\s", " ", one) for one in await lines.all_text_contents()]
        said = [word for word, _ in sensitive_words(text)]
        assert [f"« {word} »" in line for word, line in zip(said, shown, strict=True)] == [
            True for _ in said
        ]
    await page.fill("[name=seen]", "Rien.")
    await expect(page.locator("#w-seen .notice")).to_have_count(0)
