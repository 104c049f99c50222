"""Two coordinators erase one file, or somebody adds to it, in the same moment."""

import datetime as dt

import pytest
import sqlalchemy as sa

from couveuse.coordination.models import Erasure
from couveuse.core.db import unit_of_work
from couveuse.people.models import Membership, Person
from tests import build
from tests.races.arena import Arena, at_once

pytestmark = [pytest.mark.race, pytest.mark.slow]

ROUNDS = 4
LONG_AGO = dt.datetime(2015, 1, 1, tzinfo=dt.UTC)


async def forgotten(arena: Arena) -> tuple[int, str, int]:
    """Somebody of whom nothing was heard for years; her id, her name, and a structure."""
    async with unit_of_work(arena.sessions) as db:
        site = await db.get_one(build.Site, arena.site_id)
        person = await build.make_person(db, created_at=LONG_AGO)
        return person.id, person.name, site.structure_id


async def test_a_file_is_erased_once(arena: Arena) -> None:
    async with unit_of_work(arena.sessions) as db:
        site = await db.get_one(build.Site, arena.site_id)
        home = await db.get_one(build.Structure, site.structure_id)
        other = await db.get_one(Person, arena.racers[0].id)
        await build.make_membership(db, other, home, build.Role.COORDINATOR)
    for _ in range(ROUNDS):
        person_id, name, _ = await forgotten(arena)
        address = f"/conservation/{person_id}/effacement"
        answers = await at_once(
            arena.post(who, address, name=name) for who in [arena.ines, arena.racers[0]] * 2
        )
        assert {one.status_code for one in answers} == {303, 409}
        async with arena.sessions() as db:
            erasure = (
                await db.scalars(sa.select(Erasure).where(Erasure.person_id == person_id))
            ).one()
            winner = 0 if erasure.erased_by_id == arena.ines.id else 1
        said = [one.status_code for one in answers]
        assert said == [303 if n % 2 == winner else 409 for n in range(4)]  # sent twice, done once


async def test_a_contact_of_the_same_moment_stops_it_or_is_refused(arena: Arena) -> None:
    for _ in range(ROUNDS):
        person_id, name, structure_id = await forgotten(arena)
        erased, added = await at_once(
            [
                arena.post(arena.ines, f"/conservation/{person_id}/effacement", name=name),
                arena.post(
                    arena.ines,
                    f"/personnes/{person_id}/appartenances",
                    structure_id=structure_id,
                    role="mentor",
                    starts_on="2026-01-01",
                ),
            ]
        )
        async with arena.sessions() as db:
            person = await db.get_one(Person, person_id)
            held = sa.select(sa.func.count()).where(Membership.person_id == person_id)
            count = await db.scalar(held)
        if erased.status_code == 303:
            assert (person.erased_at is not None, count) == (True, 0)
            assert added.status_code in {404, 409, 422}
        else:
            assert (person.erased_at, person.name, count) == (None, name, 1)
            assert (erased.status_code, added.status_code) == (422, 303)
