"""Signing a shared report."""

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup import queries
from couveuse.followup.actions.telling import tell
from couveuse.followup.models import ReportSignature, TextChanged, Visit
from couveuse.followup.signed import hash_of, signed_text


@atomic
async def sign_report(
    db: AsyncSession, actor: Actor, visit: Visit, text_hash: str | None
) -> ReportSignature:
    """Sign the text as it stands; the first signature locks it. Signing again finds the first.

    Raises TextChanged when the reader had another text before their eyes.
    """
    await queries.lock_visit(db, visit.id)
    visit = await queries.load_visit(db, visit.id)
    report = await queries.get_report(db, actor, visit)
    for signature in report.signatures:
        if signature.person_id == actor.person_id:
            return signature
    if not report.is_shared:
        sentence = N_("Ce compte rendu n'est pas encore partagé : il se signe après.")
        raise Refused(Reason("not_shared", sentence))
    text = report.signed_text or signed_text(
        visit, report, await queries.list_steps_of_report(db, report)
    )
    if text_hash and text_hash.lower() != hash_of(text):
        raise TextChanged
    report.signed_text = text
    if visit.person_id == actor.person_id and report.read_at is None:
        report.read_at = clock.now()
    await db.flush()  # the database compares the signature with the text
    signature = ReportSignature(
        report_id=report.id,
        person_id=actor.person_id,
        name=actor.name,
        signed_at=clock.now(),
        text_hash=hash_of(text),
    )
    db.add(signature)
    await db.flush()  # the lines of the journal come after it
    await tell(db, actor, "visit.report_signed", visit)
    return signature
