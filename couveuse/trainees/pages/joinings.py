"""Two sheets of one person: side by side, what is kept, and what will be."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.errors import Conflict, Refused
from couveuse.core.i18n import N_
from couveuse.people import queries as people_queries
from couveuse.people.models import Person
from couveuse.trainees import actions, policy, queries
from couveuse.trainees.forms.welcome import JoiningForm
from couveuse.trainees.models import Welcome
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices({"joined": N_("Les deux fiches sont réunies.")})


class JoiningPages(Controller):
    path = "/accueils/{welcome_id:int}/reunion/{person_id:int}"

    @get(name="trainees.joinings.new")
    async def new(
        self, request: Web, db: Db, me: Me, welcome_id: RowId, person_id: RowId
    ) -> Response[Any]:
        sheet = await queries.get_welcome(db, me, welcome_id)
        require(policy.can_join(me, sheet))
        known = await people_queries.get_person(db, me, person_id)
        if known.id == sheet.path.person_id:
            return see_other(request, "trainees.paths.show", path_id=sheet.path_id)
        return await _page(request, db, me, sheet, known, blank(JoiningForm))

    @post(name="trainees.joinings.create")
    async def create(
        self, request: Web, db: Db, me: Me, welcome_id: RowId, person_id: RowId
    ) -> Response[Any]:
        sheet = await queries.get_welcome(db, me, welcome_id)
        require(policy.can_join(me, sheet))
        known = await people_queries.get_person(db, me, person_id)
        form = await bind(JoiningForm, request)
        status = 422
        if form.is_valid:
            try:
                path = await actions.join_sheet(db, me, sheet, known.id, form.data)
            except Refused as refused:
                form.refuse(refused)
                status = 409 if isinstance(refused, Conflict) else 422
            else:
                return see_other(request, "trainees.paths.show", notice="joined", path_id=path.id)
        sheet = await queries.get_welcome(db, me, welcome_id)
        return await _page(request, db, me, sheet, known, form, status=status)


async def _page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    sheet: Welcome,
    known: Person,
    form: Form[JoiningForm],
    *,
    status: int = 200,
) -> Response[str]:
    """What was refused is compared again, with whom the sheet is about now."""
    form.values["doubled_id"] = [str(sheet.path.person_id)]
    return page(
        request,
        "trainees/joinings/new.html",
        status=status,
        sheet=sheet,
        joining=await queries.read_joining(db, me, sheet, known),
        form=form,
    )
