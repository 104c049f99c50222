"""Reading items and bookings, always through the person who asks."""

import datetime as dt
from collections.abc import Sequence

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.prepared import Prepared, put_beside, records, width
from couveuse.equipment.claims import UNITS_TAKEN
from couveuse.equipment.models import (
    HOLDING,
    Booking,
    BookingState,
    Item,
    ItemClaim,
    Outage,
    item_companion,
    item_requirement,
)
from couveuse.equipment.policy import (
    VISIBLE_ITEMS,
    seen_by,
    visible_bookings,
    visible_items,
)
from couveuse.people.models import Membership, Person, Qualification
from couveuse.people.queries import holds_paper
from couveuse.structures.models import Site, Structure

# Made once: putting such a statement together costs more than running it.
_ITEM = sa.select(Item).where(Item.id == sa.bindparam("item_id"), VISIBLE_ITEMS)
_ITEM_TO_ACT_ON = _ITEM.join(Item.site).options(contains_eager(Item.site))
_ITEM_TO_EDIT = _ITEM.options(
    joinedload(Item.site),
    joinedload(Item.structure),
    joinedload(Item.manager),
    joinedload(Item.deputy),
    joinedload(Item.companions),
    joinedload(Item.requirements),
)

_ITEM_TO_BOOK = Prepared(
    sa.select(Item.__table__, Site.__table__, Item.capacity <= UNITS_TAKEN)
    .join(Site, Site.id == Item.site_id)
    .where(Item.id == sa.bindparam("item_id", type_=sa.BigInteger), VISIBLE_ITEMS)
)
_MANAGER, _DEPUTY = (Person.__table__.alias(name) for name in ("manager", "deputy"))
_COMPANION = Item.__table__.alias("companion")
_REQUIRED = (
    sa.select(Qualification.name)
    .join(item_requirement, item_requirement.c.qualification_id == Qualification.id)
    .where(item_requirement.c.item_id == Item.id)
    .order_by(Qualification.name)
    .scalar_subquery()
)
_SHOWN = Item, Site, Structure, Person, Person
_ITEM_TO_SHOW = Prepared(
    sa.select(
        Item.__table__,
        Site.__table__,
        Structure.__table__,
        _MANAGER,
        _DEPUTY,
        _COMPANION,
        sa.func.array(_REQUIRED, type_=ARRAY(sa.Text)),
    )
    .join(Site, Site.id == Item.site_id)
    .join(Structure, Structure.id == Item.structure_id)
    .outerjoin(_MANAGER, _MANAGER.c.id == Item.manager_id)
    .outerjoin(_DEPUTY, _DEPUTY.c.id == Item.deputy_id)
    .outerjoin(item_companion, item_companion.c.item_id == Item.id)
    .outerjoin(_COMPANION, _COMPANION.c.id == item_companion.c.companion_id)
    .where(Item.id == sa.bindparam("item_id", type_=sa.BigInteger), VISIBLE_ITEMS)
    .order_by(item_companion.c.position)
)


async def get_item(db: AsyncSession, actor: Actor, item_id: int) -> Item:
    """The item with its site, to act on. Raises NotVisible."""
    return await _get_item(db, _ITEM_TO_ACT_ON, actor, item_id)


async def get_item_to_edit(db: AsyncSession, actor: Actor, item_id: int) -> Item:
    """The item with all that its form asks for. Raises NotVisible."""
    return await _get_item(db, _ITEM_TO_EDIT, actor, item_id)


async def _get_item(
    db: AsyncSession, statement: sa.Select[Item], actor: Actor, item_id: int
) -> Item:
    found = await db.execute(statement, {"item_id": item_id} | seen_by(actor))
    item = found.unique().scalar_one_or_none()
    if item is None:
        raise NotVisible
    return item


_WITH_COMPANIONS = (
    sa.select(Item)
    .where(Item.id == sa.bindparam("item_id"))
    .options(joinedload(Item.site), joinedload(Item.companions))
    .execution_options(populate_existing=True)
)


async def get_item_with_companions(db: AsyncSession, item_id: int) -> Item:
    """An item that the actor was seen to see, with its site and what it goes with."""
    return (await db.execute(_WITH_COMPANIONS, {"item_id": item_id})).unique().scalar_one()


async def get_item_to_book(
    db: AsyncSession, actor: Actor, item_id: int, during: Range[dt.datetime] | None = None
) -> tuple[Item, bool]:
    """The item with its site, of no session; and whether it looks taken. Raises NotVisible."""
    span = asyncpg.Range(during.lower, during.upper) if during else None
    row = await _ITEM_TO_BOOK.first(db, item_id=item_id, during=span, **seen_by(actor))
    if row is None:
        raise NotVisible
    item, site = records(row, Item, Site)
    put_beside(item, site=site)
    return item, row[-1]


