"""One application before the committee: grids, ties declared, the decision and its letter."""

from collections.abc import Awaitable
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Conflict, NotVisible, Refused
from couveuse.core.i18n import N_
from couveuse.trainees import actions, policy, queries
from couveuse.trainees.forms.selection import (
    ConflictForm,
    DecisionForm,
    GridForm,
    NotificationForm,
)
from couveuse.trainees.models import CommitteeCase
from couveuse.trainees.rules.selection import (
    decision_name,
    decision_options,
    level_name,
    level_options,
    missing_pieces,
    read_levels,
)
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "grid_filled": N_("Votre grille est enregistrée. Les autres la liront après la décision."),
        "conflict_declared": N_("Votre lien d'intérêt est déclaré."),
        "decided": N_("La décision est notée, le parcours suit. Il reste à prévenir la personne."),
        "letter_noted": N_("L'envoi de la réponse est noté."),
        "letter_mailed": N_("La réponse part par courriel."),
    }
)


class CasePages(Controller):
    path = "/dossiers/{case_id:int}"

    @get(name="trainees.cases.show")
    async def show(self, request: Web, db: Db, me: Me, case_id: RowId) -> Response[str]:
        case = await queries.get_case(db, me, case_id)
        return await _show(request, db, me, case)

    @post("/grille", name="trainees.grids.create")
    async def grid(self, request: Web, db: Db, me: Me, case_id: RowId) -> Response[Any]:
        case, grids = await _seen(db, me, case_id)
        require(grids.is_member)
        form = await bind(GridForm, request)
        if not form.is_valid:
            return await _show(request, db, me, case, status=422, grid=form)
        criteria = await queries.list_criteria(db, case.committee.held_on)
        levels = read_levels(form.values, [one.code for one in criteria])
        done = actions.fill_grid(db, me, case, levels, form.data.comment)
        return await _done(request, db, me, case_id, "grid_filled", done, grid=form)

    @post("/lien-d-interet", name="trainees.conflicts.create")
    async def conflict(self, request: Web, db: Db, me: Me, case_id: RowId) -> Response[Any]:
        case, grids = await _seen(db, me, case_id)
        require(grids.is_member)
        form = await bind(ConflictForm, request)
        if not form.is_valid:
            return await _show(request, db, me, case, status=422, conflict=form)
        done = actions.declare_conflict(db, me, case, form.data.conflict)
        return await _done(request, db, me, case_id, "conflict_declared", done, conflict=form)

    @post("/decision", name="trainees.decisions.create")
    async def decision(self, request: Web, db: Db, me: Me, case_id: RowId) -> Response[Any]:
        case, _ = await _seen(db, me, case_id)
        require(policy.can_hold_committee(me, case.committee.structure_id))
        form = await bind(DecisionForm, request)
        if not form.is_valid:
            return await _show(request, db, me, case, status=422, decision=form)
        done = actions.decide(db, me, case, form.data)
        return await _done(request, db, me, case_id, "decided", done, decision=form)

    @get("/lettre", name="trainees.letters.show")
    async def letter(self, request: Web, db: Db, me: Me, case_id: RowId) -> Response[str]:
        case = await queries.get_case(db, me, case_id)
        require(policy.can_read_letter(me, case))
        return page(
            request,
            "trainees/committees/letter.html",
            case=case,
            path=case.application.path,
            today=clock.today(),
        )

    @post("/notification", name="trainees.notifications.create")
    async def notify(self, request: Web, db: Db, me: Me, case_id: RowId) -> Response[Any]:
        case, _ = await _seen(db, me, case_id)
        require(policy.can_hold_committee(me, case.committee.structure_id))
        form = await bind(NotificationForm, request)
        if not form.is_valid:
            return await _show(request, db, me, case, status=422, notification=form)
        done = actions.note_letter_sent(db, me, case, form.data.notified_on)
        return await _done(request, db, me, case_id, "letter_noted", done, notification=form)

    @post("/courriel", name="trainees.letters.create")
    async def mail(self, request: Web, db: Db, me: Me, case_id: RowId) -> Response[Any]:
        case, _ = await _seen(db, me, case_id)
        require(policy.can_hold_committee(me, case.committee.structure_id))
        form = blank(NotificationForm, notified_on=clock.today())
        done = actions.mail_letter(db, me, case)
        return await _done(request, db, me, case_id, "letter_mailed", done, notification=form)


async def _seen(db: AsyncSession, me: Actor, case_id: int) -> tuple[CommitteeCase, queries.Grids]:
    """The case with its grids, for who sits in the committee or prepares it."""
    case = await queries.get_case(db, me, case_id)
    grids = await queries.read_grids(db, me, case)
    if not policy.can_see_case(me, case, is_member=grids.is_member):
        raise NotVisible
    return case, grids


async def _done(
    request: Web,
    db: AsyncSession,
    me: Actor,
    case_id: int,
    notice: str,
    done: Awaitable[None],
    **forms: Form[Any],
) -> Response[Any]:
    try:
        await done
    except Refused as refused:
        (form,) = forms.values()
        form.refuse(refused)
        status = 409 if isinstance(refused, Conflict) else 422
        now = await queries.get_case(db, me, case_id)
        return await _show(request, db, me, now, status=status, **forms)
    return see_other(request, "trainees.cases.show", notice=notice, case_id=case_id)


async def _show(
    request: Web,
    db: AsyncSession,
    me: Actor,
    case: CommitteeCase,
    *,
    status: int = 200,
    grid: Form[GridForm] | None = None,
    conflict: Form[ConflictForm] | None = None,
    decision: Form[DecisionForm] | None = None,
    notification: Form[NotificationForm] | None = None,
) -> Response[str]:
    grids = await queries.read_grids(db, me, case)
    if not policy.can_see_case(me, case, is_member=grids.is_member):
        raise NotVisible
    own, is_member = grids.own, grids.is_member
    kinds = await queries.list_piece_kinds(db, case.application.opened_on)
    return page(
        request,
        "trainees/committees/case.html",
        status=status,
        case=case,
        application=case.application,
        path=case.application.path,
        grids=grids,
        criteria=await queries.list_criteria(db, case.committee.held_on),
        missing=missing_pieces(case.application, kinds),
        grid=grid or blank(GridForm, comment=own.comment if own else None),
        conflict=conflict or blank(ConflictForm),
        decision=decision or blank(DecisionForm, decided_on=clock.today()),
        notification=notification or blank(NotificationForm, notified_on=clock.today()),
        can_fill=policy.can_fill_grid(case, own, is_member=is_member),
        levels=level_options(),
        level_name=level_name,
        decisions=decision_options(),
        decision_name=decision_name,
        policy=policy,
    )
