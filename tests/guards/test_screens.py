"""What a screen offers, the server does: no dead link, no button that is refused."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.conftest import Browser
from tests.guards.conftest import Records
from tests.guards.doors import Door
from tests.html import Element, parse

pytestmark = pytest.mark.slow

UNMEANT = ("None", "%(", "<built-in", " object at 0x", "{{")
PEOPLE = ("ines", "paul", "marc", "lea", "tom", "gaston", "zoe")


@dataclass(slots=True)
class Tour:
    """Every screen that somebody can open, starting from every address there is."""

    browser: Browser
    pages: dict[str, Element] = field(default_factory=dict[str, Element])
    answers: dict[str, httpx.Response] = field(default_factory=dict[str, httpx.Response])

    async def open(self, path: str) -> httpx.Response:
        if path not in self.answers:
            answer = self.answers[path] = await self.browser.get(path)
            if answer.status_code == 200 and "html" in answer.headers["content-type"]:
                self.pages[path] = parse(answer.text)
        return self.answers[path]


def addresses(doors: list[Door], world: Records) -> Iterator[str]:
    for door in doors:
        if door.method == "GET" and door.name != "equipment.live":
            if not door.parameters:
                yield door.path
                continue
            kinds = [world[name] for name in door.parameters]
            for record in set(kinds[0]).intersection(*kinds[1:]):
                yield door.at(**{name: world[name][record] for name in door.parameters})


@pytest.fixture(params=PEOPLE)
async def tour(
    request: pytest.FixtureRequest, browse: Callable[..., Any], doors: list[Door], world: Records
) -> Tour:
    made = Tour(await browse(request.param))
    for path in addresses(doors, world):
        await made.open(path)
    return made


async def test_screens_keep_their_promises(tour: Tour, outer: AsyncConnection) -> None:
    """One test, since making the tour takes longer than looking at it."""
    wrong = {path: found for path, page in tour.pages.items() if (found := flaws(page))}
    dead = await dead_links(tour)
    refused = await refused_buttons(tour, outer)

    assert (wrong, dead, refused) == ({}, {}, {})


def flaws(page: Element) -> list[str]:
    ids = Counter(element["id"] for element in page.all(id=None))
    labelled = {label["for"] for label in page.all("label", for_=None)}
    found = [f"twice #{name}" for name, count in ids.items() if count > 1]
    found += [f"label of nothing: {name}" for name in labelled - set(ids)]
    found += [
        f"no label: {field.attrs}" for field in fields(page) if not is_labelled(field, labelled)
    ]
    found += [
        f"described by nothing: {name}"
        for element in page.all(aria_describedby=None)
        for name in element["aria-describedby"].split()
        if name not in ids
    ]
    if len(page.all("h1")) != 1:
        found.append(f"{len(page.all('h1'))} h1")
    if not page.one("title").text.strip(" ·").removesuffix("couveuse").strip(" ·"):
        found.append("no title")
    found += [f"said: {word}" for word in UNMEANT if word in page.text]
    return found


def fields(page: Element) -> list[Element]:
    inputs = [one for one in page.all("input") if one.attrs.get("type") not in {"hidden", "submit"}]
    return inputs + page.all("select") + page.all("textarea")


def is_labelled(field: Element, labelled: set[str]) -> bool:
    above = field.parent
    while above is not None and above.tag != "label":
        above = above.parent
    return above is not None or field.attrs.get("id") in labelled or "aria-label" in field.attrs


async def dead_links(tour: Tour) -> dict[str, str]:
    dead: dict[str, str] = {}
    for page_path, page in list(tour.pages.items()):
        ids = {element["id"] for element in page.all(id=None)}
        for link in page.all("a", href=None):
            path, _, fragment = link["href"].partition("#")
            if not path and fragment not in ids:
                dead[f"{page_path}#{fragment}"] = link.text
            if path.startswith("/") and (await tour.open(path)).status_code != 200:
                dead[path] = f"{tour.answers[path].status_code} from {page_path}: {link.text}"
    return dead


async def refused_buttons(tour: Tour, outer: AsyncConnection) -> dict[str, str]:
    refused: dict[str, str] = {}
    pressed: set[str] = set()
    for page_path, page in list(tour.pages.items()):
        for form in page.all("form", method="post"):
            for path in {form["action"], *(b["formaction"] for b in form.all(formaction=None))}:
                if path in pressed or path == "/deconnexion":
                    continue
                pressed.add(path)
                undo = await outer.begin_nested()
                answer = await tour.browser.post(path, hidden(form))
                await undo.rollback()
                if answer.status_code not in {200, 201, 303, 409, 422}:
                    refused[path] = f"{answer.status_code} from {page_path}"
    return refused


def hidden(form: Element) -> dict[str, str]:
    return {
        one["name"]: one.attrs.get("value", "")
        for one in form.all("input", type="hidden")
        if one.attrs.get("name", "_csrf_token") != "_csrf_token"
    }
