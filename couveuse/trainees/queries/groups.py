"""Who follows whom."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core import clock
from couveuse.trainees.models import FollowUpMember


async def list_group(db: AsyncSession, person_id: int) -> Sequence[FollowUpMember]:
    """Everybody who follows or followed the person, the lead first, those who left last."""
    over = sa.func.coalesce(sa.func.upper(FollowUpMember.during) <= clock.today(), sa.false())
    found = await db.scalars(
        sa.select(FollowUpMember)
        .where(FollowUpMember.person_id == person_id)
        .options(joinedload(FollowUpMember.member))
        .order_by(over, FollowUpMember.is_lead.desc(), FollowUpMember.id)
    )
    return found.all()
