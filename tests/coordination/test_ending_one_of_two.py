"""Who ends one of two memberships keeps what they hold; the screen follows the last day chosen."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Role
from couveuse.core.journal import JournalLine
from couveuse.equipment.models import Booking, BookingState, Item
from couveuse.people.models import Membership, Person
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.html import Element, parse

HOUR = dt.timedelta(hours=1)


@pytest_asyncio.fixture
async def sam(db: AsyncSession, cast: Cast) -> Person:
    return await build.make_person(db, "Sam")


@pytest_asyncio.fixture
async def mentor(db: AsyncSession, cast: Cast, sam: Person) -> Membership:
    """The role that ends; the other one goes on until the end of the year."""
    await build.make_membership(db, sam, cast.home, Role.TRAINEE, end=dt.date(2027, 1, 1))
    return await build.make_membership(db, sam, cast.partner, Role.MENTOR)


@pytest_asyncio.fixture
async def item(db: AsyncSession, cast: Cast, sam: Person, mentor: Membership) -> Item:
    return await build.make_item(db, cast.farm, name="Bineuse", manager_id=sam.id)


@pytest_asyncio.fixture
async def booking(db: AsyncSession, sam: Person, item: Item) -> Booking:
    start = NOON + dt.timedelta(days=7)
    made = await build.make_booking(db, item, sam, start, start + HOUR)
    await db.commit()
    return made


def typed(page: Element) -> dict[str, str]:
    """What the form of the screen sends when nothing is changed."""
    form = page.one("form", **{"class": "form"})
    sent = {one["name"]: one["value"] for one in form.all("input", type="hidden")}
    for radio in form.all("input", type="radio"):
        if "checked" in radio.attrs:
            sent[radio["name"]] = radio["value"]
    for select in form.all("select"):
        chosen = [one for one in select.all("option") if "selected" in one.attrs]
        sent[select["name"]] = chosen[0]["value"] if chosen else ""
    return sent


async def end_as_shown(
    browse: Callable[..., Any], membership: Membership, day: str, **other: str
) -> Any:
    ines: Browser = await browse("ines")
    path = f"/appartenances/{membership.id}/fin"
    return await ines.post(path, typed(await ines.page(f"{path}?jour={day}")) | other)


async def test_items_and_bookings_stay_with_who_stays_a_member(
    browse: Callable[..., Any],
    db: AsyncSession,
    sam: Person,
    mentor: Membership,
    item: Item,
    booking: Booking,
) -> None:
    answer = await end_as_shown(browse, mentor, "2026-11-25")

    assert answer.status_code == 303
    for one in (mentor, item, booking):
        await db.refresh(one)
    assert mentor.last_day == dt.date(2026, 11, 25)
    assert item.manager_id == sam.id
    assert booking.state == BookingState.CONFIRMED
    verbs = set(await db.scalars(sa.select(JournalLine.verb)))
    assert "item.handed_over" not in verbs


async def test_a_booking_beyond_the_other_membership_is_not_kept(
    browse: Callable[..., Any],
    db: AsyncSession,
    sam: Person,
    mentor: Membership,
    item: Item,
    booking: Booking,
) -> None:
    start = NOON + dt.timedelta(days=60)
    late = await build.make_booking(db, item, sam, start, start + HOUR)
    await db.commit()

    answer = await end_as_shown(browse, mentor, "2026-11-25")

    assert answer.status_code == 422
    assert parse(answer.text).text.count("ne sera plus membre du réseau ce jour-là") == 1
    await db.refresh(late)
    await db.refresh(mentor)
    assert (late.state, mentor.last_day) == (BookingState.CONFIRMED, None)


async def test_they_may_be_given_up_all_the_same(
    browse: Callable[..., Any],
    db: AsyncSession,
    cast: Cast,
    mentor: Membership,
    item: Item,
    booking: Booking,
) -> None:
    other = {"successor_id": str(cast.gaston.id), "bookings": "cancel"}

    assert (await end_as_shown(browse, mentor, "2026-11-25", **other)).status_code == 303

    await db.refresh(item)
    await db.refresh(booking)
    assert (item.manager_id, booking.state) == (cast.gaston.id, BookingState.CANCELLED)


async def test_the_screen_follows_the_last_day_chosen(
    browse: Callable[..., Any], sam: Person, mentor: Membership, booking: Booking
) -> None:
    ines: Browser = await browse("ines")

    async def shown(day: str) -> Element:
        return (await ines.page(f"/appartenances/{mentor.id}/fin?jour={day}")).one("main")

    while_member = await shown("2026-11-30")
    assert while_member.all("a", href=f"/reservations/{booking.id}")
    assert "reste membre par ailleurs" in while_member.text
    assert typed(while_member)["last_day"] == "2026-11-30"
    after_the_booking = await shown("2026-12-10")
    assert not after_the_booking.all("a", href=f"/reservations/{booking.id}")
    as_the_last_one = await shown("2026-12-31")
    assert "reste membre par ailleurs" not in as_the_last_one.text
    assert typed(as_the_last_one)["successor_id"] == ""
    assert "toujours Sam" not in as_the_last_one.text
    assert "tout de suite" in as_the_last_one.text


async def test_a_day_that_is_none_shows_today(
    browse: Callable[..., Any], mentor: Membership, booking: Booking
) -> None:
    page = await (await browse("ines")).page(f"/appartenances/{mentor.id}/fin?jour=demain")

    assert typed(page)["last_day"] == "2026-11-25"


async def test_who_leaves_for_good_keeps_no_item(
    browse: Callable[..., Any], db: AsyncSession, sam: Person, mentor: Membership, item: Item
) -> None:
    await db.commit()

    answer = await end_as_shown(browse, mentor, "2026-12-31", successor_id=str(sam.id))

    assert answer.status_code == 422
    assert "Choisissez dans la liste" in parse(answer.text).text
    await db.refresh(item)
    assert item.manager_id == sam.id
