"""Every page is found by following links from the home page: none lives by its address alone."""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from tests.conftest import Browser
from tests.guards.conftest import Records
from tests.guards.doors import Door
from tests.html import Element, parse

pytestmark = pytest.mark.slow

VISITS = 6
"""Addresses of one kind that are opened: what a page offers depends on its record."""
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
        found |= await walk(await browse(who), gets)

    missed = {door.name for door in gets} - found
    assert missed == BY_MAIL | AFTER_SOMETHING | FOR_FEW_RECORDS | NOT_TO_BE_READ


async def walk(browser: Browser, doors: list[Door]) -> set[str]:
    """The names of the doors that the pages lead to, each page opened from a link to it."""
    opened, seen, found = Counter[str](), {"/"}, set[str]()
    waiting = deque(["/"])
    patterns = [(re.compile(pattern(door)), door.name) for door in sorted(doors, key=count)]
    while waiting:
        address = waiting.popleft()
        name = next((name for one, name in patterns if one.fullmatch(urlsplit(address).path)), None)
        if name in (None, "equipment.live"):  # which never ends
            continue
        found.add(name)
        if opened[name] >= VISITS:
            continue
        opened[name] += 1
        answer = await browser.get(address)
        if answer.status_code == 200 and "html" in answer.headers["content-type"]:
            for link in links(parse(answer.text), address):
                if link not in seen:
                    seen.add(link)
                    waiting.append(link)
    return found


def links(page: Element, address: str) -> Iterator[str]:
    """Where the links and the search forms of a page lead, in this site."""
    for element in page.walk():
        target = element.attrs.get("href")
        if element.tag == "form" and element.attrs.get("method", "get") == "get":
            target = element.attrs.get("action", address)
        target = target or element.attrs.get("src") or element.attrs.get("data-source")
        if target:
            parts = urlsplit(urljoin(f"https://site{address}", target))
            if parts.netloc == "site":
                yield f"{parts.path}?{parts.query}" if parts.query else parts.path


def count(door: Door) -> int:
    """The more a path says in words, the sooner it is meant."""
    return len(door.parameters)


def pattern(door: Door) -> str:
    kinds = {"int": "[0-9]+", "str": "[^/]+", "path": ".+"}
    return re.sub(r"{\w+:(\w+)}", lambda held: kinds[held[1]], door.path)
