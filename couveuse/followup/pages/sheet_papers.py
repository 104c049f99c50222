"""The sheet on paper: printed with a column for each half-day, then brought back signed."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.response import File

from couveuse.core.errors import NotVisible, Reason, Refused
from couveuse.core.files import PDF, find_file
from couveuse.core.i18n import N_
from couveuse.core.typesetting import typeset_sign_sheet
from couveuse.followup import workshop_policy
from couveuse.followup.actions.attendance import add_scan, remove_scan
from couveuse.followup.pages.sheets import show_sheet
from couveuse.followup.queries.workshops import get_scan, get_slot, get_workshop
from couveuse.followup.sheet_papers import sheet_paper
from couveuse.followup.workshop_forms import ScanForm
from couveuse.web.deps import Db, Files, Me, RowId, Web
from couveuse.web.forms import bind, uploaded
from couveuse.web.guards import require
from couveuse.web.render import notices, see_other

notices(
    {
        "scan_added": N_(
            "La feuille signée est déposée. Notez maintenant les présences d'après elle."
        ),
        "scan_removed": N_("La feuille déposée est retirée."),
    }
)
NO_FILE = N_("Choisissez la feuille signée : un PDF, ou une photo lisible.")


class SheetPaperPages(Controller):
    path = "/ateliers"

    @get("/{workshop_id:int}/feuille.pdf", name="followup.sheet_papers.show")
    async def paper(self, db: Db, me: Me, workshop_id: RowId) -> Response[bytes]:
        """To print: everybody who has a place, and some empty lines."""
        workshop = await get_workshop(db, me, workshop_id)
        require(workshop_policy.runs(me, workshop))
        pdf = await typeset_sign_sheet(sheet_paper(workshop))
        headers = {
            "content-disposition": f'inline; filename="feuille-atelier-{workshop.id}.pdf"',
            "cache-control": "no-store",
        }
        return Response(pdf, media_type=PDF, headers=headers)

    @post("/demi-journees/{slot_id:int}/feuilles", name="followup.sheet_scans.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, slot_id: RowId
    ) -> Response[Any]:
        slot = await get_slot(db, me, slot_id)
        require(workshop_policy.can_add_scan(me, slot))
        form = await bind(ScanForm, request)
        upload = await uploaded(request, "document")
        if upload is None:
            form.refuse(Refused(Reason("no_file", NO_FILE, field="document")))
        elif form.is_valid:
            try:
                data = await upload.read()
                await add_scan(db, me, files, slot, form.data.slot_ids, data)
            except Refused as refused:
                form.refuse(refused)
                slot = await get_slot(db, me, slot_id)
            else:
                return _to(request, slot_id, "scan_added")
        return await show_sheet(request, db, me, slot, form=form, status=422)

    @get("/feuilles-signees/{scan_id:int}", name="followup.sheet_scans.show")
    async def show(self, db: Db, me: Me, files: Files, scan_id: RowId) -> File:
        scan = await get_scan(db, me, scan_id)
        kept = await find_file(db, scan.sha256)
        if kept is None or not files.path(kept.sha256).is_file():
            raise NotVisible
        ending = "pdf" if kept.media_type == PDF else "jpg"
        return File(
            files.path(kept.sha256),
            filename=f"feuille-signee-{scan.id}.{ending}",
            media_type=kept.media_type,
            headers={"cache-control": "private, no-store"},
            content_disposition_type="attachment" if ending == "pdf" else "inline",
        )

    @post("/feuilles-signees/{scan_id:int}/retrait", name="followup.sheet_scans.destroy")
    async def destroy(self, request: Web, db: Db, me: Me, scan_id: RowId) -> Response[Any]:
        scan = await get_scan(db, me, scan_id)
        await remove_scan(db, me, scan)
        return _to(request, scan.slot_id, "scan_removed")


def _to(request: Web, slot_id: int, notice: str) -> Response[None]:
    return see_other(request, "followup.attendance.show", notice=notice, slot_id=slot_id)
