"""Signing up, leaving, and the waiting list. The lock of the workshop puts everybody in line."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup import workshop_policy
from couveuse.followup.actions.telling_workshops import tell
from couveuse.followup.models import Attendance, Workshop, WorkshopSeat
from couveuse.followup.models.workshop import MOST_PLACES
from couveuse.followup.queries.workshops import load_workshop, lock_workshop
from couveuse.people.models import Person

CLOSED = N_("Les inscriptions à cet atelier sont closes. Écrivez à qui l'organise.")
LEADS = N_("Qui anime l'atelier n'a pas besoin de place.")
NOT_INVITED = N_("Cet atelier est réservé aux personnes choisies. Écrivez à qui l'organise.")
BEGUN = N_("L'atelier a commencé : la feuille de présence dira qui est là.")
SIGNED = N_("Quelqu'un a déjà signé la feuille : notez plutôt la personne absente ou excusée.")
FEWER = N_(
    "%(n)s personnes ont une place : gardez-en au moins autant, ou retirez d'abord des "
    "inscriptions."
)


@atomic
async def sign_up(
    db: AsyncSession, actor: Actor, workshop: Workshop, person: Person
) -> WorkshopSeat:
    """Take a place, or the next rank of the waiting list. Signing up again finds the first.

    Who runs the workshop may add people late, and people who were not invited.
    """
    workshop = await lock_workshop(db, workshop.id)
    if seat := workshop.seat_of(person.id):
        return seat
    if person.id in workshop.trainer_ids:
        raise Refused(Reason("leads", LEADS))
    if not workshop_policy.can_add_people(actor, workshop):
        if not workshop.takes_sign_ups:
            raise Refused(Reason("sign_up_closed", CLOSED))
        if not workshop.for_everybody and person.id not in {one.id for one in workshop.guests}:
            raise Refused(Reason("not_invited", NOT_INVITED))
    seat = WorkshopSeat(workshop_id=workshop.id, person_id=person.id, created_by_id=actor.person_id)
    db.add(seat)
    await db.flush()  # whoever waits is counted in the order of ids
    workshop = await load_workshop(db, workshop.id)
    await fill_places(db, actor, workshop, newcomer=person.id)
    if person.id == actor.person_id:
        await tell(db, actor, "workshop.joined" if seat.number else "workshop.queued", workshop)
    else:
        verb = "workshop.signed_up" if seat.number else "workshop.waits"
        await tell(db, actor, verb, workshop, [person.id], person=person.name)
    return seat


@atomic
async def leave(db: AsyncSession, actor: Actor, workshop: Workshop, person_id: int) -> None:
    """Give the place back; the next in line takes it. Leaving again changes nothing."""
    workshop = await lock_workshop(db, workshop.id)
    seat = workshop.seat_of(person_id)
    if seat is None:
        return
    if person_id == actor.person_id and not workshop_policy.can_take_off(actor, workshop):
        if workshop.has_begun:
            raise Refused(Reason("begun", BEGUN))
    elif workshop.is_signed:
        raise Refused(Reason("signed", SIGNED))
    await db.execute(
        sa.delete(Attendance).where(
            Attendance.person_id == person_id,
            Attendance.slot_id.in_([slot.id for slot in workshop.slots]),
        )
    )
    name = seat.person.name
    await db.execute(sa.delete(WorkshopSeat).where(WorkshopSeat.id == seat.id))
    if person_id == actor.person_id:
        await tell(db, actor, "workshop.gave_back", workshop)
    else:
        await tell(db, actor, "workshop.left", workshop, [person_id], person=name)
    await fill_places(db, actor, await load_workshop(db, workshop.id))


async def fill_places(
    db: AsyncSession, actor: Actor, workshop: Workshop, *, newcomer: int | None = None
) -> None:
    """Give free places to those who wait, in order. Needs the workshop locked and fresh.

    The only place where a place is given. Nobody is moved up once it has begun, but whoever comes
    along takes what is free.
    """
    taken = {seat.number for seat in workshop.seated}
    most = workshop.places or MOST_PLACES
    free = (n for n in range(1, most + 1) if n not in taken)
    for seat in workshop.waiting:
        if workshop.has_begun and seat.person_id != newcomer:
            continue
        number = next(free, None)
        if number is None:
            return
        seat.number = number
        for slot in workshop.slots:
            if not slot.is_closed:
                db.add(Attendance(slot_id=slot.id, person_id=seat.person_id))
        await db.flush()  # the next one is compared with it
        if seat.person_id != newcomer:
            told = [seat.person_id]
            await tell(db, actor, "workshop.moved_up", workshop, told, person=seat.person.name)


async def sit_closer(db: AsyncSession, workshop: Workshop, places: int | None) -> None:
    """Numbers above the places become lower ones. Raises Refused when there are not enough."""
    seated = sorted(workshop.seated, key=lambda seat: seat.number or 0)
    if places is None:
        return
    if len(seated) > places:
        raise Refused(Reason("fewer_places", FEWER, {"n": len(seated)}, field="places"))
    free = iter(sorted(set(range(1, places + 1)) - {seat.number for seat in seated}))
    for seat in seated:
        if seat.number and seat.number > places:
            seat.number = next(free)
            await db.flush()  # two never share a number, not even for a moment
