"""The demonstration on the day it is made."""

import datetime as dt
from collections import Counter

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.coordination.queries.retention import read_review
from couveuse.core import journal
from couveuse.core.actor import Role
from couveuse.core.clock import PARIS, Week
from couveuse.core.db import Sessions, ends, unit_of_work
from couveuse.core.errors import Refused
from couveuse.equipment.models import (
    HOLDING,
    Booking,
    BookingState,
    Item,
    ItemClaim,
    Outage,
    item_companion,
)
from couveuse.equipment.rules import gap_in, local_days
from couveuse.equipment.standing import covered_days
from couveuse.followup.models import LightAccess, Report, ReportSignature
from couveuse.people.models import Membership, Paper, Person, Qualification
from couveuse.seeds import is_demo, is_empty, seed_demo
from couveuse.structures.models import Site, Structure
from couveuse.trainees.queries.after import list_exits
from couveuse.trainees.rules.after import Group, shares_of
from tests.cast import NAMES
from tests.conftest import NOON
from tests.seeds.checks import broken_rules, land_of, loose_claims, per_week, rows_of

TODAY = NOON.date()


async def count(db: AsyncSession, table: type, *where: sa.ColumnElement[bool]) -> int:
    return await db.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0


async def test_the_network_has_seven_structures_four_sites_and_26_items(demo_db):
    counts = [await count(demo_db, table) for table in (Structure, Site, Item)]
    assert counts == [7, 4, 26]
    assert await count(demo_db, Site, Site.kind == "temporary") == 1
    assert await count(demo_db, Person) >= 26
    nobody = sa.or_(Item.manager_id.is_(None), Item.deputy_id.is_(None))
    assert await count(demo_db, Item, nobody) == 0


async def test_the_cast_holds_the_roles_of_the_sign_in_page(demo_db):
    rows = await demo_db.execute(
        sa.select(Person.email, Membership.role, Membership.salaried, Structure.short_name)
        .join(Membership, Membership.person_id == Person.id)
        .join(Structure, Structure.id == Membership.structure_id)
        .where(Membership.during.contains(TODAY))
    )
    seats = {email: tuple(seat) for email, *seat in rows}
    assert [seats.get(f"{name}@couveuse.example") for name in NAMES] == [
        (Role.COORDINATOR, True, "CIVAM-ADAR"),
        (Role.STRUCTURE_MANAGER, True, "ADEARI"),
        (Role.MENTOR, True, "CIVAM-ADAR"),
        (Role.MENTOR, False, "CIVAM-ADAR"),
        (Role.TRAINEE, False, "CIVAM-ADAR"),
        (Role.TRAINEE, False, "ADEARI"),
        (Role.EQUIPMENT_MANAGER, True, "CIVAM-ADAR"),
        None,
    ]
    assert await count(demo_db, Person, Person.email == "zoe@couveuse.example") == 1


async def test_lea_may_drive_tractors_and_tom_may_not(demo_db):
    async def papers(email: str) -> set[str]:
        rows = await demo_db.scalars(
            sa.select(Qualification.name)
            .join(Paper)
            .join(Person, Person.id == Paper.person_id)
            .where(Person.email == email, Paper.during.contains(TODAY))
        )
        return set(rows)

    assert {"Conduite tracteur", "Permis B", "EPI"} <= await papers("lea@couveuse.example")
    assert await papers("tom@couveuse.example") == {"Permis B"}


async def test_some_people_hold_roles_in_two_structures(demo_db):
    twice = (
        sa.select(Membership.person_id)
        .group_by(Membership.person_id)
        .having(sa.func.count(Membership.structure_id.distinct()) > 1)
    )
    assert len((await demo_db.scalars(twice)).all()) >= 3


async def test_a_year_of_bookings_lies_behind_and_two_lively_weeks_around(demo_db):
    weeks = await per_week(demo_db)
    this_week = Week.of(TODAY)
    assert 2000 <= sum(weeks.values()) <= 3000
    assert len(weeks) == 54
    assert all(60 <= weeks[this_week.shifted(n)] <= 90 for n in (0, 1))


async def test_the_year_has_its_seasons(demo_db):
    weeks = await per_week(demo_db)
    by_month = Counter[int]()
    for week, bookings in weeks.items():
        by_month[week.monday.month] += bookings
    assert by_month[6] > 1.7 * by_month[1]


