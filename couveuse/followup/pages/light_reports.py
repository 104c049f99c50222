"""A report of the volunteer's own, behind the personal link: shared, corrected, signed."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible, Refused
from couveuse.followup import actions, policy, queries
from couveuse.followup.actions.reporting import ChangedMeanwhile, Written
from couveuse.followup.forms import ReportForm, ShareForm, SignatureForm
from couveuse.followup.light_forms import TextForm
from couveuse.followup.models import Level, Report, Visit
from couveuse.followup.pages.choices import new_once
from couveuse.followup.pages.door import enter, followed
from couveuse.followup.pages.step_fields import line_numbers, read_steps, typed_steps
from couveuse.followup.rules import SUBJECTS, TEXTS, warnings, watched_words
from couveuse.followup.signed import hash_of, signed_text
from couveuse.web.deps import Db, Files, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import PUBLIC, require
from couveuse.web.render import page, see_other

WORDS = ("seen", "said", "advice")


class LightReportPages(Controller):
    """Those of others stay closed: the link opens less than its holder may read signed in."""

    path = "/benevole/{token:str}/visites/{visit_id:int}"
    opt = PUBLIC

    @get(name="followup.light_reports.show")
    async def show(
        self, request: Web, db: Db, token: FromPath[str], visit_id: RowId
    ) -> Response[str]:
        me = await enter(request, token)
        visit, report = await _own(db, me, visit_id)
        return await _report_page(request, db, me, token, visit, report)

    @get("/texte", name="followup.light_reports.edit")
    async def edit(
        self, request: Web, db: Db, token: FromPath[str], visit_id: RowId
    ) -> Response[str]:
        me = await enter(request, token)
        visit, report = await _own(db, me, visit_id)
        require(not report.is_locked)
        form = blank(
            TextForm,
            **{name: getattr(report, name) for name in WORDS},
            version=report.version,
            once=new_once(),
        )
        form.values |= typed_steps(await queries.list_steps_of_report(db, report))
        return await _text_page(request, db, token, visit, form)

    @post("/texte", name="followup.light_reports.update")
    async def correct(
        self, request: Web, db: Db, files: Files, token: FromPath[str], visit_id: RowId
    ) -> Response[Any]:
        me = await enter(request, token)
        visit, report = await _own(db, me, visit_id)
        require(not report.is_locked)
        form = await bind(TextForm, request)
        if form.is_valid:
            try:
                typed = form.data.model_dump()
                asked = ReportForm.model_validate(
                    typed | {"mood": report.mood, "themes": report.themes}
                )
                written = Written(read_steps(form.values))
                await actions.write_report(db, me, files, visit, asked, written)
            except ChangedMeanwhile as changed:
                form.refuse(changed)
                fresh = await queries.get_report(db, me, visit)
                form.values["version"], form.values["once"] = [str(fresh.version)], [new_once()]
            except Refused as refused:
                form.refuse(refused)
            else:
                return to_report(request, token, visit.id, "light_seen")
        visit = await queries.load_visit(db, visit_id)
        return await _text_page(request, db, token, visit, form, status=422)

    @post("/partage", name="followup.light_sharings.create")
    async def share(
        self, request: Web, db: Db, token: FromPath[str], visit_id: RowId
    ) -> Response[Any]:
        me = await enter(request, token)
        visit, report = await _own(db, me, visit_id)
        form = await bind(ShareForm, request)
        if form.is_valid:
            try:
                await actions.share_report(db, me, visit, Level(form.data.level))
            except Refused as refused:
                form.refuse(refused)
            else:
                shared = form.data.level == Level.SHARED
                return to_report(
                    request, token, visit_id, "light_shared" if shared else "light_kept"
                )
        return await _report_page(request, db, me, token, visit, report, form, status=422)

    @post("/signature", name="followup.light_signatures.create")
    async def sign(
        self, request: Web, db: Db, token: FromPath[str], visit_id: RowId
    ) -> Response[Any]:
        me = await enter(request, token)
        visit, report = await _own(db, me, visit_id)
        form = await bind(SignatureForm, request)
        if form.is_valid:
            try:
                await actions.sign_report(db, me, visit, form.data.text_hash)
            except Refused as refused:
                form.refuse(refused)
                visit, report = await _own(db, me, visit_id)
            else:
                return to_report(request, token, visit_id, "light_signed")
        return await _report_page(request, db, me, token, visit, report, form, status=422)


async def _own(db: AsyncSession, me: Actor, visit_id: int) -> tuple[Visit, Report]:
    visit = await queries.get_visit(db, me, visit_id)
    await followed(db, me, visit.person_id)
    report = await queries.get_report(db, me, visit)
    if report.author_id != me.person_id:
        raise NotVisible
    return visit, report


def to_report(request: Web, token: str, visit_id: int, notice: str) -> Response[None]:
    return see_other(
        request, "followup.light_reports.show", notice=notice, token=token, visit_id=visit_id
    )


async def _text_page(
    request: Web,
    db: AsyncSession,
    token: str,
    visit: Visit,
    form: Form[TextForm],
    status: int = 200,
) -> Response[str]:
    people = await queries.list_group_people(db, visit.person_id)
    return page(
        request,
        "followup/light/text.html",
        status=status,
        token=token,
        visit=visit,
        form=form,
        lines=line_numbers(form.values),
        owners=[(one.id, one.name) for one in people],
        **watching(form),
    )


def watching(form: Form[Any]) -> dict[str, Any]:
    """What warns of words that ask for a second look, as typed and while typing."""
    return {
        "warnings": warnings({name: form.value(name) for name in ("seen", "said", "advice")}),
        "watched": watched_words(),
        "subjects": SUBJECTS,
    }


async def _report_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    token: str,
    visit: Visit,
    report: Report,
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    steps = await queries.list_steps_of_report(db, report)
    text = report.signed_text or signed_text(visit, report, steps)
    texts = {name: getattr(report, name) for name in TEXTS}
    standing = await queries.get_standing(db, me, visit.person_id)
    return page(
        request,
        "followup/light/report.html",
        status=status,
        me=me,
        token=token,
        visit=visit,
        report=report,
        steps=steps,
        texts=TEXTS,
        text_hash=hash_of(text),
        can_sign=policy.can_sign(me, standing, report),
        refused=form,
        warnings={} if report.is_locked else warnings(texts),
        subjects=SUBJECTS,
    )
