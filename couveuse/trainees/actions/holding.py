"""Holding an agreement while it is changed: who comes second waits, and then sees the change."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from couveuse.core.errors import NotVisible
from couveuse.people.models import Person
from couveuse.trainees.models import Agreement, AgreementPeriod


async def hold(db: AsyncSession, agreement_id: int) -> Agreement:
    """The agreement fresh with its periods, then its person, always in this order.

    Nothing that only refers to them waits (FOR NO KEY UPDATE).
    """
    agreement = await db.scalar(
        sa.select(Agreement)
        .where(Agreement.id == agreement_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if agreement is None:
        raise NotVisible
    # Apart: a statement that waited for the lock still sees the other rows as they were before.
    await db.execute(
        sa.select(Agreement)
        .where(Agreement.id == agreement_id)
        .options(selectinload(Agreement.periods))
        .execution_options(populate_existing=True)
    )
    await hold_person(db, agreement.person_id)
    return agreement


async def hold_person(db: AsyncSession, person_id: int) -> None:
    """Whoever writes periods of the same person waits: the constraint alone may deadlock."""
    held = sa.select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)
    if await db.scalar(held) is None:
        raise NotVisible


async def hold_days(db: AsyncSession, agreement: Agreement) -> None:
    """Wait for those who are just taking something under the agreement: they keep its days.

    What they took is seen afterwards, and whoever comes next waits until its days have changed.
    """
    days = sa.select(AgreementPeriod.id).where(AgreementPeriod.agreement_id == agreement.id)
    await db.execute(days.order_by(AgreementPeriod.id).with_for_update(key_share=True))
