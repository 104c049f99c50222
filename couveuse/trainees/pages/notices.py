"""Notices to send to social bodies: the list of those open, and closing one with a proof."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.response import File
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.trainees import actions, policy, queries
from couveuse.trainees.forms import NoticeForm
from couveuse.trainees.models import LegalNotice
from couveuse.trainees.pages.agreements import to_agreement
from couveuse.trainees.pages.documents import sent_file
from couveuse.trainees.pages.showing import EVENTS
from couveuse.trainees.rules import notices_of
from couveuse.web.deps import Db, Files, Me, RowId, Web
from couveuse.web.documents import sent_document
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page

notices({"notice_recorded": N_("L'avis est noté, avec sa preuve.")})


class NoticePages(Controller):
    path = "/avis"

    @get(name="trainees.notices.index")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_offer_agreement(me))
        return page(
            request,
            "trainees/notices/index.html",
            notices=await queries.list_open_notices(db, me),
            events=EVENTS,
            today=clock.today(),
        )

    @get("/{notice_id:int}", name="trainees.notices.edit")
    async def edit(self, request: Web, db: Db, me: Me, notice_id: RowId) -> Response[str]:
        notice = await queries.get_notice(db, me, notice_id)
        form = blank(
            NoticeForm,
            addressee=notice.addressee,
            sent_on=notice.sent_on or clock.today(),
            reference=notice.reference,
        )
        return await _edit_page(request, db, notice, form)

    @post("/{notice_id:int}", name="trainees.notices.update")
    async def update(
        self, request: Web, db: Db, me: Me, files: Files, notice_id: RowId
    ) -> Response[Any]:
        notice = await queries.get_notice(db, me, notice_id)
        form = await bind(NoticeForm, request)
        document = await sent_document(request, db, files, form)
        if form.is_valid:
            try:
                await actions.record_notice(db, me, notice, form.data, document)
            except Refused as refused:
                form.refuse(refused)
                notice = await queries.get_notice(db, me, notice_id)
            else:
                return to_agreement(request, notice.agreement_id, "notice_recorded")
        return await _edit_page(request, db, notice, form, status=422)

    @get("/{notice_id:int}/preuve", name="trainees.notices.proof")
    async def proof(self, db: Db, me: Me, files: Files, notice_id: RowId) -> File:
        notice = await queries.get_notice(db, me, notice_id)
        name = f"avis {notice.addressee or notice.recipient} {notice.sent_on}"
        return await sent_file(db, files, notice.document, name)


async def _edit_page(
    request: Web,
    db: AsyncSession,
    notice: LegalNotice,
    form: Form[NoticeForm],
    status: int = 200,
) -> Response[str]:
    kinds = await queries.list_kinds(db)
    names = dict.fromkeys(
        name
        for kind in kinds
        if kind.code == notice.agreement.kind
        for wanted in notices_of(kind)
        if wanted.recipient == notice.recipient
        for name in wanted.names
    )
    return page(
        request,
        "trainees/notices/edit.html",
        status=status,
        due=notice,
        form=form,
        names=list(names),
        events=EVENTS,
    )
