"""What was agreed with somebody, and what became of it."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible, Refused
from couveuse.core.i18n import N_
from couveuse.followup import actions, policy, queries
from couveuse.followup.forms import StepForm, StepStateForm
from couveuse.followup.pages.choices import new_once
from couveuse.followup.rules import STEP_STATES
from couveuse.people.models import Person
from couveuse.trainees.queries import get_trainee
from couveuse.web.deps import Db, Me, RowId, Web, own_transaction
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import go_to, notices, own_path, page, see_other

notices(
    {
        "step_agreed": N_("L'action est notée."),
        "step_changed": N_("C'est noté."),
    }
)


class StepPages(Controller):
    path = "/testeurs/{person_id:int}/actions"

    @get(name="followup.steps.index")
    async def index(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        async with own_transaction(request) as beside:
            await actions.note_list_reading(beside, me, person_id, actions.STEPS)
        person, standing = await _load(db, me, person_id)
        form = blank(StepForm, owner_id=person.id, once=new_once())
        return await show_steps(request, db, me, person, standing, form)

    @post(name="followup.steps.create")
    async def create(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[Any]:
        person, standing = await _load(db, me, person_id)
        require(policy.can_agree_step(standing))
        form = await bind(StepForm, request)
        if form.is_valid:
            try:
                await actions.agree_step(db, me, person, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return see_other(
                    request, "followup.steps.index", notice="step_agreed", person_id=person_id
                )
        return await show_steps(request, db, me, person, standing, form, status=422)


class StepStatePages(Controller):
    path = "/actions/{step_id:int}"

    @post("/etat", name="followup.step_states.update")
    async def update(self, request: Web, db: Db, me: Me, step_id: RowId) -> Response[Any]:
        """Done, dropped or open again; then back to the page it was ticked on."""
        step = await queries.get_step(db, me, step_id)
        standing = await queries.get_standing(db, me, step.person_id)
        require(policy.can_change_step(me, standing, step))
        form = await bind(StepStateForm, request)
        if not form.is_valid:
            return await show_steps(
                request, db, me, step.person, standing, blank(StepForm), status=422
            )
        await actions.change_step(db, me, step, form.data.state)
        if back := own_path(form.data.next):
            return go_to(request, back, notice="step_changed")
        return see_other(
            request, "followup.steps.index", notice="step_changed", person_id=step.person_id
        )


async def _load(db: AsyncSession, me: Actor, person_id: int) -> tuple[Person, policy.Standing]:
    """Actions are of the follow-up: who only manages the path does not read them."""
    person = await get_trainee(db, me, person_id)
    if not await queries.may_read_follow_up(db, me, person_id):
        raise NotVisible
    return person, await queries.get_standing(db, me, person_id)


async def show_steps(
    request: Web,
    db: AsyncSession,
    me: Actor,
    person: Person,
    standing: policy.Standing,
    form: Form[Any],
    *,
    status: int = 200,
) -> Response[str]:
    people = await queries.list_group_people(db, person.id)
    return page(
        request,
        "followup/steps/index.html",
        status=status,
        person=person,
        standing=standing,
        steps=await queries.list_steps(db, me, person.id),
        form=form,
        owners=[(one.id, one.name) for one in people],
        states=STEP_STATES,
        today=clock.today(),
        policy=policy,
    )
