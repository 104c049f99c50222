"""The page of one agreement, with whatever forms stand on it."""

from collections.abc import Sequence
from typing import Any

from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.trainees import policy, queries
from couveuse.trainees.forms import PaperForm, SignedDocumentForm
from couveuse.trainees.models import (
    Agreement,
    AgreementDocument,
    AgreementKind,
    DocumentKind,
    NoticeEvent,
)
from couveuse.trainees.rules import (
    AgreementState,
    content_keys,
    limits_in_words,
    pieces_of,
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
    making: Form[PaperForm] | None = None,
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
        suspended=await queries.is_suspended(db, agreement.id),
        reads=reads,
        manages=policy.can_manage_agreement(me, agreement.structure_id),
        waiting=waiting,
        filing=filing or blank(SignedDocumentForm, signed_on=to_sign_on),
        making=making or blank(PaperForm),
        **(await _contract(db, me, agreement, kind) if reads else {}),
    )


async def _contract(
    db: AsyncSession, me: Actor, agreement: Agreement, kind: AgreementKind
) -> dict[str, Any]:
    """What both parties and coordination read, beyond the dates."""
    documents = await queries.list_documents(db, agreement.id)
    return {
        "notices": await queries.list_notices_of(db, agreement.id),
        "events": EVENTS,
        "documents": documents,
        "to_sign": papers_to_sign(me, agreement, documents),
        "document_names": DOCUMENTS,
        "papers": _papers_to_make(agreement, kind),
        "missing": _missing(agreement, kind),
        "amendments": await queries.list_amendments(db, agreement.id),
        "suspensions": await queries.list_suspensions(db, agreement.id),
        "pieces": pieces_of(kind),
        "brought": await queries.list_pieces(db, agreement.id),
        "lines": await journal.lines_about(db, "agreement", agreement.id),
        "zone": clock.PARIS,
    }


def _missing(agreement: Agreement, kind: AgreementKind) -> int:
    """How many points of the contract are still to be written."""
    return sum(key not in agreement.contents for key in content_keys(kind))


def _papers_to_make(agreement: Agreement, kind: AgreementKind) -> list[DocumentKind]:
    """What makes sense as things stand."""
    first, last = agreement.periods[0], agreement.periods[-1]
    offered = {
        DocumentKind.CONTRACT: not first.is_signed,
        DocumentKind.RENEWAL: last.number > 0 and not last.is_signed,
        DocumentKind.EARLY_END: agreement.ended_on is not None,
        DocumentKind.WORDING: kind.wording is not None,
    }
    return [kind for kind, makes_sense in offered.items() if makes_sense]


def papers_to_sign(
    me: Actor, agreement: Agreement, documents: Sequence[AgreementDocument]
) -> set[int]:
    """The newest versions that wait for the signature of the reader's side."""
    party = policy.party_of(me, agreement)
    waiting = {None, *(one.number for one in agreement.periods if not one.is_signed)}
    if party is None:
        return set()
    seen: set[tuple[str, int | None, int | None]] = set()
    found: set[int] = set()
    for one in documents:  # the newest first
        paper = (one.kind, one.period_number, one.amendment_id)
        waits = not (one.is_draft or one.is_signed) and one.period_number in waiting
        signed = {signature.party for signature in one.signatures}
        if paper not in seen and waits and one.kind != DocumentKind.WORDING and party not in signed:
            found.add(one.id)
        seen.add(paper)
    return found
