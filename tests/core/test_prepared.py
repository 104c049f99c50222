"""Statements that the driver runs see and do the same as those of the session."""

import datetime as dt

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from couveuse.core.db import atomic, driver, make_engine, make_sessions, unit_of_work
from couveuse.core.errors import Conflict
from couveuse.core.prepared import Insert, Prepared, put_beside, records
from couveuse.equipment.models import Booking, BookingState, Item
from couveuse.people.models import Person
from couveuse.structures.models import Site, Structure
from tests import build
from tests.cast import Cast

NAMES = Prepared(
    sa.select(Structure.name).where(
        Structure.name == sa.any_(sa.bindparam("names", type_=sa.ARRAY(sa.Text)))
    )
)
ADD = Insert(Structure)


async def test_it_runs_in_the_transaction_of_the_session(database: str) -> None:
    engine = make_engine(database)
    sessions = make_sessions(engine)
    async with sessions() as db, db.begin() as transaction:
        await ADD.add(db, Structure(name="Essai"))
        assert [row[0] for row in await NAMES.all(db, names=["Essai"])] == ["Essai"]
        async with sessions() as other:
            assert await NAMES.first(other, names=["Essai"]) is None
        await transaction.rollback()
    async with sessions() as db:
        assert await NAMES.first(db, names=["Essai"]) is None
    await engine.dispose()


async def test_the_next_transaction_has_its_own_connection(database: str) -> None:
    engine: AsyncEngine = make_engine(database)
    sessions = make_sessions(engine)
    async with sessions() as db:
        first = await driver(db)
        assert await driver(db) is first
        async with db.begin_nested():
            assert await driver(db) is first
        await db.commit()
        async with sessions() as thief:  # takes the connection that was given back
            await driver(thief)
            await ADD.add(db, Structure(name="Essai"))
            assert await driver(db) is not await driver(thief)
        await db.rollback()
    await engine.dispose()


async def test_a_broken_promise_is_told_in_our_words(database: str) -> None:
    engine = make_engine(database)

    @atomic
    async def add_twice(db: AsyncSession) -> None:
        for _ in range(2):
            await ADD.add(db, Structure(name="Essai"))

    async with unit_of_work(make_sessions(engine)) as db:
        with pytest.raises((Conflict, asyncpg.UniqueViolationError)):
            await add_twice(db)
        await ADD.add(db, Structure(name="Essai"))
    await engine.dispose()


async def test_a_record_added_at_once_is_like_any_other(db: AsyncSession, cast: Cast) -> None:
    item = await build.make_item(db, cast.farm)
    start = dt.datetime(2026, 12, 1, 8, tzinfo=dt.UTC)
    booking = Booking(
        item_id=item.id,
        person_id=cast.lea.id,
        created_by_id=cast.lea.id,
        during=Range(start, start + dt.timedelta(hours=1)),
        state=BookingState.CONFIRMED,
    )
    await Insert(Booking).add(db, booking)
    assert booking.id
    assert booking.created_at
    assert booking in db
    assert not db.dirty
    booking.purpose = "Labour"
    await db.flush()
    await db.refresh(booking)
    assert (booking.purpose, booking.during.lower) == ("Labour", start)


async def test_a_row_becomes_the_records_that_stand_in_it(db: AsyncSession, cast: Cast) -> None:
    made = await build.make_item(db, cast.farm)
    await db.flush()
    row = await Prepared(
        sa.select(Item.__table__, Site.__table__, Person.__table__)
        .join(Site, Site.id == Item.site_id)
        .outerjoin(Person, Person.id == Item.deputy_id)
        .where(Item.id == sa.bindparam("key", type_=sa.BigInteger))
    ).first(db, key=made.id)
    assert row is not None
    item, site, deputy = records(row, Item, Site, Person)
    assert (item.name, item.open_days, site.name, deputy) == (
        made.name,
        made.open_days,
        cast.farm.name,
        None,
    )
    put_beside(item, site=site)
    assert item.site is site
    assert item not in db
    assert not sa.inspect(item).modified
    with pytest.raises(InvalidRequestError):
        _ = item.structure
