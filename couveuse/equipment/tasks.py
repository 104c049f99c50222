"""What the worker does for equipment: mails about bookings, requests that lapse."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core import clock
from couveuse.core.db import unit_of_work
from couveuse.core.jobs import Workshop, every, job
from couveuse.core.mail import post
from couveuse.equipment import actions
from couveuse.equipment.mails import Event, booking_mail
from couveuse.equipment.models import Booking, Item
from couveuse.equipment.policy import COORDINATES, STEWARDS
from couveuse.people.models import Membership, Person

NAMED = joinedload(Item.manager), joinedload(Item.deputy)


@every("lapse_requests", "* * * * *")
async def lapse_requests(workshop: Workshop) -> None:
    async with unit_of_work(workshop.sessions) as db:
        await actions.lapse_requests(db)


@job("tell_about_booking")
async def tell_about_booking(
    workshop: Workshop,
    *,
    booking_id: int,
    what: str,
    by: int | None = None,
    event: str = "",
    slot: Mapping[str, str] | None = None,
    before: Mapping[str, str] | None = None,
    reason: str | None = None,
) -> None:
    """Mail those whom it concerns: the holder and those in charge.

    Jobs queued before they carried the slot tell of the booking as it is now.
    """
    async with unit_of_work(workshop.sessions) as db:
        booking = await db.scalar(
            sa.select(Booking)
            .where(Booking.id == booking_id)
            .options(
                joinedload(Booking.person),
                joinedload(Booking.companion).options(*NAMED),
                joinedload(Booking.item).options(joinedload(Item.site), *NAMED),
            )
        )
        if booking is None:
            return
        author = await db.get(Person, by) if by else None
        told = Event(
            what=what,
            during=_range(slot) if slot else booking.during,
            before=_range(before) if before else None,
            reason=reason if slot else booking.reason,
            by=author,
        )
        in_charge = {item.id: await _in_charge(db, item) for item in booking.things}
        answering = {one.id for item in booking.awaited for one in in_charge[item.id]}
        for reader in _readers(booking, what, by, in_charge.values()):
            subject, body = booking_mail(
                booking,
                told,
                reader,
                workshop.settings.public_url,
                answers=booking.is_request and reader.id in answering,
            )
            key = f"{what}:{booking.id}:{event}:{reader.id}"
            await post(db, str(reader.email), subject, body, key=key)


def _range(span: Mapping[str, str]) -> Range[dt.datetime]:
    return Range(dt.datetime.fromisoformat(span["start"]), dt.datetime.fromisoformat(span["end"]))


def _readers(
    booking: Booking, what: str, by: int | None, in_charge: Iterable[Sequence[Person]]
) -> list[Person]:
    """The holder hears of what is new or done by others; those in charge of what others did."""
    new = what in {"booking.made", "booking.requested"}
    readers = [booking.person] if new or booking.person_id != by else []
    answered = what == "booking.requested" and not booking.is_request
    if not answered and what not in {"booking.approved", "booking.refused"}:
        readers += [one for people in in_charge for one in people if one.id != by]
    unique = {one.id: one for one in readers if one.email}
    return list(unique.values())


async def _in_charge(db: AsyncSession, item: Item) -> Sequence[Person]:
    """The person in charge and the deputy; without them, who manages for the owner structure;
    without them too, the coordinators."""
    if named := [one for one in (item.manager, item.deputy) if one]:
        return named
    manages = sa.and_(Membership.structure_id == item.structure_id, Membership.role.in_(STEWARDS))
    return await _members(db, manages) or await _members(db, COORDINATES)


async def _members(db: AsyncSession, *which: sa.ColumnElement[bool]) -> Sequence[Person]:
    seats = sa.exists().where(
        Membership.person_id == Person.id, Membership.during.contains(clock.today()), *which
    )
    return (await db.scalars(sa.select(Person).where(seats).order_by(Person.id))).all()
