"""The benchmark's data: plain items, people who may book them all, many bookings, made in SQL.

The present week holds what is asked for, the weeks before it eight bookings per item, as far back
as the total needs; nothing lies ahead. The same numbers give the same data in the same week.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Role
from couveuse.core.clock import Week
from couveuse.core.db import Sessions, unit_of_work
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.core.passwords import hash_password
from couveuse.equipment.models import Booking, Item, ItemClaim
from couveuse.people.models import Membership, Person
from couveuse.seeds.marks import begin_filling, refuse_unless_empty
from couveuse.seeds.rows import add_rows
from couveuse.structures.models import Site, Structure

PASSWORD = "couveuse-bench"  # noqa: S105, known to all: these people exist for measuring
SINCE = dt.date(2020, 1, 1)
CATEGORIES = ("tracteur", "travail du sol", "semis-plantation", "irrigation", "transport")

PER_PAST_WEEK = 8
DAYS = 7
SHORTEST_DAY = 92
"""Quarters of an hour of the day on which summer time begins."""
MOST_PER_WEEK = DAYS * SHORTEST_DAY


@dataclass(frozen=True, slots=True)
class Load:
    items: int
    people: int
    week_bookings: int
    total_bookings: int

    @property
    def per_week(self) -> int:
        """Bookings in the present week of the item that has most."""
        return -(-self.week_bookings // self.items)


async def seed_bench(
    sessions: Sessions, *, items: int, people: int, week_bookings: int, total_bookings: int
) -> None:
    """Fill an empty database with the benchmark's data. Refuses any other."""
    load = Load(items, people, week_bookings, total_bookings)
    _refuse_impossible(load)
    async with unit_of_work(sessions) as db:
        await begin_filling(db)
        await refuse_unless_empty(db)
        people_ids = await _add_people(db, load)
        item_ids = await _add_items(db, load)
        before = load.total_bookings - load.week_bookings
        keys = await _let_go_of_checks(db)
        await _add_bookings(db, item_ids, people_ids, before, PER_PAST_WEEK, weeks_ago=1)
        await _add_bookings(
            db, item_ids, people_ids, load.week_bookings, load.per_week, weeks_ago=0
        )
        await db.execute(CLAIM)
        await _check_again(db, keys)
    await _tidy(sessions)


def _refuse_impossible(load: Load) -> None:
    if min(load.items, load.people) < 1 or load.week_bookings < 0:
        sentence = N_("Il faut au moins un matériel et une personne, et aucun nombre négatif.")
        raise Refused(Reason("bench_too_small", sentence))
    if load.total_bookings < load.week_bookings:
        sentence = N_("Le total des réservations comprend celles de la semaine : augmentez-le.")
        raise Refused(Reason("bench_total_too_small", sentence))
    if load.per_week > MOST_PER_WEEK:
        sentence = N_("Une semaine n'a de place que pour %(most)s réservations par matériel.")
        raise Refused(Reason("bench_week_full", sentence, {"most": MOST_PER_WEEK}))


async def _add_people(db: AsyncSession, load: Load) -> list[int]:
    structure = Structure(name="Banc d'essai", short_name="Banc", joined_on=SINCE)
    db.add(structure)
    await db.flush()  # the id is needed
    password_hash = await hash_password(PASSWORD)
    rows = [
        {
            "given_name": "Banc",
            "family_name": f"{n:03}",
            "email": f"bench-{n:03}@couveuse.example",
            "password_hash": password_hash,
        }
        for n in range(1, load.people + 1)
    ]
    people = await add_rows(db, Person, rows)
    seat = {"structure_id": structure.id, "role": Role.TRAINEE, "during": Range(SINCE, None)}
    await add_rows(db, Membership, [seat | {"person_id": one} for one in people])
    return people


async def _add_items(db: AsyncSession, load: Load) -> list[int]:
    structure_id = await db.scalar(sa.select(Structure.id))
    site = Site(structure_id=structure_id, name="Ferme du banc", time_zone=clock.PARIS.key)
    db.add(site)
    await db.flush()  # the id is needed
    rows = [
        {
            "structure_id": structure_id,
            "site_id": site.id,
            "code": f"B-{n:03}",
            "name": f"Matériel {n:03}",
            "category": CATEGORIES[n % len(CATEGORIES)],
            "slot_minutes": 15,
            "min_minutes": 15,
            "max_minutes": 2880,
            "horizon_days": 3650,
        }
        for n in range(1, load.items + 1)
    ]
    return await add_rows(db, Item, rows)


