"""Changing where somebody stands, and saying what comes next. The only writer of ``path.state``."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.trainees import queries
from couveuse.trainees.forms.paths import NextForm, StepForm
from couveuse.trainees.models import (
    Path,
    PathChanged,
    PathState,
    PathStep,
    Referral,
    ReferralState,
)
from couveuse.trainees.rules.paths import step_problems

VERBS = {
    PathState.CONTACT: "path.contact",
    PathState.WELCOMED: "path.welcomed",
    PathState.ORIENTED_OUT: "path.oriented_out",
    PathState.APPLYING: "path.applying",
    PathState.SELECTED: "path.selected",
    PathState.WAITING_LIST: "path.waiting_list",
    PathState.REFUSED: "path.refused",
    PathState.WITHDRAWN: "path.withdrawn",
    PathState.IN_PREPARATION: "path.in_preparation",
    PathState.IN_TEST: "path.in_test",
    PathState.SUSPENDED: "path.suspended",
    PathState.LEAVING: "path.leaving",
    PathState.EXITED: "path.exited",
    PathState.FOLLOWED_AFTER: "path.followed_after",
    PathState.CLOSED: "path.closed",
}
journal.words(
    {
        "path.contact": N_("a noté le premier contact"),
        "path.welcomed": N_("a noté l'accueil"),
        "path.oriented_out": N_("a noté une orientation vers une autre structure"),
        "path.applying": N_("a noté la candidature"),
        "path.selected": N_("a noté que la candidature est retenue"),
        "path.waiting_list": N_("a noté l'attente d'une place"),
        "path.refused": N_("a noté que la candidature n'est pas retenue"),
        "path.withdrawn": N_("a noté que le projet est mis de côté"),
        "path.in_preparation": N_("a noté la préparation de l'entrée"),
        "path.in_test": N_("a noté le test en cours"),
        "path.suspended": N_("a noté la suspension du test"),
        "path.leaving": N_("a noté la préparation de la sortie"),
        "path.exited": N_("a noté la fin du test"),
        "path.followed_after": N_("a noté le suivi après le test"),
        "path.closed": N_("a clos le parcours"),
        "path.next_said": N_("a dit la suite : %(next)s"),
        "path.next_cleared": N_("a effacé la suite prévue"),
    }
)


@atomic
async def change_state(db: AsyncSession, actor: Actor, path: Path, asked: StepForm) -> None:
    """Note a change, on the day it happened. Of two people at once, one wins, the other is told."""
    if asked.seen and asked.seen != path.state:
        raise PathChanged
    today = clock.today()
    on = asked.happened_on or today
    since = await queries.last_step_day(db, path)
    if problems := step_problems(path.state, asked.state, on, since=since, today=today):
        raise Refused(*problems)
    await move_path(db, actor, path, asked.state, on=on, note=asked.note)
    if asked.state != PathState.ORIENTED_OUT:
        await _withdraw_referrals(db, path)


async def _withdraw_referrals(db: AsyncSession, path: Path) -> None:
    """The person goes another way: what waits for an answer needs none any more."""
    await db.execute(
        sa.update(Referral)
        .where(Referral.path_id == path.id, Referral.state == ReferralState.SENT)
        .values(state=ReferralState.WITHDRAWN.value)
    )


async def move_path(
    db: AsyncSession,
    actor: Actor | None,
    path: Path,
    state: PathState,
    *,
    on: dt.date | None = None,
    note: str | None = None,
    **changes: Any,
) -> None:
    """Put the path in a state, with its dated step and its line in the journal.

    The caller has looked at the rules. ``changes`` are other fields to write with it. Raises
    PathChanged when the path is no longer in the state that the caller knows.
    """
    day = on or clock.today()
    values = {
        "state": state.value,
        "changed_at": clock.now(),
        "closed_on": day if state == PathState.CLOSED else None,
        **changes,
    }
    await _compare_and_set(db, path, Path.state == path.state, values)
    db.add(
        PathStep(
            path_id=path.id,
            state=state,
            happened_on=day,
            note=note,
            recorded_by_id=actor.person_id if actor else None,
            recorded_at=clock.now(),
        )
    )
    journal.record(db, actor, VERBS[state], path.id)


@atomic
async def say_next(db: AsyncSession, actor: Actor, path: Path, asked: NextForm) -> None:
    """Say what comes next, before when, and who acts; nothing typed means nothing is expected."""
    if asked.next_actor_id is not None:
        offered = {key for key, _ in await queries.list_who_may_act(db, actor, path)}
        if asked.next_actor_id not in offered:
            sentence = N_("Choisissez quelqu'un dans la liste.")
            raise Refused(Reason("unknown_actor", sentence, field="next_actor_id"))
    if asked.seen and asked.seen != path.changed_at.isoformat():
        raise PathChanged
    values = asked.model_dump(exclude={"seen"}) | {"changed_at": clock.now()}
    await _compare_and_set(db, path, Path.changed_at == path.changed_at, values)
    verb = "path.next_said" if asked.next_step else "path.next_cleared"
    journal.record(db, actor, verb, path.id, next=asked.next_step)


async def _compare_and_set(
    db: AsyncSession, path: Path, as_known: sa.ColumnElement[bool], values: dict[str, Any]
) -> None:
    """Write if the path is still as it was read; the second of two waits, and loses."""
    changed = await db.scalar(
        sa.update(Path)
        .where(Path.id == path.id, Path.closed_on.is_(None), as_known)
        .values(values)
        .returning(Path.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        raise PathChanged
    await db.refresh(path, list(values))
