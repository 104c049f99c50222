"""The one screen of a volunteer, behind a personal link: their people, and big buttons."""

import datetime as dt
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.followup import actions, queries
from couveuse.followup.forms import (
    StepForm,
    StepStateForm,
    VisitForm,
)
from couveuse.followup.light_forms import HOURS, AgreedForm, ComingForm, SeenForm
from couveuse.followup.models import Report, StepState, Visit
from couveuse.followup.pages.choices import modes, new_once
from couveuse.followup.pages.door import enter, followed
from couveuse.followup.pages.light_reports import to_report, watching
from couveuse.followup.pages.links import sheets_of
from couveuse.followup.pages.step_fields import line_numbers, read_steps
from couveuse.followup.rules import MODES
from couveuse.people.models import Person
from couveuse.web.deps import Db, Files, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import PUBLIC
from couveuse.web.render import notices, page, see_other

notices(
    {
        "light_seen": N_("C'est noté. Merci !"),
        "light_shared": N_("C'est partagé. Il reste à signer, si le texte vous convient."),
        "light_kept": N_("C'est noté pour le groupe de suivi."),
        "light_draft": N_("C'est noté. Personne d'autre ne le lit encore."),
        "light_signed": N_("C'est signé. Merci !"),
        "light_agreed": N_("C'est noté : chacun le verra sur sa page."),
        "light_done": N_("C'est noté comme fait."),
        "light_reopened": N_("L'action est de nouveau à faire."),
        "light_coming": N_("La visite est prévue. La personne est prévenue si elle a une adresse."),
    }
)


class LightPages(Controller):
    path = "/benevole/{token:str}"
    opt = PUBLIC

    @get(name="followup.light.show")
    async def show(self, request: Web, db: Db, token: FromPath[str]) -> Response[str]:
        me = await enter(request, token)
        return page(
            request,
            "followup/light/show.html",
            me=me,
            token=token,
            people=await queries.read_round(db, me),
            modes=MODES,
            today=clock.today(),
        )

    @get("/feuille", name="followup.light_sheets.show")
    async def sheet(self, request: Web, db: Db, token: FromPath[str]) -> Response[str]:
        """A page to print for each person."""
        me = await enter(request, token)
        return page(
            request,
            "followup/light/sheet.html",
            token=token,
            sheets=sheets_of(request, await queries.list_followed_people(db, me)),
            author=me.name,
        )

    @get("/personnes/{person_id:int}/vu", name="followup.light_visits.new")
    async def see(
        self, request: Web, db: Db, token: FromPath[str], person_id: RowId
    ) -> Response[str]:
        me = await enter(request, token)
        person = await followed(db, me, person_id)
        form = blank(SeenForm, day=clock.today(), minutes=60, mode="place", once=new_once())
        return await _seen_page(request, db, token, person, form)

    @post("/personnes/{person_id:int}/vu", name="followup.light_visits.create")
    async def saw(
        self, request: Web, db: Db, files: Files, token: FromPath[str], person_id: RowId
    ) -> Response[Any]:
        me = await enter(request, token)
        person = await followed(db, me, person_id)
        form = await bind(SeenForm, request)
        if form.is_valid:
            try:
                steps = read_steps(form.values)
                visit = await actions.say_seen(db, me, files, person, form.data, steps)
            except Refused as refused:
                form.refuse(refused)
            else:
                report = await queries.find_report(db, me, visit)
                return _after_seeing(request, token, visit, report)
        return await _seen_page(request, db, token, person, form, status=422)

    @get("/personnes/{person_id:int}/venue", name="followup.light_plans.new")
    async def come(
        self, request: Web, db: Db, token: FromPath[str], person_id: RowId
    ) -> Response[str]:
        me = await enter(request, token)
        person = await followed(db, me, person_id)
        form = blank(ComingForm, at=dt.time(14), minutes=60, once=new_once())
        return _coming_page(request, token, person, form)

    @post("/personnes/{person_id:int}/venue", name="followup.light_plans.create")
    async def coming(
        self, request: Web, db: Db, token: FromPath[str], person_id: RowId
    ) -> Response[Any]:
        me = await enter(request, token)
        person = await followed(db, me, person_id)
        form = await bind(ComingForm, request)
        if form.is_valid and form.data.day < clock.today():
            sentence = N_("Ce jour est passé. Pour une visite faite, revenez à « J'ai vu ».")
            form.field_errors["day"] = [i18n.gettext(sentence)]
        if form.is_valid:
            asked = VisitForm(
                once=form.data.once,
                person_id=person.id,
                starts_at=dt.datetime.combine(form.data.day, form.data.at),
                starts_fold="0",
                duration_minutes=form.data.minutes,
            )
            try:
                await actions.plan_visit(db, me, person, asked)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _home(request, token, "light_coming")
        return _coming_page(request, token, person, form, status=422)

    @get("/personnes/{person_id:int}/convenu", name="followup.light_steps.new")
    async def agree(
        self, request: Web, db: Db, token: FromPath[str], person_id: RowId
    ) -> Response[str]:
        me = await enter(request, token)
        person = await followed(db, me, person_id)
        form = blank(AgreedForm, owner_id=person.id, once=new_once())
        return _agreed_page(request, me, token, person, form)

    @post("/personnes/{person_id:int}/convenu", name="followup.light_steps.create")
    async def agreed(
        self, request: Web, db: Db, token: FromPath[str], person_id: RowId
    ) -> Response[Any]:
        me = await enter(request, token)
        person = await followed(db, me, person_id)
        form = await bind(AgreedForm, request)
        if form.is_valid:
            try:
                asked = StepForm.model_validate(form.data, from_attributes=True)
                await actions.agree_step(db, me, person, asked)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _home(request, token, "light_agreed")
        return _agreed_page(request, me, token, person, form, status=422)

    @post("/actions/{step_id:int}", name="followup.light_steps.update")
    async def tick(
        self, request: Web, db: Db, token: FromPath[str], step_id: RowId
    ) -> Response[Any]:
        """Done, or open again for who ticked the wrong one."""
        me = await enter(request, token)
        step = await queries.get_step(db, me, step_id)
        await followed(db, me, step.person_id)
        form = await bind(StepStateForm, request)
        if not form.is_valid:
            return see_other(request, "followup.light.show", token=token)
        await actions.change_step(db, me, step, form.data.state)
        is_open = form.data.state == StepState.OPEN
        return _home(request, token, "light_reopened" if is_open else "light_done")


