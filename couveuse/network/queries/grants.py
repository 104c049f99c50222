"""Grants and their actions, with what was charged to them."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.words import plain
from couveuse.followup.models import Visit
from couveuse.network import policy
from couveuse.network.hours import Kind, Session
from couveuse.network.models import FundedAction, Grant, GrantShare, SupportCharge

WHOLE = (
    selectinload(Grant.actions),
    selectinload(Grant.shares).joinedload(GrantShare.structure),
)
WITH_GRANT = joinedload(FundedAction.grant).selectinload(Grant.shares)


async def list_grants(db: AsyncSession, actor: Actor) -> Sequence[Grant]:
    """Those under way first, then the closed ones; the last to end first."""
    found = await db.scalars(
        sa.select(Grant)
        .where(policy.visible_grants(actor))
        .options(*WHOLE)
        .order_by(Grant.closed_on.is_not(None), sa.func.upper(Grant.during).desc(), Grant.id)
    )
    return found.all()


async def get_grant(db: AsyncSession, actor: Actor, grant_id: int) -> Grant:
    found = await db.scalar(
        sa.select(Grant)
        .where(Grant.id == grant_id, policy.visible_grants(actor))
        .options(*WHOLE)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


async def get_action(db: AsyncSession, actor: Actor, action_id: int) -> FundedAction:
    found = await db.scalar(
        sa.select(FundedAction)
        .join(FundedAction.grant)
        .where(FundedAction.id == action_id, policy.visible_grants(actor))
        .options(contains_eager(FundedAction.grant))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


async def lock_grant(db: AsyncSession, grant_id: int) -> None:
    """Every change of a grant begins here; then come its actions, then what is charged."""
    await db.execute(
        sa.select(Grant.id).where(Grant.id == grant_id).with_for_update(key_share=True)
    )


async def lock_actions(db: AsyncSession, action_ids: Iterable[int]) -> dict[int, FundedAction]:
    """Their grants so that nobody closes them, then the actions themselves, in order."""
    ids = sorted(set(action_ids))
    grants = sa.select(FundedAction.grant_id).where(FundedAction.id.in_(ids))
    await db.execute(
        sa.select(Grant.id)
        .where(Grant.id.in_(grants))
        .order_by(Grant.id)
        .with_for_update(read=True)
    )
    await db.execute(
        sa.select(FundedAction.id)
        .where(FundedAction.id.in_(ids))
        .order_by(FundedAction.id)
        .with_for_update(key_share=True)
    )
    found = await db.scalars(
        sa.select(FundedAction)
        .where(FundedAction.id.in_(ids))
        .options(WITH_GRANT)
        .execution_options(populate_existing=True)
    )
    return {one.id: one for one in found}


async def list_open_actions(db: AsyncSession) -> Sequence[FundedAction]:
    """Of grants that are not closed, with who holds them."""
    found = await db.scalars(
        sa.select(FundedAction)
        .join(FundedAction.grant)
        .where(Grant.closed_on.is_(None))
        .options(contains_eager(FundedAction.grant).selectinload(Grant.shares))
        .order_by(plain(Grant.name), FundedAction.id)
    )
    return found.all()


async def last_actions(db: AsyncSession, person_ids: Sequence[int]) -> dict[int, int]:
    """What paid the last session of each person's follow-up."""
    rows = await db.execute(
        sa.select(Visit.person_id, SupportCharge.action_id)
        .join(SupportCharge, SupportCharge.visit_id == Visit.id)
        .where(Visit.person_id.in_(person_ids))
        .ext(distinct_on(Visit.person_id))
        .order_by(Visit.person_id, Visit.starts_at.desc())
    )
    return {row.person_id: row.action_id for row in rows}


async def find_charges(
    db: AsyncSession, sessions: Sequence[Session], *, lock: bool = False
) -> dict[str, SupportCharge]:
    """By key of their session; locked, they stay as they are read."""
    ids = {kind: [one.id for one in sessions if one.kind == kind] for kind in Kind}
    query = (
        sa.select(SupportCharge)
        .where(
            sa.or_(
                SupportCharge.visit_id.in_(ids[Kind.VISIT]),
                SupportCharge.slot_id.in_(ids[Kind.WORKSHOP]),
            )
        )
        .options(
            joinedload(SupportCharge.action).joinedload(FundedAction.grant),
            joinedload(SupportCharge.charged_by),
        )
        .order_by(SupportCharge.id)
        .execution_options(populate_existing=True)
    )
    if lock:
        query = query.with_for_update(of=SupportCharge)
    found = await db.scalars(query)
    return {_key(one): one for one in found}


def _key(charge: SupportCharge) -> str:
    if charge.visit_id:
        return f"{Kind.VISIT}-{charge.visit_id}"
    return f"{Kind.WORKSHOP}-{charge.slot_id}"
