"""What changes in a signed agreement, and what makes it rest."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Conflict, Reason, Refused
from couveuse.core.i18n import N_
from couveuse.trainees import actions, policy, queries
from couveuse.trainees.forms import (
    AmendmentForm,
    SignedDocumentForm,
    SuspensionEndForm,
    SuspensionForm,
)
from couveuse.trainees.models import Agreement, AgreementAmendment, AgreementSuspension
from couveuse.trainees.pages.agreements import own_agreement
from couveuse.trainees.pages.documents import NO_FILE
from couveuse.trainees.pages.showing import papers_to_sign
from couveuse.web.deps import Db, Files, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank, uploaded
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "amended": N_("L'avenant est noté. Il attend sa signature."),
        "amendment_filed": N_("L'avenant signé est au dossier."),
        "suspended": N_("La suspension est notée. Le temps de la convention continue de courir."),
        "resumed": N_("La fin de la suspension est notée."),
    }
)


class NewAmendmentPages(Controller):
    path = "/conventions/{agreement_id:int}/avenants"

    @get("/nouveau", name="trainees.amendments.new")
    async def new(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[str]:
        agreement = await own_agreement(db, me, agreement_id)
        return _new_page(request, agreement, blank(AmendmentForm))

    @post(name="trainees.amendments.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, agreement_id: RowId
    ) -> Response[Any]:
        agreement = await own_agreement(db, me, agreement_id)
        form = await bind(AmendmentForm, request)
        if form.is_valid:
            try:
                amendment = await actions.amend(db, me, files, agreement, form.data)
            except Refused as refused:
                form.refuse(refused)
                agreement = await own_agreement(db, me, agreement_id)
            else:
                return _to_amendment(request, amendment.id, notice="amended")
        return _new_page(request, agreement, form, status=422)


class AmendmentPages(Controller):
    path = "/avenants/{amendment_id:int}"

    @get(name="trainees.amendments.show")
    async def show(self, request: Web, db: Db, me: Me, amendment_id: RowId) -> Response[str]:
        amendment, agreement = await queries.get_amendment(db, me, amendment_id)
        return await _show_page(request, db, me, amendment, agreement, blank(SignedDocumentForm))

    @post("/document", name="trainees.signed_amendments.create")
    async def file(
        self, request: Web, db: Db, me: Me, files: Files, amendment_id: RowId
    ) -> Response[Any]:
        amendment, agreement = await queries.get_amendment(db, me, amendment_id)
        require(policy.can_manage_agreement(me, agreement.structure_id))
        form = await bind(SignedDocumentForm, request)
        upload = await uploaded(request, "document")
        if upload is None:
            form.refuse(Refused(Reason("no_file", NO_FILE, field="document")))
        else:
            try:
                await actions.file_amendment(db, me, files, amendment, await upload.read())
            except Conflict:
                raise
            except Refused as refused:
                form.refuse(refused)
                amendment, agreement = await queries.get_amendment(db, me, amendment_id)
            else:
                return _to_amendment(request, amendment_id, notice="amendment_filed")
        return await _show_page(request, db, me, amendment, agreement, form, status=422)


class SuspensionPages(Controller):
    path = "/conventions/{agreement_id:int}/suspensions"

    @get(name="trainees.suspensions.index")
    async def index(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[str]:
        agreement = await own_agreement(db, me, agreement_id)
        return await _suspensions_page(request, db, agreement)

    @post(name="trainees.suspensions.create")
    async def create(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[Any]:
        agreement = await own_agreement(db, me, agreement_id)
        form = await bind(SuspensionForm, request)
        if form.is_valid:
            try:
                await actions.suspend(db, me, agreement, form.data)
            except Refused as refused:
                form.refuse(refused)
                agreement = await own_agreement(db, me, agreement_id)
            else:
                return _to_suspensions(request, agreement_id, notice="suspended")
        return await _suspensions_page(request, db, agreement, suspending=form, status=422)


class SuspensionEndPages(Controller):
    path = "/suspensions/{suspension_id:int}/fin"

    @post(name="trainees.suspension_ends.create")
    async def create(self, request: Web, db: Db, me: Me, suspension_id: RowId) -> Response[Any]:
        suspension, agreement = await queries.get_suspension(db, me, suspension_id)
        require(policy.can_manage_agreement(me, agreement.structure_id))
        form = await bind(SuspensionEndForm, request)
        agreement_id = agreement.id
        if form.is_valid:
            try:
                await actions.end_suspension(db, me, suspension, form.data)
            except Refused as refused:
                form.refuse(refused)
                agreement = await own_agreement(db, me, agreement_id)
            else:
                return _to_suspensions(request, agreement_id, notice="resumed")
        return await _suspensions_page(request, db, agreement, ending=form, status=422)


def _to_amendment(request: Web, amendment_id: int, *, notice: str) -> Response[None]:
    name = "trainees.amendments.show"
    return see_other(request, name, notice=notice, amendment_id=amendment_id)


def _to_suspensions(request: Web, agreement_id: int, *, notice: str) -> Response[None]:
    name = "trainees.suspensions.index"
    return see_other(request, name, notice=notice, agreement_id=agreement_id)


def _new_page(
    request: Web, agreement: Agreement, form: Form[AmendmentForm], status: int = 200
) -> Response[str]:
    return page(
        request,
        "trainees/amendments/new.html",
        status=status,
        agreement=agreement,
        form=form,
    )


async def _show_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    amendment: AgreementAmendment,
    agreement: Agreement,
    form: Form[SignedDocumentForm],
    status: int = 200,
) -> Response[str]:
    papers = await queries.list_documents(db, agreement.id)
    documents = [one for one in papers if one.amendment_id == amendment.id]
    return page(
        request,
        "trainees/amendments/show.html",
        status=status,
        amendment=amendment,
        agreement=agreement,
        form=form,
        documents=documents,
        to_sign=papers_to_sign(me, agreement, [] if amendment.is_signed else documents),
        manages=policy.can_manage_agreement(me, agreement.structure_id),
        zone=clock.PARIS,
    )


async def _suspensions_page(
    request: Web,
    db: AsyncSession,
    agreement: Agreement,
    *,
    suspending: Form[SuspensionForm] | None = None,
    ending: Form[SuspensionEndForm] | None = None,
    status: int = 200,
) -> Response[str]:
    found = await queries.list_suspensions(db, agreement.id)
    running: AgreementSuspension | None = next((s for s in found if s.last_day is None), None)
    return page(
        request,
        "trainees/suspensions/index.html",
        status=status,
        agreement=agreement,
        suspensions=found,
        running=running,
        suspending=suspending or blank(SuspensionForm),
        ending=ending or blank(SuspensionEndForm, ends_on=clock.today()),
        today=clock.today(),
    )
