"""The partner structures: who they are, since when, until when."""

import datetime as dt
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.structures import actions, policy, queries
from couveuse.structures.forms import DepartureForm, StructureForm
from couveuse.structures.pages.showing import rights_context
from couveuse.structures.rules import function_name, site_kind
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank, filled
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "structure_added": N_("La structure est ajoutée. Ajoutez maintenant ses sites."),
        "structure_left": N_("La fin de l'adhésion est notée."),
        "structure_stays": N_("La structure reste membre."),
    }
)


class StructurePages(Controller):
    path = "/structures"

    @get(name="structures.index")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_see_structures(me))
        structures = await queries.list_structures(db, me)
        sites = await queries.list_sites(db, me)
        return page(
            request, "structures/index.html", structures=structures, sites=sites, policy=policy
        )

    @get("/nouvelle", name="structures.new")
    async def new(self, request: Web, me: Me) -> Response[str]:
        require(policy.can_add_structure(me))
        return page(request, "structures/new.html", form=blank(StructureForm))

    @post(name="structures.create")
    async def create(self, request: Web, db: Db, me: Me) -> Response[Any]:
        require(policy.can_add_structure(me))
        form = await bind(StructureForm, request)
        if form.is_valid:
            try:
                structure = await actions.add_structure(db, me, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, structure.id, "structure_added")
        return page(request, "structures/new.html", status=422, form=form)

    @get("/{structure_id:int}", name="structures.show")
    async def show(self, request: Web, db: Db, me: Me, structure_id: RowId) -> Response[str]:
        structure = await queries.get_structure(db, me, structure_id)
        can_edit = policy.can_edit_structure(me, structure.id)
        rights = await queries.list_land_rights(db, me, structure_id=structure.id)
        return page(
            request,
            "structures/show.html",
            structure=structure,
            sites=await queries.list_sites(db, me, structure.id),
            site_kind=site_kind,
            functions=await queries.list_functions(db, me, structure.id),
            function_name=function_name,
            lines=await journal.lines_about(db, "structure", structure.id) if can_edit else [],
            zone=clock.PARIS,
            policy=policy,
            **await rights_context(db, rights),
        )

    @get("/{structure_id:int}/modification", name="structures.edit")
    async def edit(self, request: Web, db: Db, me: Me, structure_id: RowId) -> Response[str]:
        structure = await queries.get_structure(db, me, structure_id)
        require(policy.can_edit_structure(me, structure.id))
        form = filled(StructureForm, structure)
        return page(request, "structures/edit.html", structure_id=structure.id, form=form)

    @post("/{structure_id:int}", name="structures.update")
    async def update(self, request: Web, db: Db, me: Me, structure_id: RowId) -> Response[Any]:
        structure = await queries.get_structure(db, me, structure_id)
        require(policy.can_edit_structure(me, structure.id))
        form = await bind(StructureForm, request)
        if form.is_valid:
            try:
                await actions.edit_structure(db, me, structure, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, structure_id, "saved")
        return page(
            request, "structures/edit.html", status=422, structure_id=structure_id, form=form
        )


class DeparturePages(Controller):
    path = "/structures/{structure_id:int}/depart"

    @get(name="structures.departures.new")
    async def new(self, request: Web, db: Db, me: Me, structure_id: RowId) -> Response[str]:
        require(policy.can_end_structure(me))
        structure = await queries.get_structure(db, me, structure_id)
        return await _departure_page(
            request, db, me, structure_id, filled(DepartureForm, structure)
        )

    @post(name="structures.departures.create")
    async def create(self, request: Web, db: Db, me: Me, structure_id: RowId) -> Response[Any]:
        require(policy.can_end_structure(me))
        structure = await queries.get_structure(db, me, structure_id)
        form = await bind(DepartureForm, request)
        if form.is_valid:
            try:
                await actions.leave(db, me, structure, form.data.left_on)
            except Refused as refused:
                form.refuse(refused)
            else:
                notice = "structure_left" if form.data.left_on else "structure_stays"
                return _to(request, structure_id, notice)
        return await _departure_page(request, db, me, structure_id, form, status=422)


async def _departure_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    structure_id: int,
    form: Form[DepartureForm],
    status: int = 200,
) -> Response[str]:
    structure = await queries.get_structure(db, me, structure_id)
    left_on = (form.checked.left_on if form.checked else structure.left_on) or clock.today()
    sites = await queries.list_sites(db, me, structure.id)
    day = left_on + dt.timedelta(days=1)
    return page(
        request,
        "structures/departure.html",
        status=status,
        structure=structure,
        form=form,
        resting=await queries.what_rests_on_structure(db, structure, sites, day),
    )


def _to(request: Web, structure_id: int, notice: str) -> Response[None]:
    return see_other(request, "structures.show", notice=notice, structure_id=structure_id)
