"""Housekeeping: what is kept of sign-in is forgotten when it no longer serves."""

import datetime as dt

import sqlalchemy as sa

from couveuse.core import clock
from couveuse.core.db import unit_of_work
from couveuse.core.jobs import Workshop, every
from couveuse.people.models import MailedLink, Session, SignInFailure
from couveuse.people.rules import SESSION_LIFETIME

KEPT = dt.timedelta(days=30)


@every("forget_old_sign_ins", "23 3 * * *")
async def forget_old_sign_ins(workshop: Workshop) -> None:
    now = clock.now()
    async with unit_of_work(workshop.sessions) as db:
        await db.execute(sa.delete(SignInFailure).where(SignInFailure.at < now - KEPT))
        await db.execute(sa.delete(MailedLink).where(MailedLink.expires_at < now - KEPT))
        await db.execute(sa.delete(Session).where(Session.last_seen_at < now - SESSION_LIFETIME))
