"""The file of an application: what is asked for, and the papers that are still missing."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.response import File
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.trainees import actions, policy, queries
from couveuse.trainees.forms.selection import ApplicationForm, PieceForm
from couveuse.trainees.models import Application, Path
from couveuse.trainees.pages.documents import sent_file
from couveuse.trainees.rules.paths import state_name
from couveuse.trainees.rules.selection import decision_name, missing_pieces
from couveuse.web.deps import Db, Files, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank, filled, uploaded
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "applied": N_("La candidature est ouverte. Ajoutez maintenant les pièces."),
        "piece_recorded": N_("La pièce est notée au dossier."),
    }
)


class PathApplicationPages(Controller):
    path = "/parcours/{path_id:int}/candidatures"

    @get("/nouvelle", name="trainees.applications.new")
    async def new(self, request: Web, db: Db, me: Me, path_id: RowId) -> Response[str]:
        path = await queries.get_path(db, me, path_id)
        require(policy.can_apply(me, path))
        return _new_page(request, path, blank(ApplicationForm, to_test=path.project))

    @post(name="trainees.applications.create")
    async def create(self, request: Web, db: Db, me: Me, path_id: RowId) -> Response[Any]:
        path = await queries.get_path(db, me, path_id)
        require(policy.can_apply(me, path))
        form = await bind(ApplicationForm, request)
        if form.is_valid:
            try:
                application = await actions.apply(db, me, path, form.data)
            except Refused as refused:
                form.refuse(refused)
                path = await queries.get_path(db, me, path_id)
            else:
                return _to(request, application.id, "applied")
        return _new_page(request, path, form, status=422)


class ApplicationPages(Controller):
    path = "/candidatures"

    @get(name="trainees.applications.index")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_see_trainees(me))
        kinds = await queries.list_piece_kinds(db, clock.today())
        return page(
            request,
            "trainees/applications/index.html",
            applications=await queries.list_applications(db, me),
            missing=lambda one: missing_pieces(one, kinds),
            policy=policy,
        )

    @get("/{application_id:int}", name="trainees.applications.show")
    async def show(self, request: Web, db: Db, me: Me, application_id: RowId) -> Response[str]:
        application = await queries.get_application(db, me, application_id)
        return await _show(request, db, me, application)

    @post("/{application_id:int}", name="trainees.applications.update")
    async def update(self, request: Web, db: Db, me: Me, application_id: RowId) -> Response[Any]:
        application = await queries.get_application(db, me, application_id)
        require(policy.can_edit_application(me, application))
        form = await bind(ApplicationForm, request)
        if not form.is_valid:
            return await _show(request, db, me, application, status=422, form=form)
        await actions.edit_application(db, me, application, form.data)
        return _to(request, application_id, "saved")

    @post("/{application_id:int}/pieces", name="trainees.application_pieces.create")
    async def piece(
        self, request: Web, db: Db, me: Me, files: Files, application_id: RowId
    ) -> Response[Any]:
        application = await queries.get_application(db, me, application_id)
        require(policy.can_edit_application(me, application))
        form = await bind(PieceForm, request)
        upload = await uploaded(request, "document")
        if form.is_valid:
            try:
                data = await upload.read() if upload else None
                await actions.record_piece(db, me, files, application, form.data, data)
            except Refused as refused:
                form.problems += [str(reason) for reason in refused.reasons]
                application = await queries.get_application(db, me, application_id)
            else:
                return _to(request, application_id, "piece_recorded")
        return await _show(request, db, me, application, status=422, piece=form)

    @get(
        "/{application_id:int}/pieces/{sent_piece_id:int}", name="trainees.application_pieces.show"
    )
    async def document(
        self, db: Db, me: Me, files: Files, application_id: RowId, sent_piece_id: RowId
    ) -> File:
        piece = await queries.get_piece(db, me, application_id, sent_piece_id)
        return await sent_file(db, files, piece.document, f"candidature {piece.kind}")


def _new_page(
    request: Web, path: Path, form: Form[ApplicationForm], *, status: int = 200
) -> Response[str]:
    template = "trainees/applications/new.html"
    return page(request, template, status=status, path=path, form=form)


async def _show(
    request: Web,
    db: AsyncSession,
    me: Actor,
    application: Application,
    *,
    status: int = 200,
    form: Form[ApplicationForm] | None = None,
    piece: Form[PieceForm] | None = None,
) -> Response[str]:
    kinds = await queries.list_piece_kinds(db, application.opened_on)
    case = await queries.find_case_of(db, application.id)
    return page(
        request,
        "trainees/applications/show.html",
        status=status,
        application=application,
        path=application.path,
        form=form or filled(ApplicationForm, application),
        piece=piece or blank(PieceForm, received_on=clock.today()),
        kinds=kinds,
        missing=missing_pieces(application, kinds),
        case=case,
        can_edit=policy.can_edit_application(me, application),
        opens_path=await queries.can_open_path(db, me, application.path_id),
        state_name=state_name,
        decision_name=decision_name,
        policy=policy,
    )


def _to(request: Web, application_id: int, notice: str) -> Response[None]:
    name = "trainees.applications.show"
    return see_other(request, name, notice=notice, application_id=application_id)
