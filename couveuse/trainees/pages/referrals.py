"""Passing somebody on: all structures side by side, the proposal, the answer."""

from collections.abc import Awaitable
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.errors import Conflict, Refused
from couveuse.core.i18n import N_
from couveuse.core.tokens import new_token
from couveuse.structures.rules import function_name
from couveuse.trainees import actions, policy, queries
from couveuse.trainees.forms.referrals import AnswerForm, ReferralForm
from couveuse.trainees.models import Path, Referral
from couveuse.trainees.rules.referrals import referral_state
from couveuse.trainees.rules.welcome import kind_name
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "referred": N_("L'orientation est envoyée. La structure est prévenue."),
        "referral_answered": N_("La réponse est enregistrée, la structure d'origine est prévenue."),
        "referral_withdrawn": N_("L'orientation est retirée."),
    }
)


class PathReferralPages(Controller):
    path = "/parcours/{path_id:int}/orientations"

    @get("/nouvelle", name="trainees.referrals.new")
    async def new(self, request: Web, db: Db, me: Me, path_id: RowId) -> Response[str]:
        path = await queries.get_path(db, me, path_id)
        require(policy.can_manage_path(me, path.structure_id))
        sheet = await queries.find_welcome(db, path.id)
        agreed = sheet is not None and sheet.consent_on is not None
        form = blank(ReferralForm, once=new_token(), consent=agreed)
        return await _new_page(request, db, me, path, form)

    @post(name="trainees.referrals.create")
    async def create(self, request: Web, db: Db, me: Me, path_id: RowId) -> Response[Any]:
        path = await queries.get_path(db, me, path_id)
        require(policy.can_manage_path(me, path.structure_id))
        form = await bind(ReferralForm, request)
        if form.is_valid:
            try:
                await actions.refer(db, me, path, form.data)
            except Refused as refused:
                form.refuse(refused)
                path = await queries.get_path(db, me, path_id)
            else:
                return see_other(request, "trainees.paths.show", notice="referred", path_id=path_id)
        return await _new_page(request, db, me, path, form, status=422)


class ReferralPages(Controller):
    path = "/orientations"

    @get(name="trainees.referrals.index")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_see_referrals(me))
        return page(
            request,
            "trainees/referrals/index.html",
            referrals=await queries.list_referrals(db, me),
            referral_state=referral_state,
        )

    @get("/{referral_id:int}", name="trainees.referrals.show")
    async def show(self, request: Web, db: Db, me: Me, referral_id: RowId) -> Response[str]:
        referral = await queries.get_referral(db, me, referral_id)
        return await _show(request, db, me, referral, blank(AnswerForm))

    @post("/{referral_id:int}/reponse", name="trainees.referral_answers.create")
    async def answer(self, request: Web, db: Db, me: Me, referral_id: RowId) -> Response[Any]:
        referral = await queries.get_referral(db, me, referral_id)
        require(policy.can_answer_referral(me, referral))
        form = await bind(AnswerForm, request)
        done = actions.answer_referral(db, me, referral, form.data) if form.is_valid else None
        return await _done(request, db, me, referral, form, done, "referral_answered")

    @post("/{referral_id:int}/retrait", name="trainees.referral_withdrawals.create")
    async def withdraw(self, request: Web, db: Db, me: Me, referral_id: RowId) -> Response[Any]:
        referral = await queries.get_referral(db, me, referral_id)
        require(policy.can_withdraw_referral(me, referral))
        done = actions.withdraw_referral(db, me, referral)
        return await _done(request, db, me, referral, blank(AnswerForm), done, "referral_withdrawn")


async def _done(
    request: Web,
    db: AsyncSession,
    me: Actor,
    referral: Referral,
    form: Form[AnswerForm],
    done: Awaitable[None] | None,
    notice: str,
) -> Response[Any]:
    referral_id = referral.id
    if done is None:
        return await _show(request, db, me, referral, form, status=422)
    try:
        await done
    except Refused as refused:
        form.refuse(refused)
        now = await queries.get_referral(db, me, referral_id)
        status = 409 if isinstance(refused, Conflict) else 422
        return await _show(request, db, me, now, form, status=status)
    return see_other(request, "trainees.referrals.show", notice=notice, referral_id=referral_id)


async def _new_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    path: Path,
    form: Form[ReferralForm],
    *,
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "trainees/referrals/new.html",
        status=status,
        path=path,
        sheet=await queries.find_welcome(db, path.id),
        form=form,
        options=await queries.list_referral_options(db, me, path),
        function_name=function_name,
    )


async def _show(
    request: Web,
    db: AsyncSession,
    me: Actor,
    referral: Referral,
    form: Form[AnswerForm],
    *,
    status: int = 200,
) -> Response[str]:
    can_read = policy.can_read_passed_sheet(me, referral)
    return page(
        request,
        "trainees/referrals/show.html",
        status=status,
        referral=referral,
        sheet=await queries.find_welcome(db, referral.path_id) if can_read else None,
        can_read=can_read,
        opens_path=await queries.can_open_path(db, me, referral.path_id),
        form=form,
        referral_state=referral_state,
        kind_name=kind_name,
        policy=policy,
    )
