"""Papers of an agreement."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.trainees import policy
from couveuse.trainees.models import Agreement, AgreementDocument, AgreementSignature


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
