"""Invitations to the committee."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from couveuse.core.db import unit_of_work
from couveuse.core.jobs import Workshop, job
from couveuse.core.mail import post
from couveuse.people.models import Person
from couveuse.trainees.mails.selection import committee_mail
from couveuse.trainees.models import Committee


@job("tell_about_committee")
async def tell_about_committee(workshop: Workshop, *, committee_id: int, person_id: int) -> None:
    async with unit_of_work(workshop.sessions) as db:
        committee = await db.scalar(
            sa.select(Committee)
            .where(Committee.id == committee_id)
            .options(joinedload(Committee.structure))
        )
        reader = await db.get(Person, person_id)
        if committee is None or reader is None or reader.email is None:
            return
        subject, body = committee_mail(committee, reader, workshop.settings.public_url)
        await post(db, reader.email, subject, body, key=f"committee:{committee_id}:{person_id}")