def _home(request: Web, token: str, notice: str) -> Response[None]:
    return see_other(request, "followup.light.show", notice=notice, token=token)


def _after_seeing(request: Web, token: str, visit: Visit, report: Report | None) -> Response[None]:
    """Where words were said, to the report, to share or to sign it; else back."""
    if report is None:
        return _home(request, token, "light_seen")
    notice = "light_shared" if report.is_shared else "light_kept"
    return to_report(request, token, visit.id, "light_draft" if report.is_draft else notice)


async def _seen_page(
    request: Web,
    db: AsyncSession,
    token: str,
    person: Person,
    form: Form[SeenForm],
    status: int = 200,
) -> Response[str]:
    people = await queries.list_group_people(db, person.id)
    return page(
        request,
        "followup/light/seen.html",
        status=status,
        token=token,
        person=person,
        form=form,
        hours=hours(),
        modes=modes(),
        lines=line_numbers(form.values)[:-1],
        owners=[(one.id, one.name) for one in people],
        **watching(form),
    )


def hours() -> list[tuple[int, str]]:
    return [(minutes, i18n.gettext(text)) for minutes, text in HOURS]


def _coming_page(
    request: Web, token: str, person: Person, form: Form[ComingForm], status: int = 200
) -> Response[str]:
    return page(
        request,
        "followup/light/coming.html",
        status=status,
        token=token,
        person=person,
        form=form,
        hours=hours(),
    )


def _agreed_page(
    request: Web,
    me: Actor,
    token: str,
    person: Person,
    form: Form[AgreedForm],
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "followup/light/agreed.html",
        status=status,
        token=token,
        person=person,
        form=form,
        owners=[(person.id, person.name), (me.person_id, i18n.gettext(N_("Moi")))],
    )
