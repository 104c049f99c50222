"""Saying which funded action pays a session, several at once, changing it, taking it off.

Locks: the grants, the actions, then the sessions (by the database, when a charge is written). Who
comes second therefore sees what the first one charged before looking at the ceilings.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import i18n, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import NotAllowed, Reason, Refused
from couveuse.core.i18n import N_
from couveuse.network import policy, queries
from couveuse.network.hours import Kind, Session
from couveuse.network.models import ChargedAlready, FundedAction, GrantClosed, SupportCharge
from couveuse.network.rules import ceiling_problems, consume, fits, keys_beyond

journal.words(
    {
        "visit.charged": N_("a imputé cette visite à « %(action)s »"),
        "visit.charge_moved": N_("a déplacé l'imputation de « %(before)s » à « %(action)s »"),
        "visit.charge_removed": N_("a retiré l'imputation à « %(before)s »"),
        "workshop_slot.charged": N_("a imputé cette demi-journée à « %(action)s »"),
        "workshop_slot.charge_moved": N_(
            "a déplacé l'imputation de « %(before)s » à « %(action)s »"
        ),
        "workshop_slot.charge_removed": N_("a retiré l'imputation à « %(before)s »"),
        "grant.session_charged": N_("a imputé la séance du %(day)s à « %(action)s »"),
        "grant.session_removed": N_("a retiré la séance du %(day)s de « %(action)s »"),
        "grant.exceeded": N_("a imputé au-delà du plafond de « %(action)s » : %(reason)s"),
    }
)


SUBJECTS = {Kind.VISIT: "visit", Kind.WORKSHOP: "workshop_slot"}


@atomic
async def charge(
    db: AsyncSession,
    actor: Actor,
    wanted: Mapping[str, int],
    reason: str | None = None,
    *,
    known: int | None = None,
) -> int:
    """Charge sessions, by key, to the action chosen for each: all of them or none.

    Done twice, it stays so. Beyond a ceiling only with a reason, by whom may give one. ``known`` is
    the action that paid them when the actor looked: charged to another one since, they stay there.
    """
    actions = await queries.lock_actions(db, wanted.values())
    sessions = await queries.load_sessions(db, actor, sorted(wanted, key=_number))
    problems: list[Reason] = []
    fresh: list[tuple[Session, FundedAction]] = []
    for session in sessions:
        action = actions.get(wanted[session.key])
        if session.action and action and session.action.id == action.id:
            continue
        if session.action and session.action.id != known:
            raise ChargedAlready
        problems += _unfit(actor, session, action)
        if action:
            fresh.append((session, action))
    if problems:
        raise Refused(*problems)
    beyond = await _beyond(db, actor, fresh, has_reason=bool(reason))
    await _write(db, actor, fresh, beyond, reason)
    return len(fresh)


def _number(key: str) -> tuple[int, str]:
    """Everybody writes in one order, that of ids, so that two never wait for each other."""
    return len(key), key


@atomic
async def take_off(db: AsyncSession, actor: Actor, session: Session) -> None:
    """Nothing pays the session any more. Done twice, it stays so."""
    if session.action is None:
        return
    await queries.lock_actions(db, [session.action.id])
    (session,) = await queries.load_sessions(db, actor, [session.key])
    found = (await queries.find_charges(db, [session], lock=True)).get(session.key)
    if found is None:
        return
    if session.action is None or found.action_id != session.action.id:
        raise ChargedAlready
    if not policy.can_move_charge(actor, session):
        raise NotAllowed
    if found.action.grant.is_closed:
        raise GrantClosed
    await db.delete(found)
    await db.flush()
    _tell(db, actor, session, None, found.action)


def _unfit(actor: Actor, session: Session, action: FundedAction | None) -> list[Reason]:
    """Why what was chosen cannot pay the session, whatever the ceilings."""
    if not policy.can_charge(actor, session):
        raise NotAllowed
    values = {"day": i18n.day(session.day)}
    if action is None:
        sentence = N_("Séance du %(day)s : choisissez l'action qui la paie.")
        return [Reason("no_action", sentence, values)]
    if action.grant.is_closed:
        raise GrantClosed
    if session.action and not policy.can_move_charge(actor, session):
        sentence = N_(
            "Séance du %(day)s : elle est signée et déjà imputée. Demandez à la coordination de "
            "la déplacer."
        )
        return [Reason("charge_stays", sentence, values)]
    if not fits(action, session):
        sentence = N_(
            "Séance du %(day)s : « %(action)s » ne peut pas la payer (dates, structure, ou "
            "individuel et collectif). Choisissez-en une autre."
        )
        return [Reason("does_not_fit", sentence, values | {"action": action.label})]
    return []


async def _beyond(
    db: AsyncSession,
    actor: Actor,
    fresh: Sequence[tuple[Session, FundedAction]],
    *,
    has_reason: bool,
) -> set[str]:
    """By key, the sessions that go beyond a ceiling; refused unless a reason is given by whom may.

    The actions are locked: nobody adds to them meanwhile.
    """
    chosen = {action.id: action for _, action in fresh}
    before = await queries.list_charged(db, list(chosen))
    whole = {one.key: one for one in await queries.load_whole(db, [one.key for one, _ in fresh])}
    problems: list[Reason] = []
    beyond: set[str] = set()
    for action_id, action in chosen.items():
        more = [whole[one.key] for one, paying in fresh if paying.id == action_id]
        found = ceiling_problems(action, consume(before[action_id]), more)
        problems += found
        beyond |= keys_beyond(action, before[action_id], more) if found else set()
    if problems and not (has_reason and policy.can_exceed(actor)):
        raise Refused(*problems)
    return beyond


async def _write(
    db: AsyncSession,
    actor: Actor,
    fresh: Sequence[tuple[Session, FundedAction]],
    beyond: set[str],
    reason: str | None,
) -> None:
    """Keep the reason beside what went beyond a ceiling, and nowhere else."""
    charges = await queries.find_charges(db, [one for one, _ in fresh], lock=True)
    for session, action in fresh:
        kept = reason if session.key in beyond else None
        before = charges.get(session.key)
        if (before.action_id if before else None) != (session.action and session.action.id):
            raise ChargedAlready  # since we looked
        moved_from = before.action if before else None
        if before:
            before.action_id, before.reason = action.id, kept
            before.charged_by_id = actor.person_id
        else:
            db.add(
                SupportCharge(
                    action_id=action.id,
                    visit_id=session.id if session.kind == Kind.VISIT else None,
                    slot_id=session.id if session.kind == Kind.WORKSHOP else None,
                    reason=kept,
                    charged_by_id=actor.person_id,
                )
            )
        await db.flush()  # one after another, in the order that everybody keeps
        _tell(db, actor, session, action, moved_from)
        if kept:
            journal.record(
                db, actor, "grant.exceeded", action.grant_id, action=action.label, reason=kept
            )


def _tell(
    db: AsyncSession,
    actor: Actor,
    session: Session,
    action: FundedAction | None,
    before: FundedAction | None,
) -> None:
    """In the journal of the session and in those of the grants."""
    now, earlier = (one.label if one else None for one in (action, before))
    verb = "charged" if before is None else "charge_moved" if action else "charge_removed"
    said = f"{SUBJECTS[session.kind]}.{verb}"
    journal.record(db, actor, said, session.id, action=now, before=earlier)
    for one, word in ((before, "grant.session_removed"), (action, "grant.session_charged")):
        if one:
            journal.record(db, actor, word, one.grant_id, day=session.day, action=one.label)
