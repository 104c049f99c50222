"""What somebody received, and what is left to her of what pays it."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from couveuse.network.hours import Line, Session, Time, cut, lines, received
from couveuse.network.models import FundedAction, Grant
from couveuse.network.queries.sessions import list_received
from couveuse.network.rules import Left, consume, left_of


class Part(NamedTuple):
    """An action that pays her support."""

    action: FundedAction
    time: Time

    @property
    def left(self) -> Left | None:
        return left_of(self.action.person_minutes, self.time.whole)

    @property
    def left_half_days(self) -> Left | None:
        return left_of(self.action.person_half_days, self.time.whole_half_days)


class Support(NamedTuple):
    period: Time
    """Received in the period, whatever pays it."""
    parts: Sequence[Part]
    """By action of a grant that is not closed, since its beginning."""

    @property
    def is_any(self) -> bool:
        return bool(self.period.sessions or self.parts)


async def read_support(db: AsyncSession, person_id: int, start: dt.date, end: dt.date) -> Support:
    """Sums only. Load the person through the actor before."""
    sessions = await list_received(db, person_id)
    actions = await _open_actions(db, {one.action.id for one in sessions if one.action})
    parts = [Part(one, consume(_paid_by(one, sessions)).of(person_id)) for one in actions]
    return Support(_hers(lines(cut(sessions, start, end), received), person_id), parts)


async def _open_actions(db: AsyncSession, ids: set[int]) -> Sequence[FundedAction]:
    if not ids:
        return []
    found = await db.scalars(
        sa.select(FundedAction)
        .join(FundedAction.grant)
        .where(FundedAction.id.in_(ids), Grant.closed_on.is_(None))
        .options(contains_eager(FundedAction.grant))
        .order_by(Grant.name, FundedAction.id)
    )
    return found.all()


def _hers(found: Sequence[Line], person_id: int) -> Time:
    return next((line.time for line in found if line.id == person_id), Time())


def _paid_by(action: FundedAction, sessions: Sequence[Session]) -> list[Session]:
    return [one for one in sessions if one.action and one.action.id == action.id]
