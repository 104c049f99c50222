"""What the tables themselves refuse, on each PostgreSQL, whoever writes and whatever rules say.

Each case writes one row that breaks exactly one named promise.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from couveuse.core.errors import broken_promise
from couveuse.equipment.models import (
    Booking,
    CodeTaken,
    Item,
    ItemClaim,
    OnceReused,
    Outage,
    SlotTaken,
    item_companion,
)
from tests import build
from tests.conftest import Server

EIGHT = dt.datetime(2026, 11, 26, 7, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def hours(start: float | None, end: float | None) -> Range[dt.datetime]:
    first = None if start is None else EIGHT + start * HOUR
    return Range(first, None if end is None else EIGHT + end * HOUR)


@dataclass(slots=True)
class Ground:
    """A database with one row of each kind: the first item is booked from 8 to 9, with a claim on
    its first unit."""

    engine: AsyncEngine
    site: int
    structure: int
    person: int
    item: int
    other: int
    booking: int
    outage: int

    def valid(self, table: Any) -> dict[str, Any]:
        """A row that the table takes."""
        what: dict[str, Any] = {"item_id": self.item, "during": hours(2, 3)}
        rows: dict[Any, dict[str, Any]] = {
            Item: {
                "structure_id": self.structure,
                "site_id": self.site,
                "code": "BE-1",
                "name": "Bêche",
                "category": "outil",
            },
            item_companion: {"item_id": self.item, "companion_id": self.other},
            Booking: what
            | {"person_id": self.person, "created_by_id": self.person, "state": "confirmed"},
            Outage: what | {"created_by_id": self.person, "reason": "Panne"},
            ItemClaim: what | {"kind": "booking", "booking_id": self.booking},
        }
        return rows[table]


@pytest_asyncio.fixture(scope="module", params=["embedded", "debian"])
async def ground(
    request: pytest.FixtureRequest, embedded: Server, debian: Server | None
) -> AsyncIterator[Ground]:
    server = embedded if request.param == "embedded" else debian
    if server is None:
        pytest.skip("COUVEUSE_TEST_DEBIAN_PG is not set")
    name = await server.clone()
    engine = create_async_engine(server.address(name))
    async with AsyncSession(engine) as db:
        filled = await _fill(db)
        await db.commit()
    yield Ground(engine, **filled)
    await engine.dispose()
    await server.drop(name)


async def _fill(db: AsyncSession) -> dict[str, int]:
    person = await build.make_person(db)
    site = await build.make_site(db, await build.make_structure(db))
    item = await build.make_item(db, site, code="TR-01", capacity=2)
    other = await build.make_item(db, site)
    booking = await build.make_booking(
        db, item, person, EIGHT, EIGHT + HOUR, once="a", once_digest=b"a"
    )
    outage = await build.make_outage(db, other, person, EIGHT, EIGHT + HOUR)
    return {
        "site": site.id,
        "structure": site.structure_id,
        "person": person.id,
        "item": item.id,
        "other": other.id,
        "booking": booking.id,
        "outage": outage.id,
    }


@pytest_asyncio.fixture
async def rows(ground: Ground) -> AsyncIterator[AsyncConnection]:
    async with ground.engine.connect() as connection:
        yield connection
        await connection.rollback()


async def write(rows: AsyncConnection, ground: Ground, table: Any, **changes: Any) -> None:
    values = ground.valid(table) | {
        name: value(ground) if callable(value) else value for name, value in changes.items()
    }
    await rows.execute(sa.insert(table).values(values))


def broken(error: DBAPIError) -> str:
    return error.orig.__cause__.constraint_name  # type: ignore[union-attr]


outage_of: Callable[[Ground], int] = lambda ground: ground.outage  # noqa: E731, a value of cases
item_of: Callable[[Ground], int] = lambda ground: ground.item  # noqa: E731
NO_BOOKING: dict[str, Any] = {"booking_id": None, "outage_id": outage_of}

CASES: list[tuple[str, Any, dict[str, Any]]] = [
    ("item_code_once", Item, {"code": "TR-01"}),
    ("item_code_once", Item, {"code": "tr-01"}),
    ("item_audience_known", Item, {"audience": "everybody"}),
    ("item_capacity_sensible", Item, {"capacity": 0}),
    ("item_capacity_sensible", Item, {"capacity": 51}),
    ("item_slot_sensible", Item, {"slot_minutes": 4}),
    ("item_slot_sensible", Item, {"slot_minutes": 1441}),
    ("item_lengths_in_order", Item, {"min_minutes": 0}),
    ("item_lengths_in_order", Item, {"min_minutes": 60, "max_minutes": 59}),
    ("item_opening_hours_in_order", Item, {"opens_at": dt.time(8)}),
    ("item_opening_hours_in_order", Item, {"closes_at": dt.time(8)}),
    ("item_opening_hours_in_order", Item, {"opens_at": dt.time(8), "closes_at": dt.time(8)}),
    ("item_opening_hours_in_order", Item, {"opens_at": dt.time(9), "closes_at": dt.time(8)}),
    ("item_rules_not_negative", Item, {"buffer_before_minutes": -1}),
    ("item_rules_not_negative", Item, {"buffer_after_minutes": -1}),
    ("item_rules_not_negative", Item, {"notice_minutes": -1}),
    ("item_rules_not_negative", Item, {"horizon_days": 0}),
    ("item_rules_not_negative", Item, {"cancel_cutoff_minutes": -1}),
    ("item_rules_not_negative", Item, {"answer_hours": 0}),
    ("item_open_days_are_weekdays", Item, {"open_days": []}),
    ("item_open_days_are_weekdays", Item, {"open_days": [0]}),
    ("item_open_days_are_weekdays", Item, {"open_days": [1, 8]}),
    ("item_is_not_its_own_companion", item_companion, {"companion_id": item_of}),
    ("booking_state_known", Booking, {"state": "maybe"}),
    ("booking_has_both_ends", Booking, {"during": hours(None, 3)}),
    ("booking_has_both_ends", Booking, {"during": hours(2, None)}),
    ("booking_has_both_ends", Booking, {"during": hours(2, 2)}),
    ("booking_once", Booking, {"once": "a", "once_digest": b"b"}),
    ("booking_once_whole", Booking, {"once": "b"}),
    ("booking_once_whole", Booking, {"once_digest": b"b"}),
    ("booking_request_has_an_end", Booking, {"state": "requested"}),
    ("outage_kind_known", Outage, {"kind": "holiday"}),
    ("outage_is_no_booking", Outage, {"kind": "booking"}),
    ("outage_has_both_ends", Outage, {"during": hours(None, 3)}),
    ("outage_has_both_ends", Outage, {"during": hours(2, None)}),
    ("outage_has_both_ends", Outage, {"during": hours(2, 2)}),
    ("item_claim_no_overlap", ItemClaim, {"during": hours(0, 1)}),
    ("item_claim_no_overlap", ItemClaim, {"during": hours(0.5, 0.75)}),
    ("item_claim_no_overlap", ItemClaim, {"during": hours(-1, 0.001)}),
    ("item_claim_no_overlap", ItemClaim, {"during": hours(-1, 2)}),
    ("item_claim_has_both_ends", ItemClaim, {"during": hours(2, None)}),
    ("item_claim_has_both_ends", ItemClaim, {"during": hours(None, -1)}),
    ("item_claim_has_both_ends", ItemClaim, {"during": hours(2, 2)}),
    ("item_claim_kind_known", ItemClaim, {**NO_BOOKING, "kind": "holiday"}),
    ("item_claim_unit_counts_from_one", ItemClaim, {"unit": 0}),
    ("item_claim_has_one_cause", ItemClaim, {"booking_id": None}),
    ("item_claim_has_one_cause", ItemClaim, {"outage_id": outage_of}),
    ("item_claim_has_one_cause", ItemClaim, {"kind": "blackout"}),
    ("item_claim_has_one_cause", ItemClaim, NO_BOOKING),
]


@pytest.mark.parametrize(
    ("name", "table", "changes"), CASES, ids=[f"{name}-{n}" for n, (name, *_) in enumerate(CASES)]
)
async def test_a_row_that_breaks_a_promise_is_refused(
    rows: AsyncConnection, ground: Ground, name: str, table: Any, changes: dict[str, Any]
) -> None:
    await write(rows, ground, table)  # without the change it is taken
    await rows.rollback()
    with pytest.raises(IntegrityError) as caught:
        await write(rows, ground, table, **changes)
    assert broken(caught.value) == name


async def test_every_named_promise_has_a_case(rows: AsyncConnection) -> None:
    """A constraint added to these tables needs a line above."""
    question = """
        SELECT conname FROM pg_constraint WHERE contype IN ('c', 'u', 'x')
        AND conrelid IN ('item'::regclass, 'item_companion'::regclass, 'item_requirement'::regclass,
                         'booking'::regclass, 'outage'::regclass, 'item_claim'::regclass)
        UNION SELECT indexname FROM pg_indexes WHERE tablename = 'item' AND indexname LIKE '%once'
    """
    known = set(await rows.scalars(sa.text(question)))
    assert known == {name for name, *_ in CASES}


@pytest.mark.parametrize(
    "changes",
    [
        {"during": hours(1, 2)},
        {"during": hours(-1, 0)},
        {"during": hours(0, 1), "unit": 2},
        {"during": hours(2, 3), "item_id": lambda ground: ground.other},
    ],
    ids=["right after", "right before", "another unit", "another item"],
)
async def test_claims_that_only_touch_stand_side_by_side(
    rows: AsyncConnection, ground: Ground, changes: dict[str, Any]
) -> None:
    await write(rows, ground, ItemClaim, **changes)


async def test_a_claim_that_was_let_go_leaves_room(rows: AsyncConnection, ground: Ground) -> None:
    await rows.execute(sa.delete(ItemClaim).where(ItemClaim.booking_id == ground.booking))
    await write(rows, ground, ItemClaim, during=hours(0, 1))


async def test_a_claim_does_not_grow_into_another(rows: AsyncConnection, ground: Ground) -> None:
    await write(rows, ground, ItemClaim)
    own = sa.update(ItemClaim).where(ItemClaim.item_id == ground.item)
    with pytest.raises(IntegrityError) as caught:
        await rows.execute(own.values(during=hours(0, 4)))
    assert broken(caught.value) == "item_claim_no_overlap"


@pytest.mark.parametrize(
    ("table", "changes", "error"),
    [
        (ItemClaim, {"during": hours(0, 1)}, SlotTaken),
        (Booking, {"once": "a", "once_digest": b"b"}, OnceReused),
        (Item, {"code": "tr-01"}, CodeTaken),
    ],
)
async def test_a_broken_promise_has_words(
    rows: AsyncConnection, ground: Ground, table: Any, changes: dict[str, Any], error: type
) -> None:
    with pytest.raises(IntegrityError) as caught:
        await write(rows, ground, table, **changes)
    assert isinstance(broken_promise(caught.value), error)


@pytest.mark.parametrize("gone", ["person", "item", "booking", "outage"])
async def test_what_a_claim_rests_on_is_not_deleted(
    rows: AsyncConnection, ground: Ground, gone: str
) -> None:
    with pytest.raises(IntegrityError):
        await rows.execute(sa.text(f"DELETE FROM {gone}"))  # noqa: S608, names above


@pytest.mark.race
async def test_two_who_write_without_any_lock_do_not_both_win(ground: Ground) -> None:
    """The constraint alone: what a program that knows nothing of our locks would meet."""

    async def claim(start: float) -> bool:
        async with ground.engine.connect() as rows:
            try:
                await write(rows, ground, ItemClaim, during=hours(start, start + 2))
                await rows.commit()
            except DBAPIError as error:
                sqlstate = error.orig.__cause__.sqlstate  # type: ignore[union-attr]
                assert sqlstate in {"23P01", "40P01"}
                return False
        return True

    for day in range(24, 24 * 6, 24):
        assert sum(await asyncio.gather(claim(day), claim(day + 1))) == 1
