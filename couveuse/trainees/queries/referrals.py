"""Referrals: what one structure asked another, and what it answered."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.structures.models import Function, Structure
from couveuse.structures.queries import who_does_what
from couveuse.trainees import policy
from couveuse.trainees.models import Path, Referral, ReferralState

KEPT_IN_VIEW = dt.timedelta(days=60)


def _referrals() -> sa.Select[Referral]:
    return sa.select(Referral).options(
        joinedload(Referral.path).joinedload(Path.person),
        joinedload(Referral.from_structure),
        joinedload(Referral.to_structure),
        joinedload(Referral.sent_by),
        joinedload(Referral.answered_by),
    )


async def get_referral(db: AsyncSession, actor: Actor, referral_id: int) -> Referral:
    found = await db.scalar(
        _referrals()
        .where(Referral.id == referral_id, policy.visible_referrals(actor))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


async def find_referral_by_once(db: AsyncSession, actor: Actor, once: str) -> Referral | None:
    return await db.scalar(
        _referrals().where(Referral.sent_by_id == actor.person_id, Referral.once == once)
    )


async def list_referrals_of(db: AsyncSession, path_id: int) -> Sequence[Referral]:
    """The referrals of a path, the latest first. Load the path through the actor before."""
    found = await db.scalars(
        _referrals().where(Referral.path_id == path_id).order_by(Referral.id.desc())
    )
    return found.all()


@dataclass(frozen=True, slots=True)
class Referrals:
    to_answer: list[Referral]
    sent: list[Referral]
    """Waiting for the answer of another structure."""
    answered: list[Referral]


async def list_referrals(db: AsyncSession, actor: Actor) -> Referrals:
    """Those that wait, the oldest first, and those answered lately."""
    lately = clock.now() - KEPT_IN_VIEW
    found = await db.scalars(
        _referrals()
        .where(
            policy.visible_referrals(actor),
            sa.or_(Referral.state == ReferralState.SENT, Referral.sent_at > lately),
        )
        .order_by(Referral.sent_at, Referral.id)
    )
    every = found.all()
    return Referrals(
        [one for one in every if one.is_open and policy.can_answer_referral(actor, one)],
        [one for one in every if one.is_open and not policy.can_answer_referral(actor, one)],
        [one for one in reversed(every) if not one.is_open],
    )


@dataclass(frozen=True, slots=True)
class Option:
    """A structure to go to, and what it does."""

    structure: Structure
    functions: list[Function]


async def list_referral_options(db: AsyncSession, actor: Actor, path: Path) -> list[Option]:
    """Every other member structure, by name and by nothing else: the choice is the person's."""
    matrix = await who_does_what(db, actor, clock.today())
    return [
        Option(row.structure, [one for one in Function if row.held[one]])
        for row in matrix.structures
        if row.structure.id != path.structure_id
    ]
