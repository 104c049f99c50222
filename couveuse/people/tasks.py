"""What the worker does for people: reminders of papers that end, and forgetting old sign-ins."""

import datetime as dt

import sqlalchemy as sa

from couveuse.core import clock
from couveuse.core.db import unit_of_work
from couveuse.core.jobs import Workshop, every
from couveuse.core.mail import post
from couveuse.people import queries
from couveuse.people.mails import paper_ending_mail
from couveuse.people.models import MailedLink, Person, Session, SignInFailure
from couveuse.people.rules import REMINDER_DAYS, SESSION_LIFETIME, reminder_step

KEPT = dt.timedelta(days=30)


@every("forget_old_sign_ins", "23 3 * * *")
async def forget_old_sign_ins(workshop: Workshop) -> None:
    now = clock.now()
    async with unit_of_work(workshop.sessions) as db:
        await db.execute(sa.delete(SignInFailure).where(SignInFailure.at < now - KEPT))
        await db.execute(sa.delete(MailedLink).where(MailedLink.expires_at < now - KEPT))
        await db.execute(sa.delete(Session).where(Session.last_seen_at < now - SESSION_LIFETIME))


@every("remind_of_papers", "40 5 * * *")
async def remind_of_papers(workshop: Workshop) -> None:
    """One mail for each paper and step, however often this runs; another when its end changed."""
    today = clock.today()
    last = today + dt.timedelta(days=max(REMINDER_DAYS))
    members = (queries.is_member_on(today), Person.email.is_not(None))
    async with unit_of_work(workshop.sessions) as db:
        for paper in await queries.list_papers_ending(db, today, last, *members):
            assert paper.last_day is not None  # noqa: S101, it ends
            left = (paper.last_day - today).days + 1
            step = reminder_step(left)
            if step is None:
                continue
            holder = paper.person
            subject, body = paper_ending_mail(holder, paper, left, workshop.settings.public_url)
            key = f"paper_ending:{paper.id}:{paper.last_day}:{step}"
            await post(db, str(holder.email), subject, body, key=key)
