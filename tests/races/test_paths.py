"""Two people change one path, answer one referral, or send one form, in the same moment."""

import secrets

import pytest
import sqlalchemy as sa

from couveuse.core.db import unit_of_work
from couveuse.structures.models import Structure
from couveuse.trainees.models import Path, PathStep, Referral, Welcome
from tests import build
from tests.races.arena import Arena, at_once, winners

pytestmark = [pytest.mark.race, pytest.mark.slow]

ROUNDS = 4


async def opened(arena: Arena) -> tuple[int, int, int]:
    """A path, and a referral of it that waits; the ids of both and of the structure."""
    async with unit_of_work(arena.sessions) as db:
        site = await db.get_one(build.Site, arena.site_id)
        home = await db.get_one(Structure, site.structure_id)
        person = await build.make_person(db)
        path = await build.make_path(db, person, home, state="oriented_out")
        partner = await build.make_structure(db)
        boss = await db.get_one(build.Person, arena.ines.id)
        referral = await build.make_referral(db, path, partner, boss)
        return path.id, referral.id, home.id


async def test_two_changes_of_a_path_at_once(arena: Arena) -> None:
    for _ in range(ROUNDS):
        path_id, _, _ = await opened(arena)
        states = ["welcomed", "applying", "withdrawn", "welcomed"]
        answers = await at_once(
            arena.post(arena.ines, f"/parcours/{path_id}/etapes", state=state, seen="oriented_out")
            for state in states
        )
        (winner,) = [one for one in answers if one.status_code == 303]
        assert {one.status_code for one in answers} == {303, 409}
        async with arena.sessions() as db:
            steps = await db.scalars(sa.select(PathStep.state).where(PathStep.path_id == path_id))
            path = await db.get_one(Path, path_id)
        assert list(steps) == [path.state] == [states[answers.index(winner)]]


async def test_a_referral_is_answered_once(arena: Arena) -> None:
    for _ in range(ROUNDS):
        path_id, referral_id, home_id = await opened(arena)
        answer = f"/orientations/{referral_id}/reponse"
        answers = await at_once(
            arena.post(arena.ines, answer, answer=said, first_meeting_on="2199-12-31")
            for said in ["accept", "decline"] * 2
        )
        (winner,) = [one for one in answers if one.status_code == 303]
        assert {one.status_code for one in answers} == {303, 409}
        said = ["accepted", "declined"][answers.index(winner) % 2]
        async with arena.sessions() as db:
            path = await db.get_one(Path, path_id)
            assert (await db.get_one(Referral, referral_id)).state == said
        assert (path.structure_id == home_id) == (said == "declined")


async def test_a_welcome_sent_four_times_at_once_is_one(arena: Arena) -> None:
    for _ in range(ROUNDS):
        _, _, home_id = await opened(arena)
        once = secrets.token_hex(8)
        fields = {
            "structure_id": home_id,
            "given_name": once,
            "family_name": secrets.token_hex(8),
            "kind": "garden",
            "project": "Brebis",
            "notice_given": "on",
            "once": once,
        }
        answers = await at_once(arena.post(arena.ines, "/accueils", **fields) for _ in range(4))
        assert len({one.headers["location"] for one in winners(answers)}) == 1
        assert len(winners(answers)) == 4
        async with arena.sessions() as db:
            kept = await db.scalars(sa.select(Welcome).where(Welcome.once == once))
            assert len(kept.all()) == 1


async def test_a_sheet_is_joined_to_one_of_two(arena: Arena) -> None:
    """Officers who join it to the same person find one result; to another one, they are told."""
    for _ in range(ROUNDS):
        async with unit_of_work(arena.sessions) as db:
            site = await db.get_one(build.Site, arena.site_id)
            home = await db.get_one(Structure, site.structure_id)
            boss = await db.get_one(build.Person, arena.ines.id)
            doubled, *known = [await build.make_person(db) for _ in range(3)]
            path = await build.make_path(db, doubled, home, state="welcomed")
            sheet = await build.make_welcome(db, path, boss)
        answers = await at_once(
            arena.post(
                arena.ines,
                f"/accueils/{sheet.id}/reunion/{one.id}",
                doubled_id=doubled.id,
            )
            for one in known * 3
        )
        assert [one.status_code for one in answers].count(303) == 3
        assert {one.status_code for one in answers} == {303, 409}
        winner = known[[one.status_code for one in answers].index(303) % 2]
        async with arena.sessions() as db:
            assert (await db.get_one(Path, path.id)).person_id == winner.id
            assert await db.get(build.Person, doubled.id) is None


async def test_who_writes_about_a_person_that_is_joined_is_told(arena: Arena) -> None:
    """Another place in the group of somebody who disappears follows, or is refused."""
    for _ in range(ROUNDS):
        async with unit_of_work(arena.sessions) as db:
            site = await db.get_one(build.Site, arena.site_id)
            home = await db.get_one(Structure, site.structure_id)
            boss = await db.get_one(build.Person, arena.ines.id)
            doubled, known = [await build.make_person(db) for _ in range(2)]
            path = await build.make_path(db, doubled, home, state="welcomed")
            sheet = await build.make_welcome(db, path, boss)
        joined, *others = await at_once(
            [
                arena.post(
                    arena.ines,
                    f"/accueils/{sheet.id}/reunion/{known.id}",
                    doubled_id=doubled.id,
                ),
                *(
                    arena.post(
                        arena.ines,
                        f"/testeurs/{doubled.id}/groupe",
                        member_id=arena.ines.id,
                        kind=kind,
                        starts_on="2026-01-01",
                    )
                    for kind in ("technical", "human")
                ),
            ]
        )
        assert joined.status_code == 303
        assert {one.status_code for one in others} <= {303, 404, 409}
        async with arena.sessions() as db:
            assert await db.get(build.Person, doubled.id) is None
