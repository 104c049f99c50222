"""Progress committees: who is due, calling a session, inviting, and noting that it took place."""

from collections.abc import Sequence
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.followup import actions, queries
from couveuse.followup import committee_policy as policy
from couveuse.followup.committee_forms import (
    CallForm,
    ComingForm,
    InvitationForm,
    ReviewedForm,
    SessionForm,
)
from couveuse.followup.forms import ReasonForm
from couveuse.followup.models import Presence, ProgressCommittee, ProgressReview
from couveuse.followup.pages.choices import local_start, modes, new_once, next_hour, presences
from couveuse.followup.rules import COMMITTEE_STATES, DECISIONS, MODES, PRESENCES
from couveuse.people.models import Person
from couveuse.people.queries import list_people_to_choose
from couveuse.structures.queries import list_sites_to_choose
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank, filled
from couveuse.web.guards import require
from couveuse.web.menu import offers
from couveuse.web.render import notices, page, see_other

offers({"followup.committees.index": policy.can_see_committees})

Text = FromQuery[str | None]
USUAL_MINUTES = 60
Forms = dict[str, Form[Any]]

notices(
    {
        "committee_planned": N_("Le comité de suivi est prévu. Qui suit la personne est invité."),
        "committee_moved": N_("Le comité de suivi est déplacé, les personnes sont prévenues."),
        "committee_cancelled": N_("Le comité de suivi est annulé, les personnes sont prévenues."),
        "somebody_invited": N_("C'est noté, l'invitation part."),
        "invitation_removed": N_("L'invitation est retirée."),
        "person_on_agenda": N_("La personne est à l'ordre du jour."),
        "answer_noted": N_("Votre réponse est notée."),
        "committee_held": N_("C'est noté. Le compte rendu de chaque personne peut s'écrire."),
    }
)


class CommitteePages(Controller):
    path = "/comites-de-suivi"

    @get(name="followup.committees.index")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        """Who left the network still reads about their own."""
        sessions = await queries.list_sessions(db, me)
        return page(
            request,
            "followup/committees/index.html",
            due=await queries.list_committees_due(db, policy.reviewable_people(me)),
            own=await queries.list_committees_due(db, Person.id == me.person_id),
            minutes=await queries.list_minutes_to_write(db, me),
            coming=[one for one in sessions if one.is_planned],
            past=[one for one in sessions if not one.is_planned],
            names=await queries.list_names_on(db, me, sessions),
            states=COMMITTEE_STATES,
            modes=MODES,
            today=clock.today(),
            policy=policy,
        )

    @get("/nouveau", name="followup.committees.new")
    async def new(self, request: Web, db: Db, me: Me, personne: Text = None) -> Response[str]:
        require(policy.can_call_committees(me))
        form = blank(
            CallForm,
            person_ids=[personne] if personne else [],
            starts_at=next_hour(),
            duration_minutes=USUAL_MINUTES,
            once=new_once(),
        )
        return await _form_page(request, db, me, form)

    @post(name="followup.committees.create")
    async def create(self, request: Web, db: Db, me: Me) -> Response[Any]:
        require(policy.can_call_committees(me))
        form = await bind(CallForm, request)
        if form.is_valid:
            try:
                committee = await actions.call_committee(db, me, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, committee.id, "committee_planned")
        return await _form_page(request, db, me, form, status=422)

    @get("/{progress_id:int}", name="followup.committees.show")
    async def show(self, request: Web, db: Db, me: Me, progress_id: RowId) -> Response[str]:
        committee = await queries.get_session(db, me, progress_id)
        return await _show(request, db, me, committee)

    @post("/{progress_id:int}/deplacement", name="followup.committee_moves.create")
    async def move(self, request: Web, db: Db, me: Me, progress_id: RowId) -> Response[Any]:
        committee = await _held(db, me, progress_id)
        form = await bind(SessionForm, request)
        if form.is_valid:
            try:
                await actions.move_session(db, me, committee, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, progress_id, "committee_moved")
        return await _again(request, db, me, progress_id, moving=form)

    @post("/{progress_id:int}/annulation", name="followup.committee_cancellations.create")
    async def cancel(self, request: Web, db: Db, me: Me, progress_id: RowId) -> Response[Any]:
        committee = await _held(db, me, progress_id)
        form = await bind(ReasonForm, request)
        if form.is_valid:
            try:
                await actions.cancel_session(db, me, committee, form.data.reason)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, progress_id, "committee_cancelled")
        return await _again(request, db, me, progress_id, cancelling=form)

    @post("/{progress_id:int}/tenue", name="followup.committee_records.create")
    async def record(self, request: Web, db: Db, me: Me, progress_id: RowId) -> Response[Any]:
        committee = await _held(db, me, progress_id)
        form = await bind(ReasonForm, request)
        try:
            await actions.say_session_held(db, me, committee, _presences(form))
        except Refused as refused:
            form.refuse(refused)
        else:
            return _to(request, progress_id, "committee_held")
        return await _again(request, db, me, progress_id, recording=form)


