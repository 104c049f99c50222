"""What the worker does for equipment: mails about bookings, requests that lapse."""

import datetime as dt
from collections.abc import Mapping

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
from couveuse.equipment.policy import STEWARDS
from couveuse.people.models import Membership, Person


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
                joinedload(Booking.companion),
                joinedload(Booking.item).options(
                    joinedload(Item.site), joinedload(Item.manager), joinedload(Item.deputy)
                ),
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
        for reader in await _readers(db, booking, what, by):
            subject, body = booking_mail(booking, told, reader, workshop.settings.public_url)
            key = f"{what}:{booking.id}:{event}:{reader.id}"
            await post(db, str(reader.email), subject, body, key=key)


def _range(span: Mapping[str, str]) -> Range[dt.datetime]:
    return Range(dt.datetime.fromisoformat(span["start"]), dt.datetime.fromisoformat(span["end"]))


async def _readers(db: AsyncSession, booking: Booking, what: str, by: int | None) -> list[Person]:
    """The holder hears of what is new or done by others; those in charge of what others did."""
    new = what in {"booking.made", "booking.requested"}
    readers = [booking.person] if new or booking.person_id != by else []
    answered = what == "booking.requested" and not booking.is_request
    if not answered and what not in {"booking.approved", "booking.refused"}:
        readers += [one for one in await _in_charge(db, booking) if one.id != by]
    unique = {one.id: one for one in readers if one.email}
    return list(unique.values())


async def _in_charge(db: AsyncSession, booking: Booking) -> list[Person]:
    """The person in charge and the deputy; without them, who manages for the owner structure."""
    named = [one for one in (booking.item.manager, booking.item.deputy) if one]
    if named:
        return named
    stewards = sa.exists().where(
        Membership.person_id == Person.id,
        Membership.structure_id == booking.item.structure_id,
        Membership.role.in_(STEWARDS),
        Membership.during.contains(clock.today()),
    )
    return list((await db.scalars(sa.select(Person).where(stewards).order_by(Person.id))).all())
