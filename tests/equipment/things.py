"""The items of the generated sequences, each with rules of its own, and the database read back."""

import datetime as dt
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from couveuse.equipment.actions.items import write_companions
from couveuse.equipment.models import Booking
from tests import build
from tests.cast import Cast, make_cast
from tests.equipment.paper import BOSS, Thing

PEOPLE = ("lea", "tom", BOSS)
THINGS = (
    Thing("plough"),
    Thing("room", {"capacity": 2, "slot_minutes": 60, "min_minutes": 60}),
    Thing("pump", {"buffer_before_minutes": 30, "buffer_after_minutes": 45, "max_minutes": 240}),
    Thing(
        "digger",
        {
            "needs_approval": True,
            "answer_hours": 6,
            "notice_minutes": 120,
            "cancel_cutoff_minutes": 180,
        },
    ),
    Thing(
        "press",
        {
            "opens_at": dt.time(7),
            "closes_at": dt.time(19),
            "open_days": [1, 2, 3, 4, 5, 6],
            "max_open_bookings": 1,
            "max_week_minutes": 180,
            "horizon_days": 2,
        },
    ),
    Thing("van", {"min_minutes": 1440, "max_minutes": 1440, "slot_minutes": 30}),
    Thing("big", {"buffer_after_minutes": 30}, training=True),
    Thing("small", {"needs_approval": True}),
    Thing("tiller", {"slot_minutes": 30}, companions=("big", "small")),
    Thing("seeder", companions=("small", "big")),
)


async def fill(connection: AsyncConnection) -> tuple[Cast, dict[str, int]]:
    """The people and the items, there before every example."""
    async with AsyncSession(connection, expire_on_commit=False) as db:
        cast = await make_cast(db)
        ids: dict[str, int] = {}
        for thing in THINGS:
            needs = [cast.tractor_training] if thing.training else []
            item = await build.make_item(db, cast.farm, **thing.rules, requirements=needs)
            ids[thing.name] = item.id
        for thing in THINGS:
            await write_companions(db, ids[thing.name], [ids[one] for one in thing.companions])
        await db.commit()
    return cast, ids


class Found(NamedTuple):
    """What the tables say, in the words of the paper."""

    bookings: dict[int, tuple[Any, ...]]
    claims: list[tuple[Any, ...]]
    verbs: dict[int, list[str]]
    jobs: int


_CLAIMS = sa.text(
    'SELECT item_id, unit, lower(during) AS start, upper(during) AS "end", booking_id, outage_id '
    "FROM item_claim"
)
_VERBS = sa.text(
    "SELECT subject_id, verb FROM journal_line WHERE subject_kind = 'booking' ORDER BY id"
)
_JOBS = sa.text("SELECT count(*) FROM pgqueuer")


async def read_all(connection: AsyncConnection, ids: dict[str, int], cast: Cast) -> Found:
    names: dict[int | None, str] = {key: name for name, key in ids.items()}
    people = {cast.person(name).id: name for name in PEOPLE}
    async with AsyncSession(connection) as db:
        bookings = {
            one.id: (
                *(people[one.person_id], names[one.item_id], names.get(one.companion_id)),
                *((one.during.lower, one.during.upper), one.state),
                one.answer_by if one.state == "requested" else None,
            )
            for one in await db.scalars(sa.select(Booking))
        }
        claims = [
            (names[row.item_id], row.unit, (row.start, row.end), row.booking_id, row.outage_id)
            for row in await db.execute(_CLAIMS)
        ]
        verbs: dict[int, list[str]] = {}
        for key, verb in await db.execute(_VERBS):
            verbs.setdefault(key, []).append(verb)
        jobs = await db.scalar(_JOBS)
    return Found(bookings, sorted(claims, key=str), verbs, jobs or 0)
