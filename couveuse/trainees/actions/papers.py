"""Papers prepared here: written from data, signed on screen, kept as they were signed."""

import datetime as dt
import hashlib

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import NotAllowed, NotVisible, Reason, Refused
from couveuse.core.files import FileStore, store_document
from couveuse.core.i18n import N_
from couveuse.core.sheets import fold
from couveuse.core.typesetting import Paper, typeset
from couveuse.trainees import contracts, policy, queries
from couveuse.trainees.actions.documents import keep_document
from couveuse.trainees.actions.holding import hold
from couveuse.trainees.actions.signing import refuse_unless_in_time
from couveuse.trainees.forms import SignatureForm
from couveuse.trainees.models import (
    Agreement,
    AgreementAmendment,
    AgreementDocument,
    AgreementPeriod,
    AgreementSignature,
    DocumentKind,
    KeptOnceSigned,
    PaperReplaced,
)

journal.words(
    {
        "agreement.paper_made": N_("a préparé un papier de la convention, version %(n)s"),
        "agreement.signed_on_screen": N_("a signé à l'écran la version %(n)s"),
        "agreement.signed_by_both": N_("les deux parties ont signé : version %(n)s au dossier"),
    }
)


@atomic
async def make_paper(
    db: AsyncSession,
    actor: Actor,
    store: FileStore,
    agreement: Agreement,
    kind: DocumentKind,
    amendment_id: int | None = None,
) -> AgreementDocument:
    """Write a paper as things stand. The same words as the last version make no new one."""
    agreement = await _hold_whole(db, actor, agreement.id)
    period = _period_of(agreement, kind)
    amendment = await _amendment_of(db, agreement, amendment_id)
    terms, paper = await _write(db, agreement, kind, period, amendment)
    number = period.number if period else None
    name = await store_document(db, store, await typeset(paper))
    last = await queries.find_last_document(db, agreement.id, kind, number, amendment_id)
    if last and last.sha256 == name:
        return last
    document = await keep_document(
        db,
        actor,
        agreement,
        kind,
        name,
        period_number=number,
        amendment_id=amendment_id,
        is_draft=contracts.is_unfinished(terms, kind),
    )
    journal.record(db, actor, "agreement.paper_made", agreement.id, n=document.number)
    return document


async def _hold_whole(db: AsyncSession, actor: Actor, agreement_id: int) -> Agreement:
    """Held, with person and structure besides the periods."""
    await hold(db, agreement_id)
    return await queries.get_agreement(db, actor, agreement_id)


def _period_of(agreement: Agreement, kind: DocumentKind) -> AgreementPeriod | None:
    """The contract is of the first period, a renewal of the last one."""
    last = agreement.periods[-1]
    if kind == DocumentKind.CONTRACT:
        return agreement.periods[0]
    if kind == DocumentKind.RENEWAL:
        if last.number == 0:
            sentence = N_("Notez d'abord le renouvellement, puis préparez son papier.")
            raise Refused(Reason("no_renewal", sentence, field="kind"))
        return last
    if kind == DocumentKind.EARLY_END and agreement.ended_on is None:
        sentence = N_("Notez d'abord la fin anticipée, puis préparez son papier.")
        raise Refused(Reason("not_ended", sentence, field="kind"))
    return None


async def _amendment_of(
    db: AsyncSession, agreement: Agreement, amendment_id: int | None
) -> AgreementAmendment | None:
    if amendment_id is None:
        return None
    found = await db.get(AgreementAmendment, amendment_id, populate_existing=True)
    if found is None or found.agreement_id != agreement.id:
        raise NotVisible
    return found


async def _write(
    db: AsyncSession,
    agreement: Agreement,
    kind: DocumentKind,
    period: AgreementPeriod | None,
    amendment: AgreementAmendment | None,
) -> tuple[contracts.Terms, Paper]:
    amendments = await queries.list_amendments(db, agreement.id)
    signed = [one for one in amendments if one.is_signed]
    terms = contracts.Terms(agreement, await queries.kind_of(db, agreement), signed)
    return terms, contracts.write_paper(terms, kind, period=period, amendment=amendment)


