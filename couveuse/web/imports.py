"""Importing a file, whatever it lists: the preview of what it would do, and the confirmation."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Response
from pydantic import BaseModel, BeforeValidator, Field
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import uploads
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.fields import Line, Tick
from couveuse.core.files import FileStore
from couveuse.core.i18n import N_, gettext
from couveuse.core.plans import OUTCOMES, Outcome, Plan, PlanChanged, Summary
from couveuse.core.settings import Settings
from couveuse.core.uploads import Upload
from couveuse.web.deps import Web
from couveuse.web.forms import Form, bind, blank, uploaded
from couveuse.web.render import page, see_other

SLIP_LOST = N_("Cet aperçu n'est plus valable : choisissez le fichier à nouveau.")


def _nothing(_value: object) -> None:
    """The file is read apart from the fields."""


class ImportForm(BaseModel):
    file: Annotated[None, BeforeValidator(_nothing)] = None


class ConfirmationForm(BaseModel):
    """The slip of the kept file and what its preview promised."""

    slip: Annotated[str, Field(max_length=2000)]
    promised: Line
    only_good_rows: Tick = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """How one kind of file is imported; the handlers of its slice say who may."""

    templates: str
    """Folder of ``new.html`` and ``preview.html``."""
    no_file: str
    unreadable: type[Exception]
    """What ``plan`` raises for a file that cannot be read at all."""
    plan: Callable[[AsyncSession, bytes, str], Awaitable[Plan]]
    apply: Callable[..., Awaitable[Summary]]
    done: str
    """The notice, and below the page where it is shown."""
    page: str

    def ask(self, request: Web, problem: str | None = None) -> Response[str]:
        form = blank(ImportForm)
        if problem:
            form.field_errors["file"] = [problem]
        name = f"{self.templates}/new.html"
        return page(request, name, status=422 if problem else 200, form=form)

    async def preview(
        self, request: Web, db: AsyncSession, me: Actor, files: FileStore, settings: Settings
    ) -> Response[str]:
        """Show what the file would do. Nothing is written but the file, kept for a day."""
        sent = await uploaded(request, "file")
        if sent is None:
            return self.ask(request, gettext(self.no_file))
        upload = Upload.of(await sent.read(), sent.filename)
        try:
            plan = await self.plan(db, upload.data, upload.filename)
        except self.unreadable as problem:
            return self.ask(request, str(problem))
        slip = uploads.keep(files, settings.secret, upload, me.person_id)
        return self._show(request, plan, upload.filename, slip)

    async def confirm(
        self, request: Web, db: AsyncSession, me: Actor, files: FileStore, settings: Settings
    ) -> Response[Any]:
        form = await bind(ConfirmationForm, request)
        slip = form.value("slip")
        upload = uploads.take(files, settings.secret, slip, me.person_id)
        if upload is None or not form.is_valid:
            return self.ask(request, gettext(SLIP_LOST))
        plan = await self.plan(db, upload.data, upload.filename)
        try:
            if plan.is_done:  # the form was sent twice
                return see_other(request, self.page, notice=self.done)
            if plan.digest != form.data.promised:
                raise PlanChanged(plan)
            await self.apply(db, me, plan, only_good_rows=form.data.only_good_rows)
        except Refused as refused:
            form.refuse(refused)
            # What was tried is undone: the preview is made again from what stands.
            plan = await self.plan(db, upload.data, upload.filename)
            return self._show(request, plan, upload.filename, slip, form)
        return see_other(request, self.page, notice=self.done)

    def _show(
        self,
        request: Web,
        plan: Plan,
        filename: str,
        slip: str,
        form: Form[ConfirmationForm] | None = None,
    ) -> Response[str]:
        return page(
            request,
            f"{self.templates}/preview.html",
            status=422 if form else 200,
            plan=plan,
            filename=filename,
            slip=slip,
            form=form or blank(ConfirmationForm),
            outcomes=OUTCOMES,
            shown=(Outcome.PROBLEM, Outcome.CREATE, Outcome.CHANGE, Outcome.SAME),
        )
