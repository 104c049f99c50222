"""Grids: versions that never change, the person first, both together, nobody else."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.db import make_engine, make_sessions, unit_of_work
from couveuse.core.errors import Conflict, broken_promise
from couveuse.followup import actions, given_grids, queries
from couveuse.followup.grid_forms import GridForm, GridVersionForm, answers_form
from couveuse.followup.models import (
    Assessment,
    AssessmentAnswers,
    Grid,
    GridVersion,
    PersonFirst,
    Side,
    TalkedOver,
    VersionIsKept,
)
from tests import build
from tests.cast import Cast, make_cast
from tests.conftest import NOON, Browser
from tests.html import parse

TODAY = NOON.date()
Browse = Callable[..., Awaitable[Browser]]
LEVELS = "loin\nprès\nlà"
CRITERIA = "Sol : vie, structure\nEau\nTemps"


async def technique(db: AsyncSession) -> Grid:
    grids = await queries.list_grids(db)
    return next(grid for grid in grids if grid.name == "Technique")


async def begun(db: AsyncSession, cast: Cast, name: str = "lea") -> Assessment:
    grid = await technique(db)
    made = Assessment(
        person_id=cast.person(name).id,
        version_id=grid.present.id,
        made_on=TODAY,
        begun_by_id=cast.marc.id,
    )
    db.add(made)
    await db.flush()
    return made


def answers(assessment_or_version: Any, **typed: Any) -> Any:
    return answers_form(assessment_or_version).model_validate(typed)


async def say(db: AsyncSession, cast: Cast, name: str, made: Assessment, **typed: Any) -> None:
    side = Side.PERSON if cast.person(name).id == made.person_id else Side.MENTOR
    known = await queries.get_assessment(db, cast.actors[name], made.id)
    typed = typed or {"level_sol": 2, "comment_sol": "couvert tout l'hiver"}
    await actions.answer(db, cast.actors[name], known, side, answers(known.version, **typed))


# ---------------------------------------------------------------- grids


async def test_the_given_grids_are_words_of_the_catalogue(db: AsyncSession) -> None:
    said: set[str] = set()
    for grid in await queries.list_grids(db):
        version = grid.present
        said |= {grid.name, *version.levels}
        said |= {one[key] for one in version.criteria for key in ("label", "help")}

    assert said == set(given_grids.WORDS)


async def test_a_grid_is_made_and_changed_by_a_new_version(db: AsyncSession, cast: Cast) -> None:
    ines = cast.actors["ines"]
    made = await actions.make_grid(
        db, ines, GridForm.model_validate({"name": "Terre", "levels": LEVELS, "criteria": CRITERIA})
    )
    grid = await queries.get_grid(db, made.id)
    changed = GridVersionForm.model_validate({"levels": LEVELS, "criteria": CRITERIA + "\nVent"})
    await actions.change_grid(db, ines, grid, changed)

    grid = await queries.get_grid(db, made.id)
    assert [version.number for version in grid.versions] == [2, 1]
    assert [one["code"] for one in grid.present.criteria] == ["sol", "eau", "temps", "vent"]
    assert grid.present.criteria[0] == {"code": "sol", "label": "Sol", "help": "vie, structure"}


REFUSED = {
    "too few levels": ({"levels": "loin\nprès"}, "levels"),
    "too many levels": ({"levels": "a\nb\nc\nd\ne\nf"}, "levels"),
    "too few criteria": ({"criteria": "Sol\nEau"}, "criteria"),
    "too many criteria": ({"criteria": "\n".join(map(str, range(13)))}, "criteria"),
    "a line twice": ({"criteria": "Sol\nEau\nsol"}, "criteria"),
    "an endless line": ({"criteria": "Sol\nEau\n" + "x" * 201}, "criteria"),
    "nothing": ({"criteria": ""}, "criteria"),
    "no name": ({"name": ""}, "name"),
    "a name that is taken": ({"name": "technique"}, "name"),
}


@pytest.mark.parametrize(("typed", "field"), REFUSED.values(), ids=REFUSED)
async def test_a_grid_that_cannot_be_is_refused_beside_its_field(
    browse: Browse, typed: dict[str, str], field: str
) -> None:
    browser = await browse("ines")
    whole = {"name": "Terre", "levels": LEVELS, "criteria": CRITERIA} | typed
    answer = await browser.post("/grilles", whole)

    assert answer.status_code == 422
    assert parse(answer.text).all("p", id=f"e-{field}-1")


async def test_a_version_never_changes(db: AsyncSession, cast: Cast) -> None:
    grid = await technique(db)
    with pytest.raises(IntegrityError) as caught:
        await db.execute(
            sa.update(GridVersion)
            .where(GridVersion.id == grid.present.id)
            .values(levels=["a", "b", "c"])
        )

    assert isinstance(broken_promise(caught.value), VersionIsKept)


async def test_a_retired_grid_begins_nothing(browse: Browse, db: AsyncSession, cast: Cast) -> None:
    grid = await technique(db)
    ines, marc = await browse("ines"), await browse("marc")
    await ines.post(f"/grilles/{grid.id}/rangement")
    answer = await marc.post(f"/testeurs/{cast.lea.id}/grilles", {"grid_id": grid.id})
    await ines.post(f"/grilles/{grid.id}/retour")
    again = await marc.post(f"/testeurs/{cast.lea.id}/grilles", {"grid_id": grid.id})

    assert (answer.status_code, again.status_code) == (422, 303)


# ---------------------------------------------------------------- the order of speaking


async def test_the_person_speaks_first(db: AsyncSession, cast: Cast) -> None:
    made = await begun(db, cast)
    with pytest.raises(PersonFirst):
        await say(db, cast, "marc", made)

    await say(db, cast, "lea", made)
    await say(db, cast, "marc", made)
    assert (await queries.get_assessment(db, cast.actors["lea"], made.id)).is_answered


async def test_the_database_lets_no_mentor_speak_first(db: AsyncSession, cast: Cast) -> None:
    made = await begun(db, cast)
    db.add(
        AssessmentAnswers(
            assessment_id=made.id, side="mentor", author_id=cast.marc.id, said={}, given_at=NOON
        )
    )
    with pytest.raises(IntegrityError) as caught:
        await db.flush()

    assert isinstance(broken_promise(caught.value), PersonFirst)


async def test_neither_reads_the_other_before_speaking(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    made = await begun(db, cast)
    await say(db, cast, "lea", made)
    marc = await browse("marc")
    before = (await marc.get(f"/evaluations/{made.id}")).text
    await say(db, cast, "marc", made, level_sol=1, comment_sol="encore nu en février")
    after = (await marc.get(f"/evaluations/{made.id}")).text

    assert "couvert tout" not in before
    assert "couvert tout" in after
    assert "encore nu" in after


async def test_what_was_talked_over_stays(db: AsyncSession, cast: Cast, browse: Browse) -> None:
    made = await begun(db, cast)
    await say(db, cast, "lea", made)
    await say(db, cast, "marc", made)
    lea = await browse("lea")
    page = f"/evaluations/{made.id}"
    talked = await lea.post(f"{page}/echange", {"talked_on": str(TODAY), "talk": "On sèmera tôt."})
    again = await lea.post(f"{page}/reponses", {"level_sol": "0"})
    twice = await lea.post(f"{page}/echange", {"talked_on": str(TODAY)})

    assert talked.status_code == 303
    assert (again.status_code, twice.status_code) == (422, 422)
    assert "On sèmera tôt." in (await lea.get(page)).text


LOCKED = {
    "answers changed": "UPDATE assessment_answers SET said = '{}' WHERE assessment_id = :id",
    "answers removed": "DELETE FROM assessment_answers WHERE assessment_id = :id",
    "talk changed": "UPDATE assessment SET talk = 'x' WHERE id = :id",
    "talk taken back": "UPDATE assessment SET talked_on = NULL, talked_by_id = NULL WHERE id = :id",
}


@pytest.mark.parametrize("statement", LOCKED.values(), ids=LOCKED)
async def test_the_database_keeps_what_was_talked_over(
    db: AsyncSession, cast: Cast, statement: str
) -> None:
    made = await begun(db, cast)
    await say(db, cast, "lea", made)
    await say(db, cast, "marc", made)
    await db.execute(
        sa.update(Assessment)
        .where(Assessment.id == made.id)
        .values(talked_on=TODAY, talked_by_id=cast.lea.id)
    )
    with pytest.raises(IntegrityError) as caught:
        await db.execute(sa.text(statement), {"id": made.id})

    assert isinstance(broken_promise(caught.value), TalkedOver)


TALKS = {
    "before the answers": (dt.date(2026, 11, 24), 422),
    "tomorrow": (dt.date(2026, 11, 26), 422),
    "today": (TODAY, 303),
}


@pytest.mark.parametrize(("day", "status"), TALKS.values(), ids=TALKS)
async def test_the_talk_is_between_the_answers_and_today(
    browse: Browse, db: AsyncSession, cast: Cast, day: dt.date, status: int
) -> None:
    made = await begun(db, cast)
    await say(db, cast, "lea", made)
    await say(db, cast, "marc", made)
    lea = await browse("lea")

    answer = await lea.post(f"/evaluations/{made.id}/echange", {"talked_on": str(day)})

    assert answer.status_code == status


async def test_the_talk_waits_for_both(browse: Browse, db: AsyncSession, cast: Cast) -> None:
    made = await begun(db, cast)
    await say(db, cast, "lea", made)
    lea = await browse("lea")

    answer = await lea.post(f"/evaluations/{made.id}/echange", {"talked_on": str(TODAY)})

    assert answer.status_code == 422
    assert "Il manque une réponse" in parse(answer.text).text


BAD_ANSWERS = {
    "nothing": {},
    "a level too far": {"level_sol": "4"},
    "a level below": {"level_sol": "-1"},
    "a word": {"level_sol": "bien"},
    "an endless comment": {"comment_sol": "x" * 201},
    "another criterion": {"level_moon": "1"},
}


@pytest.mark.parametrize("typed", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
async def test_answers_that_say_nothing_are_refused(
    browse: Browse, db: AsyncSession, cast: Cast, typed: dict[str, str]
) -> None:
    made = await begun(db, cast)
    lea = await browse("lea")

    answer = await lea.post(f"/evaluations/{made.id}/reponses", typed)

    assert answer.status_code == 422
    assert await db.scalar(sa.select(sa.func.count(AssessmentAnswers.id))) == 0


async def test_a_second_mentor_does_not_write_over_the_first(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    await build.make_follow_up_member(db, cast.lea, cast.rosa)
    made = await begun(db, cast)
    await say(db, cast, "lea", made)
    await say(db, cast, "marc", made)
    rosa = await browse("rosa")

    answer = await rosa.post(f"/evaluations/{made.id}/reponses", {"level_sol": "0"})

    assert answer.status_code == 422
    assert "Marc" in parse(answer.text).text


# ---------------------------------------------------------------- who reads


READERS = {
    "lea": 200,
    "marc": 200,
    "ines": 404,
    "paul": 404,
    "rosa": 404,
    "tom": 404,
    "gaston": 404,
    "zoe": 404,
}


@pytest.mark.parametrize(("name", "status"), READERS.items())
async def test_only_the_two_who_talk_read(
    browse: Browse, db: AsyncSession, cast: Cast, name: str, status: int
) -> None:
    made = await begun(db, cast)
    browser = await browse(name)

    assert (await browser.get(f"/evaluations/{made.id}")).status_code == status
    assert (await browser.get(f"/testeurs/{cast.lea.id}/grilles")).status_code == status


@pytest.mark.parametrize(("days_ago", "status"), [(30, 200), (31, 404)])
async def test_who_handed_over_reads_for_a_while_and_says_nothing(
    browse: Browse, db: AsyncSession, cast: Cast, days_ago: int, status: int
) -> None:
    left = TODAY - dt.timedelta(days=days_ago)
    await build.make_follow_up_member(
        db, cast.lea, cast.rosa, end=left, grace_until=left + dt.timedelta(days=30)
    )
    made = await begun(db, cast)
    await say(db, cast, "lea", made)
    rosa = await browse("rosa")
    page = f"/evaluations/{made.id}"

    assert (await rosa.get(page)).status_code == status
    said = await rosa.post(f"{page}/reponses", {"level_sol": "1"})
    assert said.status_code == (403 if status == 200 else 404)


# ---------------------------------------------------------------- over time


async def test_progress_is_drawn_across_versions(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    """Another scale, another order: a criterion that keeps its words keeps its line."""
    first = await begun(db, cast)
    first.made_on = TODAY - dt.timedelta(days=90)
    await say(db, cast, "lea", first, level_sol=0)
    await say(db, cast, "marc", first, level_sol=0)
    grid = await technique(db)
    changed = GridVersionForm.model_validate({"levels": LEVELS, "criteria": "Eau\nSol\nTemps"})
    await actions.change_grid(db, cast.actors["ines"], grid, changed)
    grid = await queries.get_grid(db, grid.id)
    db.add(
        second := Assessment(
            person_id=cast.lea.id,
            version_id=grid.present.id,
            made_on=TODAY,
            begun_by_id=cast.lea.id,
        )
    )
    await db.flush()
    await say(db, cast, "lea", second, level_sol=2)
    await say(db, cast, "marc", second, level_sol=1)

    found = await queries.list_assessments(db, cast.actors["lea"], cast.lea.id)
    (progress,) = queries.by_grid(found)
    assert [share for _, share in progress.shares("sol", Side.PERSON)] == [0.0, 1.0]
    assert [share for _, share in progress.shares("sol", Side.MENTOR)] == [0.0, 0.5]
    lea = await browse("lea")
    assert (await lea.page(f"/testeurs/{cast.lea.id}/grilles")).all("polyline")


async def test_the_page_asks_the_same_however_long_the_path(
    browse: Browse, db: AsyncSession, cast: Cast, statements: list[str]
) -> None:
    grid = await technique(db)
    lea = await browse("lea")
    await lea.page("/")
    counts: list[int] = []
    for day in range(1, 9):
        db.add(
            Assessment(
                person_id=cast.lea.id,
                version_id=grid.present.id,
                made_on=TODAY - dt.timedelta(days=day),
                begun_by_id=cast.lea.id,
            )
        )
        await db.flush()
        statements.clear()
        await lea.page(f"/testeurs/{cast.lea.id}/grilles")
        counts.append(len(statements))

    assert len(set(counts)) == 1
    assert counts[0] <= 9


# ---------------------------------------------------------------- at once


async def test_begun_twice_at_once_is_one(database: str) -> None:
    engine = make_engine(database)
    sessions = make_sessions(engine)
    async with unit_of_work(sessions) as db:
        cast = await make_cast(db)
        grid = await technique(db)

    async def begin(name: str) -> int:
        async with unit_of_work(sessions) as db:
            return await actions.begin_assessment(db, cast.actors[name], cast.lea, grid)

    made = await asyncio.gather(*(begin(name) for name in ("lea", "marc") * 4))
    await engine.dispose()

    assert len(set(made)) == 1


async def test_two_versions_at_once_are_one_and_a_word(database: str) -> None:
    engine = make_engine(database)
    sessions = make_sessions(engine)
    async with unit_of_work(sessions) as db:
        cast = await make_cast(db)

    async def change(number: int) -> str:
        asked = GridVersionForm.model_validate(
            {"levels": LEVELS, "criteria": f"{CRITERIA}\nVent {number}"}
        )
        try:
            async with unit_of_work(sessions) as db:
                grid = await technique(db)
                await asyncio.sleep(0)  # let the other look at the same version
                await actions.change_grid(db, cast.actors["ines"], grid, asked)
        except Conflict as conflict:
            return conflict.reasons[0].code
        return "made"

    said = await asyncio.gather(*(change(number) for number in range(4)))
    async with sessions() as db:
        numbers = await db.scalars(
            sa.select(GridVersion.number).join(Grid).where(Grid.name == "Technique")
        )
        assert len(set(numbers)) == 1 + said.count("made")
    await engine.dispose()

    assert set(said) <= {"made", "version_meanwhile"}
    assert "made" in said
