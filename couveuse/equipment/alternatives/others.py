"""Other items of the same kind that a person could take at the same time."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.clock import Week, zone_named
from couveuse.core.db import ends
from couveuse.core.prepared import Prepared, records
from couveuse.equipment.alternatives.fit import problems_of
from couveuse.equipment.alternatives.slots import typed
from couveuse.equipment.claims import MINUTE
from couveuse.equipment.models import Item, ItemClaim, item_companion, item_requirement
from couveuse.equipment.policy import VISIBLE_ITEMS, seen_by
from couveuse.equipment.queries import count_use
from couveuse.equipment.rules import Days, local_days
from couveuse.equipment.standing import covered_days
from couveuse.people.queries import holds_paper
from couveuse.structures.models import Site

MOST = 3
MOST_TRIES = 12


class Other(NamedTuple):
    """An item, and the time asked for where it is."""

    id: int
    name: str
    start: dt.datetime
    end: dt.datetime

    @property
    def asked(self) -> dict[str, str]:
        """The time, as the address of its booking form tells it."""
        return {"debut": typed(self.start), "fin": typed(self.end)}


def _moment(name: str) -> sa.BindParameter[dt.datetime]:
    return sa.bindparam(name, type_=sa.TIMESTAMP(timezone=True))


def _may_take_now() -> tuple[sa.ColumnElement[bool], ...]:
    """A unit is free in the span, buffers included, and the person holds what the item requires."""
    span = sa.func.tstzrange(
        _moment("start") - Item.buffer_before_minutes * MINUTE,
        _moment("end") + Item.buffer_after_minutes * MINUTE,
    )
    held = sa.select(sa.func.count(sa.distinct(ItemClaim.unit))).where(
        ItemClaim.item_id == Item.id, ItemClaim.during.op("&&")(span)
    )
    has_paper = holds_paper(
        sa.bindparam("person_id", type_=sa.BigInteger),
        item_requirement.c.qualification_id,
        sa.bindparam("first", type_=sa.Date),
        sa.bindparam("last", type_=sa.Date),
    )
    lacks = sa.exists().where(item_requirement.c.item_id == Item.id, ~has_paper)
    return Item.capacity > held.scalar_subquery(), ~lacks


_FREE_ITEMS = Prepared(
    sa.select(
        Item.__table__,
        Site.time_zone,
        sa.exists().where(item_companion.c.item_id == Item.id).label("needs_another"),
    )
    .join(Site, Site.id == Item.site_id)
    .where(
        Item.category == sa.bindparam("category", type_=sa.Text),
        Item.id != sa.bindparam("item_id", type_=sa.BigInteger),
        Item.retired_on.is_(None),
        VISIBLE_ITEMS,
        *_may_take_now(),
    )
    .order_by(Item.site_id != sa.bindparam("site_id", type_=sa.BigInteger), Item.name, Item.id)
    .limit(MOST_TRIES)
)
_FREE_COMPANIONS = Prepared(
    sa.select(Item.__table__, item_companion.c.item_id.label("goes_with"))
    .join(item_companion, Item.id == item_companion.c.companion_id)
    .where(
        item_companion.c.item_id == sa.any_(sa.bindparam("item_ids", type_=ARRAY(sa.BigInteger))),
        *_may_take_now(),
    )
)


async def list_free_items(
    db: AsyncSession, actor: Actor, item: Item, during: Range[dt.datetime], person_id: int
) -> list[Other]:
    """Items of the same category, those of the same site first, that would be accepted."""
    start, end = ends(during)
    first, last = local_days(start, end, zone_named(item.site.time_zone))
    asked = {"start": start, "end": end, "person_id": person_id, "first": first, "last": last}
    rows = await _FREE_ITEMS.all(
        db,
        category=item.category,
        item_id=item.id,
        site_id=item.site_id,
        **asked,
        **seen_by(actor),
    )
    companions = await _companions(db, rows, asked)
    together = [row["needs_agreement"] for row in rows]
    together += [one.needs_agreement for those in companions.values() for one in those]
    covered = await covered_days(db, person_id) if any(together) else []
    found: list[Other] = []
    for row in rows:
        (one,), zone = records(row, Item), zone_named(row["time_zone"])
        use = await _use(db, one, person_id, start, zone)
        goes = not row["needs_another"] or _any_comes(
            companions.get(one.id, ()), zone, start, end, covered
        )
        if goes and not problems_of(one, zone, start, end, use=use, covered=covered):
            found.append(Other(one.id, one.name, start.astimezone(zone), end.astimezone(zone)))
        if len(found) == MOST:
            break
    return found


async def _companions(
    db: AsyncSession, rows: Sequence[asyncpg.Record], asked: dict[str, Any]
) -> dict[int, list[Item]]:
    """What could come with each of the items that go with another."""
    pairs = [row["id"] for row in rows if row["needs_another"]]
    found: dict[int, list[Item]] = {}
    for row in await _FREE_COMPANIONS.all(db, item_ids=pairs, **asked) if pairs else ():
        found.setdefault(row["goes_with"], []).extend(records(row, Item))
    return found


def _any_comes(
    companions: Sequence[Item],
    zone: ZoneInfo,
    start: dt.datetime,
    end: dt.datetime,
    covered: Sequence[Days],
) -> bool:
    return any(
        not problems_of(one, zone, start, end, is_companion=True, covered=covered)
        for one in companions
    )


async def _use(
    db: AsyncSession, item: Item, person_id: int, start: dt.datetime, zone: ZoneInfo
) -> tuple[int, int]:
    if item.max_open_bookings is None and item.max_week_minutes is None:
        return 0, 0
    week = Week.of(start.astimezone(zone).date()).bounds(zone)
    return await count_use(db, item.id, person_id, Range(*week))
