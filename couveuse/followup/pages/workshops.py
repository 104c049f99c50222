"""Workshops: to come and past, a new one, one of them, changed, cancelled."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.followup import policy, queries, workshop_policy
from couveuse.followup.actions.workshops import cancel_workshop, change_workshop, plan_workshop
from couveuse.followup.models import Workshop
from couveuse.followup.pages.choices import new_once, options
from couveuse.followup.pages.slot_fields import line_numbers, read_slots, typed_slots
from couveuse.followup.queries.workshops import (
    get_workshop,
    list_lines,
    list_open_sheets,
    list_past_workshops,
    list_workshops,
    load_workshop,
)
from couveuse.followup.rules import PRESENCES
from couveuse.followup.workshop_forms import (
    AFTER_LUNCH,
    CHOSEN,
    EVERYBODY,
    NOON,
    CancelForm,
    WorkshopForm,
)
from couveuse.people.queries import list_people_to_choose
from couveuse.structures.queries import list_sites_to_choose, list_structures_to_choose
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.menu import offers
from couveuse.web.render import notices, page, see_other

offers({"followup.workshops.index": workshop_policy.can_see_workshops})

AUDIENCES = {EVERYBODY: N_("Tout le réseau"), CHOSEN: N_("Des personnes choisies")}
Text = FromQuery[str | None]
FEW, MANY = 10, 200
"""Workshops of before, at first and when asked for."""
notices(
    {
        "workshop_planned": N_("L'atelier est prévu. Les inscriptions sont ouvertes."),
        "workshop_changed": N_("L'atelier est modifié."),
        "workshop_cancelled": N_("L'atelier est annulé. Les personnes inscrites sont prévenues."),
    }
)


class WorkshopPages(Controller):
    path = "/ateliers"

    @get(name="followup.workshops.index")
    async def index(self, request: Web, db: Db, me: Me, passes: Text = None) -> Response[str]:
        coming = await list_workshops(db, me)
        mine = [one for one in coming if one.seat_of(me.person_id) or leads(me, one)]
        return page(
            request,
            "followup/workshops/index.html",
            mine=mine,
            coming=[one for one in coming if one not in mine],
            past=await list_past_workshops(db, me, limit=MANY if passes else FEW),
            is_cut=not passes,
            few=FEW,
            sheets=await list_open_sheets(db, me),
            policy=workshop_policy,
        )

    @get("/nouveau", name="followup.workshops.new")
    async def new(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(workshop_policy.can_organise(me))
        form = blank(
            WorkshopForm,
            audience=EVERYBODY,
            structure_id=policy.home_of(me),
            trainer_ids=[me.person_id],
            lunch_from=NOON,
            lunch_until=AFTER_LUNCH,
            once=new_once(),
        )
        return await show_form(request, db, me, form)

    @post(name="followup.workshops.create")
    async def create(self, request: Web, db: Db, me: Me) -> Response[Any]:
        require(workshop_policy.can_organise(me))
        form = await bind(WorkshopForm, request)
        try:
            drafts = read_slots(form.values)
            if form.is_valid:
                workshop = await plan_workshop(db, me, form.data, drafts)
                return _to(request, workshop.id, "workshop_planned")
        except Refused as refused:
            form.refuse(refused)
        return await show_form(request, db, me, form, status=422)

    @get("/{workshop_id:int}", name="followup.workshops.show")
    async def show(self, request: Web, db: Db, me: Me, workshop_id: RowId) -> Response[str]:
        workshop = await get_workshop(db, me, workshop_id)
        return await show_workshop(request, db, me, workshop)

    @get("/{workshop_id:int}/modification", name="followup.workshops.edit")
    async def edit(self, request: Web, db: Db, me: Me, workshop_id: RowId) -> Response[str]:
        workshop = await get_workshop(db, me, workshop_id)
        require(workshop_policy.can_change_workshop(me, workshop))
        return await show_form(request, db, me, typed_form(workshop), workshop)

    @post("/{workshop_id:int}/modification", name="followup.workshops.update")
    async def update(self, request: Web, db: Db, me: Me, workshop_id: RowId) -> Response[Any]:
        workshop = await get_workshop(db, me, workshop_id)
        require(workshop_policy.organises(me, workshop))
        form = await bind(WorkshopForm, request)
        try:
            drafts = read_slots(form.values)
            if form.is_valid:
                await change_workshop(db, me, workshop, form.data, drafts)
                return _to(request, workshop_id, "workshop_changed")
        except Refused as refused:
            form.refuse(refused)
        workshop = await load_workshop(db, workshop_id)
        return await show_form(request, db, me, form, workshop, status=422)

    @post("/{workshop_id:int}/annulation", name="followup.workshop_cancellations.create")
    async def cancel(self, request: Web, db: Db, me: Me, workshop_id: RowId) -> Response[Any]:
        workshop = await get_workshop(db, me, workshop_id)
        require(workshop_policy.organises(me, workshop))
        form = await bind(CancelForm, request)
        if form.is_valid:
            try:
                await cancel_workshop(db, me, workshop, form.data.reason)
            except Refused as refused:
                form.refuse(refused)
                workshop = await load_workshop(db, workshop_id)
            else:
                return _to(request, workshop_id, "workshop_cancelled")
        return await show_workshop(request, db, me, workshop, form=form, status=422)


def leads(me: Actor, workshop: Workshop) -> bool:
    return me.person_id in workshop.trainer_ids


def _to(request: Web, workshop_id: int, notice: str) -> Response[None]:
    return see_other(request, "followup.workshops.show", notice=notice, workshop_id=workshop_id)


def typed_form(workshop: Workshop) -> Form[WorkshopForm]:
    form: Form[WorkshopForm] = blank(
        WorkshopForm,
        title=workshop.title,
        about=workshop.about,
        structure_id=workshop.structure_id,
        site_id=workshop.site_id,
        place=workshop.place,
        audience=EVERYBODY if workshop.for_everybody else CHOSEN,
        guest_ids=[one.id for one in workshop.guests],
        trainer_ids=[one.person_id for one in workshop.trainers if one.person_id],
        trainer_names=", ".join(one.name for one in workshop.trainers if not one.person_id) or None,
        places=workshop.places,
        sign_up_until=workshop.sign_up_until,
        funders=workshop.funders,
        lunch_from=NOON,
        lunch_until=AFTER_LUNCH,
    )
    form.values |= typed_slots(workshop)
    return form


async def show_workshop(
    request: Web,
    db: AsyncSession,
    me: Actor,
    workshop: Workshop,
    *,
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    """Who takes part stands there for those who run it; others see what is left."""
    runs = workshop_policy.runs(me, workshop)
    people = (
        await list_people_to_choose(db, me) if workshop_policy.can_add_people(me, workshop) else []
    )
    there = {seat.person_id for seat in workshop.seats} | workshop.trainer_ids
    can_follow = not runs and workshop_policy.can_add_followed(me, workshop)
    return page(
        request,
        "followup/workshops/show.html",
        status=status,
        workshop=workshop,
        seat=workshop.seat_of(me.person_id),
        runs=runs,
        leads=leads(me, workshop),
        lines=await list_lines(db, workshop),
        people=[one for one in people if one[0] not in there],
        followed=await queries.list_followed(db, me) if can_follow else [],
        journal=await journal.lines_about(db, "workshop", workshop.id) if runs else [],
        form=form or blank(CancelForm),
        presences=PRESENCES,
        today=clock.today(),
        policy=workshop_policy,
    )


async def show_form(
    request: Web,
    db: AsyncSession,
    me: Actor,
    form: Form[WorkshopForm],
    workshop: Workshop | None = None,
    *,
    status: int = 200,
) -> Response[str]:
    offered = await list_structures_to_choose(db, me)
    structures = [one for one in offered if workshop_policy.can_organise_for(me, one[0])]
    if workshop and workshop.structure_id not in dict(structures):
        structures.append((workshop.structure_id, workshop.structure.label))
    sites = await list_sites_to_choose(db, me)
    if workshop and workshop.site and workshop.site_id not in dict(sites):
        sites.append((workshop.site.id, workshop.site.name))
    people = await list_people_to_choose(db, me)
    if workshop:
        gone = [(one.id, one.name) for one in workshop.guests]
        gone += [(one.person_id, one.name) for one in workshop.trainers if one.person_id]
        people += [one for one in dict.fromkeys(gone) if one[0] not in dict(people)]
    return page(
        request,
        "followup/workshops/form.html",
        status=status,
        form=form,
        workshop=workshop,
        numbers=line_numbers(form.values),
        structures=structures,
        sites=sites,
        people=people,
        audiences=options(AUDIENCES),
        signed={slot.id for slot in workshop.slots if slot.is_signed} if workshop else set(),
    )
