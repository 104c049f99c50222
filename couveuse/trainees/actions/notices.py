"""Notices: opened with what they are about, closed with a day and a proof."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import NotVisible, Reason, Refused
from couveuse.core.i18n import N_
from couveuse.trainees import queries
from couveuse.trainees.forms import NoticeForm
from couveuse.trainees.models import (
    Agreement,
    AgreementKind,
    LegalNotice,
    NoticeEvent,
    NoticeNeedsProof,
)
from couveuse.trainees.rules import notices_of

journal.words({"agreement.notice_sent": N_("a noté l'avis à %(addressee)s, parti le %(day)s")})


async def open_notices(
    db: AsyncSession,
    agreement: Agreement,
    kind: AgreementKind,
    event: NoticeEvent,
    number: int,
    day: dt.date,
) -> None:
    """One notice for each body that the kind wants informed of such an event."""
    for wanted in notices_of(kind):
        if event in wanted.events:
            known = await queries.last_addressee(db, agreement.structure_id, wanted.recipient)
            db.add(
                LegalNotice(
                    agreement_id=agreement.id,
                    period_number=number,
                    event=event,
                    recipient=wanted.recipient,
                    label=wanted.label,
                    addressee=known or wanted.names[0],
                    due_on=day + dt.timedelta(days=wanted.within_days),
                )
            )
    await db.flush()  # the journal and the page count them


@atomic
async def record_notice(
    db: AsyncSession,
    actor: Actor,
    notice: LegalNotice,
    asked: NoticeForm,
    document: str | None = None,
) -> None:
    """The notice left: the day and a proof, or it stays open. ``document`` is a stored file."""
    held = sa.select(LegalNotice).where(LegalNotice.id == notice.id)
    fresh = await db.scalar(
        held.with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    if fresh is None:
        raise NotVisible
    document = document or fresh.document
    if asked.sent_on > clock.today():
        sentence = N_("Ce jour n'est pas encore venu. Notez l'avis une fois parti.")
        raise Refused(Reason("not_yet", sentence, field="sent_on"))
    if not (document or asked.reference):
        raise Refused(*NoticeNeedsProof().reasons)
    fresh.addressee = asked.addressee or fresh.addressee
    fresh.sent_on, fresh.reference, fresh.document = asked.sent_on, asked.reference, document
    fresh.recorded_by_id = actor.person_id
    journal.record(
        db,
        actor,
        "agreement.notice_sent",
        fresh.agreement_id,
        addressee=fresh.addressee or journal.Words(fresh.label),
        day=asked.sent_on,
    )