async def test_some_bookings_were_cancelled_refused_or_forgotten(demo_db):
    states = Counter(await demo_db.scalars(sa.select(Booking.state)))
    assert set(states) == set(BookingState)
    assert states[BookingState.CANCELLED] > 100


async def test_what_holds_claims_its_item_and_companion_with_buffers(demo_db):
    assert await loose_claims(demo_db) == []
    pairs = await count(demo_db, Booking, Booking.companion_id.is_not(None))
    assert pairs > 100
    needing = sa.select(item_companion.c.item_id)
    alone = (Booking.item_id.in_(needing), Booking.companion_id.is_(None))
    assert await count(demo_db, Booking, *alone) == 0


async def test_every_booking_to_come_follows_the_rules_of_its_item(demo_db):
    assert await broken_rules(demo_db, since=NOON) == []


async def test_every_booking_was_made_before_it_began_and_before_now(demo_db):
    late = sa.or_(Booking.created_at >= sa.func.lower(Booking.during), Booking.created_at > NOON)
    assert await count(demo_db, Booking, late) == 0
    assert await count(demo_db, Booking, Booking.decided_at > NOON) == 0


async def test_requests_wait_for_gaston_and_paul(demo_db):
    requests = (
        await demo_db.scalars(
            sa.select(Booking)
            .where(Booking.state == BookingState.REQUESTED)
            .options(joinedload(Booking.item))
        )
    ).all()
    assert 3 <= len(requests) <= 4
    assert all(one.answer_by and one.answer_by > NOON for one in requests)
    everybody = {
        person.id: person.given_name for person in await demo_db.scalars(sa.select(Person))
    }
    asked = {
        everybody[person_id]
        for one in requests
        for person_id in (one.item.manager_id, one.item.deputy_id)
    }
    assert {"Gaston", "Paul"} <= asked


async def test_something_is_being_repaired_today_and_something_is_planned_next_week(demo_db):
    next_week = Week.of(TODAY).shifted(1).bounds(PARIS)
    running = [one.reason for one in await demo_db.scalars(sa.select(Outage)) if NOON in one.during]
    assert len(running) == 1
    planned = sa.func.lower(Outage.during).between(*next_week)
    assert await count(demo_db, Outage, planned) == 1


async def test_lea_has_a_booking_by_tomorrow_and_one_later(demo_db):
    starts = (
        await demo_db.scalars(
            sa.select(sa.func.lower(Booking.during))
            .join(Person, Person.id == Booking.person_id)
            .where(Person.email == "lea@couveuse.example", Booking.state.in_(HOLDING))
        )
    ).all()
    days = {start.astimezone(PARIS).date() for start in starts if start > NOON}
    assert days & {TODAY, TODAY + dt.timedelta(days=1)}
    assert any(day > TODAY + dt.timedelta(days=1) for day in days)


@pytest.mark.parametrize("hour", [8, 10, 12, 14, 16, 17])
async def test_somebody_has_a_tractor_during_the_day(demo_db, hour):
    moment = dt.datetime.combine(TODAY, dt.time(hour, 30), PARIS)
    held = sa.select(Item.code).join(ItemClaim).where(ItemClaim.during.contains(moment))
    assert {"TR-01", "TR-02"} & set(await demo_db.scalars(held))


async def test_the_telehandler_is_nearly_due_for_its_check(demo_db):
    item = await demo_db.scalar(sa.select(Item).where(Item.code == "TE-03"))
    assert TODAY < item.check_due_on <= TODAY + dt.timedelta(days=14)


async def test_the_journal_reads_as_sentences(demo_db):
    in_order = sa.select(journal.JournalLine).order_by(journal.JournalLine.id)
    lines = (await demo_db.scalars(in_order)).all()
    assert len(lines) > 200
    assert all(journal.sentence(line) for line in lines)
    assert {line.verb for line in lines} >= {
        "booking.made",
        "booking.requested",
        "booking.approved",
        "booking.moved",
        "booking.cancelled",
        "item.blocked",
    }
    assert [line.at for line in lines] == sorted(line.at for line in lines)


