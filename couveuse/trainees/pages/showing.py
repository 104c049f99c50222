"""The page of one agreement, with whatever forms stand on it."""

from typing import Any

from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.trainees import policy, queries
from couveuse.trainees.forms import SignedDocumentForm
from couveuse.trainees.models import Agreement, DocumentKind, NoticeEvent
from couveuse.trainees.rules import (
    AgreementState,
    limits_in_words,
    span_in_words,
    standing,
)
from couveuse.web.deps import Web
from couveuse.web.forms import Form, blank
from couveuse.web.render import page

STATES = {
    AgreementState.WAITING: (N_("attend le document signé"), "warn"),
    AgreementState.TO_COME: (N_("à venir"), "info"),
    AgreementState.RUNNING: (N_("en cours"), "ok"),
    AgreementState.ENDED: (N_("terminée"), ""),
    AgreementState.ENDED_EARLY: (N_("terminée avant la date prévue"), ""),
}
"""In words, with the tone of the badge."""
EVENTS = {
    NoticeEvent.SIGNING: N_("signature"),
    NoticeEvent.RENEWAL: N_("renouvellement"),
    NoticeEvent.EARLY_END: N_("fin anticipée"),
}
DOCUMENTS = {
    DocumentKind.CONTRACT: N_("Contrat"),
    DocumentKind.RENEWAL: N_("Renouvellement"),
    DocumentKind.AMENDMENT: N_("Avenant"),
    DocumentKind.EARLY_END: N_("Fin anticipée"),
    DocumentKind.WORDING: N_("Mention des papiers commerciaux"),
}


async def show_agreement(
    request: Web,
    db: AsyncSession,
    me: Actor,
    agreement: Agreement,
    *,
    status: int = 200,
    filing: Form[SignedDocumentForm] | None = None,
) -> Response[str]:
    kind = await queries.kind_of(db, agreement)
    reads = policy.can_read_contract(me, agreement)
    waiting = next((one for one in agreement.periods if not one.is_signed), None)
    to_sign_on = waiting.signed_on if waiting else None
    return page(
        request,
        "trainees/agreements/show.html",
        status=status,
        agreement=agreement,
        kind=kind,
        limits=limits_in_words(kind),
        standing=standing(agreement, kind, clock.today()),
        states=STATES,
        today=clock.today(),
        said=span_in_words,
        reads=reads,
        manages=policy.can_manage_agreement(me, agreement.structure_id),
        waiting=waiting,
        filing=filing or blank(SignedDocumentForm, signed_on=to_sign_on),
        **(await _contract(db, agreement) if reads else {}),
    )


async def _contract(db: AsyncSession, agreement: Agreement) -> dict[str, Any]:
    """What both parties and coordination read, beyond the dates."""
    return {
        "notices": await queries.list_notices_of(db, agreement.id),
        "events": EVENTS,
        "documents": await queries.list_documents(db, agreement.id),
        "document_names": DOCUMENTS,
        "lines": await journal.lines_about(db, "agreement", agreement.id),
        "zone": clock.PARIS,
    }
