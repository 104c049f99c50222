"""Papers of an agreement: the signed scan comes in, each paper can be read."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.response import File
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Conflict, NotVisible, Reason, Refused
from couveuse.core.files import PDF, FileStore, find_file
from couveuse.core.i18n import N_
from couveuse.core.sheets import fold
from couveuse.trainees import actions, queries
from couveuse.trainees.forms import SignedDocumentForm
from couveuse.trainees.pages.agreements import own_agreement, to_agreement
from couveuse.trainees.pages.showing import show_agreement
from couveuse.web.deps import Db, Files, Me, RowId, Web
from couveuse.web.forms import bind, uploaded
from couveuse.web.render import notices

notices({"agreement_filed": N_("Le document signé est au dossier : la période compte.")})
NO_FILE = N_("Choisissez le document signé : un PDF, ou une photo lisible.")


class SignedDocumentPages(Controller):
    path = "/conventions/{agreement_id:int}/document"

    @post(name="trainees.signed_documents.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, agreement_id: RowId
    ) -> Response[Any]:
        agreement = await own_agreement(db, me, agreement_id)
        form = await bind(SignedDocumentForm, request)
        upload = await uploaded(request, "document")
        if upload is None:
            form.refuse(Refused(Reason("no_file", NO_FILE, field="document")))
        elif form.is_valid:
            try:
                data = await upload.read()
                await actions.file_document(db, me, files, agreement, form.data, data)
            except Conflict:
                raise
            except Refused as refused:
                form.refuse(refused)
                agreement = await own_agreement(db, me, agreement_id)
            else:
                return to_agreement(request, agreement_id, "agreement_filed")
        return await show_agreement(request, db, me, agreement, status=422, filing=form)


class DocumentPages(Controller):
    path = "/conventions/documents/{document_id:int}"

    @get(name="trainees.documents.show")
    async def show(self, db: Db, me: Me, files: Files, document_id: RowId) -> File:
        document = await queries.get_document(db, me, document_id)
        name = f"{document.agreement.person.name} {document.kind} {document.number}"
        return await sent_file(db, files, document.sha256, name)


async def sent_file(db: AsyncSession, files: FileStore, sha256: str | None, name: str) -> File:
    """A stored file under a name that people recognise; 404 when it is not there."""
    kept = await find_file(db, sha256) if sha256 else None
    if kept is None or not files.path(kept.sha256).is_file():
        raise NotVisible
    ending = "pdf" if kept.media_type == PDF else "jpg"
    return File(
        files.path(kept.sha256),
        filename=f"{fold(name).replace(' ', '-').replace('_', '-')}.{ending}",
        media_type=kept.media_type,
        headers={"cache-control": "private, no-store"},
        content_disposition_type="attachment" if ending == "pdf" else "inline",
    )
