"""Importing outlines: a file, the preview of what it would do, and the confirmation."""

from typing import Any

from litestar import Controller, Response, get, post

from couveuse.core.geo import FileProblem
from couveuse.core.i18n import N_
from couveuse.plots import policy
from couveuse.plots.actions import importing
from couveuse.web.deps import Config, Db, Files, Me, Web
from couveuse.web.guards import require
from couveuse.web.imports import Import
from couveuse.web.render import notices

notices({"plots_imported": N_("Les parcelles sont importées.")})

IMPORT = Import(
    templates="plots/imports",
    no_file=N_("Choisissez un fichier GeoJSON ou KML."),
    unreadable=FileProblem,
    plan=importing.plan_import,
    apply=importing.apply_import,
    done="plots_imported",
    page="occupancy.season",
)


class ImportPages(Controller):
    path = "/parcelles/import"

    @get(name="plots.imports.new")
    async def new(self, request: Web, me: Me) -> Response[str]:
        require(policy.can_import_plots(me))
        return IMPORT.ask(request)

    @post(name="plots.imports.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, settings: Config
    ) -> Response[str]:
        require(policy.can_import_plots(me))
        return await IMPORT.preview(request, db, me, files, settings)

    @post("/confirmation", name="plots.import_confirmations.create")
    async def confirm(
        self, request: Web, db: Db, me: Me, files: Files, settings: Config
    ) -> Response[Any]:
        require(policy.can_import_plots(me))
        return await IMPORT.confirm(request, db, me, files, settings)
