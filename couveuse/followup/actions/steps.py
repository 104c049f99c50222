"""What was agreed: on a visit or between two, and what became of it."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup import queries
from couveuse.followup.actions.sending import keep_sent, once
from couveuse.followup.forms import StepDraft, StepForm
from couveuse.followup.models import AgreedStep, Report, StepState, Visit
from couveuse.people.models import Person

journal.words(
    {
        "step.agreed": N_("a noté l'action"),
        "step.done": N_("a noté que c'est fait"),
        "step.dropped": N_("a noté que c'est abandonné"),
        "step.reopened": N_("a rouvert l'action"),
    }
)
VERBS = {
    StepState.DONE: "step.done",
    StepState.DROPPED: "step.dropped",
    StepState.OPEN: "step.reopened",
}


async def set_steps(
    db: AsyncSession, actor: Actor, visit: Visit, report: Report, wanted: Sequence[StepDraft]
) -> None:
    """The steps of an unsigned report become those of its form; what they became stays."""
    await _refuse_strangers(db, visit.person_id, [one.owner_id for one in wanted])
    known = {step.id: step for step in await queries.list_steps_of_report(db, report)}
    for draft in wanted:
        step = known.pop(draft.id, None) if draft.id else None
        if step is None:
            step = AgreedStep(
                person_id=visit.person_id,
                report_id=report.id,
                state=StepState.OPEN,
                created_by_id=actor.person_id,
                created_at=clock.now(),
            )
            db.add(step)
        step.what, step.owner_id, step.due_on = draft.what, draft.owner_id, draft.due_on
    for step in known.values():
        await db.delete(step)
    await db.flush()


async def _refuse_strangers(db: AsyncSession, person_id: int, owners: Sequence[int]) -> None:
    """Those who owe something are the person and who follows them."""
    group = {one.id for one in await queries.list_group_people(db, person_id)}
    if set(owners) - group:
        sentence = N_("Choisissez la personne en test ou quelqu'un de son groupe de suivi.")
        raise Refused(Reason("not_in_group", sentence, field="owner_id"))


async def agree_step(db: AsyncSession, actor: Actor, person: Person, asked: StepForm) -> AgreedStep:
    """Between visits. The same form sent twice finds the first."""
    subject = f"step {person.id}"

    async def find(step_id: int) -> AgreedStep:
        return await queries.get_step(db, actor, step_id)

    return await once(
        db, actor, asked, subject, lambda: _agree(db, actor, person, asked, subject), find
    )


@atomic
async def _agree(
    db: AsyncSession, actor: Actor, person: Person, asked: StepForm, subject: str
) -> AgreedStep:
    await _refuse_strangers(db, person.id, [asked.owner_id])
    step = AgreedStep(
        person_id=person.id,
        owner_id=asked.owner_id,
        what=asked.what,
        due_on=asked.due_on,
        state=StepState.OPEN,
        created_by_id=actor.person_id,
        created_at=clock.now(),
    )
    db.add(step)
    await db.flush()  # its id is needed
    keep_sent(db, actor, asked, subject, step.id)
    journal.record(db, actor, "step.agreed", step.id)
    return step


@atomic
async def change_step(
    db: AsyncSession, actor: Actor, step: AgreedStep, state: StepState
) -> AgreedStep:
    """Done, dropped or open again: who said so and when is kept. Saying it twice is once."""
    changed = await db.execute(
        sa.update(AgreedStep)
        .where(AgreedStep.id == step.id, AgreedStep.state != state)
        .values(state=state, changed_at=clock.now(), changed_by_id=actor.person_id)
        .returning(AgreedStep.id)
    )
    if changed.first():
        journal.record(db, actor, VERBS[state], step.id)
    return step
