"""What becomes of a visit: moved, held, missed, cancelled."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.followup import actions, policy, queries
from couveuse.followup.forms import HeldForm, MoveForm, ReasonForm
from couveuse.followup.models import Presence, Visit
from couveuse.followup.pages.choices import (
    kinds,
    local_start,
    modes,
    presences,
    read_presences,
    read_times,
)
from couveuse.followup.pages.visits import show_visit
from couveuse.structures.queries import list_sites_to_choose
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "visit_moved": N_("La visite est déplacée."),
        "visit_held": N_("C'est noté. Le compte rendu peut s'écrire."),
        "visit_missed": N_("C'est noté."),
        "visit_cancelled": N_("La visite est annulée."),
    }
)


class VisitStatePages(Controller):
    path = "/visites/{visit_id:int}"

    @post("/deplacement", name="followup.moves.create")
    async def move(self, request: Web, db: Db, me: Me, visit_id: RowId) -> Response[Any]:
        visit, standing = await _load(db, me, visit_id)
        require(standing.is_member)
        form = await bind(MoveForm, request)
        if form.is_valid:
            try:
                await actions.move_visit(db, me, visit, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, visit, "visit_moved")
        return await show_visit(request, db, me, visit, form=form, status=422)

    @get("/tenue", name="followup.records.edit")
    async def edit(self, request: Web, db: Db, me: Me, visit_id: RowId) -> Response[str]:
        visit, standing = await _load(db, me, visit_id)
        report = await queries.find_report(db, me, visit)
        require(policy.can_record(standing, visit, report))
        return await show_record(request, db, me, visit, record_form(visit))

    @post("/tenue", name="followup.records.update")
    async def record(self, request: Web, db: Db, me: Me, visit_id: RowId) -> Response[Any]:
        visit, standing = await _load(db, me, visit_id)
        require(standing.is_member)
        form = await bind(HeldForm, request)
        if form.is_valid:
            people = {one.id for one in await expected(db, visit)}
            came = read_presences(form.values, people)
            try:
                times = read_times(form.values, await queries.list_followers(db, visit))
                await actions.record_visit(db, me, visit, form.data, came, times)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, visit, "visit_held")
        visit = await queries.load_visit(db, visit_id)
        return await show_record(request, db, me, visit, form, status=422)

    @post("/manquee", name="followup.absences.create")
    async def miss(self, request: Web, db: Db, me: Me, visit_id: RowId) -> Response[Any]:
        visit, standing = await _load(db, me, visit_id)
        require(standing.is_member)
        form = await bind(ReasonForm, request)
        if form.is_valid:
            await actions.say_missed(db, me, visit, form.data.reason)
            return _to(request, visit, "visit_missed")
        return await show_visit(request, db, me, visit, form=form, status=422)

    @post("/annulation", name="followup.cancellations.create")
    async def cancel(self, request: Web, db: Db, me: Me, visit_id: RowId) -> Response[Any]:
        visit, standing = await _load(db, me, visit_id)
        require(policy.may_cancel(standing, visit))
        form = await bind(ReasonForm, request)
        if form.is_valid:
            await actions.cancel_visit(db, me, visit, form.data.reason)
            return _to(request, visit, "visit_cancelled")
        return await show_visit(request, db, me, visit, form=form, status=422)


async def _load(db: AsyncSession, me: Actor, visit_id: int) -> tuple[Visit, policy.Standing]:
    visit = await queries.get_visit(db, me, visit_id)
    return visit, await queries.get_standing(db, me, visit.person_id)


def _to(request: Web, visit: Visit, notice: str) -> Response[None]:
    return see_other(request, "followup.visits.show", notice=notice, visit_id=visit.id)


async def expected(db: AsyncSession, visit: Visit) -> list[Any]:
    """The person, the group of today, and whoever was noted already."""
    group = await queries.list_group_people(db, visit.person_id)
    known = {one.id for one in group}
    return group + [one.person for one in visit.people if one.person_id not in known]


def record_form(visit: Visit) -> Form[HeldForm]:
    form: Form[HeldForm] = blank(
        HeldForm,
        starts_at=local_start(visit),
        duration_minutes=visit.duration_minutes,
        kind=visit.kind,
        mode=visit.mode,
        site_id=visit.site_id,
        plot_ids=[plot.id for plot in visit.plots],
        travel_minutes=visit.travel_minutes,
        travel_km=visit.travel_km,
    )
    for one in visit.people:
        there = Presence.PRESENT if one.presence == Presence.EXPECTED else one.presence
        form.values[f"presence_{one.person_id}"] = [there]
        form.values[f"minutes_{one.person_id}"] = [str(one.minutes or "")]
    return form


async def show_record(
    request: Web,
    db: AsyncSession,
    me: Actor,
    visit: Visit,
    form: Form[Any],
    *,
    status: int = 200,
) -> Response[str]:
    held = await queries.list_plots_held(db, visit.person_id, visit.day)
    plots = {plot.id: plot.label for plot in [*held, *visit.plots]}
    return page(
        request,
        "followup/record.html",
        status=status,
        visit=visit,
        form=form,
        people=await expected(db, visit),
        followers=await queries.list_followers(db, visit),
        plots=list(plots.items()),
        sites=await list_sites_to_choose(db, me),
        kinds=kinds(),
        modes=modes(),
        presences=presences(),
    )
