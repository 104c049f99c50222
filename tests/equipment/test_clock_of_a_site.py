"""The local time of a site stays while its items are booked."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.equipment.models import BookingState
from couveuse.structures.models import Site
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.html import parse

HOUR = dt.timedelta(hours=1)


async def move_clock(browse: Callable[..., Any], site_id: int, zone: str) -> Any:
    ines: Browser = await browse("ines")
    form = {"name": "La ferme", "kind": "permanent", "time_zone": zone}
    return await ines.post(f"/sites/{site_id}", form)


@pytest.mark.parametrize(
    ("start", "state", "status"),
    [
        (2 * HOUR, BookingState.CONFIRMED, 422),
        (2 * HOUR, BookingState.REQUESTED, 422),
        (-HOUR / 2, BookingState.CONFIRMED, 422),
        (-2 * HOUR, BookingState.CONFIRMED, 303),
        (2 * HOUR, BookingState.CANCELLED, 303),
    ],
)
async def test_bookings_to_come_keep_the_clock(
    browse: Callable[..., Any],
    db: AsyncSession,
    cast: Cast,
    start: dt.timedelta,
    state: BookingState,
    status: int,
) -> None:
    item = await build.make_item(db, cast.farm)
    await build.make_booking(db, item, cast.lea, NOON + start, NOON + start + HOUR, state=state)
    await db.commit()

    answer = await move_clock(browse, cast.farm.id, "Indian/Reunion")

    assert answer.status_code == status
    zone = await db.scalar(sa.select(Site.time_zone).where(Site.id == cast.farm.id))
    moved = status == 303
    assert (zone == "Indian/Reunion") == moved
    assert ("a une autre heure locale" in parse(answer.text).text) != moved


async def test_anything_else_of_the_site_may_change(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    item = await build.make_item(db, cast.farm)
    await build.make_booking(db, item, cast.lea, NOON + HOUR, NOON + 2 * HOUR)
    await build.make_booking(
        db, await build.make_item(db, cast.neuvy), cast.tom, NOON + HOUR, NOON + 2 * HOUR
    )
    await db.commit()

    assert (await move_clock(browse, cast.farm.id, "Europe/Paris")).status_code == 303
    name = await db.scalar(sa.select(Site.name).where(Site.id == cast.farm.id))
    assert name == "La ferme"
