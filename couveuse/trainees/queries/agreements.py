"""Agreements of a person, and what may rest on them."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from couveuse.trainees.models import Agreement, AgreementPeriod


async def list_agreements(db: AsyncSession, person_id: int) -> Sequence[Agreement]:
    """All agreements of a person with their periods, the newest first."""
    found = await db.scalars(
        sa.select(Agreement)
        .where(Agreement.person_id == person_id)
        .options(joinedload(Agreement.structure), selectinload(Agreement.periods))
        .order_by(Agreement.id.desc())
    )
    return found.all()


def covers(person_id: sa.ColumnElement[int] | int, day: dt.date) -> sa.ColumnElement[bool]:
    """A signed period of the person holds on that day: what bookings and stays may rest on."""
    return sa.exists().where(
        AgreementPeriod.person_id == person_id,
        AgreementPeriod.document.is_not(None),
        AgreementPeriod.during.contains(day),
    )
