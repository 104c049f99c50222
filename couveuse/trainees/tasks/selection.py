"""What the committee tells: invitations, papers missing before it sits, decisions."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from couveuse.core import clock
from couveuse.core.db import unit_of_work
from couveuse.core.jobs import Workshop, every, job
from couveuse.core.mail import post
from couveuse.people.models import Person
from couveuse.trainees import queries
from couveuse.trainees.mails.selection import committee_mail, decision_mail, missing_pieces_mail
from couveuse.trainees.models import Committee
from couveuse.trainees.rules.selection import missing_pieces

PIECES_BEFORE = dt.timedelta(days=15)


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


@job("tell_decision")
async def tell_decision(workshop: Workshop, *, case_id: int) -> None:
    async with unit_of_work(workshop.sessions) as db:
        case = await queries.find_case(db, case_id)
        if case is None or case.decision is None:
            return
        if email := case.application.path.person.email:
            subject, body = decision_mail(case, workshop.settings.public_url)
            await post(db, email, subject, body, key=f"decision:{case_id}")


@every("remind_of_missing_pieces", "20 5 * * *")
async def remind_of_missing_pieces(workshop: Workshop) -> None:
    """Fifteen days before the committee: the person herself, and who answers for her path."""
    today = clock.today()
    async with unit_of_work(workshop.sessions) as db:
        for case in await queries.list_cases_to_come(db, today, today + PIECES_BEFORE):
            kinds = await queries.list_piece_kinds(db, case.application.opened_on)
            pieces = missing_pieces(case.application, kinds)
            path = case.application.path
            readers = [path.person, *await queries.list_in_charge(db, path.structure_id)]
            for reader in {one.id: one for one in readers if pieces and one.email}.values():
                subject, body = missing_pieces_mail(
                    case, pieces, reader, workshop.settings.public_url
                )
                key = f"pieces:{case.id}:{reader.id}"
                await post(db, str(reader.email), subject, body, key=key)
