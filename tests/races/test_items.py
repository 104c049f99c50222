"""Items are changed, retired, and their people leave, while others book them."""

from collections.abc import Iterator
from typing import Any

import pytest

from couveuse.core.db import unit_of_work
from couveuse.equipment.models import BookingState, Item
from tests import build
from tests.html import Element, parse
from tests.races.arena import Arena, at_once, hour, made, told, winners

pytestmark = [pytest.mark.race, pytest.mark.slow]

ROUNDS = 5


@pytest.mark.parametrize("settle", [{}, {"cancel_bookings": "on"}])
async def test_an_item_is_retired_while_others_book_it(
    arena: Arena, settle: dict[str, str]
) -> None:
    for turn in range(ROUNDS):
        item = await arena.item(capacity=3)
        runs = [
            *(arena.book(who, item, hour(0), hour(2)) for who in arena.racers[:4]),
            arena.post(arena.ines, f"/materiel/{item}/retrait", **settle),
        ]
        answers = await at_once(runs if turn % 2 else reversed(runs))
        *created, retired = answers if turn % 2 else reversed(answers)
        won = [await arena.booking(made(answer)) for answer in accepted(created)]
        if settle or retired.status_code == 303:
            winners([retired])
            assert all(one.state == BookingState.CANCELLED for one in won)
        else:
            told(retired)
            assert len(won) == 3
        last = await arena.book(arena.racers[5], item, hour(4), hour(5))
        assert (last.status_code == 303) == (retired.status_code != 303)


async def test_places_are_taken_away_while_others_book_them(arena: Arena) -> None:
    for turn in range(ROUNDS):
        item = await arena.item(capacity=3)
        changed = await sheet_of(arena, item) | {"capacity": ["1"]}
        runs = [
            *(arena.book(who, item, hour(0), hour(2)) for who in arena.racers[:4]),
            arena.post(arena.ines, f"/materiel/{item}", **changed),
        ]
        answers = await at_once(runs if turn % 2 else reversed(runs))
        *created, edited = answers if turn % 2 else reversed(answers)
        assert len(winners(created)) == (1 if winners([edited]) else 3)


async def test_an_outage_holds_places_that_are_added_meanwhile(arena: Arena) -> None:
    for turn in range(ROUNDS):
        item = await arena.item()
        changed = await sheet_of(arena, item) | {"capacity": ["3"]}
        runs = [
            arena.block(item, hour(0), hour(4)),
            arena.post(arena.ines, f"/materiel/{item}", **changed),
        ]
        assert len(winners(await at_once(runs if turn % 2 else reversed(runs)))) == 2
        told(await arena.book(arena.racers[0], item, hour(1), hour(2)))


async def test_somebody_leaves_while_her_items_are_booked(arena: Arena) -> None:
    """She holds a set and looks after others: all that is locked, and others lock the same."""
    for turn in range(ROUNDS):
        low, tractor, tool = [await arena.item() for _ in range(3)]
        await arena.goes_with(tool, tractor)
        await arena.goes_with(low, tractor)
        leaver, membership = await somebody(arena, low)
        bookings = [
            made(await arena.book(arena.ines, tool, hour(n), hour(n + 1), person_id=leaver))
            for n in range(0, 4, 2)
        ]
        runs = [
            arena.post(
                arena.ines,
                f"/appartenances/{membership}/fin",
                last_day=hour(-200).date().isoformat(),
            ),
            *(arena.book(who, low, hour(n), hour(n + 1)) for n, who in enumerate(arena.racers[:6])),
            *(arena.move(arena.ines, one, hour(8), hour(9)) for one in bookings),
        ]
        answers = await at_once(runs if turn % 2 else reversed(runs))
        ended, *others = answers if turn % 2 else reversed(answers)
        assert ended.status_code == 303
        winners(others)
        for booking in bookings:
            assert (await arena.booking(booking)).state == BookingState.CANCELLED
            assert (await arena.verbs(booking))[-1] == "booking.cancelled_because"


def accepted(answers: list[Any]) -> list[Any]:
    """Winners where who loses may also be told that the item is not to be booked any more."""
    won = [answer for answer in answers if answer.status_code == 303]
    winners([answer for answer in answers if answer.status_code not in {303, 403}])
    return won


async def somebody(arena: Arena, item: int) -> tuple[int, int]:
    """A member in charge of an item, and her membership."""
    async with unit_of_work(arena.sessions) as db:
        person = await build.make_person(db)
        site = await db.get_one(build.Site, arena.site_id)
        home = await db.get_one(build.Structure, site.structure_id)
        membership = await build.make_membership(db, person, home)
        (await db.get_one(Item, item)).manager_id = person.id
    return person.id, membership.id


async def sheet_of(arena: Arena, item: int) -> dict[str, list[str]]:
    """The form of an item as its page shows it."""
    browser = arena.processes[0].browser(arena.ines)
    page = parse((await browser.get(f"/materiel/{item}/modification")).text)
    (form,) = [one for one in page.all("form") if one.attrs.get("action") == f"/materiel/{item}"]
    typed: dict[str, list[str]] = {}
    for name, value in _typed(form):
        typed.setdefault(name, []).append(value)
    return typed


def _typed(form: Element) -> Iterator[tuple[str, str]]:
    for one in form.all("input", name=None):
        if one.attrs.get("type") not in {"checkbox", "file", "radio"} or "checked" in one.attrs:
            yield one["name"], one.attrs.get("value", "")
    for select in form.all("select", name=None):
        for option in select.all("option", selected=None):
            yield select["name"], option["value"]
