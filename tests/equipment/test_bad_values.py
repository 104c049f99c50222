"""Values that make no sense, field by field: refused with a sentence, kept, nothing written."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.equipment.models import Booking, ItemClaim, Outage
from tests import build
from tests.cast import Cast
from tests.html import parse

START, END = "2026-11-26T08:00", "2026-11-26T10:00"
MIDDAY, HOUR = dt.datetime(2026, 11, 26, 11, tzinfo=dt.UTC), dt.timedelta(hours=1)
MOMENTS = [
    *("", "hier", "2026-02-30T09:00", "0001-01-01T00:00", "99999-01-01T00:00", "2026-11-26"),
    *("2026-11-26T25:00", "2027-03-28T02:30", "2026-10-25T02:30", "<b>8 h</b>", "9" * 400),
]
KEYS = ["x", "0", "-1", "1.5", "999999", str(2**63), str(2**70), "[1]"]
LONG = "x" * 1_000_000
SLOT: dict[str, list[str]] = {"starts_at": MOMENTS, "ends_at": MOMENTS}
BOOKING = SLOT | {
    "person_id": KEYS,
    "plot_id": KEYS,
    "companion_id": KEYS,
    "purpose": [LONG, "un\x00deux"],
    "override_reason": [LONG],
}
MOVE = SLOT | {"override_reason": [LONG]}
OUTAGE = SLOT | {"reason": ["", " ", LONG], "kind": ["x", "booking"]}


def cases(fields: dict[str, list[str]]) -> list[Any]:
    return [
        pytest.param(name, value, id=f"{name}={value[:20]!r}")
        for name, values in fields.items()
        for value in values
    ]


async def written(db: AsyncSession) -> list[Any]:
    return [list(await db.scalars(sa.select(one.during))) for one in (Booking, ItemClaim, Outage)]


async def refused(
    who: Any, db: AsyncSession, address: str, sent: dict[str, str], name: str, value: str
) -> None:
    before = await written(db)
    answer = await who.post(address, sent | {name: value})
    assert answer.status_code in (413, 422), answer.status_code
    page = parse(answer.text)
    assert page.all(role="alert") or page.all("p", class_="error") or page.all("h1")
    if answer.status_code == 422 and name in {"starts_at", "ends_at"}:
        assert page.one("input", name=name)["value"] == value
    assert await written(db) == before


@pytest.mark.parametrize(("name", "value"), cases(BOOKING))
async def test_a_booking(browse, db: AsyncSession, cast: Cast, name: str, value: str) -> None:
    item = await build.make_item(db, cast.farm)
    await db.commit()
    sent = {"starts_at": START, "ends_at": END, "purpose": "Labour"}
    address = f"/materiel/{item.id}/reservations"
    await refused(await browse("ines"), db, address, sent, name, value)


@pytest.mark.parametrize(("name", "value"), cases(BOOKING | {"item_id": ["", *KEYS]}))
async def test_a_booking_from_the_board(
    browse, db: AsyncSession, cast: Cast, name: str, value: str
) -> None:
    item = await build.make_item(db, cast.farm)
    await db.commit()
    sent = {"item_id": str(item.id), "starts_at": START, "ends_at": END, "purpose": "Labour"}
    ines = await browse("ines")
    if name == "item_id" and value == "999999":
        assert (await ines.post("/reservations", sent | {name: value})).status_code == 404
    else:
        await refused(ines, db, "/reservations", sent, name, value)


@pytest.mark.parametrize(("name", "value"), cases(MOVE))
async def test_a_move(browse, db: AsyncSession, cast: Cast, name: str, value: str) -> None:
    item = await build.make_item(db, cast.farm)
    booking = await build.make_booking(db, item, cast.lea, MIDDAY, MIDDAY + HOUR)
    await db.commit()
    sent = {"starts_at": START, "ends_at": END}
    address = f"/reservations/{booking.id}/deplacement"
    await refused(await browse("lea"), db, address, sent, name, value)


@pytest.mark.parametrize(("name", "value"), cases(OUTAGE))
async def test_an_outage(browse, db: AsyncSession, cast: Cast, name: str, value: str) -> None:
    item = await build.make_item(db, cast.farm, manager_id=cast.gaston.id)
    await db.commit()
    sent = {"starts_at": START, "ends_at": END, "reason": "Câble cassé", "kind": "maintenance"}
    address = f"/materiel/{item.id}/indisponibilites"
    await refused(await browse("gaston"), db, address, sent, name, value)


async def test_the_same_forms_pass_with_values_that_make_sense(
    browse, db: AsyncSession, cast: Cast
) -> None:
    item = await build.make_item(db, cast.farm, manager_id=cast.gaston.id)
    moved = await build.make_booking(db, item, cast.lea, MIDDAY, MIDDAY + HOUR)
    await db.commit()

    def slot(day: int) -> dict[str, str]:
        return {"starts_at": f"2026-11-{day}T08:00", "ends_at": f"2026-11-{day}T10:00"}

    work = {"purpose": "Labour"}
    broken = {"reason": "Câble cassé", "kind": "maintenance"}
    for who, address, sent in (
        ("lea", f"/reservations/{moved.id}/deplacement", slot(26)),
        ("gaston", f"/materiel/{item.id}/indisponibilites", slot(27) | broken),
        ("ines", f"/materiel/{item.id}/reservations", slot(28) | work),
        ("ines", "/reservations", slot(29) | work | {"item_id": str(item.id)}),
    ):
        answer = await (await browse(who)).post(address, sent)
        assert answer.status_code == 303, (address, answer.status_code)