@atomic
async def sign_on_screen(
    db: AsyncSession,
    actor: Actor,
    store: FileStore,
    document: AgreementDocument,
    asked: SignatureForm,
) -> None:
    """Sign for one's side the very file that was on the screen; with both sides it is done.

    Raises PaperReplaced when a newer version was made meanwhile.
    """
    party = policy.party_of(actor, document.agreement)
    if party is None:
        raise NotAllowed
    agreement = await _hold_whole(db, actor, document.agreement_id)
    document = await queries.get_document(db, actor, document.id)
    await _refuse_unless_signable(db, agreement, document, asked)
    if fold(asked.typed_name) != fold(actor.name):
        sentence = N_("Tapez votre nom comme il figure ici : %(name)s.")
        raise Refused(Reason("other_name", sentence, {"name": actor.name}, field="typed_name"))
    db.add(
        AgreementSignature(
            document_id=document.id,
            party=party,
            person_id=actor.person_id,
            typed_name=asked.typed_name,
            signed_at=clock.now(),
            sha256=document.sha256,
        )
    )
    await db.flush()  # the constraint answers here
    journal.record(db, actor, "agreement.signed_on_screen", agreement.id, n=document.number)
    signatures = await db.scalars(
        sa.select(AgreementSignature)
        .where(AgreementSignature.document_id == document.id)
        .order_by(AgreementSignature.id)
    )
    if len(both := signatures.all()) == 2:
        await _conclude(db, actor, store, agreement, document, list(both))


async def _refuse_unless_signable(
    db: AsyncSession, agreement: Agreement, document: AgreementDocument, asked: SignatureForm
) -> None:
    newest = await queries.find_last_document(
        db, agreement.id, document.kind, document.period_number, document.amendment_id
    )
    if newest is None or newest.id != document.id or asked.sha256 != document.sha256:
        raise PaperReplaced
    if document.is_signed:
        raise KeptOnceSigned
    if document.is_draft:
        sentence = N_("Ce papier est un projet : complétez-le, puis préparez-le à nouveau.")
        raise Refused(Reason("draft", sentence))
    period = _period_signed(agreement, document)
    if period and period.is_signed:
        raise KeptOnceSigned
    if await _says_otherwise(db, agreement, document, period):
        raise PaperReplaced
    if period:
        await refuse_unless_in_time(db, agreement, period, clock.today())
    _refuse_if_past(await _amendment_of(db, agreement, document.amendment_id))


def _refuse_if_past(amendment: AgreementAmendment | None) -> None:
    if amendment and amendment.is_signed:
        raise KeptOnceSigned
    if amendment and amendment.starts_on < clock.today():
        sentence = N_("Cet avenant aurait déjà pris effet. Notez-en un autre, à une date à venir.")
        raise Refused(Reason("signed_after_effect", sentence))


async def _says_otherwise(
    db: AsyncSession,
    agreement: Agreement,
    document: AgreementDocument,
    period: AgreementPeriod | None,
) -> bool:
    """Whether things changed since the paper was made: it would be signed for what is no more."""
    if document.period_number is not None and period is None:
        return True
    amendment = await _amendment_of(db, agreement, document.amendment_id)
    _, paper = await _write(db, agreement, DocumentKind(document.kind), period, amendment)
    return hashlib.sha256(await typeset(paper)).hexdigest() != document.sha256


def _period_signed(agreement: Agreement, document: AgreementDocument) -> AgreementPeriod | None:
    """The period that begins to count with this paper."""
    number = document.period_number
    return next((one for one in agreement.periods if one.number == number), None)


async def _conclude(
    db: AsyncSession,
    actor: Actor,
    store: FileStore,
    agreement: Agreement,
    document: AgreementDocument,
    signatures: list[AgreementSignature],
) -> None:
    """Both have signed: keep the paper with its signatures, and let it count."""
    kind, period = DocumentKind(document.kind), _period_signed(agreement, document)
    amendment = await _amendment_of(db, agreement, document.amendment_id)
    _, paper = await _write(db, agreement, kind, period, amendment)
    signed = contracts.signed_paper(paper, signatures, document.sha256)
    name = await store_document(db, store, await typeset(signed))
    kept = await keep_document(
        db,
        actor,
        agreement,
        kind,
        name,
        period_number=document.period_number,
        amendment_id=document.amendment_id,
        is_signed=True,
    )
    _let_count(period or amendment, name, clock.today())
    await db.flush()  # the constraints answer here
    journal.record(db, None, "agreement.signed_by_both", agreement.id, n=kept.number)


def _let_count(
    signed: AgreementPeriod | AgreementAmendment | None, name: str, day: dt.date
) -> None:
    if signed:
        signed.signed_on, signed.document = day, name
