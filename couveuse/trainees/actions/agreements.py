"""Agreements: noted with the day they are signed, filed once signed, renewed, ended early."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.structures.forms import until
from couveuse.trainees import queries
from couveuse.trainees.actions.holding import hold, hold_person
from couveuse.trainees.actions.notices import open_notices
from couveuse.trainees.forms import AgreementForm, EarlyEndForm, PeriodForm
from couveuse.trainees.models import (
    Agreement,
    AgreementDocument,
    AgreementKind,
    AgreementPeriod,
    AgreementPiece,
    AgreementSuspension,
    EndedMeanwhile,
    KeptOnceSigned,
    LegalNotice,
    NoSuchKind,
    NoticeEvent,
    OnceReusedForAgreement,
    RenewedMeanwhile,
)
from couveuse.trainees.rules import PeriodFacts, early_end_problems, period_problems

journal.words(
    {
        "agreement.noted": N_("a noté cette convention, du %(first)s au %(last)s"),
        "agreement.renewed": N_("a noté un renouvellement, du %(first)s au %(last)s"),
        "agreement.filed": N_("a déposé le document signé le %(day)s"),
        "agreement.ended_early": N_("a mis fin à cette convention au %(last)s : %(reason)s"),
        "agreement.renewal_dropped": N_("a retiré un renouvellement : il ne commencera pas"),
        "agreement.withdrawn": N_("a retiré la période du %(first)s au %(last)s, jamais signée"),
        "person.agreement_withdrawn": N_("a retiré une convention notée par erreur"),
    }
)
IN_THE_WAY = N_(
    "Cette personne a déjà une convention du %(first)s au %(last)s. Changez les dates, ou terminez "
    "d'abord celle-là."
)
FIRST = 0


async def sign_agreement(
    db: AsyncSession, actor: Actor, person: Person, asked: AgreementForm
) -> Agreement:
    """Note an agreement with its first period. It waits for its signed document.

    Raises Refused with every reason. The same form sent twice (same ``once``) finds the first
    result; with other content it is refused.
    """
    person_id = person.id
    try:
        return await _sign_agreement(db, actor, person_id, asked)
    except Refused:
        known = asked.once and await queries.find_agreement_by_once(db, actor, asked.once)
        if not known:
            raise
        if known.once_digest != asked.digest(person_id):
            raise OnceReusedForAgreement from None
        return known


@atomic
async def _sign_agreement(
    db: AsyncSession, actor: Actor, person_id: int, asked: AgreementForm
) -> Agreement:
    await hold_person(db, person_id)
    kind = await queries.find_kind(db, asked.kind, asked.starts_on)
    reasons = [] if kind else list(NoSuchKind().reasons)
    offered = dict(await queries.list_structures_to_sign_for(db, actor))
    if asked.structure_id not in offered:
        sentence = N_("Choisissez une structure de la liste.")
        reasons.append(Reason("unknown_structure", sentence, field="structure_id"))
    if kind:
        facts = PeriodFacts(
            kind,
            asked.starts_on,
            asked.ends_on,
            asked.signed_on,
            carried_months=asked.carried_months,
            is_full_time=asked.is_full_time,
        )
        reasons += [*period_problems(facts), *await _in_the_way(db, person_id, facts)]
    if reasons or kind is None:
        raise Refused(*reasons)
    agreement = Agreement(
        person_id=person_id,
        structure_id=asked.structure_id,
        kind=kind.code,
        is_full_time=asked.is_full_time,
        carried_months=asked.carried_months,
        created_by_id=actor.person_id,
        once=asked.once,
        once_digest=asked.digest(person_id) if asked.once else None,
    )
    db.add(agreement)
    await db.flush()  # the period needs the id
    await _add_period(db, actor, agreement, kind, FIRST, asked)
    return agreement


async def renew_agreement(
    db: AsyncSession, actor: Actor, agreement: Agreement, asked: PeriodForm
) -> Agreement:
    """Note a renewal: a period more, which waits for its signed document.

    Raises Refused with every reason, Conflict when somebody was faster. The same form sent twice
    (same ``once``) finds the first result.
    """
    agreement_id = agreement.id
    try:
        return await _renew_agreement(db, actor, agreement_id, asked)
    except Refused:
        known = asked.once and await queries.find_period_by_once(db, actor, asked.once)
        if not known:
            raise
        if known.once_digest != asked.digest(agreement_id):
            raise OnceReusedForAgreement from None
        return await hold(db, agreement_id)


@atomic
async def _renew_agreement(
    db: AsyncSession, actor: Actor, agreement_id: int, asked: PeriodForm
) -> Agreement:
    agreement = await hold(db, agreement_id)
    if agreement.ended_on:
        raise EndedMeanwhile
    last = agreement.periods[-1]
    if last.number and asked.starts_on == last.first_day:
        raise RenewedMeanwhile
    kind = await queries.find_kind(db, agreement.kind, asked.starts_on)
    if kind is None:
        raise NoSuchKind
    facts = PeriodFacts(
        kind,
        asked.starts_on,
        asked.ends_on,
        asked.signed_on,
        number=last.number + 1,
        before=last.last_day,
        began_on=agreement.periods[0].first_day,
        carried_months=agreement.carried_months,
        is_full_time=agreement.is_full_time,
    )
    reasons = [
        *period_problems(facts),
        *await _in_the_way(db, agreement.person_id, facts, besides=agreement.id),
    ]
    if reasons:
        raise Refused(*reasons)
    await _add_period(db, actor, agreement, kind, facts.number, asked)
    return agreement


async def _in_the_way(
    db: AsyncSession, person_id: int, facts: PeriodFacts, besides: int | None = None
) -> list[Reason]:
    if facts.last < facts.first:
        return []
    during = until(facts.first, facts.last)
    found = await queries.list_in_the_way(db, person_id, facts.kind.family, during, besides)
    return [
        Reason(
            "agreement_overlap",
            IN_THE_WAY,
            {"first": one.first_day, "last": one.last_day},
            field="starts_on",
        )
        for one in found
    ]


async def _add_period(
    db: AsyncSession,
    actor: Actor,
    agreement: Agreement,
    kind: AgreementKind,
    number: int,
    asked: PeriodForm,
) -> None:
    is_renewal = number > FIRST
    db.add(
        AgreementPeriod(
            agreement_id=agreement.id,
            number=number,
            person_id=agreement.person_id,
            family=kind.family,
            during=until(asked.starts_on, asked.ends_on),
            signed_on=asked.signed_on,
            created_by_id=actor.person_id,
            once=asked.once if is_renewal else None,
            once_digest=asked.digest(agreement.id) if is_renewal and asked.once else None,
        )
    )
    await db.flush()  # the constraints answer here
    event = NoticeEvent.RENEWAL if is_renewal else NoticeEvent.SIGNING
    await open_notices(db, agreement, kind, event, number, asked.signed_on)
    verb = "agreement.renewed" if is_renewal else "agreement.noted"
    days = {"first": asked.starts_on, "last": asked.ends_on}
    journal.record(db, actor, verb, agreement.id, **days)


@atomic
async def end_early(
    db: AsyncSession, actor: Actor, agreement: Agreement, asked: EarlyEndForm
) -> None:
    """End before the day that was planned; renewals that have not begun fall away.

    The same end sent twice changes nothing more.
    """
    agreement = await hold(db, agreement.id)
    if agreement.ended_on:
        if (agreement.ended_on, agreement.end_reason) == (asked.ends_on, asked.reason):
            return
        raise EndedMeanwhile
    periods = agreement.periods
    if reasons := list(
        early_end_problems(periods[0].first_day, periods[-1].last_day, asked.ends_on)
    ):
        raise Refused(*reasons)
    kind = await queries.kind_of(db, agreement)
    agreement.ended_on, agreement.end_reason = asked.ends_on, asked.reason
    await db.flush()  # first: the database then lets the periods be cut
    await _cut(db, actor, agreement, asked)
    number = max(one.number for one in periods if one.first_day <= asked.ends_on)
    known_on = min(clock.today(), asked.ends_on)
    await open_notices(db, agreement, kind, NoticeEvent.EARLY_END, number, known_on)
    values = {"last": asked.ends_on, "reason": asked.reason}
    journal.record(db, actor, "agreement.ended_early", agreement.id, **values)


async def _cut(db: AsyncSession, actor: Actor, agreement: Agreement, asked: EarlyEndForm) -> None:
    after = [one for one in agreement.periods if one.first_day > asked.ends_on]
    for period in after:
        await _drop(db, period)
        journal.record(db, actor, "agreement.renewal_dropped", agreement.id)
    for period in agreement.periods:
        if period not in after and period.last_day > asked.ends_on:
            period.planned_end_on = period.last_day
            period.during = until(period.first_day, asked.ends_on)
    await db.flush()  # the constraints answer here


async def _drop(db: AsyncSession, period: AgreementPeriod) -> None:
    """A period that will not be, with the notices that nobody sent."""
    await db.execute(
        sa.delete(LegalNotice).where(
            LegalNotice.agreement_id == period.agreement_id,
            LegalNotice.period_number == period.number,
            LegalNotice.sent_on.is_(None),
        )
    )
    await db.delete(period)
    await db.flush()  # before the one in front is cut


@atomic
async def withdraw(db: AsyncSession, actor: Actor, agreement: Agreement) -> bool:
    """Take back the last period, noted by mistake and never signed.

    Returns whether the agreement still stands: with its first period the whole of it goes.
    """
    agreement = await hold(db, agreement.id)
    period = agreement.periods[-1]
    if period.is_signed or agreement.ended_on:
        raise KeptOnceSigned
    if await db.scalar(
        sa.select(LegalNotice.id).where(
            LegalNotice.agreement_id == agreement.id,
            LegalNotice.period_number == period.number,
            LegalNotice.sent_on.is_not(None),
        )
    ):
        sentence = N_("Un avis est déjà parti pour cette période. Notez plutôt une fin anticipée.")
        raise Refused(Reason("notice_sent", sentence))
    if await queries.has_signatures(db, agreement.id, period.number):
        sentence = N_("Quelqu'un a déjà signé ce papier à l'écran. Notez plutôt une fin anticipée.")
        raise Refused(Reason("signed_on_screen", sentence))
    days = {"first": period.first_day, "last": period.last_day}
    await _drop(db, period)
    if period.number > FIRST:
        journal.record(db, actor, "agreement.withdrawn", agreement.id, **days)
        return True
    journal.record(db, actor, "person.agreement_withdrawn", agreement.person_id)
    for kept in (AgreementDocument, AgreementPiece, AgreementSuspension):
        await db.execute(sa.delete(kept).where(kept.agreement_id == agreement.id))
    await db.execute(sa.delete(Agreement).where(Agreement.id == agreement.id))
    return False