async def get_item_to_show(db: AsyncSession, actor: Actor, item_id: int) -> Item:
    """The item with all that its page tells, of no session. Raises NotVisible."""
    rows = await _ITEM_TO_SHOW.all(db, item_id=item_id, **seen_by(actor))
    if not rows:
        raise NotVisible
    item, site, structure, manager, deputy = records(rows[0], *_SHOWN)
    put_beside(
        item,
        site=site,
        structure=structure,
        manager=manager,
        deputy=deputy,
        companions=[one for row in rows for one in records(row, Item, start=width(*_SHOWN)) if one],
        requirements=[Qualification(name=name) for name in rows[0][-1]],
    )
    return item


async def list_retired_items(db: AsyncSession, actor: Actor) -> Sequence[Item]:
    """What is out of service, the latest first."""
    return (
        await db.scalars(
            sa.select(Item)
            .where(visible_items(actor), Item.retired_on.is_not(None))
            .options(joinedload(Item.site))
            .order_by(Item.retired_on.desc(), Item.name, Item.id)
        )
    ).all()


_IN_CHARGE = joinedload(Item.manager), joinedload(Item.deputy)


UNATTENDED = sa.and_(Item.manager_id.is_(None), Item.deputy_id.is_(None), Item.retired_on.is_(None))
"""In service, with nobody in charge."""


async def list_unattended_items(db: AsyncSession) -> Sequence[Item]:
    return (
        await db.scalars(
            sa.select(Item)
            .where(UNATTENDED)
            .options(joinedload(Item.site), joinedload(Item.structure))
            .order_by(Item.name, Item.id)
        )
    ).all()


async def count_unattended_items(db: AsyncSession) -> int:
    return await db.scalar(sa.select(sa.func.count()).where(UNATTENDED)) or 0


async def get_booking(db: AsyncSession, actor: Actor, booking_id: int) -> Booking:
    """The booking with its item, companion and holder. Raises NotVisible."""
    booking = await db.scalar(
        sa.select(Booking)
        .join(Booking.item)
        .join(Item.site)
        .where(Booking.id == booking_id, visible_bookings(actor))
        .options(
            contains_eager(Booking.item).options(contains_eager(Item.site), *_IN_CHARGE),
            joinedload(Booking.companion).options(*_IN_CHARGE),
            joinedload(Booking.person),
            joinedload(Booking.plot),
        )
    )
    if booking is None:
        raise NotVisible
    return booking


_BY_ONCE = sa.select(Booking).where(
    Booking.created_by_id == sa.bindparam("by"), Booking.once == sa.bindparam("key")
)


async def find_by_once(db: AsyncSession, actor: Actor, once: str) -> Booking | None:
    """The booking that this form made already."""
    return await db.scalar(_BY_ONCE, {"by": actor.person_id, "key": once})


def _bookings_where(*chosen: sa.ColumnElement[bool]) -> sa.Select[Booking]:
    """Bookings with their items, sites and persons, as lists show them."""
    return (
        sa.select(Booking)
        .join(Booking.item)
        .join(Item.site)
        .where(*chosen)
        .options(
            contains_eager(Booking.item).contains_eager(Item.site),
            joinedload(Booking.companion),
            joinedload(Booking.person),
        )
    )


_END = sa.func.upper(Booking.during)


async def list_bookings_of(
    db: AsyncSession, person_id: int, *, past: bool = False, limit: int = 100
) -> Sequence[Booking]:
    """A person's bookings: those to come and running by start, or those over, latest first."""
    if past:
        chosen, order = clock.now() >= _END, _END.desc()
    else:
        chosen, order = clock.now() < _END, _END.asc()
    asked = _bookings_where(Booking.person_id == person_id, chosen)
    return (await db.scalars(asked.order_by(order, Booking.id).limit(limit))).all()


async def list_bookings_for_others(db: AsyncSession, actor: Actor) -> Sequence[Booking]:
    """To come and running, made by the actor on behalf of somebody."""
    asked = _bookings_where(
        Booking.created_by_id == actor.person_id,
        Booking.person_id != actor.person_id,
        clock.now() < _END,
        visible_bookings(actor),
    )
    return (await db.scalars(asked.order_by(_END, Booking.id).limit(100))).all()


async def list_requests(db: AsyncSession, actor: Actor) -> Sequence[Booking]:
    """Requests not answered yet that the actor sees, the most urgent first."""
    asked = _bookings_where(
        Booking.state == BookingState.REQUESTED,
        Booking.answer_by > clock.now(),
        visible_bookings(actor),
    )
    return (await db.scalars(asked.order_by(Booking.answer_by, Booking.id).limit(100))).all()


