"""Condition reports of a plot: made in the field, read side by side."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery
from litestar.response import File
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.errors import NotVisible, Refused
from couveuse.core.files import find_file
from couveuse.core.i18n import N_, gettext
from couveuse.occupancy import policy, queries
from couveuse.occupancy.actions.reporting import correct_report, report_condition
from couveuse.occupancy.conditions import (
    POINTS,
    REPORT_KINDS,
    STATES,
    best_entry,
    corrected,
    how_compared,
    read_points,
    side_by_side,
    written,
)
from couveuse.occupancy.forms import ReportCorrectionForm, ReportForm
from couveuse.occupancy.models import ConditionReport, ReportKind
from couveuse.plots.models import Plot
from couveuse.plots.queries import get_plot
from couveuse.web.deps import Db, Files, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "condition_reported": N_("L'état des lieux est enregistré."),
        "report_corrected": N_("C'est corrigé. Ce qui était écrit avant reste lisible."),
    }
)


class ReportPages(Controller):
    path = "/parcelles/{plot_id:int}/etats-des-lieux"

    @get(name="occupancy.reports.index")
    async def index(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[str]:
        plot = await get_plot(db, me, plot_id)
        return page(
            request,
            "occupancy/reports/index.html",
            plot=plot,
            reports=await queries.list_reports(db, plot.id),
            report_kinds=REPORT_KINDS,
            policy=policy,
        )

    @get("/nouveau", name="occupancy.reports.new")
    async def new(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[str]:
        plot = await get_plot(db, me, plot_id)
        require(policy.can_report(me, plot))
        form = blank(ReportForm, kind="entry", made_on=clock.today())
        return await _form_page(request, db, plot, form)

    @post(name="occupancy.reports.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, plot_id: RowId
    ) -> Response[Any]:
        plot = await get_plot(db, me, plot_id)
        require(policy.can_report(me, plot))
        form = await bind(ReportForm, request)
        if form.is_valid:
            try:
                points, photos = read_points(form.values), await _photos(request)
                report = await report_condition(db, me, files, plot, form.data, points, photos)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, plot_id, report.id, "condition_reported")
        return await _form_page(request, db, await get_plot(db, me, plot_id), form)

    @get("/{report_id:int}", name="occupancy.reports.show")
    async def show(
        self,
        request: Web,
        db: Db,
        me: Me,
        plot_id: RowId,
        report_id: RowId,
        entree: FromQuery[str | None] = None,
    ) -> Response[str]:
        """A report; one of leaving stands beside that of the coming, which ``entree`` may name."""
        plot = await get_plot(db, me, plot_id)
        report = await queries.get_report(db, plot, report_id)
        made = await queries.made_of(db, plot, report)
        is_exit = report.kind == ReportKind.EXIT
        entries = await queries.list_entries_before(db, report) if is_exit else []
        chosen = [one for one in entries if str(one.report.id) == entree]
        entry = best_entry(chosen or entries, made)
        return page(
            request,
            "occupancy/reports/show.html",
            plot=plot,
            report=report,
            who=made.who,
            entry=entry.report if entry else None,
            compared=how_compared(entry, made) if entry else [],
            other_entries=[one for one in entries if one is not entry],
            lines=side_by_side(entry.report if entry else None, report),
            versions=await queries.list_versions(
                db, [one.id for one in (report, entry and entry.report) if one]
            ),
            report_kinds=REPORT_KINDS,
            zone=clock.PARIS,
            policy=policy,
        )

    @get("/{report_id:int}/correction", name="occupancy.reports.edit")
    async def edit(
        self, request: Web, db: Db, me: Me, plot_id: RowId, report_id: RowId
    ) -> Response[str]:
        plot = await get_plot(db, me, plot_id)
        report = await queries.get_report(db, plot, report_id)
        require(policy.can_correct_report(me, plot, report))
        seen = await queries.count_versions(db, report)
        form = blank(ReportCorrectionForm, **written(report), seen=seen)
        return await _form_page(request, db, plot, form, report)

    @post("/{report_id:int}/correction", name="occupancy.reports.update")
    async def update(
        self, request: Web, db: Db, me: Me, files: Files, plot_id: RowId, report_id: RowId
    ) -> Response[Any]:
        plot = await get_plot(db, me, plot_id)
        report = await queries.get_report(db, plot, report_id)
        require(policy.can_correct_report(me, plot, report))
        form = await bind(ReportCorrectionForm, request)
        if form.is_valid:
            try:
                points, photos = read_points(form.values), await _photos(request)
                await correct_report(db, me, files, plot, report, form.data, points, photos)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, plot_id, report_id, "report_corrected")
        plot = await get_plot(db, me, plot_id)
        report = await queries.get_report(db, plot, report_id)
        return await _form_page(request, db, plot, form, report)

    @get("/{report_id:int}/corrections/{version_id:int}", name="occupancy.report_versions.show")
    async def version(
        self, request: Web, db: Db, me: Me, plot_id: RowId, report_id: RowId, version_id: RowId
    ) -> Response[str]:
        """What a report said before a correction, beside what it said after."""
        plot = await get_plot(db, me, plot_id)
        report = await queries.get_report(db, plot, report_id)
        versions = await queries.list_versions(db, [report.id])
        version = next((one for one in versions if one.id == version_id), None)
        if version is None:
            raise NotVisible
        after = next((one for one in reversed(versions) if one.id > version_id), report)
        people = await queries.people_of_reports(db, [version, after])
        return page(
            request,
            "occupancy/reports/version.html",
            plot=plot,
            report=report,
            version=version,
            changes=corrected(version, after, people),
            lines=side_by_side(None, version),
            report_kinds=REPORT_KINDS,
            zone=clock.PARIS,
        )

    @get("/{report_id:int}/photos/{sha256:str}", name="occupancy.report_photos.show")
    async def photo(
        self, db: Db, me: Me, files: Files, plot_id: RowId, report_id: RowId, sha256: FromPath[str]
    ) -> File:
        plot = await get_plot(db, me, plot_id)
        report = await queries.get_report(db, plot, report_id)
        if sha256 not in {photo["file"] for photo in report.photos}:
            raise NotVisible
        found = await find_file(db, sha256)
        if found is None:
            raise NotVisible
        return File(
            path=files.path(found.sha256),
            media_type=found.media_type,
            content_disposition_type="inline",
            filename=f"{found.sha256[:12]}.jpg",
            headers={"cache-control": "private, max-age=31536000, immutable"},
        )


async def _photos(request: Web) -> list[bytes]:
    sent = (await request.form()).getall("photos", [])
    return [await one.read() for one in sent if isinstance(one, UploadFile) and one.filename]


def _to(request: Web, plot_id: int, report_id: int, notice: str) -> Response[Any]:
    return see_other(
        request, "occupancy.reports.show", notice=notice, plot_id=plot_id, report_id=report_id
    )


async def _form_page(
    request: Web,
    db: AsyncSession,
    plot: Plot,
    form: Form[Any],
    report: ConditionReport | None = None,
) -> Response[str]:
    """The form of a new report, or that of a correction."""
    return page(
        request,
        "occupancy/reports/edit.html" if report else "occupancy/reports/new.html",
        status=422 if form.problems or form.field_errors else 200,
        plot=plot,
        form=form,
        report=report,
        points=[(key, gettext(text)) for key, text in POINTS.items()],
        states=[(key, gettext(text)) for key, text in STATES.items()],
        kinds=[(key, gettext(text)) for key, text in REPORT_KINDS.items()],
        report_kinds=REPORT_KINDS,
        stays=await queries.list_stays_on(db, plot.id, report),
    )
