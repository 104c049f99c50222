"""Importing structures: a file, the preview of what it would do, and the confirmation."""

from typing import Any

from litestar import Controller, Response, get, post

from couveuse.core.i18n import N_
from couveuse.core.sheets import SheetProblem
from couveuse.structures import importing, policy
from couveuse.web.deps import Config, Db, Files, Me, Web
from couveuse.web.guards import require
from couveuse.web.imports import Import
from couveuse.web.render import notices

notices({"structures_imported": N_("Les structures sont importées.")})

IMPORT = Import(
    templates="structures/imports",
    no_file=N_("Choisissez un fichier : un tableau .xlsx ou .csv."),
    unreadable=SheetProblem,
    plan=importing.plan_import,
    apply=importing.apply_import,
    done="structures_imported",
    page="structures.index",
)


class ImportPages(Controller):
    path = "/structures/import"

    @get(name="structures.imports.new")
    async def new(self, request: Web, me: Me) -> Response[str]:
        require(policy.can_import_structures(me))
        return IMPORT.ask(request)

    @post(name="structures.imports.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, settings: Config
    ) -> Response[str]:
        require(policy.can_import_structures(me))
        return await IMPORT.preview(request, db, me, files, settings)

    @post("/confirmation", name="structures.import_confirmations.create")
    async def confirm(
        self, request: Web, db: Db, me: Me, files: Files, settings: Config
    ) -> Response[Any]:
        require(policy.can_import_structures(me))
        return await IMPORT.confirm(request, db, me, files, settings)
