"""The signed document: what turns a period that waits into one that counts."""

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Refused
from couveuse.core.files import FileStore, store_document
from couveuse.trainees import queries
from couveuse.trainees.actions.documents import keep_document, paper_of_period
from couveuse.trainees.actions.holding import hold
from couveuse.trainees.forms import SignedDocumentForm
from couveuse.trainees.models import Agreement, AgreementPeriod, KeptOnceSigned
from couveuse.trainees.rules import PeriodFacts, period_problems


@atomic
async def file_document(
    db: AsyncSession,
    actor: Actor,
    store: FileStore,
    agreement: Agreement,
    asked: SignedDocumentForm,
    data: bytes,
) -> None:
    """Keep the signed scan of the period that waits; from then on it counts, and stays as it is.

    The same file sent twice changes nothing more.
    """
    name = await store_document(db, store, data)
    agreement = await hold(db, agreement.id)
    waiting = next((one for one in agreement.periods if not one.is_signed), None)
    if waiting is None:
        if any(one.document == name for one in agreement.periods):
            return
        raise KeptOnceSigned
    signed_on = asked.signed_on or waiting.signed_on or waiting.first_day
    await refuse_unless_in_time(db, agreement, waiting, signed_on)
    waiting.signed_on, waiting.document = signed_on, name
    await db.flush()  # the constraints answer here
    await keep_document(
        db,
        actor,
        agreement,
        paper_of_period(waiting.number),
        name,
        period_number=waiting.number,
        is_signed=True,
    )
    journal.record(db, actor, "agreement.filed", agreement.id, day=signed_on)


async def refuse_unless_in_time(
    db: AsyncSession, agreement: Agreement, period: AgreementPeriod, signed_on: dt.date
) -> None:
    """Everything again, since the day of signing may be another one, and the law too."""
    kind = await queries.find_kind(db, agreement.kind, period.first_day)
    assert kind is not None  # noqa: S101, agreement_kind_in_force
    before = agreement.periods[period.number - 1].last_day if period.number else None
    facts = PeriodFacts(
        kind,
        period.first_day,
        period.last_day,
        signed_on,
        number=period.number,
        before=before,
        began_on=agreement.periods[0].first_day,
        carried_months=agreement.carried_months,
        is_full_time=agreement.is_full_time,
    )
    if reasons := list(period_problems(facts)):
        raise Refused(*reasons)
