"""Sharing a report, signing it, and what is said about it."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.response import File
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.files import PDF
from couveuse.core.i18n import N_
from couveuse.core.typesetting import typeset
from couveuse.followup import actions, policy, queries
from couveuse.followup.forms import (
    NoteForm,
    PaperSignatureForm,
    ShareForm,
    SignatureForm,
    SummaryForm,
)
from couveuse.followup.models import Level, Report, Visit
from couveuse.followup.pages.reports import show_report
from couveuse.followup.pages.signing import scan_file
from couveuse.followup.papers import report_paper
from couveuse.web.deps import Db, Files, Me, RowId, Web, own_transaction
from couveuse.web.forms import Form, bind, uploaded
from couveuse.web.guards import require
from couveuse.web.render import notices, see_other

notices(
    {
        "report_shown": N_("Le groupe de suivi peut maintenant lire ce compte rendu."),
        "report_shared": N_("Le compte rendu est partagé. La personne peut le lire et le signer."),
        "report_signed": N_("C'est signé. Le texte ne change plus."),
        "note_added": N_("C'est ajouté, avec la date et votre nom."),
        "summary_saved": N_("La synthèse pour le comité est enregistrée."),
    }
)


class SharingPages(Controller):
    path = "/visites/{visit_id:int}"

    @get("/compte-rendu.pdf", name="followup.report_papers.show")
    async def paper(self, request: Web, db: Db, me: Me, visit_id: RowId) -> Response[bytes]:
        """The report to print and to keep, for those who read it."""
        async with own_transaction(request) as beside:
            await actions.note_reading(beside, me, visit_id)
        visit, report, _ = await _load(db, me, visit_id)
        steps = await queries.list_steps_of_report(db, report)
        pdf = await typeset(report_paper(visit, report, steps))
        name = f"visite-{visit.day}.pdf"
        headers = {"content-disposition": f'inline; filename="{name}"', "cache-control": "no-store"}
        return Response(pdf, media_type=PDF, headers=headers)

    @post("/partage", name="followup.sharings.create")
    async def share(self, request: Web, db: Db, me: Me, visit_id: RowId) -> Response[Any]:
        visit, report, standing = await _load(db, me, visit_id)
        require(policy.is_writer(me, standing, report))
        form = await bind(ShareForm, request)
        if not form.is_valid:
            return await show_report(request, db, me, visit, report, form=form, status=422)
        try:
            await actions.share_report(db, me, visit, Level(form.data.level))
        except Refused as refused:
            return await _refused(request, db, me, visit_id, form, refused)
        shared = form.data.level == Level.SHARED
        return _to(request, visit_id, "report_shared" if shared else "report_shown")

    @post("/signature", name="followup.signatures.create")
    async def sign(self, request: Web, db: Db, me: Me, visit_id: RowId) -> Response[Any]:
        visit, report, standing = await _load(db, me, visit_id)
        require(standing.is_person or policy.is_author(me, standing, report))
        form = await bind(SignatureForm, request)
        if not form.is_valid:
            return await show_report(request, db, me, visit, report, form=form, status=422)
        try:
            await actions.sign_report(db, me, visit, form.data.text_hash)
        except Refused as refused:
            return await _refused(request, db, me, visit_id, form, refused)
        return _to(request, visit_id, "report_signed")

    @post("/signature-papier", name="followup.paper_signatures.create")
    async def file(
        self, request: Web, db: Db, me: Me, files: Files, visit_id: RowId
    ) -> Response[Any]:
        visit, report, standing = await _load(db, me, visit_id)
        require(policy.may_file_signed(standing, report))
        form = await bind(PaperSignatureForm, request)
        if form.is_valid:
            try:
                scan = await uploaded(request, "scan")
                data = await scan.read() if scan else None
                await actions.file_signed_report(db, me, files, visit, form.data, data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, visit_id, "signed_paper_filed")
        visit, report, _ = await _load(db, me, visit_id)
        return await show_report(request, db, me, visit, report, filing=form, status=422)

    @get("/signature-papier/{signer_id:int}", name="followup.paper_signatures.show")
    async def scan(
        self, request: Web, db: Db, me: Me, files: Files, visit_id: RowId, signer_id: RowId
    ) -> File:
        """The paper itself, for those who read the report."""
        async with own_transaction(request) as beside:
            await actions.note_reading(beside, me, visit_id)
        visit, report, _ = await _load(db, me, visit_id)
        return await scan_file(db, files, report.signatures, signer_id, visit.day)

    @post("/ajouts", name="followup.notes.create")
    async def note(self, request: Web, db: Db, me: Me, visit_id: RowId) -> Response[Any]:
        """A comment before the signature, a dated addition after it."""
        visit, report, standing = await _load(db, me, visit_id)
        require(policy.can_note(standing, report))
        form = await bind(NoteForm, request)
        if form.is_valid:
            try:
                await actions.add_note(db, me, visit, form.data)
            except Refused as refused:
                return await _refused(request, db, me, visit_id, form, refused)
            return _to(request, visit_id, "note_added")
        return await show_report(request, db, me, visit, report, form=form, status=422)

    @post("/synthese", name="followup.summaries.update")
    async def summarise(self, request: Web, db: Db, me: Me, visit_id: RowId) -> Response[Any]:
        visit, report, standing = await _load(db, me, visit_id)
        require(policy.can_summarise(standing, report))
        form = await bind(SummaryForm, request)
        if form.is_valid:
            await actions.summarise(db, me, visit, form.data.committee_text)
            return _to(request, visit_id, "summary_saved")
        return await show_report(request, db, me, visit, report, form=form, status=422)


async def _load(
    db: AsyncSession, me: Actor, visit_id: int
) -> tuple[Visit, Report, policy.Standing]:
    visit = await queries.get_visit(db, me, visit_id)
    report = await queries.get_report(db, me, visit)
    return visit, report, await queries.get_standing(db, me, visit.person_id)


def _to(request: Web, visit_id: int, notice: str) -> Response[None]:
    return see_other(request, "followup.reports.show", notice=notice, visit_id=visit_id)


async def _refused(
    request: Web, db: AsyncSession, me: Actor, visit_id: int, form: Form[Any], refused: Refused
) -> Response[str]:
    """The report as it is now, with the reasons."""
    form.refuse(refused)
    visit = await queries.load_visit(db, visit_id)
    report = await queries.get_report(db, me, visit)
    return await show_report(request, db, me, visit, report, form=form, status=422)
