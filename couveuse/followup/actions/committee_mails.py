"""The mails of a progress committee: queued in the transaction of what they tell."""

import secrets
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import jobs
from couveuse.core.actor import Actor
from couveuse.followup.models import (
    ProgressCommittee,
)


async def queue_mails(
    db: AsyncSession,
    actor: Actor,
    what: str,
    committee: ProgressCommittee,
    people: Sequence[int],
    *,
    guests: Sequence[int] = (),
    review_id: int | None = None,
) -> None:
    await jobs.queue(
        db,
        "tell_about_progress",
        what=what,
        committee_id=committee.id,
        review_id=review_id,
        people=sorted(set(people) - {actor.person_id}),
        guests=list(guests),
        by=actor.name,
        event=secrets.token_hex(6),
    )
