"""One path: where somebody stands, how she came there, what comes next."""

from collections.abc import Awaitable
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Conflict, Refused
from couveuse.core.i18n import N_
from couveuse.trainees import actions, policy, queries
from couveuse.trainees.forms.paths import NextForm, StepForm
from couveuse.trainees.models import Path, PathState
from couveuse.trainees.rules.paths import (
    FOLLOWS,
    days_late,
    may_apply,
    silence,
    state_name,
    state_options,
)
from couveuse.trainees.rules.referrals import may_be_referred, referral_state
from couveuse.trainees.rules.welcome import kind_name
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "path_moved": N_("Le changement est noté."),
        "path_next_said": N_("La suite est notée."),
    }
)


class PathPages(Controller):
    path = "/parcours/{path_id:int}"

    @get(name="trainees.paths.show")
    async def show(self, request: Web, db: Db, me: Me, path_id: RowId) -> Response[str]:
        return await show_path(request, db, me, await queries.get_path(db, me, path_id))

    @post("/etapes", name="trainees.steps.create")
    async def step(self, request: Web, db: Db, me: Me, path_id: RowId) -> Response[Any]:
        path = await queries.get_path(db, me, path_id)
        require(policy.can_manage_path(me, path.structure_id))
        form = await bind(StepForm, request)
        done = actions.change_state(db, me, path, form.data) if form.is_valid else None
        return await _done(request, db, me, path, "path_moved", done, step=form)

    @post("/suite", name="trainees.nexts.create")
    async def suite(self, request: Web, db: Db, me: Me, path_id: RowId) -> Response[Any]:
        path = await queries.get_path(db, me, path_id)
        require(policy.can_manage_path(me, path.structure_id))
        form = await bind(NextForm, request)
        done = actions.say_next(db, me, path, form.data) if form.is_valid else None
        return await _done(request, db, me, path, "path_next_said", done, coming=form)


async def _done(
    request: Web,
    db: AsyncSession,
    me: Actor,
    path: Path,
    notice: str,
    done: Awaitable[None] | None,
    **forms: Form[Any],
) -> Response[Any]:
    """Back to the path, or the path as it is now with the form and every reason."""
    if done is None:
        return await show_path(request, db, me, path, status=422, **forms)
    try:
        await done
    except Refused as refused:
        (form,) = forms.values()
        form.refuse(refused)
        now = await queries.get_path(db, me, path.id)
        status = 409 if isinstance(refused, Conflict) else 422
        return await show_path(request, db, me, now, status=status, **forms)
    return see_other(request, "trainees.paths.show", notice=notice, path_id=path.id)


async def show_path(
    request: Web,
    db: AsyncSession,
    me: Actor,
    path: Path,
    *,
    status: int = 200,
    step: Form[StepForm] | None = None,
    coming: Form[NextForm] | None = None,
) -> Response[str]:
    can_manage = policy.can_manage_path(me, path.structure_id)
    step = step or blank(StepForm, happened_on=clock.today())
    step.values["seen"] = [path.state]
    coming = coming or blank(
        NextForm,
        next_step=path.next_step,
        next_due_on=path.next_due_on,
        next_actor_id=path.next_actor_id,
    )
    coming.values["seen"] = [path.changed_at.isoformat()]
    return page(
        request,
        "trainees/paths/show.html",
        status=status,
        path=path,
        steps=await queries.list_steps(db, path.id),
        sheet=await queries.find_welcome(db, path.id),
        referrals=await queries.list_referrals_of(db, path.id),
        applications=await queries.list_applications_of(db, path.id),
        may_apply=policy.can_apply(me, path) and may_apply(path.state),
        since=await queries.last_step_day(db, path),
        step=step,
        coming=coming,
        following=state_options(FOLLOWS[PathState(path.state)]),
        people=await queries.list_who_may_act(db, me, path) if can_manage else [],
        late=0 if path.closed_on else days_late(path.next_due_on, clock.today()),
        silence=silence(path.state, path.changed_at, clock.now()),
        can_manage=can_manage,
        can_refer=can_manage and may_be_referred(path.state),
        state_name=state_name,
        kind_name=kind_name,
        referral_state=referral_state,
        policy=policy,
    )
