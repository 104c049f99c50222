"""What the worker does for follow-up: mails, and drafts that must not stay secret."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from couveuse.core import clock
from couveuse.core.db import unit_of_work
from couveuse.core.jobs import Workshop, every, job
from couveuse.core.mail import post
from couveuse.followup import actions, queries
from couveuse.followup.mails import draft_mail, figures_mail, proposal_mail, visit_mail
from couveuse.followup.models import Visit, VisitProposal
from couveuse.people.models import Person


@job("tell_about_visit")
async def tell_about_visit(
    workshop: Workshop,
    *,
    what: str,
    visit_id: int,
    slot: Mapping[str, str],
    by: str,
    people: list[int],
    event: str,
    before: Mapping[str, str] | None = None,
) -> None:
    """Mail the person and the mentor, except the one who did it."""
    async with unit_of_work(workshop.sessions) as db:
        visit = await db.scalar(
            sa.select(Visit)
            .where(Visit.id == visit_id)
            .options(joinedload(Visit.person), joinedload(Visit.mentor), joinedload(Visit.site))
        )
        if visit is None:
            return
        found = await db.scalars(
            sa.select(Person).where(Person.id.in_(people), Person.email.is_not(None))
        )
        for reader in found:
            subject, body = visit_mail(
                visit, what, reader, by, workshop.settings.public_url, slot=slot, before=before
            )
            key = f"visit:{what}:{visit.id}:{event}:{reader.id}"
            await post(db, str(reader.email), subject, body, key=key)


@job("tell_about_proposal")
async def tell_about_proposal(workshop: Workshop, *, what: str, proposal_id: int, by: str) -> None:
    async with unit_of_work(workshop.sessions) as db:
        proposal = await db.scalar(
            sa.select(VisitProposal)
            .where(VisitProposal.id == proposal_id)
            .options(joinedload(VisitProposal.person), joinedload(VisitProposal.site))
        )
        if proposal is None or proposal.person.email is None:
            return
        subject, body = proposal_mail(proposal, what, by, workshop.settings.public_url)
        key = f"proposal:{what}:{proposal.id}"
        await post(db, proposal.person.email, subject, body, key=key)


@every("remind_of_drafts", "20 5 * * *")
async def remind_of_drafts(workshop: Workshop) -> None:
    """Each week that a draft waits, its author hears of it."""
    async with unit_of_work(workshop.sessions) as db:
        for report in await queries.list_forgotten_drafts(db):
            days = (clock.now() - report.updated_at).days
            if report.author.email:
                subject, body = draft_mail(report, days, workshop.settings.public_url)
                key = f"draft:{report.id}:{report.version}:{days // queries.DRAFT_DAYS}"
                await post(db, report.author.email, subject, body, key=key)


@every("open_left_drafts", "25 5 * * *")
async def open_left_drafts(workshop: Workshop) -> None:
    """A draft whose author no longer reads the file goes to the follow-up group."""
    async with unit_of_work(workshop.sessions) as db:
        await actions.open_left_drafts(db)


@every("remind_of_figures", "35 5 * * *")
async def remind_of_figures(workshop: Workshop) -> None:
    """Once for each month, only those who asked, after the tenth."""
    month = queries.month_due()
    if month is None:
        return
    async with unit_of_work(workshop.sessions) as db:
        for person in await queries.list_to_remind(db, month):
            subject, body = figures_mail(person, month, workshop.settings.public_url)
            await post(db, str(person.email), subject, body, key=f"figures:{month}:{person.id}")
