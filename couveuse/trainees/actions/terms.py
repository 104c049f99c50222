"""What an agreement says and what changes in it: points, amendments, suspensions, pieces."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import NotVisible, Reason, Refused
from couveuse.core.files import FileStore, store_document
from couveuse.core.i18n import N_
from couveuse.structures.forms import until
from couveuse.trainees import queries
from couveuse.trainees.actions.documents import keep_document
from couveuse.trainees.actions.holding import hold
from couveuse.trainees.actions.papers import make_paper
from couveuse.trainees.forms import (
    AmendmentForm,
    ContentsForm,
    PieceForm,
    SuspensionEndForm,
    SuspensionForm,
)
from couveuse.trainees.models import (
    Agreement,
    AgreementAmendment,
    AgreementPiece,
    AgreementSuspension,
    DocumentKind,
    KeptOnceSigned,
)
from couveuse.trainees.rules import content_keys, pieces_of

journal.words(
    {
        "agreement.contents_written": N_("a écrit des points du contrat"),
        "agreement.contents_ready": N_("a écrit et relu tous les points du contrat"),
        "agreement.amended": N_("a noté l'avenant n° %(n)s : %(title)s"),
        "agreement.amendment_filed": N_("a déposé l'avenant n° %(n)s signé"),
        "agreement.suspended": N_("a noté une suspension à partir du %(first)s"),
        "agreement.resumed": N_("a noté la fin de la suspension au %(last)s"),
        "agreement.piece_received": N_("a noté une pièce reçue : %(piece)s"),
    }
)
MISSING = N_("Ce point manque : écrivez-le, ou écrivez « aucun ».")


@atomic
async def write_contents(
    db: AsyncSession, actor: Actor, agreement: Agreement, asked: ContentsForm
) -> None:
    """Write the points of the contract. Called ready only when none is missing."""
    agreement = await hold(db, agreement.id)
    if any(one.is_signed for one in agreement.periods):
        raise KeptOnceSigned
    kind, texts = await queries.kind_of(db, agreement), asked.texts()
    if asked.is_ready and (missing := [key for key in content_keys(kind) if key not in texts]):
        raise Refused(*(Reason("contents_missing", MISSING, field=key) for key in missing))
    agreement.contents = texts
    agreement.contents_ready_at = clock.now() if asked.is_ready else None
    await db.flush()  # the constraint answers here
    verb = "agreement.contents_ready" if asked.is_ready else "agreement.contents_written"
    journal.record(db, actor, verb, agreement.id)


@atomic
async def amend(
    db: AsyncSession, actor: Actor, store: FileStore, agreement: Agreement, asked: AmendmentForm
) -> AgreementAmendment:
    """Note a change of a signed agreement, with its paper. It waits for its own signature."""
    agreement = await hold(db, agreement.id)
    periods = agreement.periods
    if reasons := list(_amendment_problems(agreement, asked)):
        raise Refused(*reasons)
    number = await db.scalar(
        sa.select(sa.func.max(AgreementAmendment.number)).where(
            AgreementAmendment.agreement_id == periods[0].agreement_id
        )
    )
    amendment = AgreementAmendment(
        agreement_id=agreement.id,
        number=(number or 0) + 1,
        created_by_id=actor.person_id,
        **asked.model_dump(),
    )
    db.add(amendment)
    await db.flush()  # its paper needs the id
    values = {"n": amendment.number, "title": amendment.title}
    journal.record(db, actor, "agreement.amended", agreement.id, **values)
    await make_paper(db, actor, store, agreement, DocumentKind.AMENDMENT, amendment.id)
    return amendment


def _amendment_problems(agreement: Agreement, asked: AmendmentForm) -> list[Reason]:
    first, last = agreement.periods[0], agreement.periods[-1]
    reasons: list[Reason] = []
    if not first.is_signed:
        sentence = N_("Cette convention n'est pas encore signée : changez-la directement.")
        reasons.append(Reason("not_signed", sentence))
    if not first.first_day <= asked.starts_on <= last.last_day:
        sentence = N_("Un avenant prend effet entre le %(first)s et le %(last)s.")
        values = {"first": first.first_day, "last": last.last_day}
        reasons.append(Reason("outside", sentence, values, field="starts_on"))
    if asked.signed_on > asked.starts_on:
        sentence = N_("Un avenant se signe au plus tard le jour où il prend effet.")
        reasons.append(Reason("signed_after_effect", sentence, field="signed_on"))
    return reasons


@atomic
async def file_amendment(
    db: AsyncSession,
    actor: Actor,
    store: FileStore,
    amendment: AgreementAmendment,
    data: bytes,
) -> None:
    """Keep the signed scan of an amendment; from then on it stays as it is."""
    name = await store_document(db, store, data)
    agreement = await hold(db, amendment.agreement_id)
    fresh = await db.get(AgreementAmendment, amendment.id, populate_existing=True)
    if fresh is None:
        raise NotVisible
    if fresh.is_signed:
        if fresh.document == name:
            return
        raise KeptOnceSigned
    fresh.document = name
    await keep_document(
        db, actor, agreement, DocumentKind.AMENDMENT, name, amendment_id=fresh.id, is_signed=True
    )
    journal.record(db, actor, "agreement.amendment_filed", agreement.id, n=fresh.number)


@atomic
async def suspend(
    db: AsyncSession, actor: Actor, agreement: Agreement, asked: SuspensionForm
) -> AgreementSuspension:
    """Note that the test rests. It warns; the clock goes on."""
    agreement = await hold(db, agreement.id)
    first, last = agreement.periods[0].first_day, agreement.periods[-1].last_day
    if not first <= asked.starts_on <= last or (asked.ends_on and asked.ends_on > last):
        sentence = N_("Une suspension tient dans la convention, du %(first)s au %(last)s.")
        values = {"first": first, "last": last}
        raise Refused(Reason("outside", sentence, values, field="starts_on"))
    suspension = AgreementSuspension(
        agreement_id=agreement.id,
        during=asked.during,
        note=asked.note,
        created_by_id=actor.person_id,
    )
    db.add(suspension)
    await db.flush()  # the constraint answers here
    journal.record(db, actor, "agreement.suspended", agreement.id, first=asked.starts_on)
    return suspension


@atomic
async def end_suspension(
    db: AsyncSession, actor: Actor, suspension: AgreementSuspension, asked: SuspensionEndForm
) -> None:
    """Note its last day."""
    await hold(db, suspension.agreement_id)
    fresh = await db.get(AgreementSuspension, suspension.id, populate_existing=True)
    if fresh is None:
        raise NotVisible
    first = fresh.during.lower or asked.ends_on
    if asked.ends_on < first:
        sentence = N_("Cette suspension commence le %(day)s. Choisissez ce jour ou un autre après.")
        raise Refused(Reason("ends_before_start", sentence, {"day": first}, field="ends_on"))
    fresh.during = until(first, asked.ends_on)
    await db.flush()  # the constraint answers here
    journal.record(db, actor, "agreement.resumed", fresh.agreement_id, last=asked.ends_on)


@atomic
async def receive_piece(
    db: AsyncSession,
    actor: Actor,
    agreement: Agreement,
    asked: PieceForm,
    document: str | None = None,
) -> None:
    """A paper that the kind asks for is there; noted again, it replaces what was noted."""
    agreement = await hold(db, agreement.id)
    labels = {one.code: one.label for one in pieces_of(await queries.kind_of(db, agreement))}
    reasons: list[Reason] = []
    if asked.code not in labels:
        reasons.append(Reason("unknown_piece", N_("Choisissez dans la liste."), field="code"))
    if asked.received_on > clock.today():
        sentence = N_("Ce jour n'est pas encore venu. Notez la pièce une fois reçue.")
        reasons.append(Reason("not_yet", sentence, field="received_on"))
    if reasons:
        raise Refused(*reasons)
    row: dict[str, int | str | dt.date] = {
        "agreement_id": agreement.id,
        "code": asked.code,
        "received_on": asked.received_on,
        "recorded_by_id": actor.person_id,
    }
    if document:
        row["document"] = document
    changed = {key: value for key, value in row.items() if key not in {"agreement_id", "code"}}
    await db.execute(
        insert(AgreementPiece)
        .values(row)
        .on_conflict_do_update(constraint="agreement_piece_once", set_=changed)
    )
    piece = i18n.gettext_in("fr", labels[asked.code])
    journal.record(db, actor, "agreement.piece_received", agreement.id, piece=piece)
