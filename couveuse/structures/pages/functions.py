"""Who does what where: the matrix, and the functions of each structure."""

import datetime as dt
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused, Unreadable
from couveuse.core.fields import read_day
from couveuse.core.i18n import N_, gettext
from couveuse.structures import actions, policy, queries
from couveuse.structures.forms import FunctionEndForm, FunctionForm
from couveuse.structures.models import Function, Structure, StructureFunction
from couveuse.structures.rules import (
    FUNCTION_HELP,
    FUNCTION_NAMES,
    function_name,
    site_kind,
    without,
)
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "function_added": N_("La fonction est notée."),
        "function_ended": N_("La fin de la fonction est notée."),
        "function_goes_on": N_("La fonction continue."),
        "function_removed": N_("La fonction est retirée."),
    }
)


class MatrixPages(Controller):
    path = "/structures/fonctions"

    @get(name="structures.functions.index")
    async def index(
        self, request: Web, db: Db, me: Me, date: FromQuery[str | None] = None
    ) -> Response[str]:
        require(policy.can_see_structures(me))
        day = _day(date)
        return page(
            request,
            "structures/functions/index.html",
            matrix=await queries.who_does_what(db, me, day),
            today=clock.today(),
            functions=list(Function),
            function_name=function_name,
            function_help={one: gettext(text) for one, text in FUNCTION_HELP.items()},
            without=without,
            site_kind=site_kind,
        )


def _day(text: str | None) -> dt.date:
    try:
        return read_day(text.strip()) if text and text.strip() else clock.today()
    except ValueError as error:
        raise Unreadable(str(error)) from None


class NewFunctionPages(Controller):
    path = "/structures/{structure_id:int}/fonctions"

    @get("/nouvelle", name="structures.functions.new")
    async def new(self, request: Web, db: Db, me: Me, structure_id: RowId) -> Response[str]:
        structure = await _own_structure(db, me, structure_id)
        form = blank(FunctionForm, starts_on=clock.today())
        return await _new_page(request, db, me, structure, form)

    @post(name="structures.functions.create")
    async def create(self, request: Web, db: Db, me: Me, structure_id: RowId) -> Response[Any]:
        structure = await _own_structure(db, me, structure_id)
        form = await bind(FunctionForm, request)
        if form.is_valid:
            try:
                await actions.add_function(db, me, structure, form.data)
            except Refused as refused:
                form.refuse(refused)
                structure = await _own_structure(db, me, structure_id)
            else:
                return _to(request, structure_id, "function_added")
        return await _new_page(request, db, me, structure, form, status=422)


class FunctionPages(Controller):
    path = "/fonctions/{function_id:int}"

    @get("/modification", name="structures.functions.edit")
    async def edit(self, request: Web, db: Db, me: Me, function_id: RowId) -> Response[str]:
        held = await _own_function(db, me, function_id)
        form = blank(
            FunctionForm,
            function=held.function,
            site_id=held.site_id,
            starts_on=held.during.lower,
            ends_on=held.last_day,
        )
        return await _edit_page(request, db, me, held, form)

    @post(name="structures.functions.update")
    async def update(self, request: Web, db: Db, me: Me, function_id: RowId) -> Response[Any]:
        held = await _own_function(db, me, function_id)
        form = await bind(FunctionForm, request)
        if form.is_valid:
            try:
                await actions.edit_function(db, me, held, form.data)
            except Refused as refused:
                form.refuse(refused)
                held = await _own_function(db, me, function_id)
            else:
                return _to(request, held.structure_id, "saved")
        return await _edit_page(request, db, me, held, form, status=422)

    @get("/fin", name="structures.function_ends.new")
    async def ending(self, request: Web, db: Db, me: Me, function_id: RowId) -> Response[str]:
        held = await _own_function(db, me, function_id)
        return _end_page(request, held, blank(FunctionEndForm, ends_on=held.last_day))

    @post("/fin", name="structures.function_ends.create")
    async def end(self, request: Web, db: Db, me: Me, function_id: RowId) -> Response[Any]:
        held = await _own_function(db, me, function_id)
        form = await bind(FunctionEndForm, request)
        if form.is_valid:
            try:
                await actions.end_function(db, me, held, form.data.ends_on)
            except Refused as refused:
                form.refuse(refused)
                held = await _own_function(db, me, function_id)
            else:
                notice = "function_ended" if form.data.ends_on else "function_goes_on"
                return _to(request, held.structure_id, notice)
        return _end_page(request, held, form, status=422)

    @post("/suppression", name="structures.functions.destroy")
    async def destroy(self, request: Web, db: Db, me: Me, function_id: RowId) -> Response[None]:
        held = await _own_function(db, me, function_id)
        await actions.remove_function(db, me, held)
        return _to(request, held.structure_id, "function_removed")


async def _own_structure(db: AsyncSession, me: Actor, structure_id: int) -> Structure:
    structure = await queries.get_structure(db, me, structure_id)
    require(policy.can_record_function(me, structure.id))
    return structure


async def _own_function(db: AsyncSession, me: Actor, function_id: int) -> StructureFunction:
    held = await queries.get_function(db, me, function_id)
    require(policy.can_record_function(me, held.structure_id))
    return held


async def _new_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    structure: Structure,
    form: Form[FunctionForm],
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "structures/functions/new.html",
        status=status,
        structure=structure,
        form=form,
        names=_names(),
        places=await _places(db, me),
    )


async def _edit_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    held: StructureFunction,
    form: Form[FunctionForm],
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "structures/functions/edit.html",
        status=status,
        held=held,
        form=form,
        names=_names(),
        places=await _places(db, me),
        function_name=function_name,
    )


def _end_page(
    request: Web, held: StructureFunction, form: Form[FunctionEndForm], status: int = 200
) -> Response[str]:
    return page(
        request,
        "structures/functions/end.html",
        status=status,
        held=held,
        form=form,
        function_name=function_name,
    )


def _names() -> list[tuple[str, str]]:
    return [(one.value, gettext(text)) for one, text in FUNCTION_NAMES.items()]


async def _places(db: AsyncSession, me: Actor) -> list[tuple[Any, str]]:
    """Everywhere, or one site: closed ones too, since the past is noted here as well."""
    sites = [(site.id, site.name) for site in await queries.list_sites(db, me)]
    return [("", gettext(N_("Partout dans le réseau"))), *sites]


def _to(request: Web, structure_id: int, notice: str) -> Response[None]:
    return see_other(
        request,
        "structures.show",
        notice=notice,
        fragment="functions-title",
        structure_id=structure_id,
    )
