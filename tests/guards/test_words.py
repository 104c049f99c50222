"""Every code has its words, and each screen speaks one language."""

import ast
import re
from collections.abc import Callable
from typing import Any

import pytest
from babel.messages.catalog import Catalog

from couveuse.core import i18n, journal
from couveuse.core.paths import PACKAGE
from couveuse.web.render import NOTICES
from tests.guards.conftest import Records
from tests.guards.doors import Door, reader_of
from tests.guards.test_translations import kept_catalogue
from tests.html import Element, parse

SUBJECTS = [
    "agreement",
    "assessment",
    "booking",
    "committee",
    "grant",
    "figure_heading",
    "figure_month",
    "figure_share",
    "grid",
    "introduction",
    "item",
    "land_right",
    "path",
    "person",
    "plot",
    "progress",
    "proposal",
    "review",
    "site",
    "step",
    "structure",
    "visit",
    "workshop",
    "workshop_slot",
]


def texts(*rooms: str) -> set[str]:
    """The texts that stand in the code of some rooms of the slices."""
    return {
        node.value
        for path in PACKAGE.glob("*/**/*.py")
        if {path.stem, *path.parts} & set(rooms)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_verb_of_the_journal_has_words_and_every_word_a_use(app: object) -> None:
    verbs = {
        text
        for text in texts("actions", "importing")
        if re.fullmatch(rf"({'|'.join(SUBJECTS)})\.[a-z_]*[a-z]", text)
    }

    known = {verb for verb in journal._WORDS if not verb.startswith("test.")}
    assert verbs == known


def test_every_code_of_a_notice_has_its_sentence_and_every_sentence_a_use(app: object) -> None:
    named: set[str] = set()
    for path in PACKAGE.glob("*/pages/*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                named |= codes_of(call)
    meant = {text for text in texts("pages", "people") if text in NOTICES}

    assert named - set(NOTICES) == set()
    assert set(NOTICES) - meant == set()


def codes_of(call: ast.Call) -> set[str]:
    """What is passed as a notice: by its name, or last to a module's own ``_to``."""
    given = [word.value for word in call.keywords if word.arg == "notice"]
    if ast.unparse(call.func) == "_to":
        given += call.args[2:]
    return {
        one.value
        for value in given
        for one in ast.walk(value)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


# ---------------------------------------------------------------- one language on each screen


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return kept_catalogue()


def spoken(page: Element) -> set[str]:
    """Each run of words that is shown or read aloud."""
    said = {
        " ".join(child.split())
        for element in page.walk()
        if element.tag not in {"script", "style"} and "lang" not in element.attrs
        for child in element.children
        if isinstance(child, str)
    }
    names = ("aria-label", "title", "alt", "placeholder")
    said |= {element[name] for element in page.walk() for name in names if name in element.attrs}
    return {text for text in said if re.search(r"[^\W\d_]{3}", text)}


def sentences(catalogue: Catalog, *, english: bool) -> set[str]:
    """The words of one language that the other does not have; those with values left out."""
    french = {text for one in catalogue if one.id for text in plural(one.id)}
    said = {text for one in catalogue if one.id for text in plural(one.string)}
    ours = said - french if english else french - said
    return {" ".join(text.split()) for text in ours if "%(" not in text}


def plural(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
async def test_no_screen_mixes_languages(
    language: str,
    browse: Callable[..., Any],
    doors: list[Door],
    world: Records,
    catalogue: Catalog,
) -> None:
    readers = {name: await browse(name) for name in ("ines", "marc", "lea")}
    for browser in readers.values():
        browser.http.cookies.set("lang", language, domain="testserver.local")
    foreign = sentences(catalogue, english=language == "fr")
    mixed: dict[str, set[str]] = {}
    for door in doors:
        if door.method == "GET" and door.name != "equipment.live":
            path = door.at(**{name: next(iter(world[name].values())) for name in door.parameters})
            answer = await readers[reader_of(door)].get(path)
            page = parse(answer.text if "html" in answer.headers["content-type"] else "")
            if wrong := spoken(page) & foreign:
                mixed[str(door)] = wrong

    assert mixed == {}
