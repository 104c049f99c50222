"""Writes the agreements of the demonstration, with their papers, and keeps them going later."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from couveuse.core.actor import Actor, Role, Seat
from couveuse.core.errors import Refused
from couveuse.core.files import FileStore, store_document
from couveuse.core.typesetting import typeset
from couveuse.people.models import Person
from couveuse.seeds.almanac import DAY, Almanac
from couveuse.seeds.demo_agreements import (
    CONTENTS,
    IDENTITIES,
    OFFICERS,
    AgreementFacts,
    agreements_of,
)
from couveuse.seeds.network import Placed
from couveuse.seeds.telling import Author, entry, noon
from couveuse.structures.models import Structure
from couveuse.trainees import actions, contracts, queries
from couveuse.trainees.forms import PeriodForm
from couveuse.trainees.models import (
    Agreement,
    AgreementDocument,
    AgreementKind,
    AgreementPeriod,
    AgreementPiece,
    DocumentKind,
    LegalNotice,
    NoticeEvent,
)
from couveuse.trainees.rules import kind_on, last_day_after, notices_of, pieces_of

Line = dict[str, Any]
BEFORE = 10 * DAY
"""How long before a period begins it is signed, when nothing else is said."""
WHOLE = (
    joinedload(Agreement.person),
    joinedload(Agreement.structure),
    selectinload(Agreement.periods),
)


async def add_agreements(
    db: AsyncSession, placed: Placed, today: dt.date, store: FileStore | None
) -> list[Line]:
    """The lines of the journal. Without a place for files, papers are known by a name alone."""
    for key, (siret, office) in IDENTITIES.items():
        known = sa.update(Structure).where(Structure.id == placed.structures[key])
        await db.execute(known.values(siret=siret, registered_office=office))
    kinds = await queries.list_kinds(db)
    told: list[Line] = []
    for facts in agreements_of(Almanac(today)):
        kind = kind_on(kinds, facts.kind, facts.first)
        assert kind is not None  # noqa: S101, the demonstration knows the law
        author = placed.author(OFFICERS[facts.structure])
        agreement = _agreement(facts, kind, placed, author)
        db.add(agreement)
        await db.flush()  # the rest needs the id
        periods = list(_periods(facts, kind, agreement))
        db.add_all(periods)
        db.add_all(_pieces(facts, kind, agreement, author, today))
        db.add_all(_notices(facts, kind, agreement, periods, author))
        await db.flush()  # the constraints answer here
        await _sign(db, store, agreement.id, kind, facts, author)
        told += _told(facts, agreement, periods, author, today)
    return told


def _agreement(
    facts: AgreementFacts, kind: AgreementKind, placed: Placed, author: Author
) -> Agreement:
    has_contents = bool(kind.contents)
    return Agreement(
        person_id=placed.people[facts.person],
        structure_id=placed.structures[facts.structure],
        kind=facts.kind,
        carried_months=facts.carried,
        ended_on=facts.ended_on,
        end_reason=facts.reason,
        contents=CONTENTS if has_contents else {},
        contents_ready_at=noon(facts.first - 2 * BEFORE) if has_contents else None,
        created_by_id=author.id,
        created_at=noon(facts.first - 2 * BEFORE),
    )


def _periods(
    facts: AgreementFacts, kind: AgreementKind, agreement: Agreement
) -> Iterator[AgreementPeriod]:
    first = facts.first
    for number, months in enumerate(facts.months):
        last = last_day_after(first, months)
        is_last = number == len(facts.months) - 1
        cut = facts.ended_on if is_last else None
        yield AgreementPeriod(
            agreement_id=agreement.id,
            number=number,
            person_id=agreement.person_id,
            family=kind.family,
            during=Range(first, (cut or last) + DAY),
            planned_end_on=last if cut else None,
            signed_on=facts.signed_on if is_last and facts.signed_on else first - BEFORE,
        )
        first = last + DAY


def _pieces(
    facts: AgreementFacts,
    kind: AgreementKind,
    agreement: Agreement,
    author: Author,
    today: dt.date,
) -> Iterator[AgreementPiece]:
    for number, piece in enumerate(pieces_of(kind)):
        if piece.code not in facts.forgotten:
            yield AgreementPiece(
                agreement_id=agreement.id,
                code=piece.code,
                received_on=min(today, facts.first - (1 + number) * DAY),
                recorded_by_id=author.id,
            )


def _notices(
    facts: AgreementFacts,
    kind: AgreementKind,
    agreement: Agreement,
    periods: list[AgreementPeriod],
    author: Author,
) -> list[LegalNotice]:
    happened = [
        (one.number, NoticeEvent.RENEWAL if one.number else NoticeEvent.SIGNING, one.signed_on)
        for one in periods
    ]
    if facts.ended_on:
        happened.append((periods[-1].number, NoticeEvent.EARLY_END, facts.ended_on))
    found = [
        LegalNotice(
            agreement_id=agreement.id,
            period_number=number,
            event=event,
            recipient=wanted.recipient,
            label=wanted.label,
            addressee="MSA Berry-Touraine" if wanted.names[0] == "MSA" else wanted.names[0],
            due_on=day + wanted.within_days * DAY,
            sent_on=day + 3 * DAY,
            reference=f"AR {day:%Y%m}-{agreement.id:03}{number}",
            recorded_by_id=author.id,
        )
        for number, event, day in happened
        if day
        for wanted in notices_of(kind)
    ]
    for notice in found[len(found) - facts.unsent :]:
        notice.sent_on = notice.reference = notice.recorded_by_id = None
    return found


async def _sign(
    db: AsyncSession,
    store: FileStore | None,
    agreement_id: int,
    kind: AgreementKind,
    facts: AgreementFacts,
    author: Author,
) -> None:
    """Give each period its paper, but the one that waits."""
    agreement = await db.scalar(
        sa.select(Agreement)
        .where(Agreement.id == agreement_id)
        .options(*WHOLE)
        .execution_options(populate_existing=True)
    )
    assert agreement is not None  # noqa: S101, just written
    signed = agreement.periods[: -1 if facts.waits else None]
    for number, period in enumerate(signed, start=1):
        name = await _paper(db, store, contracts.Terms(agreement, kind), period)
        period.document = name
        made_on = period.signed_on or period.first_day
        paper = DocumentKind.RENEWAL if period.number else DocumentKind.CONTRACT
        db.add(
            AgreementDocument(
                agreement_id=agreement.id,
                number=number,
                kind=paper,
                period_number=period.number,
                sha256=name,
                is_signed=True,
                made_by_id=author.id,
                made_at=noon(made_on),
            )
        )
    await db.flush()  # the constraints answer here


async def _paper(
    db: AsyncSession, store: FileStore | None, terms: contracts.Terms, period: AgreementPeriod
) -> str:
    if store is None:
        said = f"{period.agreement_id} {period.number}"
        return hashlib.sha256(said.encode()).hexdigest()
    kind = DocumentKind.RENEWAL if period.number else DocumentKind.CONTRACT
    return await store_document(
        db, store, await typeset(contracts.write_paper(terms, kind, period=period))
    )


def _told(
    facts: AgreementFacts,
    agreement: Agreement,
    periods: list[AgreementPeriod],
    author: Author,
    today: dt.date,
) -> Iterator[Line]:
    for period in periods:
        signed_on = min(period.signed_on or period.first_day, today)
        last = period.planned_end_on or period.last_day
        days = {"first": period.first_day, "last": last}
        verb = "agreement.renewed" if period.number else "agreement.noted"
        at = noon(signed_on - DAY)
        yield entry("agreement", agreement.id, verb, at, author, days)
        if not (facts.waits and period is periods[-1]):
            filed = {"day": signed_on}
            yield entry(
                "agreement", agreement.id, "agreement.filed", noon(signed_on), author, filed
            )
    if facts.ended_on and facts.reason:
        said = {"last": facts.ended_on, "reason": facts.reason}
        at = noon(min(facts.ended_on, today))
        yield entry("agreement", agreement.id, "agreement.ended_early", at, author, said)


# ---------------------------------------------------------------- later


SOON, FORGOTTEN = 25 * DAY, 21 * DAY


async def keep_agreements(db: AsyncSession, today: dt.date, store: FileStore | None) -> None:
    """What an officer would have done meanwhile: what waited is signed, what ends is renewed.

    A renewal for later waits for its signature, with its notices: there is always something to do.
    """
    officer = await _coordinator(db)
    if officer is None:
        return
    found = await db.scalars(sa.select(Agreement).options(*WHOLE).order_by(Agreement.id))
    for agreement in found.all():
        kind = await queries.kind_of(db, agreement)
        if agreement.ended_on is None:
            await _sign_late(db, store, agreement, kind, today)
            await _renew(db, officer, agreement, kind, today)
    await db.execute(
        sa.update(LegalNotice)
        .where(LegalNotice.sent_on.is_(None), LegalNotice.due_on < today - FORGOTTEN)
        .values(sent_on=LegalNotice.due_on, reference="AR", recorded_by_id=officer.person_id)
    )


async def _sign_late(
    db: AsyncSession,
    store: FileStore | None,
    agreement: Agreement,
    kind: AgreementKind,
    today: dt.date,
) -> None:
    for period in agreement.periods:
        signed_on = period.signed_on
        if not period.is_signed and signed_on and signed_on < today:
            period.document = await _paper(db, store, contracts.Terms(agreement, kind), period)
    await db.flush()  # the constraints answer here


async def _renew(
    db: AsyncSession, officer: Actor, agreement: Agreement, kind: AgreementKind, today: dt.date
) -> None:
    last = agreement.periods[-1]
    number = last.number + 1
    most = kind.max_renewals
    if not last.is_signed or last.last_day > today + SOON or (most is not None and number > most):
        return
    first = last.last_day + DAY
    months = min(12, kind.max_months or 12)
    form = PeriodForm(
        starts_on=first,
        ends_on=last_day_after(first, months),
        signed_on=min(last.last_day, today + 5 * DAY),
    )
    try:
        await actions.renew_agreement(db, officer, agreement, form)
    except Refused:  # somebody made another agreement, or no month is left: nothing to renew
        return


async def _coordinator(db: AsyncSession) -> Actor | None:
    row = await db.scalar(sa.select(Person).where(Person.email == "ines@couveuse.example"))
    structure_id = await db.scalar(sa.select(Structure.id).order_by(Structure.id).limit(1))
    if row is None or structure_id is None:
        return None
    seats = frozenset({Seat(structure_id, Role.COORDINATOR)})
    return Actor(row.id, row.name, row.email, row.language, seats, 0)
