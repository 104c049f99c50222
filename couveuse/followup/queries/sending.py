"""Whether a form arrived already."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.followup.forms import OnceForm
from couveuse.followup.models import OnceReusedForFollowUp, SentForm


async def find_sent(db: AsyncSession, actor: Actor, form: OnceForm, subject: str) -> int | None:
    """What the form made the first time. Raises Conflict when it said something else then."""
    if form.once is None:
        return None
    first = await db.scalar(
        sa.select(SentForm).where(SentForm.author_id == actor.person_id, SentForm.once == form.once)
    )
    if first is None:
        return None
    if first.digest != form.digest(subject):
        raise OnceReusedForFollowUp
    return first.made_id
