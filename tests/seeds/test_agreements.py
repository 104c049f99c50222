"""Under what the people of the demonstration test, on whatever day it is made or started again."""

import datetime as dt

import pytest
import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy.orm import selectinload

from couveuse.core.db import unit_of_work
from couveuse.core.files import FileStore
from couveuse.followup.models import Level, Report
from couveuse.seeds.agreements import keep_agreements
from couveuse.seeds.almanac import DAY, Almanac
from couveuse.seeds.demo_agreements import CONTENTS, IDENTITIES, agreements_of
from couveuse.seeds.demo_people import PEOPLE
from couveuse.structures.forms import read_siret
from couveuse.trainees.models import Agreement, AgreementKind, LegalNotice
from couveuse.trainees.queries import AlertKind, list_alerts
from couveuse.trainees.rules import AgreementState, content_keys, last_day_after, state_of
from tests.conftest import NOON

DAYS = [dt.date(2026, 11, 24) + n * 53 * DAY for n in range(12)] + [dt.date(2028, 2, 29)]


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_people_are_members_while_they_test(day):
    seats = {one.given_name: one.seats[0] for one in PEOPLE}
    for facts in agreements_of(Almanac(day)):
        assert facts.first >= day + seats[facts.person].since * DAY, facts


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_situation_is_there(day):
    found = agreements_of(Almanac(day))
    ends = {}
    for one in found:
        first = one.first
        for months in one.months:
            first = last_day_after(first, months) + DAY
        ends[one.person, one.kind] = first - DAY
    assert any(one.waits and len(one.months) == 1 and one.first > day for one in found)
    assert any(one.waits and len(one.months) == 3 for one in found)
    assert any(one.ended_on and one.unsent for one in found)
    assert sum(day <= end <= day + 90 * DAY for end in ends.values()) >= 2
    for one in found:
        if one.waits and len(one.months) > 1:
            first = one.first + relativedelta(months=sum(one.months[:-1]))
            assert day < first


def test_what_is_written_fills_every_point():
    assert all(text for text in CONTENTS.values())
    for siret, office in IDENTITIES.values():
        assert read_siret(siret) == siret
        assert office


async def test_the_demonstration_has_something_to_see_to(demo_db):
    alerts = {one.kind for one in await list_alerts(demo_db)}
    kinds = {one.code: one for one in await demo_db.scalars(sa.select(AgreementKind))}
    found = (
        await demo_db.scalars(sa.select(Agreement).options(selectinload(Agreement.periods)))
    ).all()

    assert alerts == set(AlertKind)
    assert {state_of(one, NOON.date()) for one in found} >= {
        AgreementState.RUNNING,
        AgreementState.WAITING,
        AgreementState.ENDED,
        AgreementState.ENDED_EARLY,
    }
    assert all(set(content_keys(kinds[one.kind])) == set(one.contents) for one in found)


async def test_papers_and_photos_are_there_when_there_is_a_place_for_them(sessions, tmp_path):
    from couveuse.seeds import seed_demo

    store = FileStore(tmp_path)
    await seed_demo(sessions, today=NOON.date(), store=store)

    async with sessions() as db:
        found = await db.scalars(sa.select(Agreement).options(selectinload(Agreement.periods)))
        signed = [one for agreement in found for one in agreement.periods if one.is_signed]
        reports = await db.scalars(sa.select(Report).order_by(Report.level))
        photos = {one.level: one.photos[0]["file"] for one in reports if one.photos}
    assert len(signed) > 20
    assert set(photos) == {Level.DRAFT, Level.SHARED}
    assert all(store.path(name).read_bytes().startswith(b"\xff\xd8") for name in photos.values())
    assert all(store.path(one.document).read_bytes().startswith(b"%PDF") for one in signed)


@pytest.mark.parametrize("weeks", [1, 5, 30, 120])
async def test_weeks_later_there_is_still_something_to_see_to(demo, weeks, fixed_clock):
    later = NOON + dt.timedelta(weeks=weeks)
    fixed_clock(later)
    async with unit_of_work(demo) as db:
        await keep_agreements(db, later.date(), None)

    async with demo() as db:
        late = sa.select(sa.func.count(LegalNotice.id)).where(
            LegalNotice.sent_on.is_(None), LegalNotice.due_on < later.date() - 21 * DAY
        )
        assert await db.scalar(late) == 0
        found = (
            await db.scalars(sa.select(Agreement).options(selectinload(Agreement.periods)))
        ).all()
    if weeks < 52:
        assert any(state_of(one, later.date()) == AgreementState.RUNNING for one in found)
