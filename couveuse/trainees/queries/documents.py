"""Papers of an agreement."""

from collections.abc import Sequence
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.trainees import policy
from couveuse.trainees.models import (
    Agreement,
    AgreementAmendment,
    AgreementDocument,
    AgreementPiece,
    AgreementSignature,
    AgreementSuspension,
)
from couveuse.trainees.queries.agreements import get_agreement


async def list_documents(db: AsyncSession, agreement_id: int) -> Sequence[AgreementDocument]:
    """Of an agreement whose contract the actor may read, the newest first, with signatures."""
    found = await db.scalars(
        sa.select(AgreementDocument)
        .where(AgreementDocument.agreement_id == agreement_id)
        .options(selectinload(AgreementDocument.signatures).joinedload(AgreementSignature.person))
        .order_by(AgreementDocument.number.desc())
    )
    return found.all()


async def get_document(db: AsyncSession, actor: Actor, document_id: int) -> AgreementDocument:
    """A paper, for those who may read the contract."""
    found = await db.scalar(
        sa.select(AgreementDocument)
        .join(AgreementDocument.agreement)
        .join(Agreement.person)
        .where(AgreementDocument.id == document_id, policy.visible_agreements(actor))
        .options(
            contains_eager(AgreementDocument.agreement).options(
                contains_eager(Agreement.person),
                joinedload(Agreement.structure),
                selectinload(Agreement.periods),
            ),
            selectinload(AgreementDocument.signatures).joinedload(AgreementSignature.person),
        )
        .execution_options(populate_existing=True)
    )
    if found is None or not policy.can_read_contract(actor, found.agreement):
        raise NotVisible
    return found


async def find_last_document(
    db: AsyncSession,
    agreement_id: int,
    kind: str,
    period_number: int | None,
    amendment_id: int | None,
) -> AgreementDocument | None:
    """The newest version of one paper."""
    return await db.scalar(
        sa.select(AgreementDocument)
        .where(
            AgreementDocument.agreement_id == agreement_id,
            AgreementDocument.kind == kind,
            AgreementDocument.period_number.is_not_distinct_from(period_number),
            AgreementDocument.amendment_id.is_not_distinct_from(amendment_id),
        )
        .order_by(AgreementDocument.number.desc())
        .limit(1)
    )


async def has_signatures(db: AsyncSession, agreement_id: int, period_number: int) -> bool:
    """Whether somebody signed a paper of the period on screen."""
    found = (
        sa.select(AgreementSignature.id)
        .join(AgreementDocument, AgreementDocument.id == AgreementSignature.document_id)
        .where(
            AgreementDocument.agreement_id == agreement_id,
            AgreementDocument.period_number == period_number,
        )
    )
    return await db.scalar(found.limit(1)) is not None


async def list_amendments(db: AsyncSession, agreement_id: int) -> Sequence[AgreementAmendment]:
    query = sa.select(AgreementAmendment).where(AgreementAmendment.agreement_id == agreement_id)
    found = await db.scalars(query.order_by(AgreementAmendment.number))
    return found.all()


async def list_pieces(db: AsyncSession, agreement_id: int) -> dict[str, AgreementPiece]:
    """What the person brought, by code."""
    query = sa.select(AgreementPiece).where(AgreementPiece.agreement_id == agreement_id)
    return {one.code: one for one in await db.scalars(query)}


async def list_suspensions(db: AsyncSession, agreement_id: int) -> Sequence[AgreementSuspension]:
    """The newest first."""
    query = sa.select(AgreementSuspension).where(AgreementSuspension.agreement_id == agreement_id)
    return (await db.scalars(query.order_by(AgreementSuspension.during.desc()))).all()


async def is_suspended(db: AsyncSession, agreement_id: int) -> bool:
    """Today. A suspension warns; it does not stop the clock."""
    found = sa.select(AgreementSuspension.id).where(
        AgreementSuspension.agreement_id == agreement_id,
        AgreementSuspension.during.contains(clock.today()),
    )
    return await db.scalar(found) is not None


async def get_amendment(
    db: AsyncSession, actor: Actor, amendment_id: int
) -> tuple[AgreementAmendment, Agreement]:
    """For those who may read the contract, with its agreement."""
    return await _read(db, actor, AgreementAmendment, amendment_id)


async def get_suspension(
    db: AsyncSession, actor: Actor, suspension_id: int
) -> tuple[AgreementSuspension, Agreement]:
    """For those who may read the contract, with its agreement."""
    return await _read(db, actor, AgreementSuspension, suspension_id)


T = TypeVar("T", AgreementAmendment, AgreementSuspension)


async def _read(db: AsyncSession, actor: Actor, table: type[T], row_id: int) -> tuple[T, Agreement]:
    found = await db.get(table, row_id, populate_existing=True)
    if found is None:
        raise NotVisible
    agreement = await get_agreement(db, actor, found.agreement_id)
    if not policy.can_read_contract(actor, agreement):
        raise NotVisible
    return found, agreement
