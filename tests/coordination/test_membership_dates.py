"""A membership that starts later leaves no booking to come without one."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Role
from couveuse.equipment.models import BookingState
from couveuse.people.models import Membership, Person
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.html import parse

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


@pytest_asyncio.fixture
async def sam(db: AsyncSession, cast: Cast) -> Person:
    return await build.make_person(db, "Sam")


@pytest_asyncio.fixture
async def membership(db: AsyncSession, cast: Cast, sam: Person) -> Membership:
    """With bookings that are over, cancelled, and to come in two and in six days."""
    made = await build.make_membership(db, sam, cast.home, Role.TRAINEE)
    item = await build.make_item(db, cast.farm, name="Herse")
    for start in (-3 * DAY, 2 * DAY, 6 * DAY):
        await build.make_booking(db, item, sam, NOON + start, NOON + start + HOUR)
    start = NOON + 3 * DAY
    await build.make_booking(db, item, sam, start, start + HOUR, state=BookingState.CANCELLED)
    await db.commit()
    return made


async def start_on(browse: Callable[..., Any], membership: Membership, day: str) -> Any:
    ines: Browser = await browse("ines")
    return await ines.post(f"/appartenances/{membership.id}", {"starts_on": day})


async def test_a_later_start_names_the_bookings_that_it_would_strand(
    browse: Callable[..., Any], db: AsyncSession, membership: Membership
) -> None:
    answer = await start_on(browse, membership, "2026-11-30")

    assert answer.status_code == 422
    text = parse(answer.text).text
    assert re.search(r"Sam \w+ a réservé .*27 nov", text), text[:3000]
    assert text.count("avant ce premier jour") == 1
    await db.refresh(membership)
    assert membership.during.lower == build.LONG_AGO


async def test_up_to_the_first_of_them_it_may_start_later(
    browse: Callable[..., Any], db: AsyncSession, membership: Membership
) -> None:
    answer = await start_on(browse, membership, "2026-11-27")

    assert answer.status_code == 303
    await db.refresh(membership)
    assert membership.during.lower == dt.date(2026, 11, 27)


async def test_another_membership_on_that_day_carries_the_booking(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, sam: Person, membership: Membership
) -> None:
    await build.make_membership(db, sam, cast.partner, Role.MENTOR, end=dt.date(2026, 11, 28))
    await db.commit()

    assert (await start_on(browse, membership, "2026-11-30")).status_code == 303
    assert (await start_on(browse, membership, "2026-12-02")).status_code == 422
