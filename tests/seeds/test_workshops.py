"""The workshops of the demonstration: signed sheets behind, two to come, however much later."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.followup.models import Presence, SignerRole, Workshop, WorkshopState
from couveuse.followup.queries.workshops import LAST, load_workshop, read_sheet
from couveuse.network.queries.slots import near, read_slots
from couveuse.seeds import refresh_demo
from couveuse.seeds.demo_people import PEOPLE
from couveuse.seeds.demo_workshops import WORKSHOPS
from tests.conftest import NOON

WEEKS = [0, 2, 5, 60]


async def list_all(db: AsyncSession) -> list[Workshop]:
    found = await db.scalars(sa.select(Workshop.id).order_by(LAST))
    return [await load_workshop(db, one) for one in found.all()]


def test_more_people_come_than_there_are_places():
    known = {one.given_name for one in PEOPLE}
    for facts in WORKSHOPS:
        assert len(set(facts.people)) == len(facts.people) > facts.places
        assert {*facts.people, facts.planner, facts.trainer} <= known
        assert facts.trainer not in facts.people


@pytest.mark.parametrize("weeks", WEEKS)
async def test_one_to_come_is_full_and_another_waits_for_lea(demo, fixed_clock, weeks):
    fixed_clock(NOON + dt.timedelta(weeks=weeks))
    await refresh_demo(demo)
    async with demo() as db:
        coming = [one for one in await list_all(db) if not one.is_over]
    assert len(coming) == 2
    assert any(one.waiting and one.places_left == 0 for one in coming)
    (free,) = (one for one in coming if one.places_left)
    assert free.takes_sign_ups
    assert not free.waiting
    assert "Léa" not in {seat.person.given_name for seat in free.seats}


@pytest.mark.parametrize("weeks", WEEKS)
async def test_what_went_by_is_signed_closed_and_counts(demo, fixed_clock, weeks):
    now = NOON + dt.timedelta(weeks=weeks)
    fixed_clock(now)
    await refresh_demo(demo)
    async with demo() as db:
        over = [one for one in await list_all(db) if one.is_over]
        for slot in (slot for one in over for slot in one.slots):
            sheet = await read_sheet(db, slot)
            assert slot.is_closed
            assert sheet.is_whole
            assert [one.person_id for one in sheet.closers] == [one.id for one in slot.facilitators]
            assert {one.presence for one in sheet.lines} == {Presence.PRESENT, Presence.EXCUSED}
            assert all(slot.starts_at < one.signed_at < now for one in sheet.signatures)
            by_participants = [
                one for one in sheet.signatures if one.role == SignerRole.PARTICIPANT
            ]
            assert len(by_participants) >= 4
        counted = await read_slots(db, None, *near(now - dt.timedelta(days=60), now))
    assert all(one.state == WorkshopState.HELD for one in over)
    assert any(len(one.slots) == 2 for one in over)
    assert len(counted) >= 2


async def test_what_somebody_signed_by_hand_stays_open(demo, fixed_clock):
    async with demo() as db:
        first = next(one for one in await list_all(db) if not one.is_over)
        first.slots[0].facts = "Signé à la main"
        await db.commit()
    fixed_clock(NOON + dt.timedelta(weeks=5))
    await refresh_demo(demo)
    async with demo() as db:
        again = await load_workshop(db, first.id)
    assert again.ends_at < clock.now()
    assert not again.slots[0].is_closed
