"""The papers that a kind of agreement asks of the person: what is there, what is missing."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import File
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible, Refused
from couveuse.core.i18n import N_, gettext
from couveuse.trainees import actions, policy, queries
from couveuse.trainees.forms import PieceForm
from couveuse.trainees.models import Agreement
from couveuse.trainees.pages.agreements import own_agreement
from couveuse.trainees.pages.choices import CHOOSE
from couveuse.trainees.pages.documents import sent_file
from couveuse.trainees.rules import pieces_of
from couveuse.web.deps import Db, Files, Me, RowId, Web
from couveuse.web.documents import sent_document
from couveuse.web.forms import Form, bind, blank
from couveuse.web.render import notices, page, see_other

notices({"piece_received": N_("La pièce est notée.")})


class PiecePages(Controller):
    path = "/conventions/{agreement_id:int}/pieces"

    @get(name="trainees.pieces.index")
    async def index(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[str]:
        agreement = await _readable(db, me, agreement_id)
        form = blank(PieceForm, received_on=clock.today())
        return await _index_page(request, db, me, agreement, form)

    @post(name="trainees.pieces.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, agreement_id: RowId
    ) -> Response[Any]:
        agreement = await own_agreement(db, me, agreement_id)
        form = await bind(PieceForm, request)
        document = await sent_document(request, db, files, form)
        if form.is_valid:
            try:
                await actions.receive_piece(db, me, agreement, form.data, document)
            except Refused as refused:
                form.refuse(refused)
                agreement = await own_agreement(db, me, agreement_id)
            else:
                notice = "piece_received"
                name = "trainees.pieces.index"
                return see_other(request, name, notice=notice, agreement_id=agreement_id)
        return await _index_page(request, db, me, agreement, form, status=422)

    @get("/{code:str}", name="trainees.pieces.show")
    async def show(
        self, db: Db, me: Me, files: Files, agreement_id: RowId, code: FromPath[str]
    ) -> File:
        agreement = await _readable(db, me, agreement_id)
        piece = (await queries.list_pieces(db, agreement.id)).get(code)
        document = piece.document if piece else None
        return await sent_file(db, files, document, f"{agreement.person.name} {code}")


async def _readable(db: AsyncSession, me: Actor, agreement_id: int) -> Agreement:
    agreement = await queries.get_agreement(db, me, agreement_id)
    if not policy.can_read_contract(me, agreement):
        raise NotVisible
    return agreement


async def _index_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    agreement: Agreement,
    form: Form[PieceForm],
    status: int = 200,
) -> Response[str]:
    pieces = pieces_of(await queries.kind_of(db, agreement))
    return page(
        request,
        "trainees/pieces/index.html",
        status=status,
        agreement=agreement,
        form=form,
        pieces=pieces,
        first=agreement.periods[0].first_day,
        options=[("", gettext(CHOOSE)), *((one.code, gettext(one.label)) for one in pieces)],
        brought=await queries.list_pieces(db, agreement.id),
        manages=policy.can_manage_agreement(me, agreement.structure_id),
        today=clock.today(),
    )
