"""Adding plots, changing what is said of them, ending their service."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from litestar import Controller, Response, get, post
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_, translated
from couveuse.plots import actions, describing, policy, queries
from couveuse.plots.forms import NewPlotForm, PlotForm, ServiceEndForm
from couveuse.plots.models import Plot
from couveuse.structures.models import LandRight, RightState
from couveuse.structures.pages.showing import form_name
from couveuse.structures.queries import list_land_forms
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "plot_created": N_("La parcelle est ajoutée. Dessinez maintenant son contour."),
        "service_ended": N_("Le dernier jour en service est noté."),
        "service_goes_on": N_("La parcelle reste en service."),
    }
)

NO_SITE = N_("Choisissez un site de la liste.")
Option: TypeAlias = tuple[int, str]


class NewPlotPages(Controller):
    path = "/parcelles"

    @get("/nouvelle", name="plots.plots.new")
    async def new(
        self, request: Web, db: Db, me: Me, lieu: FromQuery[int | None] = None
    ) -> Response[str]:
        require(policy.can_add_plot(me))
        form = blank(NewPlotForm, site_id=lieu, starts_on=clock.today())
        return await _new_page(request, db, me, form)

    @post(name="plots.plots.create")
    async def create(self, request: Web, db: Db, me: Me) -> Response[Any]:
        require(policy.can_add_plot(me))
        form = await bind(NewPlotForm, request)
        if form.is_valid:
            try:
                plot = await _create(db, me, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, plot.id, "plot_created")
        return await _new_page(request, db, me, form, status=422)


async def _create(db: AsyncSession, me: Actor, data: NewPlotForm) -> Plot:
    site = await queries.find_site(db, me, data.site_id)
    if site is None or not policy.can_add_plot_for(me, site.structure_id):
        raise Refused(Reason("no_site", NO_SITE, field="site_id"))
    return await actions.create_plot(db, me, site, data)


class PlotCarePages(Controller):
    path = "/parcelles/{plot_id:int}"

    @get("/modification", name="plots.plots.edit")
    async def edit(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[str]:
        plot = await own_plot(db, me, plot_id)
        return await _edit_page(request, db, plot, blank(PlotForm, **describing.typed(plot)))

    @post(name="plots.plots.update")
    async def update(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[Any]:
        plot = await own_plot(db, me, plot_id)
        form = await bind(PlotForm, request)
        if form.is_valid:
            try:
                await actions.edit_plot(db, me, plot, form.data)
            except Refused as refused:
                form.refuse(refused)
                plot = await own_plot(db, me, plot_id)  # as it stands now, not as it was tried
                form.values["seen"] = [describing.digest_of(plot)]
            else:
                return _to(request, plot_id, "saved")
        return await _edit_page(request, db, plot, form, status=422)


class ServiceEndPages(Controller):
    path = "/parcelles/{plot_id:int}/fin-de-service"

    @get(name="plots.service_ends.new")
    async def new(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[str]:
        plot = await own_plot(db, me, plot_id)
        return _end_page(request, plot, blank(ServiceEndForm, last_day=plot.last_day))

    @post(name="plots.service_ends.create")
    async def create(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[Any]:
        plot = await own_plot(db, me, plot_id)
        form = await bind(ServiceEndForm, request)
        if form.is_valid:
            try:
                await actions.end_service(db, me, plot, form.data.last_day)
            except Refused as refused:
                form.refuse(refused)
                plot = await own_plot(db, me, plot_id)  # as it stands now, not as it was tried
            else:
                said = "service_ended" if form.data.last_day else "service_goes_on"
                return _to(request, plot_id, said)
        return _end_page(request, plot, form, status=422)


async def own_plot(db: AsyncSession, me: Actor, plot_id: int) -> Plot:
    """The plot, when the actor may change it."""
    plot = await queries.get_plot(db, me, plot_id)
    require(policy.can_edit_plot(me, plot))
    return plot


async def _new_page(
    request: Web, db: AsyncSession, me: Actor, form: Form[NewPlotForm], status: int = 200
) -> Response[str]:
    sites = await queries.list_sites_for_plots(db, me)
    rights = await _rights_by_site(db, sites)
    return page(request, "plots/new.html", status=status, form=form, sites=sites, rights=rights)


async def _rights_by_site(
    db: AsyncSession, sites: Sequence[tuple[int, str]]
) -> list[tuple[str, list[Option]]]:
    """The rights that are not over, under the name of their site."""
    rights = await queries.list_rights_on(db, [key for key, _ in sites])
    going_on = [one for one in rights if one.state_on(clock.today()) != RightState.ENDED]
    named = await _named(db, going_on)
    found = {key: [named[one.id] for one in going_on if one.site_id == key] for key, _ in sites}
    return [(name, found[key]) for key, name in sites if found[key]]


async def _edit_page(
    request: Web, db: AsyncSession, plot: Plot, form: Form[PlotForm], status: int = 200
) -> Response[str]:
    named = await _named(db, await queries.list_rights_on(db, [plot.site_id]))
    rights = list(named.values())
    return page(request, "plots/edit.html", status=status, plot=plot, form=form, rights=rights)


async def _named(db: AsyncSession, rights: Sequence[LandRight]) -> dict[int, Option]:
    forms = await list_land_forms(db) if rights else []
    return {one.id: (one.id, _right_label(one, form_name(forms, one))) for one in rights}


def _right_label(right: LandRight, form: str) -> str:
    parties = [right.structure.label, *([right.owner_name] if right.owner_name else [])]
    values = {"form": form, "structure": ", ".join(parties), "last": right.last_day}
    if right.last_day:
        return translated(N_("%(form)s, %(structure)s, jusqu'au %(last)s"), values)
    return translated(N_("%(form)s, %(structure)s, sans fin notée"), values)


def _end_page(
    request: Web, plot: Plot, form: Form[ServiceEndForm], status: int = 200
) -> Response[str]:
    return page(request, "plots/service_end.html", status=status, plot=plot, form=form)


def _to(request: Web, plot_id: int, notice: str) -> Response[None]:
    return see_other(request, "occupancy.plots.show", notice=notice, plot_id=plot_id)
