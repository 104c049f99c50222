"""What the worker does for follow-up: mails, and drafts that must not stay secret."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core import clock
from couveuse.core.db import unit_of_work
from couveuse.core.jobs import Workshop, every, job
from couveuse.core.mail import post
from couveuse.followup import actions, queries
from couveuse.followup.mails import (
    committee_due_mail,
    committee_mail,
    draft_mail,
    figures_mail,
    proposal_mail,
    visit_mail,
)
from couveuse.followup.models import ProgressReview, Visit, VisitProposal
from couveuse.followup.rhythm import DueState
from couveuse.people.models import Person
from couveuse.trainees.models import FollowUpMember
from couveuse.trainees.queries import list_in_charge


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


@job("tell_about_progress")
async def tell_about_progress(
    workshop: Workshop,
    *,
    what: str,
    committee_id: int,
    review_id: int | None,
    people: list[int],
    guests: list[int],
    by: str,
    event: str,
) -> None:
    """Mail everybody whom a session concerns, each about their own part in it."""
    async with unit_of_work(workshop.sessions) as db:
        committee = await queries.load_session(db, committee_id)
        reviewed = set(
            await db.scalars(
                sa.select(ProgressReview.person_id).where(
                    ProgressReview.committee_id == committee_id
                )
            )
        )
        found = await db.scalars(
            sa.select(Person).where(Person.id.in_(people), Person.email.is_not(None))
        )
        readers = [
            (str(one.email), one.name, one.language, "person" if one.id in reviewed else "member")
            for one in found
        ]
        readers += [
            (one.guest_email, str(one.guest), None, "guest")
            for one in committee.members
            if one.id in guests and one.guest_email
        ]
        for email, name, language, reader in readers:
            subject, body = committee_mail(
                committee,
                what,
                by,
                workshop.settings.public_url,
                name=name,
                language=language,
                reader=reader,
                review_id=review_id,
            )
            await post(db, email, subject, body, key=f"progress:{what}:{event}:{email}")


@every("remind_of_committees", "30 5 * * *")
async def remind_of_committees(workshop: Workshop) -> None:
    async with unit_of_work(workshop.sessions) as db:
        await remind(db, workshop.settings.public_url)


async def remind(db: AsyncSession, base_url: str) -> None:
    """A session to plan: a month before, then once it is late; minutes to close: once they are due.
    However often it runs, one mail for each of these and each reader."""
    for due in await queries.list_committees_due(db, sa.true()):
        if due.planned or due.state == DueState.LATER:
            continue
        for reader in await _who_prepares(db, due.person_id):
            subject, body = committee_due_mail(
                reader,
                "due",
                due.name,
                due.milestone.on,
                f"/nouveau?personne={due.person_id}",
                base_url,
                is_late=due.is_late,
            )
            key = f"progress_due:{due.person_id}:{due.milestone.on}:{due.state}:{reader.id}"
            await post(db, str(reader.email), subject, body, key=key)
    for review in await queries.list_every_open_minutes(db):
        due_on = review.committee.minutes_due_on
        if due_on > clock.today():
            continue
        for reader in await _who_prepares(db, review.person_id):
            subject, body = committee_due_mail(
                reader,
                "minutes",
                review.person.name,
                due_on,
                f"/bilans/{review.id}",
                base_url,
                is_late=True,
            )
            key = f"progress_minutes:{review.id}:{reader.id}"
            await post(db, str(reader.email), subject, body, key=key)


async def _who_prepares(db: AsyncSession, person_id: int) -> Sequence[Person]:
    """Who leads the follow-up, and who answers for the structure."""
    lead = sa.select(FollowUpMember.member_id).where(
        FollowUpMember.person_id == person_id,
        FollowUpMember.is_lead,
        FollowUpMember.during.contains(clock.today()),
    )
    found = list(await db.scalars(sa.select(Person).where(Person.id.in_(lead))))
    structure_id = await queries.structure_of(db, person_id)
    if structure_id:
        known = {one.id for one in found}
        found += [one for one in await list_in_charge(db, structure_id) if one.id not in known]
    return [one for one in found if one.email and one.id != person_id]