# Oldest first, as they would have come. `n` counts backwards: from the last booking of a week to
# its first, then to the week before. `dice` is Knuth's multiplicative hash.
BOOK = sa.text("""
    INSERT INTO booking (item_id, person_id, created_by_id, during, state, created_at)
    SELECT item_id, person_id, person_id,
           tstzrange(starts_at, starts_at + quarters * interval '15 min'),
           'confirmed', starts_at - interval '3 days'
    FROM (
        SELECT n, (:items)[1 + n % cardinality(:items)] AS item_id,
               (:people)[1 + (dice >> 16) % cardinality(:people)] AS person_id,
               quarters,
               (:monday - 7 * (:weeks_ago + week) + turn % 7)::timestamp AT TIME ZONE :zone
               + (:first + turn / 7 * :stride + (dice >> 12) % (:stride - quarters + 1))
               * interval '15 min' AS starts_at
        FROM (
            SELECT n, dice, least(:stride, 4 + (dice >> 8) % 9) AS quarters,
                   (n / (:per_week * cardinality(:items)))::int AS week,
                   (n / cardinality(:items) % :per_week)::int AS turn
            FROM (
                SELECT n, (n * 2654435761) % 4294967296 AS dice
                FROM generate_series(:count - 1, 0, -1) AS n
            ) AS numbers
        ) AS turns
    ) AS placed
    ORDER BY n DESC
""").bindparams(
    sa.bindparam("people", type_=ARRAY(sa.BigInteger)),
    sa.bindparam("items", type_=ARRAY(sa.BigInteger)),
    sa.bindparam("monday", type_=sa.Date),
    sa.bindparam("zone", type_=sa.Text),
    *(sa.bindparam(name, type_=sa.Integer) for name in ("weeks_ago", "first", "stride")),
    *(sa.bindparam(name, type_=sa.BigInteger) for name in ("per_week", "count")),
)
CLAIM = sa.insert(ItemClaim).from_select(
    ["item_id", "unit", "during", "kind", "booking_id"],
    sa.select(
        Booking.item_id, sa.literal(1), Booking.during, sa.literal("booking"), Booking.id
    ).order_by(Booking.id),
)


async def _add_bookings(
    db: AsyncSession,
    items: list[int],
    people: list[int],
    count: int,
    per_week: int,
    *,
    weeks_ago: int,
) -> None:
    """Spread bookings over the days of each week, side by side within a day.

    Within working hours while they are long enough, else around the clock.
    """
    a_day = max(-(-per_week // DAYS), 1)
    first, quarters = (28, 48) if a_day <= 6 else (0, SHORTEST_DAY)
    numbers = {
        "items": items,
        "people": people,
        "monday": Week.of(clock.today()).monday,
        "zone": clock.PARIS.key,
        "weeks_ago": weeks_ago,
        "first": first,
        "stride": quarters // a_day,
        "per_week": max(per_week, 1),
        "count": count,
    }
    await db.execute(BOOK, numbers)


# ---------------------------------------------------------------- the same end, sooner

KEYS = sa.text("""
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
           format('ALTER TABLE %s ADD CONSTRAINT %I %s',
                  conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint
    WHERE contype = 'f' AND conrelid IN ('booking'::regclass, 'item_claim'::regclass)
    ORDER BY conname
""")


async def _let_go_of_checks(db: AsyncSession) -> list[str]:
    """Tell no board, and check foreign keys once at the end. Returns how to get them back.

    Nobody else sees the tables without them: it all happens in one transaction.
    """
    keys = (await db.execute(KEYS)).all()
    await _run(db, "ALTER TABLE booking DISABLE TRIGGER USER")
    await _run(db, "ALTER TABLE item_claim DISABLE TRIGGER USER")
    for drop, _ in keys:
        await _run(db, drop)
    return [add for _, add in keys]


async def _check_again(db: AsyncSession, keys: list[str]) -> None:
    for add in keys:
        await _run(db, add)
    await _run(db, "ALTER TABLE booking ENABLE TRIGGER USER")
    await _run(db, "ALTER TABLE item_claim ENABLE TRIGGER USER")


async def _run(db: AsyncSession, statement: str) -> None:
    """As it stands: a colon in it is no parameter."""
    await (await db.connection()).exec_driver_sql(statement)


async def _tidy(sessions: Sessions) -> None:
    """Statistics and visibility, as a database has them that was not filled a moment ago."""
    async with sessions() as db:
        autocommit = {"isolation_level": "AUTOCOMMIT"}
        connection = await db.connection(execution_options=autocommit)
        await connection.exec_driver_sql("SET statement_timeout = 0")
        await connection.exec_driver_sql(
            "VACUUM (ANALYZE) structure, site, person, membership, item, booking, item_claim"
        )
        await connection.exec_driver_sql("RESET statement_timeout")
