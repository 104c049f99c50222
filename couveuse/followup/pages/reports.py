"""Writing, reading and deleting a report."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import File
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible, Refused
from couveuse.core.files import find_file
from couveuse.core.i18n import N_
from couveuse.followup import actions, policy, queries
from couveuse.followup.actions.reporting import ChangedMeanwhile, Written
from couveuse.followup.forms import PaperSignatureForm, ReportForm
from couveuse.followup.models import Report, Visit
from couveuse.followup.pages.choices import new_once, options
from couveuse.followup.pages.signing import to_file
from couveuse.followup.pages.step_fields import line_numbers, read_steps, typed_steps
from couveuse.followup.rules import (
    KINDS,
    LEVELS,
    MODES,
    PRESENCES,
    STEP_STATES,
    SUBJECTS,
    TEXTS,
    THEMES,
    warnings,
    watched_words,
)
from couveuse.followup.signed import hash_of, signed_text
from couveuse.web.deps import Db, Files, Me, RowId, Web, own_transaction
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "report_saved": N_("Le compte rendu est enregistré."),
        "report_deleted": N_("Le brouillon est supprimé."),
    }
)


class ReportPages(Controller):
    path = "/visites/{visit_id:int}/compte-rendu"

    @get(name="followup.reports.show")
    async def show(self, request: Web, db: Db, me: Me, visit_id: RowId) -> Response[str]:
        """The report; or the form to begin it, for those who may."""
        async with own_transaction(request) as beside:
            await actions.note_reading(beside, me, visit_id)
        visit = await queries.get_visit(db, me, visit_id)
        report = await queries.find_report(db, me, visit)
        if report:
            return await show_report(request, db, me, visit, report)
        standing = await queries.get_standing(db, me, visit.person_id)
        if not policy.can_write(me, standing, visit, None):
            raise NotVisible
        return await show_form(request, db, me, visit, None, first_form())

    @get("/modifier", name="followup.reports.edit")
    async def edit(self, request: Web, db: Db, me: Me, visit_id: RowId) -> Response[str]:
        visit = await queries.get_visit(db, me, visit_id)
        report = await queries.get_report(db, me, visit)
        standing = await queries.get_standing(db, me, visit.person_id)
        require(policy.can_write(me, standing, visit, report))
        return await show_form(request, db, me, visit, report, await report_form(db, report))

    @post(name="followup.reports.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, visit_id: RowId
    ) -> Response[Any]:
        visit = await queries.get_visit(db, me, visit_id)
        report = await queries.find_report(db, me, visit)
        standing = await queries.get_standing(db, me, visit.person_id)
        if report is None and not standing.is_member:
            raise NotVisible
        require(report is None or policy.is_writer(me, standing, report))
        form = await bind(ReportForm, request)
        if form.is_valid:
            try:
                written = Written(read_steps(form.values), await _photos(request))
                await actions.write_report(db, me, files, visit, form.data, written)
            except ChangedMeanwhile as changed:
                return await show_choice(request, db, me, visit_id, form, changed)
            except Refused as refused:
                form.refuse(refused)
            else:
                return see_other(
                    request, "followup.reports.show", notice="report_saved", visit_id=visit_id
                )
        visit = await queries.load_visit(db, visit_id)
        report = await queries.find_report(db, me, visit)
        return await show_form(request, db, me, visit, report, form, status=422)

    @post("/suppression", name="followup.reports.destroy")
    async def destroy(self, request: Web, db: Db, me: Me, visit_id: RowId) -> Response[Any]:
        visit = await queries.get_visit(db, me, visit_id)
        report = await queries.get_report(db, me, visit)
        standing = await queries.get_standing(db, me, visit.person_id)
        require(policy.is_author(me, standing, report))
        await actions.delete_report(db, me, visit)
        return see_other(
            request, "followup.visits.show", notice="report_deleted", visit_id=visit_id
        )

    @get("/photos/{sha256:str}", name="followup.report_photos.show")
    async def photo(
        self, request: Web, db: Db, me: Me, files: Files, visit_id: RowId, sha256: FromPath[str]
    ) -> File:
        """By its address alone it opens the report as much as the page does."""
        async with own_transaction(request) as beside:
            await actions.note_reading(beside, me, visit_id)
        visit = await queries.get_visit(db, me, visit_id)
        report = await queries.get_report(db, me, visit)
        found = await find_file(db, sha256)
        if found is None or sha256 not in {photo["file"] for photo in report.photos}:
            raise NotVisible
        return File(
            path=files.path(found.sha256),
            media_type=found.media_type,
            content_disposition_type="inline",
            filename=f"{found.sha256[:12]}.jpg",
            headers={"cache-control": "no-store"},  # who may see it may change
        )


async def _photos(request: Web) -> list[bytes]:
    sent = (await request.form()).getall("photos", [])
    return [await one.read() for one in sent if isinstance(one, UploadFile) and one.filename]


def first_form() -> Form[ReportForm]:
    return blank(ReportForm, version=0, once=new_once())


async def report_form(db: AsyncSession, report: Report) -> Form[ReportForm]:
    form: Form[ReportForm] = blank(
        ReportForm,
        **{name: getattr(report, name) for name in TEXTS},
        themes=report.themes,
        version=report.version,
        once=new_once(),
    )
    form.values |= typed_steps(await queries.list_steps_of_report(db, report))
    return form


async def show_choice(
    request: Web,
    db: AsyncSession,
    me: Actor,
    visit_id: int,
    form: Form[Any],
    changed: ChangedMeanwhile,
) -> Response[str]:
    """Both texts, side by side: what was typed is ready to replace the other, or to be let go."""
    form.refuse(changed)
    visit = await queries.load_visit(db, visit_id)
    report = await queries.find_report(db, me, visit)
    if report is None:  # it was deleted elsewhere: what was typed begins it anew
        form.values["version"] = ["0"]
    else:
        form.values["version"] = [str(report.version)]
    form.values["once"] = [new_once()]
    return await show_form(request, db, me, visit, report, form, choosing=True, status=409)


async def show_form(
    request: Web,
    db: AsyncSession,
    me: Actor,
    visit: Visit,
    report: Report | None,
    form: Form[Any],
    *,
    choosing: bool = False,
    status: int = 200,
) -> Response[str]:
    people = await queries.list_group_people(db, visit.person_id)
    stored = await queries.list_steps_of_report(db, report) if report and choosing else []
    carried = (await queries.list_open_steps(db, me, [visit.person_id])).get(visit.person_id, [])
    return page(
        request,
        "followup/reports/edit.html",
        status=status,
        visit=visit,
        report=report,
        stored=stored,
        choosing=choosing,
        form=form,
        texts=TEXTS,
        themes=options(THEMES),
        theme_names=THEMES,
        lines=line_numbers(form.values),
        owners=[(one.id, one.name) for one in people],
        carried=[one for one in carried if not report or one.report_id != report.id],
        warnings=warnings({name: form.value(name) for name in TEXTS}),
        watched=watched_words(),
        subjects=SUBJECTS,
        states=STEP_STATES,
    )


async def show_report(
    request: Web,
    db: AsyncSession,
    me: Actor,
    visit: Visit,
    report: Report,
    *,
    form: Form[Any] | None = None,
    filing: Form[PaperSignatureForm] | None = None,
    status: int = 200,
) -> Response[str]:
    steps = await queries.list_steps_of_report(db, report)
    text = report.signed_text or signed_text(visit, report, steps)
    standing = await queries.get_standing(db, me, visit.person_id)
    texts = {name: getattr(report, name) for name in TEXTS}
    shows_warnings = policy.is_writer(me, standing, report) and not report.is_locked
    return page(
        request,
        "followup/reports/show.html",
        status=status,
        visit=visit,
        report=report,
        steps=steps,
        text=text,
        text_hash=hash_of(text),
        texts=TEXTS,
        themes=[i18n.gettext(THEMES[theme]) for theme in report.themes if theme in THEMES],
        warnings=warnings(texts) if shows_warnings else {},
        subjects=SUBJECTS,
        standing=standing,
        refused=form,
        filing=filing or blank(PaperSignatureForm),
        to_file=to_file(me, [visit.person, report.author], report.signatures)
        if policy.may_file_signed(standing, report)
        else [],
        once=new_once(),
        kinds=KINDS,
        modes=MODES,
        levels=LEVELS,
        presences=PRESENCES,
        states=STEP_STATES,
        today=clock.today(),
        policy=policy,
    )
