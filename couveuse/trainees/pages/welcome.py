"""The sheet of a first welcome."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.core.tokens import new_token
from couveuse.trainees import actions, policy, queries
from couveuse.trainees.forms.welcome import Choices, SheetForm, WelcomeForm
from couveuse.trainees.models import Introduction, Welcome
from couveuse.trainees.rules.paths import state_name
from couveuse.trainees.rules.welcome import kind_name, kind_options
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices({"welcomed": N_("L'accueil est enregistré, le parcours est ouvert.")})


class WelcomePages(Controller):
    path = "/accueils"

    @get("/nouveau", name="trainees.welcomes.new")
    async def new(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_welcome_anywhere(me))
        introduction = await _introduction(db, me, request.query_params)
        structures = await queries.list_welcoming_structures(db, me)
        own = next((key for key, _ in structures if policy.can_manage_own(me, key)), None)
        known = {"contacted_on": clock.today()} | _already_said(introduction)
        form = blank(WelcomeForm, once=new_token(), structure_id=own, **known)
        alike = await queries.find_alike(db, me, introduction) if introduction else None
        return await _new_page(request, db, me, form, introduction=introduction, alike=alike)

    @post(name="trainees.welcomes.create")
    async def create(self, request: Web, db: Db, me: Me) -> Response[Any]:
        require(policy.can_welcome_anywhere(me))
        form = await bind(WelcomeForm, request)
        alike = None
        if form.is_valid:
            try:
                path = await actions.welcome(db, me, form.data)
            except actions.ToCompare as known:
                return _compare_page(request, form, known.joining)
            except Refused as refused:
                form.refuse(refused)
                alike = refused.alike if isinstance(refused, actions.LooksKnown) else None
            else:
                return see_other(request, "trainees.paths.show", notice="welcomed", path_id=path.id)
        return await _new_page(request, db, me, form, status=422, alike=alike)

    @get("/{welcome_id:int}", name="trainees.welcomes.show")
    async def show(self, request: Web, db: Db, me: Me, welcome_id: RowId) -> Response[str]:
        sheet = await queries.get_welcome(db, me, welcome_id)
        fields = {name: getattr(sheet, name, None) for name in SheetForm.model_fields}
        fields |= {"project": sheet.path.project, "consent": sheet.consent_on is not None}
        return await _sheet_page(request, db, me, sheet, blank(SheetForm, **fields))

    @post("/{welcome_id:int}", name="trainees.welcomes.update")
    async def update(self, request: Web, db: Db, me: Me, welcome_id: RowId) -> Response[Any]:
        sheet = await queries.get_welcome(db, me, welcome_id)
        require(policy.can_edit_welcome(me, sheet))
        form = await bind(SheetForm, request)
        if not form.is_valid:
            return await _sheet_page(request, db, me, sheet, form, status=422)
        await actions.edit_sheet(db, me, sheet, form.data)
        return see_other(request, "trainees.welcomes.show", notice="saved", welcome_id=sheet.id)


async def _introduction(
    db: AsyncSession, me: Actor, asked: Mapping[str, str]
) -> Introduction | None:
    """What the newcomer said by herself, when the sheet answers an introduction."""
    key = asked.get("presentation", "")
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        return None
    return await queries.get_introduction(db, me, int(key))


def _already_said(introduction: Introduction | None) -> dict[str, Any]:
    if introduction is None:
        return {}
    said = ("given_name", "family_name", "email", "phone", "commune", "kind", "project")
    return {name: getattr(introduction, name) for name in said} | {
        "consent": introduction.consents,
        "notice_given": True,
        "contacted_on": introduction.sent_at.astimezone(clock.PARIS).date(),
        "introduction_id": introduction.id,
    }


async def _new_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    form: Form[WelcomeForm],
    *,
    status: int = 200,
    alike: queries.Alike | None = None,
    introduction: Introduction | None = None,
) -> Response[str]:
    return page(
        request,
        "trainees/welcome/new.html",
        status=status,
        form=form,
        alike=alike,
        introduction=introduction,
        kinds=kind_options(),
        structures=await queries.list_welcoming_structures(db, me),
    )


def _compare_page(request: Web, form: Form[WelcomeForm], joining: queries.Joining) -> Response[str]:
    """Everything typed travels on, unseen, to the confirmation."""
    asked_here = {*Choices.model_fields, "compared", "is_new"}
    return page(
        request,
        "trainees/joinings/compare.html",
        status=422,
        form=form,
        joining=joining,
        typed=[name for name in WelcomeForm.model_fields if name not in asked_here],
    )


async def _sheet_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    sheet: Welcome,
    form: Form[SheetForm],
    *,
    status: int = 200,
) -> Response[str]:
    person = sheet.path.person
    may_join = policy.can_join(me, sheet)
    alike = await queries.find_alike(db, me, person, but=person.id) if may_join else None
    return page(
        request,
        "trainees/welcome/show.html",
        status=status,
        sheet=sheet,
        form=form,
        alike=alike.seen if alike else [],
        kinds=kind_options(),
        kind_name=kind_name,
        state_name=state_name,
        policy=policy,
    )
