"""Notices to send, and who received those of before."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.trainees import policy
from couveuse.trainees.models import Agreement, LegalNotice


def _notices(actor: Actor) -> sa.Select[LegalNotice]:
    return (
        sa.select(LegalNotice)
        .join(LegalNotice.agreement)
        .join(Agreement.person)
        .where(policy.visible_agreements(actor), policy.managed_agreements(actor))
        .options(
            contains_eager(LegalNotice.agreement).options(
                contains_eager(Agreement.person), joinedload(Agreement.structure)
            )
        )
    )


async def list_open_notices(db: AsyncSession, actor: Actor) -> Sequence[LegalNotice]:
    """Notices still to send, for those who may send them, the most pressing first."""
    query = _notices(actor).where(LegalNotice.sent_on.is_(None))
    return (await db.scalars(query.order_by(LegalNotice.due_on, LegalNotice.id))).all()


async def list_notices_of(db: AsyncSession, agreement_id: int) -> Sequence[LegalNotice]:
    """All notices of an agreement that the actor sees, as they were opened."""
    query = sa.select(LegalNotice).where(LegalNotice.agreement_id == agreement_id)
    return (await db.scalars(query.order_by(LegalNotice.id))).all()


async def get_notice(db: AsyncSession, actor: Actor, notice_id: int) -> LegalNotice:
    found = await db.scalar(
        _notices(actor).where(LegalNotice.id == notice_id).execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


async def last_addressee(db: AsyncSession, structure_id: int, recipient: str) -> str | None:
    """Whom the structure wrote to the last time."""
    return await db.scalar(
        sa.select(LegalNotice.addressee)
        .join(LegalNotice.agreement)
        .where(
            Agreement.structure_id == structure_id,
            LegalNotice.recipient == recipient,
            LegalNotice.sent_on.is_not(None),
        )
        .order_by(LegalNotice.sent_on.desc(), LegalNotice.id.desc())
        .limit(1)
    )
