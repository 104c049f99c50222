"""Whoever comes along on a visit gives their own time, once, for their own structure."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.followup.models import Presence, Visit, VisitPerson
from couveuse.network import queries
from couveuse.network.hours import WAYS, cut, lines
from couveuse.people.models import Person
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.followup.steps import made
from tests.followup.test_locks import broken
from tests.network.conftest import MakeVisit
from tests.network.test_pages import YEAR, table

Browse = Callable[..., Any]
HELD = {"duration_minutes": "90", "mode": "place", "kind": "technical"}


@pytest_asyncio.fixture
async def denis(db: AsyncSession, cast: Cast) -> Person:
    """Of the partner structure, follows lea too."""
    person = await build.make_person(db, given_name="Denis", family_name="Essai")
    await build.make_membership(db, person, cast.partner, "mentor")
    await build.make_follow_up_member(db, cast.lea, person)
    await db.commit()
    return person


async def test_each_gives_their_own_time_for_their_own_structure(
    browse: Browse, db: AsyncSession, cast: Cast, visit: MakeVisit, denis: Person
) -> None:
    held = await visit(1)
    marc = await browse("marc")
    form = HELD | {"starts_at": "2026-11-24T12:00"}
    came = {f"presence_{one.id}": "present" for one in (cast.lea, cast.marc, denis)}
    address = f"/visites/{held.id}/tenue"
    page = await marc.page(address)
    assert len(page.all("input", name=f"minutes_{denis.id}")) == 1
    assert page.all("input", name=f"minutes_{cast.lea.id}") == []
    for typed in ("120", "x", "-5"):
        sent = form | came | {f"minutes_{denis.id}": typed}
        assert (await marc.post(address, sent)).status_code == 422

    assert made(await marc.post(address, form | came | {f"minutes_{denis.id}": "40"}))

    hours = await (await browse("ines")).page(f"/heures?{YEAR}")
    assert table(hours, "personnes") == {"Lea Essai": ["1", "0 h", "1 h 30", "1 h 30"]}
    assert table(hours, "accompagnement") == {
        "Denis Essai": ["1", "0 h", "40 min", "40 min"],
        "Marc Essai": ["1", "0 h", "1 h 30", "1 h 30"],
    }
    assert {name: cells[-1] for name, cells in table(hours, "structures").items()} == {
        "CIVAM": "1 h 30",
        "ADEARI": "40 min",
    }
    behind = f"/heures/seances?{YEAR}&par=accompagnement&numero={denis.id}"
    listed = await (await browse("ines")).page(behind)
    assert "Visite à Lea Essai" in listed.text
    assert "Marc Essai, Denis Essai (40 min)" in listed.text
    assert listed.one("a", href=f"/visites/{held.id}")


async def test_what_somebody_gave_stands_in_the_text_that_is_signed(
    browse: Browse, db: AsyncSession, cast: Cast, visit: MakeVisit, denis: Person
) -> None:
    held = await visit(1)
    there = {"visit_id": held.id, "person_id": denis.id, "presence": "present", "minutes": 40}
    db.add(VisitPerson(**there))
    await build.make_report(db, held, cast.marc)
    await db.commit()
    marc = await browse("marc")
    assert made(await marc.post(f"/visites/{held.id}/signature"))

    page = await marc.page(f"/visites/{held.id}/compte-rendu")
    assert "Denis Essai (présent·e, 40 minutes)" in page.one("pre").text
    change = "UPDATE visit_person SET minutes = 90 WHERE person_id = :who"
    assert await broken(db, change, who=denis.id) == "report_signed_is_locked"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ("minutes = 0", "visit_person_minutes_within_a_day"),
        ("minutes = 1441", "visit_person_minutes_within_a_day"),
        ("presence = 'excused', minutes = 10", "visit_person_gives_when_present"),
    ],
)
async def test_what_the_table_refuses(
    values: str, constraint: str, db: AsyncSession, visit: MakeVisit
) -> None:
    await visit(1)
    assert await broken(db, f"UPDATE visit_person SET {values}") == constraint  # noqa: S608


async def test_whoever_made_no_visit_gave_nothing(
    browse: Browse, db: AsyncSession, cast: Cast, visit: MakeVisit, denis: Person
) -> None:
    held = await visit(1)
    form = HELD | {"starts_at": "2026-11-24T12:00"}
    came = {cast.lea: "present", cast.marc: "excused", denis: "present"}
    sent = form | {f"presence_{person.id}": said for person, said in came.items()}
    assert made(await (await browse("marc")).post(f"/visites/{held.id}/tenue", sent))

    hours = await (await browse("ines")).page(f"/heures?{YEAR}")
    assert set(table(hours, "accompagnement")) == {"Denis Essai"}
    assert set(table(hours, "structures")) == {"ADEARI"}


async def test_a_mentor_of_another_who_is_there_gives_and_does_not_receive(
    browse: Browse, db: AsyncSession, cast: Cast, visit: MakeVisit
) -> None:
    """Tom comes to lea's visit with who follows him."""
    hans = await build.make_person(db, given_name="Hans", family_name="Essai")
    await build.make_follow_up_member(db, cast.tom, hans)
    await visit(1, cast.tom, hans)

    hours = await (await browse("ines")).page(f"/heures?{YEAR}")
    assert set(table(hours, "personnes")) == {"Lea Essai", "Tom Essai"}
    assert set(table(hours, "accompagnement")) == {"Hans Essai", "Marc Essai"}


