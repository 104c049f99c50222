"""Two officers at once: one writes, the other is told, and the clock of the law holds."""

import datetime as dt

import pytest
import sqlalchemy as sa

from couveuse.core.db import unit_of_work
from couveuse.trainees.models import Agreement, AgreementPeriod, LegalNotice
from tests import build
from tests.races.arena import Arena, at_once, winners

pytestmark = [pytest.mark.race, pytest.mark.slow]

FIRST, LAST = dt.date(2031, 1, 1), dt.date(2031, 12, 31)
PERIOD = {"signed_on": "2030-12-01", "starts_on": "2031-01-01", "ends_on": "2031-12-31"}
RENEWAL = {"signed_on": "2031-12-01", "starts_on": "2032-01-01", "ends_on": "2032-12-31"}
TOLD = {409, 422}


async def somebody(arena: Arena) -> tuple[int, int]:
    """A new person and the structure of the arena."""
    async with unit_of_work(arena.sessions) as db:
        site = await db.get_one(build.Site, arena.site_id)
        return (await build.make_person(db)).id, site.structure_id


async def agreed(arena: Arena, *, signed: bool = True) -> int:
    person_id, structure_id = await somebody(arena)
    async with unit_of_work(arena.sessions) as db:
        person = await db.get_one(build.Person, person_id)
        structure = await db.get_one(build.Structure, structure_id)
        document = "ab" * 32 if signed else None
        made = await build.make_agreement(
            db, person, structure, FIRST, LAST + dt.timedelta(days=1), document=document
        )
        return made.id


async def count(arena: Arena, table: type, **where: int) -> int:
    async with arena.sessions() as db:
        query = sa.select(sa.func.count()).select_from(table)
        return await db.scalar(query.filter_by(**where)) or 0


async def test_officers_who_renew_at_once(arena: Arena) -> None:
    for _ in arena.rounds(8):
        agreement_id = await agreed(arena)
        path = f"/conventions/{agreement_id}/renouvellements"
        answers = await at_once(arena.post(arena.ines, path, **RENEWAL) for _ in range(6))

        assert len(winners(answers)) == 1
        assert {one.status_code for one in answers if one.status_code != 303} <= TOLD
        assert await count(arena, AgreementPeriod, agreement_id=agreement_id) == 2
        assert await count(arena, LegalNotice, agreement_id=agreement_id) == 2


async def test_the_same_renewal_sent_six_times(arena: Arena) -> None:
    agreement_id = await agreed(arena)
    path = f"/conventions/{agreement_id}/renouvellements"
    answers = await at_once(
        arena.post(arena.ines, path, **RENEWAL, once="renewed-once") for _ in range(6)
    )

    assert {one.status_code for one in answers} == {303}
    assert await count(arena, AgreementPeriod, agreement_id=agreement_id) == 2


async def test_two_agreements_of_one_person_at_once(arena: Arena) -> None:
    for _ in arena.rounds(8):
        person_id, structure_id = await somebody(arena)
        path = f"/testeurs/{person_id}/conventions"
        answers = await at_once(
            arena.post(arena.ines, path, kind="cape", structure_id=str(structure_id), **PERIOD)
            for _ in range(6)
        )

        assert len(winners(answers)) == 1
        assert {one.status_code for one in answers if one.status_code != 303} <= TOLD
        assert await count(arena, Agreement, person_id=person_id) == 1


async def test_a_renewal_and_an_early_end_at_once(arena: Arena) -> None:
    """Whichever comes first, no day beyond the early end remains."""
    for _ in arena.rounds(8):
        agreement_id = await agreed(arena)
        place = f"/conventions/{agreement_id}"
        end = {"ends_on": "2031-06-30", "reason": "Fin"}
        answers = await at_once(
            arena.post(arena.ines, f"{place}/{what}", **fields)
            for what, fields in (("renouvellements", RENEWAL), ("rupture", end)) * 2
        )

        assert {one.status_code for one in answers} <= {303, *TOLD}
        async with arena.sessions() as db:
            ends = sa.select(sa.func.max(sa.func.upper(AgreementPeriod.during)))
            last = await db.scalar(ends.where(AgreementPeriod.agreement_id == agreement_id))
        assert last == dt.date(2031, 7, 1)
