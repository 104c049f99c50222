"""The contract on screen: its points, the papers made from it, and signing them."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Conflict, NotAllowed, NotVisible, Refused
from couveuse.core.i18n import N_, gettext
from couveuse.trainees import actions, contracts, policy, queries
from couveuse.trainees.forms import ContentsForm, PaperForm, SignatureForm, contents_form
from couveuse.trainees.models import Agreement, AgreementDocument, DocumentKind
from couveuse.trainees.pages.agreements import own_agreement, to_agreement
from couveuse.trainees.pages.showing import DOCUMENTS, show_agreement
from couveuse.trainees.rules import PARTS, content_keys, contents_of
from couveuse.web.deps import Db, Files, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.render import notices, page, see_other

notices(
    {
        "contents_written": N_("Les points du contrat sont enregistrés."),
        "paper_made": N_("Le papier est prêt."),
        "signed_on_screen": N_("C'est signé de votre côté."),
    }
)


class ContentsPages(Controller):
    path = "/conventions/{agreement_id:int}/contenu"

    @get(name="trainees.contents.edit")
    async def edit(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[str]:
        agreement = await own_agreement(db, me, agreement_id)
        model = contents_form(content_keys(await queries.kind_of(db, agreement)))
        ready = agreement.contents_ready_at is not None
        form = blank(model, is_ready=ready, **agreement.contents)
        return await _contents_page(request, db, agreement, form)

    @post(name="trainees.contents.update")
    async def update(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[Any]:
        agreement = await own_agreement(db, me, agreement_id)
        model = contents_form(content_keys(await queries.kind_of(db, agreement)))
        form = await bind(model, request)
        if form.is_valid:
            try:
                await actions.write_contents(db, me, agreement, form.data)
            except Conflict:
                raise
            except Refused as refused:
                form.refuse(refused)
                agreement = await own_agreement(db, me, agreement_id)
            else:
                return to_agreement(request, agreement_id, "contents_written")
        return await _contents_page(request, db, agreement, form, status=422)


class PaperPages(Controller):
    path = "/conventions/{agreement_id:int}/papiers"

    @post(name="trainees.contract_papers.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, agreement_id: RowId
    ) -> Response[Any]:
        agreement = await own_agreement(db, me, agreement_id)
        form = await bind(PaperForm, request)
        if form.is_valid:
            try:
                await actions.make_paper(db, me, files, agreement, form.data.kind)
            except Refused as refused:
                form.refuse(refused)
                agreement = await own_agreement(db, me, agreement_id)
            else:
                notice = "paper_made"
                return see_other(
                    request,
                    "trainees.agreements.show",
                    notice=notice,
                    fragment="documents-title",
                    agreement_id=agreement_id,
                )
        return await show_agreement(request, db, me, agreement, status=422, making=form)


class WordingPages(Controller):
    path = "/conventions/{agreement_id:int}/mention"

    @get(name="trainees.wordings.show")
    async def show(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[str]:
        agreement = await queries.get_agreement(db, me, agreement_id)
        if not policy.can_read_contract(me, agreement):
            raise NotVisible
        terms = contracts.Terms(agreement, await queries.kind_of(db, agreement))
        return page(
            request,
            "trainees/agreements/wording.html",
            agreement=agreement,
            wording=contracts.wording(terms),
            last=terms.last,
            complete=bool(terms.structure.siret and terms.structure.registered_office),
        )


class SignaturePages(Controller):
    path = "/conventions/documents/{document_id:int}/signature"

    @get(name="trainees.signatures.new")
    async def new(self, request: Web, db: Db, me: Me, document_id: RowId) -> Response[str]:
        document = await _to_sign(db, me, document_id)
        form = blank(SignatureForm, sha256=document.sha256)
        return _signature_page(request, me, document, form)

    @post(name="trainees.signatures.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, document_id: RowId
    ) -> Response[Any]:
        document = await _to_sign(db, me, document_id)
        form = await bind(SignatureForm, request)
        if form.is_valid:
            agreement_id = document.agreement_id
            try:
                await actions.sign_on_screen(db, me, files, document, form.data)
            except Conflict:
                raise
            except Refused as refused:
                form.refuse(refused)
                document = await _to_sign(db, me, document_id)
            else:
                return to_agreement(request, agreement_id, "signed_on_screen")
        return _signature_page(request, me, document, form, status=422)


async def _to_sign(db: AsyncSession, me: Actor, document_id: int) -> AgreementDocument:
    document = await queries.get_document(db, me, document_id)
    if policy.party_of(me, document.agreement) is None:
        raise NotAllowed
    return document


def _signature_page(
    request: Web,
    me: Actor,
    document: AgreementDocument,
    form: Form[SignatureForm],
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "trainees/agreements/signature.html",
        status=status,
        document=document,
        agreement=document.agreement,
        name=gettext(DOCUMENTS[DocumentKind(document.kind)]),
        party=policy.party_of(me, document.agreement),
        form=form,
        zone=clock.PARIS,
    )


async def _contents_page(
    request: Web,
    db: AsyncSession,
    agreement: Agreement,
    form: Form[ContentsForm],
    status: int = 200,
) -> Response[str]:
    kind = await queries.kind_of(db, agreement)
    return page(
        request,
        "trainees/agreements/contents.html",
        status=status,
        agreement=agreement,
        form=form,
        kind=kind,
        points=contents_of(kind),
        parts=PARTS,
        is_signed=any(one.is_signed for one in agreement.periods),
    )
