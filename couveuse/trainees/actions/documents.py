"""The papers of an agreement, one after another: each version is kept as it was."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.trainees.models import Agreement, AgreementDocument, DocumentKind


async def keep_document(
    db: AsyncSession,
    actor: Actor,
    agreement: Agreement,
    kind: DocumentKind,
    sha256: str,
    *,
    period_number: int | None = None,
    amendment_id: int | None = None,
    is_draft: bool = False,
    is_signed: bool = False,
) -> AgreementDocument:
    """Add a stored file to the papers of an agreement that is held."""
    last = await db.scalar(
        sa.select(sa.func.max(AgreementDocument.number)).where(
            AgreementDocument.agreement_id == agreement.id
        )
    )
    document = AgreementDocument(
        agreement_id=agreement.id,
        number=(last or 0) + 1,
        kind=kind,
        period_number=period_number,
        amendment_id=amendment_id,
        sha256=sha256,
        is_draft=is_draft,
        is_signed=is_signed,
        made_by_id=actor.person_id,
    )
    db.add(document)
    await db.flush()  # its address needs the id
    return document


def paper_of_period(number: int) -> DocumentKind:
    return DocumentKind.RENEWAL if number else DocumentKind.CONTRACT
