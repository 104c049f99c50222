"""Every door is closed unless it says that it is public; its name and address follow the rules."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar

from couveuse.app import create_app
from couveuse.core.settings import Settings
from tests.conftest import Browser
from tests.guards.conftest import Records
from tests.guards.doors import RECORDS, Door, list_doors, reader_of
from tests.html import parse

PUBLIC = {
    "followup.app.show",
    "followup.light.show",
    "followup.light_plans.create",
    "followup.light_plans.new",
    "followup.light_reports.edit",
    "followup.light_reports.show",
    "followup.light_reports.update",
    "followup.light_sharings.create",
    "followup.light_sheets.show",
    "followup.light_signatures.create",
    "followup.light_steps.create",
    "followup.light_steps.new",
    "followup.light_steps.update",
    "followup.light_visits.create",
    "followup.light_visits.new",
    "followup.waiting.show",
    "followup.worker.show",
    "health.alive",
    "health.ready",
    "people.demo.create",
    "people.invitations.edit",
    "people.invitations.update",
    "people.language.update",
    "people.resets.create",
    "people.resets.edit",
    "people.resets.new",
    "people.resets.update",
    "people.sign_in.create",
    "people.sign_in.new",
    "people.sign_in_links.create",
    "people.sign_in_links.show",
    "people.sign_in_links.update",
    "trainees.news_links.show",
    "trainees.news_links.update",
    "trainees.introductions.create",
    "trainees.introductions.new",
    "trainees.introductions.sent",
}
ACCENTED_NOWHERE = re.compile(r"(/[a-z0-9.-]+|/{[a-z0-9_]+:(int|str)})*/?")


@pytest.fixture(scope="session")
def demo_doors(settings: Settings) -> list[Door]:
    return list_doors(create_app(settings.model_copy(update={"demo": True})))


def test_every_door_is_guarded(demo_doors: list[Door]) -> None:
    assert [str(door) for door in demo_doors if not door.is_guarded] == []


def test_these_doors_are_public_and_no_others(demo_doors: list[Door]) -> None:
    assert {door.name for door in demo_doors if door.is_public} == PUBLIC


def test_the_demonstration_adds_its_door_and_nothing_else(
    doors: list[Door], demo_doors: list[Door]
) -> None:
    assert {str(door) for door in set(demo_doors) - set(doors)} == {"POST people.demo.create"}


def test_names_are_dotted_english_and_unique(doors: list[Door]) -> None:
    names = [door.name for door in doors]

    assert [name for name in names if not re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", name)] == []
    assert len(set(names)) == len(names)


def test_addresses_are_plain_lower_case(doors: list[Door]) -> None:
    assert [door.path for door in doors if not ACCENTED_NOWHERE.fullmatch(door.path)] == []


def test_only_reading_and_sending_exist(doors: list[Door]) -> None:
    assert {door.method for door in doors} == {"GET", "POST"}


# ---------------------------------------------------------------- tampered requests


async def test_nothing_is_sent_without_the_token_of_the_form(
    browse: Callable[..., Any], doors: list[Door], world: Records
) -> None:
    browser: Browser = await browse("ines")
    let_in: dict[str, int] = {}
    for door in doors:
        if door.method == "POST":
            path = first(door, world)
            for sent in ({}, {"_csrf_token": ""}, {"_csrf_token": "f" * 72}):
                answer = await browser.http.post(path, data=sent)
                if answer.status_code != 403 or "expiré" not in parse(answer.text).text:
                    let_in[str(door)] = answer.status_code

    assert let_in == {}


ODD_IDS = ("0", "-1", str(2**63 - 1), str(2**63), "9" * 40, "abc", "1.5", "%00", "%20", "1e3", "é")


@pytest.mark.parametrize("odd", ODD_IDS)
async def test_an_odd_id_is_a_page_that_does_not_exist(
    browse: Callable[..., Any], doors: list[Door], odd: str
) -> None:
    browser: Browser = await browse("ines")
    strange: dict[str, int] = {}
    for door in doors:
        if "int" in door.parameters.values():
            path = door.at(**dict.fromkeys(door.parameters, odd))
            answer = await (browser.get(path) if door.method == "GET" else browser.post(path))
            if answer.status_code != 404:
                strange[str(door)] = answer.status_code

    assert strange == {}


ODD_WORDS = ("x", "%00", "%E2%80%AE", "%FF%FE", "a" * 2000, "..%2F..%2Fetc%2Fpasswd", "'--")


@pytest.mark.parametrize("odd", ODD_WORDS)
async def test_an_odd_word_in_an_address_is_no_crash(
    browse: Callable[..., Any], doors: list[Door], odd: str
) -> None:
    browser: Browser = await browse("ines")
    strange: dict[str, int] = {}
    for door in doors:
        if "str" in door.parameters.values():
            path = door.at(**dict.fromkeys(door.parameters, odd))
            answer = await (browser.get(path) if door.method == "GET" else browser.post(path))
            if answer.status_code not in {404, 410}:
                strange[str(door)] = answer.status_code

    assert strange == {}


READ_BY_HAND = ("next", "debut", "fin", "nothing")
ODD_ANSWERS = ("", "x", "%00", "%FF", "-1", "9" * 40, "2026-W54", "9999-12-31", "é" * 300)


@pytest.mark.parametrize("odd", ODD_ANSWERS)
async def test_an_odd_question_is_answered_or_refused(
    browse: Callable[..., Any], doors: list[Door], world: Records, odd: str
) -> None:
    readers: dict[str, Browser] = {name: await browse(name) for name in ("ines", "marc", "lea")}
    strange: dict[str, int] = {}
    for door in doors:
        if door.method == "GET" and door.name != "equipment.live":
            asked = "&".join(f"{name}={odd}" for name in (*door.questions, *READ_BY_HAND))
            browser = readers[reader_of(door)]
            answer = await browser.get(f"{first(door, world)}?{asked}")
            if answer.status_code not in {200, 400, 410, 422}:
                strange[str(door)] = answer.status_code

    assert strange == {}


def first(door: Door, world: Records) -> str:
    """The address of the first record of each kind, or of the one that the door is for."""
    record = RECORDS.get(door.name)
    return door.at(
        **{name: world[name][record or next(iter(world[name]))] for name in door.parameters}
    )


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
async def test_other_methods_do_not_exist(
    browse: Callable[..., Any], doors: list[Door], world: Records, method: str
) -> None:
    browser: Browser = await browse("ines")
    answers = {
        (
            await browser.http.request(
                method,
                first(door, world),
                headers={"x-csrftoken": browser.token},
            )
        ).status_code
        for door in doors
    }

    assert answers == {405}


def test_the_whole_application_is_behind_one_guard(app: Litestar) -> None:
    assert [guard.__name__ for guard in app.guards] == ["signed_in"]
