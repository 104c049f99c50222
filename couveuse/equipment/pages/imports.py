"""Importing items: a file, the preview of what it would do, and the confirmation."""

from typing import Any

from litestar import Controller, Response, get, post

from couveuse.core.i18n import N_
from couveuse.core.sheets import SheetProblem
from couveuse.equipment import actions, policy
from couveuse.web.deps import Config, Db, Files, Me, Web
from couveuse.web.guards import require
from couveuse.web.imports import Import
from couveuse.web.render import notices

notices({"items_imported": N_("L'inventaire est importé.")})

IMPORT = Import(
    templates="equipment/imports",
    no_file=N_("Choisissez un fichier : un tableau .xlsx ou .csv."),
    unreadable=SheetProblem,
    plan=actions.plan_import,
    apply=actions.apply_import,
    done="items_imported",
    page="equipment.board",
)


class ImportPages(Controller):
    path = "/materiel/import"

    @get(name="equipment.imports.new")
    async def new(self, request: Web, me: Me) -> Response[str]:
        require(policy.can_import_items(me))
        return IMPORT.ask(request)

    @post(name="equipment.imports.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, settings: Config
    ) -> Response[str]:
        require(policy.can_import_items(me))
        return await IMPORT.preview(request, db, me, files, settings)

    @post("/confirmation", name="equipment.import_confirmations.create")
    async def confirm(
        self, request: Web, db: Db, me: Me, files: Files, settings: Config
    ) -> Response[Any]:
        require(policy.can_import_items(me))
        return await IMPORT.confirm(request, db, me, files, settings)
