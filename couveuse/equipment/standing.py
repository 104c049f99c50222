"""Under what somebody may hold an item that asks for an agreement, and which bookings no longer do.

People in test need a signed agreement for every local day of the slot; who has another role in the
network on those days needs none. Both are spans of days, and together they have to cover the slot.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.contacts import shown_phone
from couveuse.core.prepared import Prepared
from couveuse.equipment import policy
from couveuse.equipment.models import HOLDING, Booking, Item, ItemClaim, item_requirement
from couveuse.equipment.rules import Days, Gap, gap_in, local_days
from couveuse.people.models import Membership
from couveuse.people.queries import holds_paper
from couveuse.structures.models import Site, Structure
from couveuse.trainees.models import Agreement, AgreementPeriod


def _spans(*, kept: bool) -> Prepared:
    """The days covered by other roles, and by signed agreements.

    ``kept``: nobody shortens the agreement before this transaction ends. Items are locked first,
    agreements after them, by everybody.
    """
    person_id = sa.bindparam("person_id", type_=sa.BigInteger)
    roles = sa.select(Membership.during).where(
        Membership.person_id == person_id, policy.NEEDS_NO_AGREEMENT
    )
    signed = sa.select(AgreementPeriod.during).where(
        AgreementPeriod.person_id == person_id, AgreementPeriod.document.is_not(None)
    )
    if kept:
        signed = signed.with_for_update(read=True)
    return Prepared(
        sa.select(
            sa.func.array(roles.scalar_subquery()).label("roles"),
            sa.func.array(signed.scalar_subquery()).label("signed"),
        )
    )


_READ, _KEEP = _spans(kept=False), _spans(kept=True)


_MEMBER = Prepared(
    sa.select(Membership.during)
    .where(Membership.person_id == sa.bindparam("person_id", type_=sa.BigInteger))
    .order_by(sa.func.lower(Membership.during))
)


async def member_days(db: AsyncSession, person_id: int) -> list[Days]:
    """The days on which the person belongs to the network, in whatever role."""
    rows = await _MEMBER.all(db, person_id=person_id)
    return [(one["during"].lower, one["during"].upper) for one in rows]


async def covered_days(db: AsyncSession, person_id: int, *, kept: bool = False) -> list[Days]:
    """The days on which the person may hold what asks for an agreement."""
    (row,) = await (_KEEP if kept else _READ).all(db, person_id=person_id)
    return [(one.lower, one.upper) for one in (*row["roles"], *row["signed"])]


async def find_gap(
    db: AsyncSession,
    items: Collection[Item],
    person_id: int,
    start: dt.datetime,
    end: dt.datetime,
    zone: ZoneInfo,
    *,
    kept: bool,
) -> Gap | None:
    """What the person lacks for these items in a span; None when nothing, or none of them asks.

    ``kept``, for who is about to write: the agreement that covers the span stays as it is.
    """
    if not any(one.needs_agreement for one in items):
        return None
    gap = gap_in(await covered_days(db, person_id, kept=kept), *local_days(start, end, zone))
    return await with_contact(db, gap, person_id) if gap else None


async def gap_today(db: AsyncSession, actor: Actor, item: Item) -> Gap | None:
    """What the actor lacks today to take the item, told before any form is filled in."""
    if not item.needs_agreement:
        return None
    today = clock.today(clock.zone_named(item.site.time_zone))
    gap = gap_in(await covered_days(db, actor.person_id), today, today)
    return await with_contact(db, gap, actor.person_id) if gap else None


async def with_contact(db: AsyncSession, gap: Gap, person_id: int) -> Gap:
    """With whom to call: who signed the latest agreement, or where the person belongs."""
    signed = (
        sa.select(Structure)
        .join(Agreement, Agreement.structure_id == Structure.id)
        .where(Agreement.person_id == person_id)
        .order_by(Agreement.id.desc())
    )
    belongs = (
        sa.select(Structure)
        .join(Membership, Membership.structure_id == Structure.id)
        .where(Membership.person_id == person_id)
        .order_by(sa.func.upper(Membership.during).desc().nulls_first(), Membership.id)
    )
    for query in (signed, belongs):
        if found := await db.scalar(query.limit(1)):
            phone = f" ({shown_phone(found.phone)})" if found.phone else ""
            return gap._replace(who=f"{found.label}{phone}")
    return gap


def _covered() -> sa.ColumnElement[bool]:
    """The condition on ``Booking``: some agreement or role covers each of its local days."""
    roles = sa.select(Membership.during).where(
        Membership.person_id == Booking.person_id, policy.NEEDS_NO_AGREEMENT
    )
    signed = sa.select(AgreementPeriod.during).where(
        AgreementPeriod.person_id == Booking.person_id, AgreementPeriod.document.is_not(None)
    )
    spans = sa.union_all(roles.correlate(Booking), signed.correlate(Booking)).subquery()
    moment = dt.timedelta(microseconds=1)
    first = sa.cast(sa.func.timezone(Site.time_zone, sa.func.lower(Booking.during)), sa.Date)
    last = sa.cast(
        sa.func.timezone(Site.time_zone, sa.func.upper(Booking.during) - moment), sa.Date
    )
    days = sa.func.daterange(first, last, "[]")
    union = sa.select(sa.func.range_agg(spans.c.during)).scalar_subquery()
    return sa.func.coalesce(union.op("@>")(days), sa.false())


async def list_uncovered_bookings(db: AsyncSession, actor: Actor) -> Sequence[Booking]:
    """Bookings to come on items that ask for an agreement, which none covers any more."""
    goes_with = (
        sa.exists().where(Item.id == Booking.companion_id, Item.needs_agreement).correlate(Booking)
    )
    found = await db.scalars(
        sa.select(Booking)
        .join(Booking.item)
        .join(Item.site)
        .where(
            policy.visible_bookings(actor),
            Booking.state.in_(HOLDING),
            sa.func.upper(Booking.during) > clock.now(),
            sa.or_(Item.needs_agreement, goes_with),
            ~_covered(),
        )
        .options(
            contains_eager(Booking.item).contains_eager(Item.site),
            joinedload(Booking.companion),
            joinedload(Booking.person),
        )
        .order_by(sa.func.lower(Booking.during), Booking.id)
        .limit(200)
    )
    return found.all()


async def list_bookings_without_papers(db: AsyncSession, actor: Actor) -> Sequence[Booking]:
    """Bookings to come whose holder will lack, some day, what the item or its companion requires.

    They were made when all was well: a paper was withdrawn since, or the item asks for more.
    """
    to_come = sa.select(ItemClaim.booking_id).where(
        ItemClaim.during.op("&&")(sa.func.tstzrange(clock.now(), None))
    )
    instants = (
        sa.func.lower(Booking.during),
        sa.func.upper(Booking.during) - dt.timedelta(microseconds=1),
    )
    first, last = (
        sa.cast(sa.func.timezone(Site.time_zone, instant), sa.Date) for instant in instants
    )
    has_paper = holds_paper(Booking.person_id, item_requirement.c.qualification_id, first, last)
    lacks = sa.exists().where(
        item_requirement.c.item_id.in_([Booking.item_id, Booking.companion_id]),
        ~has_paper,
    )
    return (
        await db.scalars(
            sa.select(Booking)
            .join(Booking.item)
            .join(Item.site)
            .where(
                policy.visible_bookings(actor),
                Booking.id.in_(to_come),
                lacks.correlate(Booking, Site),
            )
            .options(
                contains_eager(Booking.item).contains_eager(Item.site),
                joinedload(Booking.companion),
                joinedload(Booking.person),
            )
            .order_by(sa.func.lower(Booking.during), Booking.id)
            .limit(50)
        )
    ).all()
