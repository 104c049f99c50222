"""What the worker does for workshops: mails to whom something concerns, and reminders."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.db import unit_of_work
from couveuse.core.jobs import Workshop, every, job
from couveuse.core.mail import post
from couveuse.followup.models import Workshop as PlannedWorkshop
from couveuse.followup.models import WorkshopSlot
from couveuse.followup.queries.workshops import (
    WHOLE,
    days_to_remind,
    list_workshops_to_remind,
)
from couveuse.followup.workshop_mails import workshop_mail
from couveuse.people.models import Person


@job("tell_about_workshop")
async def tell_about_workshop(
    workshop: Workshop, *, what: str, workshop_id: int, by: str, people: list[int], event: str
) -> None:
    """Mail those whom it concerns, except the one who did it."""
    async with unit_of_work(workshop.sessions) as db:
        told = await db.scalar(
            sa.select(PlannedWorkshop).where(PlannedWorkshop.id == workshop_id).options(*WHOLE)
        )
        if told is None:
            return
        found = await db.scalars(
            sa.select(Person).where(Person.id.in_(people), Person.email.is_not(None))
        )
        for reader in found:
            subject, body = workshop_mail(told, what, reader, by, workshop.settings.public_url)
            key = f"workshop:{what}:{told.id}:{event}:{reader.id}"
            await post(db, str(reader.email), subject, body, key=key)


REMINDER_DAYS = 2


@every("remind_of_workshops", "40 5 * * *")
async def remind_of_workshops(workshop: Workshop) -> None:
    """Two days before each day of a workshop: who has a place, and who leads. Once for each day."""
    async with unit_of_work(workshop.sessions) as db:
        for one in await list_workshops_to_remind(db, REMINDER_DAYS):
            for day, slots in days_to_remind(one, REMINDER_DAYS).items():
                people = {seat.person_id: seat.person for seat in one.seated}
                people |= {lead.id: lead for slot in slots for lead in slot.facilitators}
                for reader in people.values():
                    key = f"workshop:soon:{one.id}:{day}:{reader.id}"
                    await _remind(db, workshop, one, slots, reader, key)


async def _remind(
    db: AsyncSession,
    workshop: Workshop,
    told: PlannedWorkshop,
    slots: list[WorkshopSlot],
    reader: Person,
    key: str,
) -> None:
    if reader.email:
        url = workshop.settings.public_url
        subject, body = workshop_mail(told, "soon", reader, "", url, slots=slots)
        await post(db, reader.email, subject, body, key=key)
