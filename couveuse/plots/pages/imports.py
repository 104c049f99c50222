"""Importing outlines: a file, the preview of what it would do, and the confirmation."""

from typing import Any

from litestar import Controller, Response, get, post

from couveuse.core import uploads
from couveuse.core.errors import Refused
from couveuse.core.geo import FileProblem
from couveuse.core.i18n import N_, gettext
from couveuse.core.plans import OUTCOMES, Outcome, PlanChanged
from couveuse.core.uploads import Upload
from couveuse.plots import policy
from couveuse.plots.actions import importing
from couveuse.plots.actions.importing import PlotPlan
from couveuse.structures.forms import ImportConfirmationForm, ImportForm
from couveuse.web.deps import Config, Db, Files, Me, Web
from couveuse.web.forms import Form, bind, blank, uploaded
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices({"plots_imported": N_("Les parcelles sont importées.")})

NO_FILE = N_("Choisissez un fichier GeoJSON ou KML.")
SLIP_LOST = N_("Cet aperçu n'est plus valable : choisissez le fichier à nouveau.")


class ImportPages(Controller):
    path = "/parcelles/import"

    @get(name="plots.imports.new")
    async def new(self, request: Web, me: Me) -> Response[str]:
        require(policy.can_import_plots(me))
        return page(request, "plots/imports/new.html", form=blank(ImportForm))

    @post(name="plots.imports.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, settings: Config
    ) -> Response[str]:
        """Show what the file would do. Nothing is written but the file, kept for a day."""
        require(policy.can_import_plots(me))
        sent = await uploaded(request, "file")
        if sent is None:
            return _new_page(request, gettext(NO_FILE))
        upload = Upload.of(await sent.read(), sent.filename)
        try:
            plan = await importing.plan_import(db, upload.data, upload.filename)
        except FileProblem as problem:
            return _new_page(request, str(problem))
        slip = uploads.keep(files, settings.secret, upload, me.person_id)
        return _preview(request, plan, upload.filename, slip)

    @post("/confirmation", name="plots.import_confirmations.create")
    async def confirm(
        self, request: Web, db: Db, me: Me, files: Files, settings: Config
    ) -> Response[Any]:
        require(policy.can_import_plots(me))
        form = await bind(ImportConfirmationForm, request)
        slip = form.value("slip")
        upload = uploads.take(files, settings.secret, slip, me.person_id)
        if upload is None or not form.is_valid:
            return _new_page(request, gettext(SLIP_LOST))
        plan = await importing.plan_import(db, upload.data, upload.filename)
        try:
            if plan.is_done:  # the form was sent twice
                return see_other(request, "occupancy.season", notice="plots_imported")
            if plan.digest != form.data.promised:
                raise PlanChanged(plan)
            await importing.apply_import(db, me, plan, only_good_rows=form.data.only_good_rows)
        except Refused as refused:
            form.refuse(refused)
            # What was tried is undone: the preview is made again from what stands.
            plan = await importing.plan_import(db, upload.data, upload.filename)
            return _preview(request, plan, upload.filename, slip, form)
        return see_other(request, "occupancy.season", notice="plots_imported")


def _new_page(request: Web, problem: str) -> Response[str]:
    form = blank(ImportForm)
    form.field_errors["file"] = [problem]
    return page(request, "plots/imports/new.html", status=422, form=form)


def _preview(
    request: Web,
    plan: PlotPlan,
    filename: str,
    slip: str,
    form: Form[ImportConfirmationForm] | None = None,
) -> Response[str]:
    return page(
        request,
        "plots/imports/preview.html",
        status=422 if form else 200,
        plan=plan,
        filename=filename,
        slip=slip,
        form=form or blank(ImportConfirmationForm),
        outcomes=OUTCOMES,
        shown=(Outcome.PROBLEM, Outcome.CREATE, Outcome.CHANGE, Outcome.SAME),
    )