async def list_bookings_between(
    db: AsyncSession, item_id: int, during: Range[dt.datetime]
) -> Sequence[Booking]:
    """Bookings that hold the item (alone or as companion) in a span."""
    holds = sa.select(ItemClaim.booking_id).where(
        ItemClaim.item_id == item_id, ItemClaim.during.overlaps(during)
    )
    return (
        await db.scalars(
            sa.select(Booking)
            .where(Booking.id.in_(holds))
            .options(
                joinedload(Booking.person),
                joinedload(Booking.item).joinedload(Item.site),
                joinedload(Booking.companion),
            )
            .order_by(sa.func.lower(Booking.during), Booking.id)
        )
    ).all()


_MISSING_PAPERS = Prepared(
    sa.select(item_requirement.c.item_id, Qualification.name)
    .join(Qualification, Qualification.id == item_requirement.c.qualification_id)
    .where(
        item_requirement.c.item_id == sa.any_(sa.bindparam("item_ids", type_=ARRAY(sa.BigInteger))),
        ~holds_paper(
            sa.bindparam("person_id", type_=sa.BigInteger),
            item_requirement.c.qualification_id,
            sa.bindparam("first", type_=sa.Date),
            sa.bindparam("last", type_=sa.Date),
        ),
    )
    .order_by(Qualification.name)
)


async def missing_papers(
    db: AsyncSession, item_ids: Sequence[int], person_id: int, first: dt.date, last: dt.date
) -> dict[int, list[str]]:
    """What the items require and the person does not hold from a day to another, by item."""
    found: dict[int, list[str]] = {item_id: [] for item_id in item_ids}
    rows = await _MISSING_PAPERS.all(
        db, item_ids=item_ids, person_id=person_id, first=first, last=last
    )
    for item_id, name in rows:
        found[item_id].append(name)
    return found


async def papers_to_get(db: AsyncSession, actor: Actor, item: Item) -> list[tuple[str, str]]:
    """What the actor lacks today to book the item: its name, or its companion's, with the paper.

    Of several companions one is enough. The item comes with its companions and requirements.
    """
    if not (item.requirements or item.companions):
        return []
    things = [item, *item.companions]
    today = clock.today(clock.zone_named(item.site.time_zone))
    missing = await missing_papers(db, [one.id for one in things], actor.person_id, today, today)
    if any(not missing[one.id] for one in item.companions):
        things = [item]
    return [(one.name, paper) for one in things for paper in missing[one.id]]


async def count_use(
    db: AsyncSession,
    item_id: int,
    person_id: int,
    week: Range[dt.datetime],
    *,
    besides: int | None = None,
) -> tuple[int, int]:
    """How many bookings to come the person has on the item, and for how many minutes in a week."""
    in_week = Booking.during.overlaps(week)
    minutes = sa.func.extract(
        "epoch", sa.func.upper(Booking.during) - sa.func.lower(Booking.during)
    )
    row = (
        await db.execute(
            sa.select(
                sa.func.count().filter(sa.func.upper(Booking.during) > clock.now()),
                sa.func.coalesce(sa.func.sum(minutes).filter(in_week), 0) / 60,
            ).where(
                Booking.item_id == item_id,
                Booking.person_id == person_id,
                Booking.state.in_(HOLDING),
                Booking.id.is_distinct_from(besides),
            )
        )
    ).one()
    return row[0], int(row[1])


async def get_outage(db: AsyncSession, actor: Actor, outage_id: int) -> Outage:
    outage = await db.scalar(
        sa.select(Outage)
        .join(Outage.item)
        .join(Item.site)
        .where(Outage.id == outage_id, visible_items(actor))
        .options(contains_eager(Outage.item).contains_eager(Item.site))
    )
    if outage is None:
        raise NotVisible
    return outage


async def find_member(db: AsyncSession, person_id: int, on: dt.date) -> Person | None:
    """A person who is an active member of the network on a day: only they may hold a booking."""
    return await db.scalar(
        sa.select(Person).where(
            Person.id == person_id,
            sa.exists().where(Membership.person_id == Person.id, Membership.during.contains(on)),
        )
    )


async def list_outages(db: AsyncSession, item_id: int) -> Sequence[Outage]:
    """Outages of an item that are running or to come."""
    return (
        await db.scalars(
            sa.select(Outage)
            .where(
                Outage.item_id == item_id,
                Outage.lifted_at.is_(None),
                sa.func.upper(Outage.during) > clock.now(),
            )
            .order_by(sa.func.lower(Outage.during))
        )
    ).all()
