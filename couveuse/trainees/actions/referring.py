"""Passing somebody on to a partner structure: sent, answered or withdrawn."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.core.jobs import queue
from couveuse.people.models import Person
from couveuse.trainees import queries
from couveuse.trainees.actions.paths import move_path
from couveuse.trainees.forms.referrals import AnswerForm, ReferralForm
from couveuse.trainees.models import (
    ANSWER_WITHIN,
    OnceReusedForReferral,
    Path,
    PathState,
    Referral,
    ReferralAnswered,
    ReferralState,
    Welcome,
)
from couveuse.trainees.rules.paths import state_name
from couveuse.trainees.rules.referrals import may_be_referred

journal.words(
    {
        "path.referred": N_("a proposé une orientation vers %(structure)s"),
        "path.referral_accepted": N_("a accepté l'orientation vers %(structure)s"),
        "path.referral_declined": N_("a décliné l'orientation vers %(structure)s"),
        "path.referral_withdrawn": N_("a retiré l'orientation vers %(structure)s"),
    }
)
ANSWER_AWAITED = N_("Réponse de %(structure)s attendue")
FIRST_MEETING = N_("Premier rendez-vous")
ANOTHER = N_("Voir la suite avec la personne")
NO_CONSENT = N_(
    "Sans l'accord de la personne, rien n'est transmis. Demandez-le-lui, puis cochez la case."
)


async def refer(db: AsyncSession, actor: Actor, path: Path, asked: ReferralForm) -> Referral:
    """Propose another structure to go on with somebody, with her consent. Once for each form."""
    if first := await _sent_before(db, actor, path, asked):
        return first
    try:
        return await _refer(db, actor, path, asked)
    except Refused:
        if first := await _sent_before(db, actor, path, asked):
            return first
        raise


async def _sent_before(
    db: AsyncSession, actor: Actor, path: Path, asked: ReferralForm
) -> Referral | None:
    first = await queries.find_referral_by_once(db, actor, asked.once) if asked.once else None
    if first and first.once_digest != asked.digest(path.id):
        raise OnceReusedForReferral
    return first


@atomic
async def _refer(db: AsyncSession, actor: Actor, path: Path, asked: ReferralForm) -> Referral:
    sheet = await queries.find_welcome(db, path.id)
    options = await queries.list_referral_options(db, actor, path)
    chosen = next((one for one in options if one.structure.id == asked.structure_id), None)
    if reasons := _problems(path, asked, sheet, is_offered=chosen is not None):
        raise Refused(*reasons)
    assert chosen is not None  # noqa: S101, a reason above
    if sheet and sheet.consent_on is None:
        sheet.consent_on = clock.today()
    referral = Referral(
        path_id=path.id,
        from_structure_id=path.structure_id,
        to_structure_id=chosen.structure.id,
        note=asked.note,
        options=[one.structure.name for one in options],
        consent_on=(sheet.consent_on if sheet else None) or clock.today(),
        sent_by_id=actor.person_id,
        sent_at=clock.now(),
        state=ReferralState.SENT,
        **asked.kept_once(path.id),
    )
    db.add(referral)
    await db.flush()  # another open one is found before the path moves
    name = chosen.structure.label
    await move_path(
        db,
        actor,
        path,
        PathState.ORIENTED_OUT,
        next_step=i18n.gettext(ANSWER_AWAITED) % {"structure": name},
        next_due_on=clock.today() + ANSWER_WITHIN,
        next_actor_id=None,
    )
    journal.record(db, actor, "path.referred", path.id, structure=name)
    await _tell(db, actor, referral, "sent")
    return referral


def _problems(
    path: Path, asked: ReferralForm, sheet: Welcome | None, *, is_offered: bool
) -> list[Reason]:
    reasons: list[Reason] = []
    if not may_be_referred(path.state):
        sentence = N_("Depuis l'étape « %(state)s », on n'oriente pas vers une autre structure.")
        reasons.append(Reason("not_from_here", sentence, {"state": state_name(path.state)}))
    if not is_offered:
        sentence = N_("Choisissez une des structures proposées.")
        reasons.append(Reason("unknown_structure", sentence, field="structure_id"))
    if not asked.consent and (sheet is None or sheet.consent_on is None):
        reasons.append(Reason("no_consent", NO_CONSENT, field="consent"))
    return reasons


@atomic
async def answer_referral(
    db: AsyncSession, actor: Actor, referral: Referral, asked: AnswerForm
) -> None:
    """Accept or decline. Of two answers at once one counts, the other is told.

    Who accepts carries the path from then on, and sees the person; the sender keeps the referral
    and its answer.
    """
    accepts = asked.answer == "accept"
    if accepts and asked.first_meeting_on and asked.first_meeting_on < clock.today():
        sentence = N_("Ce jour est passé. Proposez un rendez-vous à venir.")
        raise Refused(Reason("meeting_past", sentence, field="first_meeting_on"))
    state = ReferralState.ACCEPTED if accepts else ReferralState.DECLINED
    await _close(
        db,
        referral,
        state=state.value,
        answer=asked.message,
        answered_by_id=actor.person_id,
        answered_at=clock.now(),
        first_meeting_on=asked.first_meeting_on if accepts else None,
    )
    if accepts:
        await _take_over(db, actor, referral)
        verb = "path.referral_accepted"
    else:
        await _give_back(db, actor, referral)
        verb = "path.referral_declined"
    journal.record(db, actor, verb, referral.path_id, structure=referral.to_structure.label)
    await _tell(db, actor, referral, state.value)


async def _take_over(db: AsyncSession, actor: Actor, referral: Referral) -> None:
    path = referral.path
    await move_path(
        db,
        actor,
        path,
        PathState.WELCOMED,
        structure_id=referral.to_structure_id,
        next_step=i18n.gettext(FIRST_MEETING),
        next_due_on=referral.first_meeting_on,
        next_actor_id=actor.person_id,
    )
    # A newcomer is known to the structure that carries her path; members are known to everybody.
    await db.execute(
        sa.update(Person)
        .where(Person.id == path.person_id, Person.met_by_id.is_not(None))
        .values(met_by_id=referral.to_structure_id)
    )


async def _give_back(db: AsyncSession, actor: Actor, referral: Referral) -> None:
    await move_path(
        db,
        actor,
        referral.path,
        PathState.WELCOMED,
        next_step=i18n.gettext(ANOTHER),
        next_due_on=clock.today(),
        next_actor_id=referral.sent_by_id,
    )


@atomic
async def withdraw_referral(db: AsyncSession, actor: Actor, referral: Referral) -> None:
    """The person changed her mind, or the proposal was a mistake."""
    await _close(db, referral, state=ReferralState.WITHDRAWN.value)
    await _give_back(db, actor, referral)
    name = referral.to_structure.label
    journal.record(db, actor, "path.referral_withdrawn", referral.path_id, structure=name)
    await _tell(db, actor, referral, "withdrawn")


async def _close(db: AsyncSession, referral: Referral, **changed: Any) -> None:
    closed = await db.scalar(
        sa.update(Referral)
        .where(Referral.id == referral.id, Referral.state == ReferralState.SENT)
        .values(changed)
        .returning(Referral.id)
        .execution_options(synchronize_session=False)
    )
    if closed is None:
        raise ReferralAnswered
    await db.refresh(referral, list(changed))


async def _tell(db: AsyncSession, actor: Actor, referral: Referral, what: str) -> None:
    await queue(db, "tell_about_referral", referral_id=referral.id, what=what, by=actor.person_id)
