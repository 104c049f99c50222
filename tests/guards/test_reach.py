"""Every page is found by following links from the home page: none lives by its address alone."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Browser
from tests.guards.conftest import Records
from tests.guards.doors import Door
from tests.guards.walking import walk

pytestmark = pytest.mark.slow

VISITS = 6
BY_MAIL = {
    "followup.light.show",
    "followup.light_plans.new",
    "followup.light_reports.edit",
    "followup.light_reports.show",
    "followup.light_sheets.show",
    "followup.light_steps.new",
    "followup.light_visits.new",
    "people.invitations.edit",
    "people.resets.edit",
    "people.sign_in_links.show",
    "trainees.news_links.show",
}
AFTER_SOMETHING = {
    "equipment.bookings.new",  # offered instead of what is taken
    "trainees.introductions.sent",
}
FOR_FEW_RECORDS = {
    "coordination.person_ends.new",  # somebody with several memberships
    "coordination.retention.show",  # a file whose time is over
    "structures.renewals.new",  # a right whose form may be renewed once more
}
NOT_TO_BE_READ = {"equipment.live", "followup.worker.show", "health.alive", "health.ready"}


async def test_every_page_is_found_from_the_home_page(
    browse: Callable[..., Any], doors: list[Door], world: Records
) -> None:
    del world  # it is there to be found
    gets = [door for door in doors if door.method == "GET"]
    found: set[str] = set()
    for who in ("ines", "marc", "lea", "gaston"):
        browser = await browse(who)
        found |= {name async for name, *_ in walk(page_of(browser), gets, VISITS)}

    missed = {door.name for door in gets} - found
    assert missed == BY_MAIL | AFTER_SOMETHING | FOR_FEW_RECORDS | NOT_TO_BE_READ


def page_of(browser: Browser) -> Callable[[str], Any]:
    async def fetch(address: str) -> str | None:
        answer = await browser.get(address)
        is_page = answer.status_code == 200 and "html" in answer.headers["content-type"]
        return answer.text if is_page else None

    return fetch
