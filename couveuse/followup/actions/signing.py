"""Signing a shared report or closed minutes: on the screen, or on paper that is filed here."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.files import FileStore, store_document
from couveuse.core.i18n import N_
from couveuse.followup import queries
from couveuse.followup.actions.telling import tell
from couveuse.followup.forms import PaperSignatureForm
from couveuse.followup.models import (
    ProgressReview,
    ProgressSignature,
    Report,
    ReportSignature,
    TextChanged,
    Visit,
)
from couveuse.followup.signed import hash_of, minutes_text, signed_text
from couveuse.people.models import Person

journal.words(
    {
        "review.signed": N_("a signé le compte rendu"),
        "review.signed_on_paper": N_("a déposé le compte rendu signé sur papier par %(who)s"),
    }
)


# ---------------------------------------------------------------- reports


@atomic
async def sign_report(
    db: AsyncSession, actor: Actor, visit: Visit, text_hash: str | None
) -> ReportSignature:
    """Sign the text as it stands; the first signature locks it. Signing again finds the first.

    Raises TextChanged when the reader had another text before their eyes.
    """
    visit, report = await _shared_report(db, actor, visit)
    for signature in report.signatures:
        if signature.person_id == actor.person_id:
            return signature
    text = await lock_text(db, visit, report, text_hash)
    if visit.person_id == actor.person_id and report.read_at is None:
        report.read_at = clock.now()
    signature = ReportSignature(report_id=report.id, **_on_screen(actor, text))
    db.add(signature)
    await db.flush()  # the lines of the journal come after it
    await tell(db, actor, "visit.report_signed", visit)
    return signature


@atomic
async def file_signed_report(
    db: AsyncSession,
    actor: Actor,
    files: FileStore,
    visit: Visit,
    asked: PaperSignatureForm,
    scan: bytes | None,
) -> None:
    """Keep the paper that somebody signed, as their signature of the text as it stands."""
    visit, report = await _shared_report(db, actor, visit)
    known = {one.person_id for one in report.signatures}
    parties = {one.id: one for one in (visit.person, report.author)}
    signers = _signers(actor, asked, parties, known)
    refuse_paper(asked.signed_on, visit.day, has_scan=scan is not None)
    assert scan is not None and asked.signed_on is not None  # noqa: S101, PT018, refused above
    sheet = await store_scan(db, files, scan)
    text = await lock_text(db, visit, report, asked.text_hash)
    for person in signers:
        how = on_paper(actor, person, text, asked.signed_on, visit.zone, sheet)
        db.add(ReportSignature(report_id=report.id, **how))
    await db.flush()  # the lines of the journal come after it
    await tell(db, actor, "visit.signed_on_paper", visit, mailed=False, who=_names(signers))


async def _shared_report(db: AsyncSession, actor: Actor, visit: Visit) -> tuple[Visit, Report]:
    await queries.lock_visit(db, visit.id)
    visit = await queries.load_visit(db, visit.id)
    report = await queries.get_report(db, actor, visit)
    if not report.is_shared:
        sentence = N_("Ce compte rendu n'est pas encore partagé : il se signe après.")
        raise Refused(Reason("not_shared", sentence))
    return visit, report


async def lock_text(
    db: AsyncSession, visit: Visit, report: Report, text_hash: str | None = None
) -> str:
    """What is signed from now on."""
    text = report.signed_text or signed_text(
        visit, report, await queries.list_steps_of_report(db, report)
    )
    _refuse_other_text(text, text_hash)
    report.signed_text = text
    await db.flush()  # the database compares signatures with the text
    return text


# ---------------------------------------------------------------- minutes


@atomic
async def sign_minutes(
    db: AsyncSession, actor: Actor, review: ProgressReview, text_hash: str | None = None
) -> ProgressSignature:
    """Sign closed minutes. Signing again finds the first.

    Raises TextChanged when the reader had another text before their eyes.
    """
    review = await _closed_review(db, review)
    for signature in review.signatures:
        if signature.person_id == actor.person_id:
            return signature
    text = await _lock_minutes(db, review, text_hash)
    if review.person_id == actor.person_id and review.read_at is None:
        review.read_at = clock.now()
    signature = ProgressSignature(review_id=review.id, **_on_screen(actor, text))
    db.add(signature)
    await db.flush()  # the lines of the journal come after it
    journal.record(db, actor, "review.signed", review.id)
    return signature


@atomic
async def file_signed_minutes(
    db: AsyncSession,
    actor: Actor,
    files: FileStore,
    review: ProgressReview,
    asked: PaperSignatureForm,
    scan: bytes | None,
) -> None:
    """Keep the paper that somebody signed, as their signature of the closed minutes."""
    review = await _closed_review(db, review)
    known = {one.person_id for one in review.signatures}
    parties = {one.id: one for one in (review.person, review.closed_by) if one}
    signers = _signers(actor, asked, parties, known)
    session = review.committee
    refuse_paper(asked.signed_on, session.day, has_scan=scan is not None)
    assert scan is not None and asked.signed_on is not None  # noqa: S101, PT018, refused above
    sheet = await store_scan(db, files, scan)
    text = await _lock_minutes(db, review, asked.text_hash)
    for person in signers:
        how = on_paper(actor, person, text, asked.signed_on, session.zone, sheet)
        db.add(ProgressSignature(review_id=review.id, **how))
    await db.flush()  # the lines of the journal come after it
    journal.record(db, actor, "review.signed_on_paper", review.id, who=_names(signers))


async def _closed_review(db: AsyncSession, review: ProgressReview) -> ProgressReview:
    review = await queries.lock_review(db, review)
    if not review.is_closed:
        sentence = N_("Ce compte rendu n'est pas clos : il se signe après.")
        raise Refused(Reason("not_closed", sentence))
    return review


async def _lock_minutes(db: AsyncSession, review: ProgressReview, text_hash: str | None) -> str:
    text = review.signed_text or minutes_text(
        review, await queries.list_steps_of_review(db, review)
    )
    _refuse_other_text(text, text_hash)
    review.signed_text = text
    await db.flush()  # the database compares signatures with the text
    return text


# ---------------------------------------------------------------- shared


def _on_screen(actor: Actor, text: str) -> dict[str, Any]:
    return {
        "person_id": actor.person_id,
        "name": actor.name,
        "signed_at": clock.now(),
        "text_hash": hash_of(text),
    }


def on_paper(
    actor: Actor, person: Person, text: str, signed_on: dt.date, zone: ZoneInfo, scan: str | None
) -> dict[str, Any]:
    """What a signature keeps of a paper that the actor files."""
    return {
        "person_id": person.id,
        "name": person.name,
        "signed_at": clock.day_start(signed_on, zone),
        "text_hash": hash_of(text),
        "scan": scan,
        "filed_by_id": actor.person_id,
    }


def _refuse_other_text(text: str, text_hash: str | None) -> None:
    if text_hash and text_hash.lower() != hash_of(text):
        raise TextChanged


def _signers(
    actor: Actor, asked: PaperSignatureForm, parties: dict[int, Person], known: set[int]
) -> Sequence[Person]:
    """Those whose signature stands on the paper, without those that are kept already."""
    wanted = set(asked.signer_ids)
    if not wanted or not wanted <= set(parties) - {actor.person_id}:
        sentence = N_("Dites qui a signé la feuille. Votre propre signature se donne à l'écran.")
        raise Refused(Reason("no_signer", sentence, field="signer_ids"))
    if wanted & known:
        sentence = N_("Cette personne a déjà signé. Rechargez la page.")
        raise Refused(Reason("signs_already", sentence, field="signer_ids"))
    return [one for id_, one in parties.items() if id_ in wanted]


def refuse_paper(signed_on: dt.date | None, day: dt.date, *, has_scan: bool) -> None:
    if reasons := paper_problems(signed_on, day, has_scan=has_scan):
        raise Refused(*reasons)


def paper_problems(signed_on: dt.date | None, day: dt.date, *, has_scan: bool) -> list[Reason]:
    """Why a paper is no proof of what took place on a day."""
    found: list[Reason] = []
    if not has_scan:
        sentence = N_("Joignez la feuille signée, en photo ou en PDF : c'est elle qui fait foi.")
        found.append(Reason("no_scan", sentence, field="scan"))
    if signed_on is None:
        sentence = N_("Dites le jour écrit à côté des signatures.")
        found.append(Reason("no_day", sentence, field="signed_on"))
    elif not day <= signed_on <= clock.today():
        sentence = N_("On signe après la rencontre, et pas plus tard qu'aujourd'hui.")
        found.append(Reason("signed_out_of_time", sentence, field="signed_on"))
    return found


async def store_scan(db: AsyncSession, files: FileStore, scan: bytes) -> str:
    """Kept as any paper; what is wrong with it is told beside the field of its form."""
    try:
        return await store_document(db, files, scan)
    except Refused as refused:
        raise Refused(*(replace(one, field="scan") for one in refused.reasons)) from refused


def _names(people: Sequence[Person]) -> str:
    return ", ".join(one.name for one in people)