async def test_phone_numbers_are_of_the_ranges_kept_for_fiction(demo_db):
    phones = [
        *await demo_db.scalars(sa.select(Person.phone)),
        *await demo_db.scalars(sa.select(Structure.phone)),
    ]
    assert all(phone.startswith(("+3319900", "+3326191")) for phone in phones)


# ---------------------------------------------------------------- which databases


async def test_an_empty_database_becomes_a_demonstration_and_the_same_one_each_time(
    sessions: Sessions, demo_db: AsyncSession
):
    async with sessions() as db:
        assert (await is_empty(db), await is_demo(db)) == (True, False)
    await seed_demo(sessions, today=TODAY)
    await seed_demo(sessions, today=TODAY)  # somebody else was faster
    async with sessions() as db:
        assert (await is_empty(db), await is_demo(db)) == (False, True)
        assert await rows_of(db) == await rows_of(demo_db)
        assert await land_of(db) == await land_of(demo_db)


async def test_a_database_with_data_is_refused(sessions: Sessions):
    async with unit_of_work(sessions) as db:
        db.add(Structure(name="Une vraie structure"))
    with pytest.raises(Refused, match="database_not_empty"):
        await seed_demo(sessions)
    async with sessions() as db:
        assert await count(db, Person) == 0
        assert (await is_empty(db), await is_demo(db)) == (False, False)


async def test_a_database_without_our_tables_is_neither_empty_nor_a_demonstration(
    sessions: Sessions,
):
    async with unit_of_work(sessions) as db:
        await db.execute(sa.text("DROP SCHEMA public CASCADE"))
        await db.execute(sa.text("CREATE SCHEMA public"))
        assert (await is_empty(db), await is_demo(db)) == (False, False)


async def test_those_who_left_have_told_what_became_of_them(demo_db):
    exits = await list_exits(demo_db, TODAY.replace(year=TODAY.year - 4), TODAY)
    at_exit, after_six, *_ = shares_of(exits, TODAY)
    assert at_exit.left == 7
    assert at_exit.settled >= 3
    assert 0 < after_six.settled < after_six.reached
    assert after_six.count(Group.UNKNOWN) == 1
    assert {one.path.state for one in exits} <= {"exited", "followed_after", "closed"}


async def test_the_tractors_are_taken_under_agreement_and_lea_has_one(demo_db):
    asked = await demo_db.scalars(sa.select(Item).where(Item.needs_agreement))
    assert {one.code for one in asked} == {"TR-01", "TR-02", "TR-03"}
    lea = await demo_db.scalar(sa.select(Person).where(Person.email == "lea@couveuse.example"))
    assert gap_in(await covered_days(demo_db, lea.id), TODAY, TODAY + dt.timedelta(days=90)) is None
    found = await demo_db.execute(
        sa.select(Booking.person_id, Booking.during)
        .join(Item, Item.id == Booking.item_id)
        .where(Item.needs_agreement)
    )
    taken = found.all()
    assert len(taken) > 100
    covered = {one: await covered_days(demo_db, one) for one in {one for one, _ in taken}}
    for person_id, during in taken:
        days = local_days(*ends(during), PARIS)
        assert gap_in(covered[person_id], *days) is None, (person_id, during)


async def test_rosa_has_a_link_and_a_sheet_came_back_signed(demo_db):
    rosa = sa.select(Person.id).where(Person.given_name == "Rosa").scalar_subquery()
    access = await demo_db.scalar(sa.select(LightAccess).where(LightAccess.person_id == rosa))
    assert access.is_open
    assert access.last_used_at is not None
    filed = await demo_db.scalars(
        sa.select(ReportSignature)
        .join(Report, Report.id == ReportSignature.report_id)
        .where(Report.author_id == rosa, Report.typed_by_id.is_not(None))
    )
    assert {one.is_on_paper for one in filed} == {True}
    waiting = sa.select(Report).where(Report.author_id == rosa, Report.signed_text.is_(None))
    assert (await demo_db.scalars(waiting)).all()


async def test_files_wait_for_a_decision(demo_db):
    review = await read_review(demo_db)

    assert {one.person.given_name for one in review.proposed} == {"Fabien", "Mireille"}
    assert {one.standing.period for one in review.proposed} == {"introduced", "member"}
    assert [one.person.given_name for one in review.kept] == ["Gilles"]
