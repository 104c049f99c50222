"""Where somebody stands: what may follow what, the board, and two people at once."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Refused
from couveuse.trainees import actions
from couveuse.trainees.forms.paths import NextForm, StepForm
from couveuse.trainees.models import Path, PathChanged, PathState, PathStep
from couveuse.trainees.queries import find_open_path, get_path, read_board
from couveuse.trainees.rules.paths import FOLLOWS, STATE_NAMES, silence, step_problems
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.html import Element, parse

TODAY = NOON.date()
DAY = dt.timedelta(days=1)

ALLOWED = """
contact         welcomed oriented_out applying withdrawn closed
welcomed        applying oriented_out withdrawn closed
oriented_out    welcomed applying withdrawn closed
applying        selected waiting_list refused welcomed oriented_out withdrawn
waiting_list    selected applying refused oriented_out withdrawn closed
refused         applying welcomed oriented_out closed
selected        in_preparation in_test waiting_list applying withdrawn
in_preparation  in_test selected withdrawn
in_test         suspended leaving exited
suspended       in_test leaving exited
leaving         exited in_test
exited          followed_after closed
followed_after  closed
withdrawn       welcomed applying closed
closed
"""
TABLE = {first: set(rest) for first, *rest in map(str.split, ALLOWED.strip().splitlines())}
PAIRS = [(before, after) for before in PathState for after in PathState]


def test_every_state_has_a_name_and_a_line() -> None:
    assert set(STATE_NAMES) == set(FOLLOWS) == set(PathState) == set(TABLE)


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=str)
def test_what_may_follow_what(before: PathState, after: PathState) -> None:
    problems = step_problems(before, after, TODAY, since=TODAY, today=TODAY)

    assert (problems == []) == (after in TABLE[before])


def test_a_refused_change_says_what_would_do() -> None:
    (problem,) = step_problems("leaving", PathState.CLOSED, TODAY, since=TODAY, today=TODAY)

    assert "test terminé, test en cours" in str(problem)


@pytest.mark.parametrize(
    ("on", "code"),
    [
        (TODAY + DAY, "step_to_come"),
        (TODAY, None),
        (TODAY - 9 * DAY, None),
        (TODAY - 10 * DAY, "step_too_early"),
    ],
)
def test_a_change_has_happened_and_after_the_last_one(on: dt.date, code: str | None) -> None:
    found = step_problems("in_test", PathState.LEAVING, on, since=TODAY - 9 * DAY, today=TODAY)

    assert [one.code for one in found] == ([code] if code else [])


@pytest.mark.parametrize(
    ("state", "days", "quiet"),
    [
        ("contact", 9, False),
        ("contact", 10, True),
        ("welcomed", 59, False),
        ("welcomed", 60, True),
        ("waiting_list", 60, True),
        ("in_test", 400, False),
        ("withdrawn", 400, False),
    ],
)
def test_after_how_long_silence_is_told(state: str, days: int, quiet: bool) -> None:
    assert (silence(state, NOON - days * DAY, NOON) is not None) == quiet


# ---------------------------------------------------------------- changing


async def path_of(db: AsyncSession, cast: Cast, name: str) -> Path:
    found = await find_open_path(db, cast.person(name).id)
    assert found is not None
    return await get_path(db, cast.actors["ines"], found.id)


async def test_a_change_is_a_dated_step(db: AsyncSession, cast: Cast) -> None:
    path = await path_of(db, cast, "lea")
    asked = StepForm(state=PathState.LEAVING, happened_on=TODAY - DAY, note="Cherche une ferme")
    await actions.change_state(db, cast.actors["ines"], path, asked)

    step = await db.scalar(sa.select(PathStep))
    assert step is not None
    assert (step.state, step.happened_on, step.note) == ("leaving", TODAY - DAY, asked.note)
    assert path.state == "leaving"


async def test_closing_gives_the_path_its_last_day(db: AsyncSession, cast: Cast) -> None:
    path = await build.make_path(db, cast.zoe, cast.home, state="exited")
    path = await get_path(db, cast.actors["ines"], path.id)
    await actions.change_state(db, cast.actors["ines"], path, StepForm(state=PathState.CLOSED))

    assert path.closed_on == TODAY
    with pytest.raises(Refused):
        await actions.change_state(
            db, cast.actors["ines"], path, StepForm(state=PathState.WELCOMED)
        )


async def test_who_looks_at_an_old_page_is_told(db: AsyncSession, cast: Cast) -> None:
    path = await path_of(db, cast, "lea")
    asked = StepForm(state=PathState.LEAVING, seen=PathState.SUSPENDED)
    with pytest.raises(PathChanged):
        await actions.change_state(db, cast.actors["ines"], path, asked)


async def test_what_comes_next_is_for_somebody_of_the_network(db: AsyncSession, cast: Cast) -> None:
    path = await path_of(db, cast, "lea")
    asked = NextForm(next_step="Visite", next_due_on=TODAY, next_actor_id=cast.zoe.id)
    with pytest.raises(Refused):
        await actions.say_next(db, cast.actors["ines"], path, asked)
    await actions.say_next(
        db, cast.actors["ines"], path, asked.model_copy(update={"next_actor_id": cast.marc.id})
    )

    assert (path.next_step, path.next_actor_id) == ("Visite", cast.marc.id)


# ---------------------------------------------------------------- the board


async def test_what_is_late_comes_first_then_what_is_due(db: AsyncSession, cast: Cast) -> None:
    for name, due, state in (
        ("Zélie", TODAY + DAY, "in_test"),
        ("Abel", None, "in_test"),
        ("Yves", TODAY - DAY, "in_test"),
        ("Xavier", None, "contact"),
    ):
        person = await build.make_person(db, name, family_name="Planche")
        step = "Appeler" if due else None
        await build.make_path(
            db,
            person,
            cast.home,
            state=state,
            next_step=step,
            next_due_on=due,
            changed_at=NOON - 12 * DAY,
        )

    board = await read_board(db, cast.actors["ines"], search="planche")
    assert [row.name.split()[0] for row in board.rows] == ["Yves", "Xavier", "Zélie", "Abel"]
    assert board.late == 2
    late = await read_board(db, cast.actors["ines"], search="planche", late_only=True)
    assert [row.name.split()[0] for row in late.rows] == ["Yves", "Xavier"]


async def test_a_finished_path_is_shown_when_asked_for(db: AsyncSession, cast: Cast) -> None:
    await build.make_path(db, cast.zoe, cast.home, state="closed", closed_on=TODAY)
    ines = cast.actors["ines"]

    async def names(**filters: Any) -> set[int]:
        return {row.person_id for row in (await read_board(db, ines, **filters)).rows}

    assert cast.zoe.id not in await names()
    assert cast.zoe.id in await names(everyone=True)
    assert await names(state="closed") == {cast.zoe.id}
    assert await names(structure_id=cast.partner.id) == {cast.tom.id}


SEEN = {"ines": {"lea", "tom"}, "paul": {"tom"}, "marc": {"lea"}, "rosa": set(), "lea": {"lea"}}


@pytest.mark.parametrize(("name", "seen"), SEEN.items())
async def test_the_board_shows_those_one_may_see(
    name: str, seen: set[str], browse: Callable[..., Any], cast: Cast
) -> None:
    page: Element = await (await browse(name)).page("/testeurs")

    shown = {int(one["data-person"]) for one in page.all("li", data_person=None)}
    assert shown == {cast.person(one).id for one in seen}


async def test_the_menu_offers_the_board_to_those_who_follow(browse: Callable[..., Any]) -> None:
    async def offered(name: str) -> bool:
        page: Element = await (await browse(name)).page("/")
        return bool(page.all("a", href="/testeurs"))

    assert await offered("ines")
    assert await offered("marc")
    assert not await offered("lea")


# ---------------------------------------------------------------- pages


async def test_a_change_through_the_page(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    path = await path_of(db, cast, "lea")
    ines = await browse("ines")
    answer = await ines.post(f"/parcours/{path.id}/etapes", {"state": "leaving", "seen": "in_test"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/parcours/{path.id}")
    old = await ines.post(f"/parcours/{path.id}/etapes", {"state": "suspended", "seen": "in_test"})
    assert old.status_code == 409
    assert "a changé entre-temps" in parse(old.text).text
    wrong = await ines.post(f"/parcours/{path.id}/etapes", {"state": "applying", "note": "<b>?"})
    assert wrong.status_code == 422
    assert "Après « sortie en préparation »" in parse(wrong.text).text
    assert "<b>?" in parse(wrong.text).one("textarea", name="note").text
    shown = (await (await browse("lea")).page(f"/parcours/{path.id}")).text
    assert "Sortie en préparation noté par Ines Essai" in shown


async def test_the_next_step_through_the_page(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    path = await path_of(db, cast, "tom")
    paul = await browse("paul")
    nothing = await paul.post(f"/parcours/{path.id}/suite", {"next_due_on": "2026-12-01"})
    assert nothing.status_code == 422
    fields = {
        "next_step": "Visiter Neuvy",
        "next_due_on": "24/11/2026",
        "next_actor_id": str(cast.paul.id),
    }
    assert (await paul.post(f"/parcours/{path.id}/suite", fields)).status_code == 303
    row = (await paul.page("/testeurs")).one("li", data_person=str(cast.tom.id)).text
    for said in ("Visiter Neuvy", "avant le 24 nov. 2026", "Paul Essai", "en retard de 1 jour"):
        assert said in row
