"""Grids: the list, one with its versions, making and changing them."""

from typing import Any

from litestar import Controller, Response, get, post

from couveuse.core import clock, journal
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.followup import actions, policy, queries
from couveuse.followup.grid_forms import GridForm, GridVersionForm, written
from couveuse.followup.models import Grid
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.menu import offers
from couveuse.web.render import notices, page, see_other

offers({"followup.grids.index": policy.can_manage_grids})
notices(
    {
        "grid_made": N_("La grille est prête."),
        "grid_changed": N_("La nouvelle version sert dès maintenant ; l'ancienne reste lisible."),
        "grid_retired": N_("La grille est rangée. Ce qui a été dit avec elle reste lisible."),
        "grid_returned": N_("La grille sert de nouveau."),
    }
)


class GridPages(Controller):
    path = "/grilles"

    @get(name="followup.grids.index")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_see_grids(me))
        return page(
            request,
            "followup/grids/index.html",
            grids=await queries.list_grids(db, retired=policy.can_manage_grids(me)),
            policy=policy,
        )

    @get("/nouvelle", name="followup.grids.new")
    async def new(self, request: Web, db: Db, me: Me) -> Response[str]:
        del db
        require(policy.can_manage_grids(me))
        return _form_page(request, blank(GridForm))

    @post(name="followup.grids.create")
    async def create(self, request: Web, db: Db, me: Me) -> Response[Any]:
        require(policy.can_manage_grids(me))
        form = await bind(GridForm, request)
        if form.is_valid:
            try:
                grid = await actions.make_grid(db, me, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, grid.id, "grid_made")
        return _form_page(request, form, status=422)

    @get("/{grid_id:int}", name="followup.grids.show")
    async def show(self, request: Web, db: Db, me: Me, grid_id: RowId) -> Response[str]:
        require(policy.can_see_grids(me))
        grid = await queries.get_grid(db, grid_id)
        return page(
            request,
            "followup/grids/show.html",
            grid=grid,
            lines=await journal.lines_about(db, "grid", grid.id),
            zone=clock.PARIS,
            policy=policy,
        )

    @post("/{grid_id:int}/rangement", name="followup.grid_ends.create")
    async def retire(self, request: Web, db: Db, me: Me, grid_id: RowId) -> Response[None]:
        require(policy.can_manage_grids(me))
        await actions.retire_grid(db, me, await queries.get_grid(db, grid_id))
        return _to(request, grid_id, "grid_retired")

    @post("/{grid_id:int}/retour", name="followup.grid_returns.create")
    async def bring_back(self, request: Web, db: Db, me: Me, grid_id: RowId) -> Response[None]:
        require(policy.can_manage_grids(me))
        await actions.return_grid(db, me, await queries.get_grid(db, grid_id))
        return _to(request, grid_id, "grid_returned")


class GridVersionPages(Controller):
    path = "/grilles/{grid_id:int}/versions"

    @get("/nouvelle", name="followup.grid_versions.new")
    async def new(self, request: Web, db: Db, me: Me, grid_id: RowId) -> Response[str]:
        require(policy.can_manage_grids(me))
        grid = await queries.get_grid(db, grid_id)
        form = blank(
            GridVersionForm,
            levels="\n".join(grid.present.levels),
            criteria=written(grid.present.criteria),
        )
        return _form_page(request, form, grid)

    @post(name="followup.grid_versions.create")
    async def create(self, request: Web, db: Db, me: Me, grid_id: RowId) -> Response[Any]:
        require(policy.can_manage_grids(me))
        grid = await queries.get_grid(db, grid_id)
        form = await bind(GridVersionForm, request)
        if form.is_valid:
            try:
                await actions.change_grid(db, me, grid, form.data)
            except Refused as refused:
                form.refuse(refused)
                grid = await queries.get_grid(db, grid_id)
            else:
                return _to(request, grid_id, "grid_changed")
        return _form_page(request, form, grid, status=422)


def _form_page(
    request: Web, form: Form[Any], grid: Grid | None = None, *, status: int = 200
) -> Response[str]:
    return page(request, "followup/grids/form.html", status=status, form=form, grid=grid)


def _to(request: Web, grid_id: int, notice: str) -> Response[None]:
    return see_other(request, "followup.grids.show", notice=notice, grid_id=grid_id)
