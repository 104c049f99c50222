"""Moments proposed for a visit."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.followup import policy
from couveuse.followup.models import Visit, VisitProposal
from couveuse.people.models import Person


def _proposals(actor: Actor) -> sa.Select[VisitProposal]:
    seen = sa.or_(policy.reads_follow_up(actor), Person.id == actor.person_id)
    return (
        sa.select(VisitProposal)
        .join(VisitProposal.person)
        .where(seen)
        .options(
            contains_eager(VisitProposal.person),
            joinedload(VisitProposal.mentor),
            joinedload(VisitProposal.site),
        )
    )


async def get_proposal(db: AsyncSession, actor: Actor, proposal_id: int) -> VisitProposal:
    found = await db.scalar(_proposals(actor).where(VisitProposal.id == proposal_id))
    if found is None:
        raise NotVisible
    return found


async def list_proposals(db: AsyncSession, actor: Actor) -> Sequence[VisitProposal]:
    """Those to the actor or by the actor that still wait for a choice."""
    chosen = sa.exists().where(Visit.proposal_id == VisitProposal.id)
    found = await db.scalars(
        _proposals(actor)
        .where(
            sa.or_(
                VisitProposal.person_id == actor.person_id,
                VisitProposal.mentor_id == actor.person_id,
            ),
            VisitProposal.withdrawn_at.is_(None),
            ~chosen,
            clock.now() < sa.any_(VisitProposal.starts),
        )
        .order_by(VisitProposal.id)
    )
    return found.all()


async def is_chosen(db: AsyncSession, proposal_id: int) -> bool:
    """Whether a visit came of it. Load the proposal through the actor before."""
    chosen = sa.exists().where(Visit.proposal_id == proposal_id)
    return bool(await db.scalar(sa.select(chosen)))
