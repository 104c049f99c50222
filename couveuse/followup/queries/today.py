"""What follow-up asks of somebody today."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.followup import policy, workshop_policy
from couveuse.followup.committee_policy import can_call_committees, reviewable_people
from couveuse.followup.models import (
    AgreedStep,
    ProgressReview,
    Report,
    Visit,
    Workshop,
    WorkshopSlot,
)
from couveuse.followup.queries.committees import CommitteeDue, list_committees_due
from couveuse.followup.queries.figures import find_figures_due
from couveuse.followup.queries.reports import list_drafts, list_to_sign
from couveuse.followup.queries.reviews import (
    list_minutes_to_sign,
    list_minutes_to_write,
    list_own_sessions,
)
from couveuse.followup.queries.steps import list_owed
from couveuse.followup.queries.visits import Unseen, list_own_coming, list_unseen
from couveuse.followup.queries.workshops import list_open_sheets, list_own_workshops
from couveuse.followup.rhythm import DueState

LONG = 4
"""Weeks without a visit after which somebody is named."""


@dataclass(frozen=True, slots=True)
class Committees:
    """What progress committees ask of somebody."""

    sessions: Sequence[ProgressReview] = ()
    """In which one takes part."""
    minutes: Sequence[ProgressReview] = ()
    """To close."""
    to_sign: Sequence[ProgressReview] = ()
    """Closed minutes about oneself."""
    due: Sequence[CommitteeDue] = ()
    """Late or within a month, and not planned."""


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
    committees: Committees = field(default_factory=Committees)
    workshops: Sequence[Workshop] = ()
    """To come, that one takes part in, waits for or leads."""
    sheets: Sequence[WorkshopSlot] = ()
    """Of half-days that one led, still to be closed."""


async def read_due(db: AsyncSession, actor: Actor) -> Due:
    committees = await read_committees(db, actor)
    member = workshop_policy.can_see_workshops(actor)
    workshops = await list_own_workshops(db, actor) if member else []
    sheets = await list_open_sheets(db, actor) if member else []
    if not policy.can_have_visits(actor):
        return Due(committees=committees, workshops=workshops, sheets=sheets)
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
        workshops=workshops,
        sheets=sheets,
        committees=committees,
    )


async def read_committees(db: AsyncSession, actor: Actor) -> Committees:
    if not can_call_committees(actor):
        to_sign = await list_minutes_to_sign(db, actor)
        return Committees(await list_own_sessions(db, actor), to_sign=to_sign)
    due = await list_committees_due(db, reviewable_people(actor))
    return Committees(
        await list_own_sessions(db, actor),
        await list_minutes_to_write(db, actor),
        await list_minutes_to_sign(db, actor),
        [one for one in due if one.planned is None and one.state != DueState.LATER][:8],
    )
