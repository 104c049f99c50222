"""The places where people test: opened, changed, closed."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.geo.communes import commune_label
from couveuse.core.i18n import N_, gettext
from couveuse.core.sheets import fold
from couveuse.structures import actions, policy, queries
from couveuse.structures.forms import ZONES, ClosingForm, SiteForm
from couveuse.structures.models import Site, SiteKind
from couveuse.structures.pages.showing import rights_context
from couveuse.structures.queries import PlotLine
from couveuse.structures.rules import SITE_KINDS, function_name, without
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank, filled
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "site_added": N_("Le site est ajouté."),
        "site_closed": N_("La fermeture du site est notée."),
        "site_open": N_("Le site reste ouvert."),
    }
)


class NewSitePages(Controller):
    path = "/structures/{structure_id:int}/sites"

    @get("/nouveau", name="structures.sites.new")
    async def new(self, request: Web, db: Db, me: Me, structure_id: RowId) -> Response[str]:
        structure = await queries.get_structure(db, me, structure_id)
        require(policy.can_edit_site(me, structure.id))
        form = blank(SiteForm, kind=SiteKind.PERMANENT, time_zone="Europe/Paris")
        return await _new_page(request, db, me, structure_id, form)

    @post(name="structures.sites.create")
    async def create(self, request: Web, db: Db, me: Me, structure_id: RowId) -> Response[Any]:
        structure = await queries.get_structure(db, me, structure_id)
        require(policy.can_edit_site(me, structure.id))
        form = await bind(SiteForm, request)
        if form.is_valid:
            try:
                site = await actions.add_site(db, me, structure, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, site.id, "site_added")
        return await _new_page(request, db, me, structure_id, form, status=422)


class SitePages(Controller):
    path = "/sites/{site_id:int}"

    @get(name="structures.sites.show")
    async def show(self, request: Web, db: Db, me: Me, site_id: RowId) -> Response[str]:
        site, structure = await queries.get_site(db, me, site_id)
        can_edit = policy.can_edit_site(me, structure.id)
        rights = await queries.list_land_rights(db, me, site_id=site.id)
        return page(
            request,
            "structures/sites/show.html",
            site=site,
            structure=structure,
            kind=gettext(SITE_KINDS[SiteKind(site.kind)]),
            local_time=gettext(ZONES.get(site.time_zone, site.time_zone)),
            row=await queries.who_serves(db, me, site, clock.today()),
            function_name=function_name,
            without=without,
            places=_by_commune(site, await queries.list_plot_lines(db, me, site_id=site.id)),
            lines=await journal.lines_about(db, "site", site.id) if can_edit else [],
            zone=clock.PARIS,
            policy=policy,
            **await rights_context(db, rights),
        )

    @get("/modification", name="structures.sites.edit")
    async def edit(self, request: Web, db: Db, me: Me, site_id: RowId) -> Response[str]:
        site = await _own_site(db, me, site_id)
        return _edit_page(request, site_id, filled(SiteForm, site))

    @post(name="structures.sites.update")
    async def update(self, request: Web, db: Db, me: Me, site_id: RowId) -> Response[Any]:
        site = await _own_site(db, me, site_id)
        form = await bind(SiteForm, request)
        if form.is_valid:
            try:
                await actions.edit_site(db, me, site, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, site_id, "saved")
        return _edit_page(request, site_id, form, status=422)


class ClosingPages(Controller):
    path = "/sites/{site_id:int}/fermeture"

    @get(name="structures.closings.new")
    async def new(self, request: Web, db: Db, me: Me, site_id: RowId) -> Response[str]:
        site = await _own_site(db, me, site_id)
        return await _closing_page(request, db, site, filled(ClosingForm, site))

    @post(name="structures.closings.create")
    async def create(self, request: Web, db: Db, me: Me, site_id: RowId) -> Response[Any]:
        site = await _own_site(db, me, site_id)
        form = await bind(ClosingForm, request)
        if form.is_valid:
            try:
                await actions.close_site(db, me, site, form.data.closed_on)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, site_id, "site_closed" if form.data.closed_on else "site_open")
        return await _closing_page(request, db, site, form, status=422)


async def _own_site(db: AsyncSession, me: Actor, site_id: int) -> Site:
    """The site, when the actor may change it."""
    site, structure = await queries.get_site(db, me, site_id)
    require(policy.can_edit_site(me, structure.id))
    return site


def _by_commune(site: Site, plots: Sequence[PlotLine]) -> list[tuple[str, list[PlotLine]]]:
    """The plots of an archipelago under the name of their commune; elsewhere, all together."""
    if site.kind != SiteKind.ARCHIPELAGO:
        return [("", list(plots))] if plots else []
    unknown = gettext(N_("Commune non notée"))
    found: defaultdict[str, list[PlotLine]] = defaultdict(list)
    for plot in plots:
        found[commune_label(plot.insee_code) if plot.insee_code else unknown].append(plot)
    return sorted(found.items(), key=lambda place: (place[0] == unknown, fold(place[0])))


async def _closing_page(
    request: Web, db: AsyncSession, site: Site, form: Form[ClosingForm], status: int = 200
) -> Response[str]:
    day = (form.checked.closed_on if form.checked else site.closed_on) or clock.today()
    return page(
        request,
        "structures/sites/closing.html",
        status=status,
        site=site,
        form=form,
        resting=await queries.what_rests_on_site(db, site, day),
    )


async def _new_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    structure_id: int,
    form: Form[SiteForm],
    status: int = 200,
) -> Response[str]:
    structure = await queries.get_structure(db, me, structure_id)
    return page(
        request,
        "structures/sites/new.html",
        status=status,
        structure=structure,
        form=form,
        **_options(),
    )


def _edit_page(
    request: Web, site_id: int, form: Form[SiteForm], status: int = 200
) -> Response[str]:
    return page(
        request,
        "structures/sites/edit.html",
        status=status,
        site_id=site_id,
        form=form,
        **_options(),
    )


def _options() -> dict[str, list[tuple[str, str]]]:
    return {
        "kinds": [(kind.value, gettext(text)) for kind, text in SITE_KINDS.items()],
        "zones": [(zone, gettext(place)) for zone, place in ZONES.items()],
    }


def _to(request: Web, site_id: int, notice: str) -> Response[None]:
    return see_other(request, "structures.sites.show", notice=notice, site_id=site_id)
