"""Somebody quits the network altogether; a membership that never began is removed."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Role
from couveuse.core.journal import JournalLine
from couveuse.equipment.models import BookingState
from couveuse.people.models import Membership, Person, last_day
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.html import parse

TODAY = dt.date(2026, 11, 25)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


@pytest_asyncio.fixture
async def sam(db: AsyncSession, cast: Cast) -> Person:
    """In test, a mentor elsewhere, and a structure manager from next month on."""
    person = await build.make_person(db, "Sam")
    await build.make_membership(db, person, cast.home, Role.TRAINEE)
    await build.make_membership(db, person, cast.partner, Role.MENTOR)
    await build.make_membership(
        db, person, cast.partner, Role.STRUCTURE_MANAGER, start=TODAY + 30 * DAY
    )
    await db.commit()
    return person


async def days_of(db: AsyncSession, person: Person) -> dict[str, dt.date | None]:
    rows = await db.execute(
        sa.select(Membership.role, Membership.during).where(Membership.person_id == person.id)
    )
    return {role: last_day(during) for role, during in rows}


async def quit_network(browse: Callable[..., Any], person_id: int, **form: str) -> Any:
    ines: Browser = await browse("ines")
    return await ines.post(f"/personnes/{person_id}/fin", {"last_day": str(TODAY)} | form)


async def test_everything_ends_on_one_day_and_is_settled(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, sam: Person
) -> None:
    item = await build.make_item(db, cast.farm, manager_id=sam.id)
    start = NOON + 7 * DAY
    booking = await build.make_booking(db, item, sam, start, start + HOUR)
    await db.commit()
    ines: Browser = await browse("ines")

    profile = await ines.page(f"/personnes/{sam.id}")
    assert profile.all("a", href=f"/personnes/{sam.id}/fin")
    screen = await ines.page(f"/personnes/{sam.id}/fin")
    assert len(screen.all("li", data_membership=None)) == 3
    assert screen.all("a", href=f"/reservations/{booking.id}")
    answer = await quit_network(browse, sam.id, successor_id=str(cast.gaston.id))

    assert answer.status_code == 303
    assert await days_of(db, sam) == {Role.TRAINEE: TODAY, Role.MENTOR: TODAY}
    await db.refresh(item)
    await db.refresh(booking)
    assert (item.manager_id, booking.state) == (cast.gaston.id, BookingState.CANCELLED)
    verbs = list(await db.scalars(sa.select(JournalLine.verb)))
    assert verbs.count("person.membership_ended") == 2
    assert verbs.count("person.membership_removed") == 1


async def test_what_ends_sooner_is_left_as_it_is(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    sam = await build.make_person(db, "Sam")
    await build.make_membership(db, sam, cast.home, Role.TRAINEE, end=TODAY + 2 * DAY)
    await build.make_membership(db, sam, cast.partner, Role.MENTOR)
    await db.commit()
    later = TODAY + 10 * DAY

    assert (await quit_network(browse, sam.id, last_day=str(later))).status_code == 303

    assert await days_of(db, sam) == {Role.TRAINEE: TODAY + DAY, Role.MENTOR: later}


async def test_the_last_coordinator_does_not_quit_and_nothing_is_half_done(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    await build.make_membership(db, cast.ines, cast.partner, Role.MENTOR)
    await build.make_membership(db, cast.ines, cast.partner, Role.COORDINATOR)
    await db.commit()

    answer = await quit_network(browse, cast.ines.id)

    assert answer.status_code == 422
    assert "Il ne resterait personne à la coordination" in answer.text
    assert set((await days_of(db, cast.ines)).values()) == {None}


async def test_who_left_already_has_nothing_to_end(browse: Callable[..., Any], cast: Cast) -> None:
    answer = await quit_network(browse, cast.zoe.id)

    assert answer.status_code == 422
    assert "rien à terminer" in parse(answer.text).text


async def test_a_membership_added_by_mistake_is_removed(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    added = await build.make_membership(db, cast.lea, cast.partner, Role.MENTOR, start=TODAY)
    await db.commit()
    ines: Browser = await browse("ines")

    profile = await ines.page(f"/personnes/{cast.lea.id}")
    assert "Retirer" in profile.one("li", data_membership=str(added.id)).text
    screen = await ines.page(f"/appartenances/{added.id}/fin")
    day = screen.one("input", name="last_day")["value"]
    answer = await ines.post(f"/appartenances/{added.id}/fin", {"last_day": day})

    assert day == str(TODAY - DAY)
    assert answer.status_code == 303
    assert await days_of(db, cast.lea) == {Role.TRAINEE: None}
