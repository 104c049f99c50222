"""Visits: mine to come and past, a new one, one of them, and the round of a day."""

import datetime as dt
from collections.abc import Callable
from itertools import groupby
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused, Unreadable
from couveuse.core.fields import read_day
from couveuse.core.i18n import N_
from couveuse.followup import actions, policy, queries
from couveuse.followup.forms import MoveForm, VisitForm
from couveuse.followup.models import Visit
from couveuse.followup.pages.choices import (
    USUAL_MINUTES,
    kinds,
    local_start,
    modes,
    new_once,
    next_hour,
)
from couveuse.followup.rules import KINDS, LEVELS, MODES, PRESENCES, STATES
from couveuse.structures.queries import list_sites_to_choose
from couveuse.trainees.queries import get_trainee
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.menu import offers
from couveuse.web.render import notices, page, see_other

offers({"followup.visits.index": policy.can_have_visits})

Text = FromQuery[str | None]
WEEKS = (2, 4, 6, 8, 12)
USUAL_WEEKS = 4
FEW, MANY = 15, 300
"""Visits of before, at first and when asked for."""

notices(
    {
        "visit_planned": N_("La visite est prévue."),
        "visit_recorded": N_("La visite est notée. Écrivez maintenant son compte rendu."),
    }
)


Way = tuple[str, str, str]
"""A route, the key of the visit in its address, and its words."""
Door = Callable[[Actor, Visit], Way | None]
_DOORS: list[Door] = []


def leads_to(door: Door) -> Door:
    """Say where else the page of a visit leads, for those who may: only what is above knows."""
    _DOORS.append(door)
    return door


class VisitPages(Controller):
    path = "/visites"

    @get(name="followup.visits.index")
    async def index(
        self, request: Web, db: Db, me: Me, semaines: Text = None, passees: Text = None
    ) -> Response[str]:
        """Who left the network still reads about their own visits."""
        weeks = next((one for one in WEEKS if str(one) == semaines), USUAL_WEEKS)
        coming = await queries.list_coming(db, me)
        return page(
            request,
            "followup/index.html",
            waiting=[one for one in coming if one.waits_for_an_answer],
            coming=[one for one in coming if not one.waits_for_an_answer],
            past=await queries.list_past(db, me, limit=MANY if passees else FEW),
            is_cut=not passees,
            few=FEW,
            proposals=await queries.list_proposals(db, me),
            drafts=await queries.list_drafts(db, me),
            to_sign=await queries.list_to_sign(db, me),
            followed=await queries.list_followed(db, me),
            unseen=await queries.list_unseen(db, me, weeks),
            weeks=weeks,
            all_weeks=WEEKS,
            states=STATES,
            modes=MODES,
            today=clock.today(),
            policy=policy,
        )

    @get("/nouvelle", name="followup.visits.new")
    async def new(self, request: Web, db: Db, me: Me, personne: Text = None) -> Response[str]:
        form = blank(
            VisitForm,
            person_id=personne,
            starts_at=next_hour(),
            duration_minutes=USUAL_MINUTES,
            once=new_once(),
        )
        require(bool(await queries.list_followed(db, me)))
        return await show_form(request, db, me, form)

    @post(name="followup.visits.create")
    async def create(self, request: Web, db: Db, me: Me) -> Response[Any]:
        form = await bind(VisitForm, request)
        if not form.is_valid:
            require(policy.can_follow(me))
            return await show_form(request, db, me, form, status=422)
        person = await get_trainee(db, me, form.data.person_id)
        require(policy.can_plan(await queries.get_standing(db, me, person.id)))
        try:
            visit = await actions.plan_visit(db, me, person, form.data)
        except Refused as refused:
            form.refuse(refused)
            return await show_form(request, db, me, form, status=422)
        notice = "visit_planned" if visit.is_planned else "visit_recorded"
        return see_other(request, "followup.visits.show", notice=notice, visit_id=visit.id)

    @get("/tournee", name="followup.tours.show")
    async def tour(self, request: Web, db: Db, me: Me, jour: Text = None) -> Response[str]:
        day = _day(jour)
        visits = await queries.list_tour(db, me, day)
        people = {visit.person_id for visit in visits}
        return page(
            request,
            "followup/tour.html",
            day=day,
            before=day - dt.timedelta(days=1),
            after=day + dt.timedelta(days=1),
            places=[(site, list(stops)) for site, stops in groupby(visits, lambda one: one.site)],
            steps=await queries.list_open_steps(db, me, people),
            today=clock.today(),
            modes=MODES,
            states=STATES,
        )

    @get("/{visit_id:int}", name="followup.visits.show")
    async def show(self, request: Web, db: Db, me: Me, visit_id: RowId) -> Response[str]:
        return await show_visit(request, db, me, await queries.get_visit(db, me, visit_id))


async def show_visit(
    request: Web,
    db: AsyncSession,
    me: Actor,
    visit: Visit,
    *,
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    """The visit, with its report for those who read it and the proof of signature for all."""
    standing = await queries.get_standing(db, me, visit.person_id)
    moving = blank(MoveForm, starts_at=local_start(visit), duration_minutes=visit.duration_minutes)
    return page(
        request,
        "followup/show.html",
        status=status,
        visit=visit,
        report=await queries.find_report(db, me, visit),
        proof=await queries.find_proof(db, visit),
        steps=(await queries.list_open_steps(db, me, [visit.person_id])).get(visit.person_id, []),
        lines=await journal.lines_about(db, "visit", visit.id),
        standing=standing,
        reads_figures=await queries.has_figures(db, me, visit.person_id),
        form=form if form and form.model is MoveForm else moving,
        refused=form,
        kinds=KINDS,
        modes=MODES,
        states=STATES,
        presences=PRESENCES,
        levels=LEVELS,
        doors=[found for door in _DOORS if (found := door(me, visit))],
        today=clock.today(),
        policy=policy,
    )


async def show_form(
    request: Web, db: AsyncSession, me: Actor, form: Form[Any], *, status: int = 200
) -> Response[str]:
    return page(
        request,
        "followup/new.html",
        status=status,
        form=form,
        people=await queries.list_followed(db, me),
        sites=await list_sites_to_choose(db, me),
        kinds=kinds(),
        modes=modes(),
    )


def _day(text: str | None) -> dt.date:
    if text is None:
        return clock.today()
    try:
        return read_day(text)
    except ValueError:
        raise Unreadable(N_("Ce jour n'existe pas : %(text)s."), text=text) from None