@pytest.mark.parametrize("seed", range(4))
async def test_a_history_counts_what_was_written_down_of_it(
    seed: int, db: AsyncSession, cast: Cast, visit: MakeVisit, denis: Person
) -> None:
    """Visits made up by dice, noted beside: nobody is counted twice, nothing is lost."""
    dice = random.Random(seed)
    kept: dict[str, Counter[int]] = {name: Counter() for name in WAYS}
    grant = await build.make_grant(db, cast.home)
    actions = [
        await build.make_action(db, grant, label=f"A{n}", mode=mode)
        for n, mode in enumerate(("individual", "group"))
    ]
    for day in range(1, 13):
        minutes, together = dice.choice((30, 90, 240)), dice.random() < 0.4
        held = await visit(
            day, *([cast.tom] if together else []), duration_minutes=minutes, signed=False
        )
        given = {cast.marc.id: minutes}
        if dice.random() < 0.6:
            given[denis.id] = dice.choice((minutes, dice.randint(1, minutes)))
            await come_along(db, held, denis, given[denis.id], cast.partner.id)
        for person in (cast.lea, cast.tom)[: 1 + together]:
            kept["personnes"][person.id] += minutes
        kept["accompagnement"].update(given)
        kept["structures"].update({cast.home.id: minutes})
        if denis.id in given:
            kept["structures"].update({cast.partner.id: given[denis.id]})
        action = dice.choice((None, actions[together]))
        if action:
            await build.make_charge(db, action, cast.ines, visit_id=held.id)
        kept["actions"][action.id if action else 0] += minutes
        kept["financements"][grant.id if action else 0] += minutes
    first, last = NOON.date().replace(month=1, day=1), NOON.date()
    sessions = await queries.list_sessions(db, cast.actors["ines"], first, last)

    counted = cut(sessions, first, last)

    for name, way in WAYS.items():
        found = {line.id: line.time.whole for line in lines(counted, way)}
        assert found == dict(kept[name]), name


async def come_along(
    db: AsyncSession, held: Visit, person: Person, minutes: int, structure_id: int
) -> None:
    db.add(
        VisitPerson(
            visit_id=held.id,
            person_id=person.id,
            presence=Presence.PRESENT,
            minutes=minutes if minutes != held.duration_minutes else None,
            structure_id=structure_id,
        )
    )
    await db.flush()
