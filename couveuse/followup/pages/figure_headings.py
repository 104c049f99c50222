"""The outlets and costs of somebody: given ones, own ones, their order, those that ended."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.followup import actions, policy, queries
from couveuse.followup.figure_forms import HeadingForm, HeadingsForm, MoveForm
from couveuse.followup.given_headings import GIVEN, KINDS
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "heading_added": N_("C'est ajouté à votre liste."),
        "heading_ended": N_("Cette ligne n'est plus proposée ; ses chiffres restent."),
    }
)


class FigureHeadingPages(Controller):
    path = "/mes-chiffres/lignes"

    @get(name="followup.figure_headings.index")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_keep_figures(me))
        return await _page(request, db, me)

    @post(name="followup.figure_headings.create")
    async def create(self, request: Web, db: Db, me: Me) -> Response[Any]:
        require(policy.can_keep_figures(me))
        form = await bind(HeadingsForm, request)
        if form.is_valid:
            try:
                await actions.add_headings(db, me, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _back(request, "heading_added")
        return await _page(request, db, me, form)

    @post("/{heading_id:int}", name="followup.figure_headings.update")
    async def update(self, request: Web, db: Db, me: Me, heading_id: RowId) -> Response[Any]:
        heading = await queries.get_heading(db, me, heading_id)
        require(policy.can_keep_figures(me))
        form = await bind(HeadingForm, request)
        if form.is_valid:
            try:
                await actions.rename_heading(db, me, heading, form.data.name)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _back(request)
        return await _page(request, db, me, renaming=(heading_id, form))

    @post("/{heading_id:int}/place", name="followup.figure_places.update")
    async def move(self, request: Web, db: Db, me: Me, heading_id: RowId) -> Response[Any]:
        heading = await queries.get_heading(db, me, heading_id)
        require(policy.can_keep_figures(me))
        form = await bind(MoveForm, request)
        if not form.is_valid:
            return await _page(request, db, me, renaming=(heading_id, form))
        await actions.move_heading(db, me, heading, form.data.way)
        return _back(request)

    @post("/{heading_id:int}/arret", name="followup.figure_heading_ends.create")
    async def end(self, request: Web, db: Db, me: Me, heading_id: RowId) -> Response[None]:
        heading = await queries.get_heading(db, me, heading_id)
        require(policy.can_keep_figures(me))
        await actions.end_heading(db, me, heading)
        return _back(request, "heading_ended")

    @post("/{heading_id:int}/reprise", name="followup.figure_heading_returns.create")
    async def bring_back(self, request: Web, db: Db, me: Me, heading_id: RowId) -> Response[None]:
        heading = await queries.get_heading(db, me, heading_id)
        require(policy.can_keep_figures(me))
        await actions.return_heading(db, me, heading)
        return _back(request)


async def _page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    form: Form[HeadingsForm] | None = None,
    renaming: tuple[int, Form[Any]] | None = None,
) -> Response[str]:
    headings = await queries.list_headings(db, me.person_id)
    known = {(one.kind, one.name.lower()) for one in headings}
    refused = form.value("kind") if form else None
    return page(
        request,
        "followup/figures/headings.html",
        status=422 if form or renaming else 200,
        sections=[
            (
                kind,
                title,
                [one for one in headings if one.kind == kind and one.ended_on is None],
                [one for one in headings if one.kind == kind and one.ended_on is not None],
                [one for one in GIVEN[kind] if (kind, one.lower()) not in known],
                form if form and refused == kind else blank(HeadingsForm, kind=kind),
            )
            for kind, title in KINDS.items()
        ],
        unread=form if form and refused not in set(KINDS) else None,
        renaming=renaming,
    )


def _back(request: Web, notice: str | None = "saved") -> Response[None]:
    return see_other(request, "followup.figure_headings.index", notice=notice)
