"""The end of a membership settles what the person still held: bookings to come, items, doors."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Role
from couveuse.core.journal import JournalLine
from couveuse.equipment.models import Booking, BookingState, Item, ItemClaim
from couveuse.people.models import Membership, Person
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.html import parse

TODAY = dt.date(2026, 11, 25)
HOUR = dt.timedelta(hours=1)
YES = {"last_day": "2026-11-25", "bookings": "cancel"}


@pytest_asyncio.fixture
async def sam(db: AsyncSession, cast: Cast) -> Person:
    return await build.make_person(db, "Sam", email="sam@couveuse.example")


@pytest_asyncio.fixture
async def membership(db: AsyncSession, cast: Cast, sam: Person) -> Membership:
    made = await build.make_membership(db, sam, cast.home, Role.TRAINEE)
    await db.commit()
    return made


@pytest_asyncio.fixture
async def booked(
    db: AsyncSession, cast: Cast, sam: Person, membership: Membership
) -> dict[str, Booking]:
    """Bookings of the person: over, running, on the last day, after it, and asked for."""
    item = await build.make_item(db, cast.farm, name="Herse")
    made = {
        name: await build.make_booking(db, item, sam, NOON + start, NOON + start + HOUR)
        for name, start in (
            ("over", dt.timedelta(days=-3)),
            ("running", -HOUR / 2),
            ("tonight", 8 * HOUR),
            ("tomorrow", 24 * HOUR),
            ("next week", 7 * 24 * HOUR),
        )
    }
    start = NOON + dt.timedelta(days=2)
    made["asked"] = await build.make_booking(
        db, item, sam, start, start + HOUR, state=BookingState.REQUESTED
    )
    await db.commit()
    return made


async def end(browse: Callable[..., Any], membership: Membership, **form: str) -> Any:
    ines: Browser = await browse("ines")
    return await ines.post(f"/appartenances/{membership.id}/fin", YES | form)


async def states(db: AsyncSession, booked: dict[str, Booking]) -> dict[str, str]:
    rows = await db.execute(sa.select(Booking.id, Booking.state))
    by_id = {row.id: row.state for row in rows}
    return {name: by_id[booking.id] for name, booking in booked.items()}


# ---------------------------------------------------------------- what it touches


async def test_the_screen_shows_what_the_end_touches(
    browse: Callable[..., Any],
    db: AsyncSession,
    cast: Cast,
    sam: Person,
    membership: Membership,
    booked: dict[str, Booking],
) -> None:
    await build.make_item(db, cast.farm, name="Bineuse", manager_id=sam.id)
    await build.make_item(db, cast.farm, name="Cric", deputy_id=sam.id, retired_on=TODAY)
    await db.commit()

    page = await (await browse("ines")).page(f"/appartenances/{membership.id}/fin")

    shown = {link["href"] for link in page.one("main").all("a", href=None)}
    touched = {f"/reservations/{booked[name].id}" for name in ("tomorrow", "asked", "next week")}
    assert {link for link in shown if link.startswith("/reservations/")} == touched
    assert "Bineuse" in page.text
    assert "Cric" not in page.text
    assert "Sam" not in page.one("select", name="successor_id").text


async def test_an_end_that_touches_nothing_says_so(
    browse: Callable[..., Any], membership: Membership
) -> None:
    page = await (await browse("ines")).page(f"/appartenances/{membership.id}/fin")

    assert "ne touche ni réservation" in page.text


# ---------------------------------------------------------------- settled


async def test_bookings_after_the_last_day_are_cancelled_and_their_slots_freed(
    browse: Callable[..., Any],
    db: AsyncSession,
    membership: Membership,
    booked: dict[str, Booking],
) -> None:
    answer = await end(browse, membership)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/personnes/{membership.person_id}"
    assert await states(db, booked) == {
        "over": "confirmed",
        "running": "confirmed",
        "tonight": "confirmed",
        "tomorrow": "cancelled",
        "next week": "cancelled",
        "asked": "cancelled",
    }
    held = set(await db.scalars(sa.select(ItemClaim.booking_id)))
    assert held == {booked[name].id for name in ("over", "running", "tonight")}
    await db.refresh(membership)
    assert membership.last_day == TODAY


async def test_a_later_last_day_keeps_what_comes_before(
    browse: Callable[..., Any],
    db: AsyncSession,
    membership: Membership,
    booked: dict[str, Booking],
) -> None:
    await end(browse, membership, last_day="2026-11-30")

    kept = {name for name, state in (await states(db, booked)).items() if state != "cancelled"}
    assert kept == {"over", "running", "tonight", "tomorrow", "asked"}


async def test_an_end_in_the_past_leaves_the_past_alone(
    browse: Callable[..., Any],
    db: AsyncSession,
    membership: Membership,
    booked: dict[str, Booking],
) -> None:
    await end(browse, membership, last_day="2026-11-01")

    kept = {name for name, state in (await states(db, booked)).items() if state != "cancelled"}
    assert kept == {"over", "running"}


async def test_the_journal_and_the_people_concerned_hear_of_it(
    browse: Callable[..., Any],
    db: AsyncSession,
    membership: Membership,
    booked: dict[str, Booking],
) -> None:
    await end(browse, membership)

    lines = (await db.scalars(sa.select(JournalLine).order_by(JournalLine.id))).all()
    verbs = [line.verb for line in lines]
    assert verbs.count("booking.cancelled_because") == 3
    assert "person.membership_ended" in verbs
    assert {line.actor_name for line in lines} == {"Ines Essai"}
    jobs = await db.scalar(
        sa.text("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'tell_about_booking'")
    )
    assert jobs == 3


async def test_somebody_else_looks_after_the_items(
    browse: Callable[..., Any],
    db: AsyncSession,
    cast: Cast,
    sam: Person,
    membership: Membership,
) -> None:
    led = await build.make_item(db, cast.farm, manager_id=sam.id, deputy_id=cast.gaston.id)
    helped = await build.make_item(db, cast.farm, manager_id=cast.rosa.id, deputy_id=sam.id)
    both = await build.make_item(db, cast.farm, manager_id=cast.gaston.id, deputy_id=sam.id)
    other = await build.make_item(db, cast.farm, manager_id=cast.rosa.id)
    await db.commit()

    await end(browse, membership, successor_id=str(cast.gaston.id))

    async def charge(item: Item) -> tuple[int | None, int | None]:
        await db.refresh(item)
        return item.manager_id, item.deputy_id

    gaston, rosa = cast.gaston.id, cast.rosa.id
    assert await charge(led) == (gaston, None)  # nobody stands in for themself
    assert await charge(helped) == (rosa, gaston)
    assert await charge(both) == (gaston, None)
    assert await charge(other) == (rosa, None)


async def test_nobody_may_look_after_them_for_now(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, sam: Person, membership: Membership
) -> None:
    item = await build.make_item(db, cast.farm, manager_id=sam.id, deputy_id=cast.gaston.id)
    await db.commit()

    await end(browse, membership, successor_id="")

    await db.refresh(item)
    assert (item.manager_id, item.deputy_id) == (None, cast.gaston.id)


async def test_the_door_closes_after_the_last_day(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, fixed_clock
) -> None:
    tom: Browser = await browse("tom")
    membership = await db.scalar(sa.select(Membership).where(Membership.person_id == cast.tom.id))
    assert membership is not None
    await end(browse, membership)

    assert (await tom.get("/materiel")).status_code == 200
    fixed_clock(NOON + dt.timedelta(days=1))
    assert (await tom.get("/materiel")).status_code == 403
    assert (await tom.get("/profil")).status_code == 200


# ---------------------------------------------------------------- kept


async def test_who_stays_a_member_otherwise_may_keep_their_bookings(
    browse: Callable[..., Any],
    db: AsyncSession,
    cast: Cast,
    sam: Person,
    membership: Membership,
    booked: dict[str, Booking],
) -> None:
    await build.make_membership(db, sam, cast.partner, Role.MENTOR)
    await db.commit()

    answer = await end(browse, membership, bookings="keep")

    assert answer.status_code == 303
    assert set((await states(db, booked)).values()) == {"confirmed", "requested"}


async def test_who_leaves_altogether_may_not(
    browse: Callable[..., Any],
    db: AsyncSession,
    membership: Membership,
    booked: dict[str, Booking],
) -> None:
    answer = await end(browse, membership, bookings="keep")

    assert answer.status_code == 422
    assert "ne sera plus membre du réseau" in parse(answer.text).text
    assert "cancelled" not in (await states(db, booked)).values()
    await db.refresh(membership)
    assert membership.during == Range(build.LONG_AGO, None)


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_day": ""},
        {"last_day": "31/02/2026"},
        {"last_day": "2019-12-31"},
        {"bookings": "sell"},
        {"successor_id": "abc"},
        {"successor_id": "0"},
        {"successor_id": str(2**63 - 1)},
        {"successor_id": str(2**63)},
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_half_done(
    browse: Callable[..., Any],
    db: AsyncSession,
    cast: Cast,
    sam: Person,
    membership: Membership,
    booked: dict[str, Booking],
    wrong: dict[str, str],
) -> None:
    item = await build.make_item(db, cast.farm, manager_id=sam.id)
    await db.commit()

    answer = await end(browse, membership, **wrong)

    assert answer.status_code == 422
    assert "cancelled" not in (await states(db, booked)).values()
    await db.refresh(membership)
    assert membership.last_day is None
    await db.refresh(item)
    assert item.manager_id == sam.id


@pytest.mark.parametrize("name", ["zoe", "sam"])
async def test_items_go_to_somebody_who_is_there(
    browse: Callable[..., Any],
    db: AsyncSession,
    cast: Cast,
    sam: Person,
    membership: Membership,
    name: str,
) -> None:
    """Neither to who left before, nor to who leaves now."""
    item = await build.make_item(db, cast.farm, manager_id=sam.id)
    await db.commit()
    successor = sam if name == "sam" else cast.zoe

    answer = await end(browse, membership, successor_id=str(successor.id))

    assert answer.status_code == 422
    await db.refresh(item)
    assert item.manager_id == sam.id


async def test_the_last_coordinator_stays(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    last = await db.scalar(sa.select(Membership).where(Membership.person_id == cast.ines.id))
    assert last is not None

    answer = await end(browse, last)

    assert answer.status_code == 422
    assert "Il ne resterait personne à la coordination" in answer.text