class CommitteePeople(Controller):
    path = "/comites-de-suivi/{progress_id:int}"

    @post("/personnes", name="followup.reviews.create")
    async def review(self, request: Web, db: Db, me: Me, progress_id: RowId) -> Response[Any]:
        committee = await _held(db, me, progress_id)
        form = await bind(ReviewedForm, request)
        if form.is_valid:
            try:
                await actions.put_on_agenda(db, me, committee, form.data.person_id)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, progress_id, "person_on_agenda")
        return await _again(request, db, me, progress_id, reviewing=form)

    @post("/membres", name="followup.committee_members.create")
    async def invite(self, request: Web, db: Db, me: Me, progress_id: RowId) -> Response[Any]:
        committee = await _held(db, me, progress_id)
        form = await bind(InvitationForm, request)
        if form.is_valid:
            try:
                await actions.invite_to_session(db, me, committee, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, progress_id, "somebody_invited")
        return await _again(request, db, me, progress_id, inviting=form)

    @post("/membres/{seat_id:int}/retrait", name="followup.committee_members.destroy")
    async def remove(
        self, request: Web, db: Db, me: Me, progress_id: RowId, seat_id: RowId
    ) -> Response[Any]:
        committee = await _held(db, me, progress_id)
        try:
            await actions.remove_from_session(db, me, committee, seat_id)
        except Refused as refused:
            form = blank(InvitationForm)
            form.refuse(refused)
            return await _again(request, db, me, progress_id, inviting=form)
        return _to(request, progress_id, "invitation_removed")

    @post("/reponse", name="followup.committee_answers.create")
    async def answer(self, request: Web, db: Db, me: Me, progress_id: RowId) -> Response[Any]:
        committee = await queries.get_session(db, me, progress_id)
        require(any(one.person_id == me.person_id for one in committee.members))
        form = await bind(ComingForm, request)
        if form.is_valid:
            try:
                coming = form.data.coming == "yes"
                await actions.answer_invitation(db, me, committee, is_coming=coming)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, progress_id, "answer_noted")
        return await _again(request, db, me, progress_id, answering=form)


async def _held(db: AsyncSession, me: Actor, progress_id: int) -> ProgressCommittee:
    """The session, when it is the actor's to hold."""
    committee = await queries.get_session(db, me, progress_id)
    require(policy.can_hold_session(me, committee))
    return committee


def _presences(form: Form[Any]) -> dict[str, Presence]:
    """Who came, from fields named after each member (``m``) and each person reviewed (``r``)."""
    known = {str(one): one for one in Presence}
    return {
        name.removeprefix("presence_"): known[values[0]]
        for name, values in form.values.items()
        if name.startswith("presence_") and values[0] in known
    }


async def _form_page(
    request: Web, db: AsyncSession, me: Actor, form: Form[CallForm], *, status: int = 200
) -> Response[str]:
    return page(
        request,
        "followup/committees/new.html",
        status=status,
        form=form,
        people=await queries.list_people_to_review(db, me),
        sites=await list_sites_to_choose(db, me),
        modes=modes(),
    )


async def _again(
    request: Web, db: AsyncSession, me: Actor, progress_id: int, **forms: Form[Any]
) -> Response[str]:
    """The session as it is now, with what was refused."""
    committee = await queries.get_session(db, me, progress_id)
    return await _show(request, db, me, committee, forms, status=422)


async def _show(
    request: Web,
    db: AsyncSession,
    me: Actor,
    committee: ProgressCommittee,
    forms: Forms | None = None,
    *,
    status: int = 200,
) -> Response[str]:
    reviews = await queries.list_reviews(db, me, committee.id)
    holds = policy.can_hold_session(me, committee)
    prepares = policy.can_prepare_session(me, committee)
    is_closed = await queries.is_any_closed(db, committee.id)
    moving = filled(SessionForm, committee)
    moving.values["starts_at"] = blank(SessionForm, starts_at=local_start(committee)).values[
        "starts_at"
    ]
    first: Forms = {
        "moving": moving,
        "cancelling": blank(ReasonForm),
        "recording": blank(ReasonForm),
        "reviewing": blank(ReviewedForm),
        "inviting": blank(InvitationForm),
        "answering": blank(ComingForm),
    }
    return page(
        request,
        "followup/committees/show.html",
        status=status,
        committee=committee,
        reviews=reviews,
        own=next((one for one in committee.members if one.person_id == me.person_id), None),
        forms=first | (forms or {}),
        holds=holds,
        prepares=prepares,
        records=policy.can_say_held(me, committee, is_closed=is_closed),
        people=await _to_add(db, me, reviews) if prepares else [],
        to_invite=await _to_invite(db, me, committee, reviews) if prepares else [],
        sites=await list_sites_to_choose(db, me) if prepares else [],
        lines=await journal.lines_about(db, "progress", committee.id) if holds else [],
        options=modes(),
        came=presences(),
        modes=MODES,
        states=COMMITTEE_STATES,
        decisions=DECISIONS,
        presences=PRESENCES,
        policy=policy,
    )


async def _to_add(
    db: AsyncSession, me: Actor, reviews: Sequence[ProgressReview]
) -> list[tuple[int, str]]:
    known = {one.person_id for one in reviews}
    people = await queries.list_people_to_review(db, me)
    return [one for one in people if one[0] not in known]


async def _to_invite(
    db: AsyncSession, me: Actor, committee: ProgressCommittee, reviews: Sequence[ProgressReview]
) -> list[tuple[int, str]]:
    known = {one.person_id for one in [*committee.members, *reviews]}
    people = await list_people_to_choose(db, me)
    return [one for one in people if one[0] not in known]


def _to(request: Web, progress_id: int, notice: str) -> Response[None]:
    return see_other(request, "followup.committees.show", notice=notice, progress_id=progress_id)
