"""What follow-up asks of somebody today."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.followup import policy
from couveuse.followup.models import AgreedStep, Report, Visit
from couveuse.followup.queries.figures import find_figures_due
from couveuse.followup.queries.reports import list_drafts, list_to_sign
from couveuse.followup.queries.steps import list_owed
from couveuse.followup.queries.visits import Unseen, list_own_coming, list_unseen

LONG = 4
"""Weeks without a visit after which somebody is named."""


@dataclass(frozen=True, slots=True)
class Due:
    visits: Sequence[Visit] = ()
    to_sign: Sequence[Report] = ()
    drafts: Sequence[Report] = ()
    """One's own, to share or to delete."""
    steps: Sequence[AgreedStep] = ()
    """What one said one would do."""
    unseen: Sequence[Unseen] = ()
    figures: dt.date | None = None
    """The month of one's own figures that is still empty, after the tenth of the next."""


async def read_due(db: AsyncSession, actor: Actor) -> Due:
    if not policy.can_have_visits(actor):
        return Due()
    follows = policy.can_follow(actor)
    return Due(
        visits=await list_own_coming(db, actor),
        to_sign=await list_to_sign(db, actor),
        drafts=await list_drafts(db, actor) if follows else [],
        steps=await list_owed(db, actor),
        unseen=[one for one in await list_unseen(db, actor, LONG) if not one.next]
        if follows
        else [],
        figures=await find_figures_due(db, actor),
    )
