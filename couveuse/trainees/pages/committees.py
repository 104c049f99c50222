"""Sessions of the selection committee: who is invited, what is on the agenda, the minutes."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.people.queries import list_people_to_choose
from couveuse.trainees import actions, policy, queries
from couveuse.trainees.forms.selection import (
    CaseForm,
    CommitteeForm,
    MemberForm,
    MinutesForm,
    NewCommitteeForm,
)
from couveuse.trainees.models import Committee
from couveuse.trainees.rules.selection import (
    decision_name,
    missing_pieces,
    presence_name,
    presence_options,
)
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank, filled
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "committee_called": N_("Le comité est créé. Invitez ses membres."),
        "committee_invited": N_("C'est noté."),
        "on_agenda": N_("La candidature est à l'ordre du jour."),
    }
)


class CommitteePages(Controller):
    path = "/comites"

    @get(name="trainees.committees.index")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(me.is_member)
        return page(
            request,
            "trainees/committees/index.html",
            committees=await queries.list_committees(db, me),
            letters=await queries.list_letters_to_send(db, me),
            decision_name=decision_name,
            policy=policy,
        )

    @get("/nouveau", name="trainees.committees.new")
    async def new(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_hold_committees(me))
        return await _new_page(request, db, me, blank(NewCommitteeForm))

    @post(name="trainees.committees.create")
    async def create(self, request: Web, db: Db, me: Me) -> Response[Any]:
        require(policy.can_hold_committees(me))
        form = await bind(NewCommitteeForm, request)
        if not form.is_valid:
            return await _new_page(request, db, me, form, status=422)
        committee = await actions.hold_committee(db, me, form.data)
        return _to(request, committee.id, "committee_called")

    @get("/{committee_id:int}", name="trainees.committees.show")
    async def show(self, request: Web, db: Db, me: Me, committee_id: RowId) -> Response[str]:
        return await _show(request, db, me, await queries.get_committee(db, me, committee_id))

    @post("/{committee_id:int}", name="trainees.committees.update")
    async def update(self, request: Web, db: Db, me: Me, committee_id: RowId) -> Response[Any]:
        committee = await _held(db, me, committee_id)
        form = await bind(CommitteeForm, request)
        if not form.is_valid:
            return await _show(request, db, me, committee, status=422, form=form)
        await actions.edit_committee(db, me, committee, form.data)
        return _to(request, committee_id, "saved")


class CommitteeParts(Controller):
    path = "/comites/{committee_id:int}"

    @post("/membres", name="trainees.committee_members.create")
    async def member(self, request: Web, db: Db, me: Me, committee_id: RowId) -> Response[Any]:
        committee = await _held(db, me, committee_id)
        form = await bind(MemberForm, request)
        if form.is_valid:
            try:
                await actions.invite_to_committee(db, me, committee, form.data)
            except Refused as refused:
                form.refuse(refused)
                committee = await _held(db, me, committee_id)
            else:
                return _to(request, committee_id, "committee_invited")
        return await _show(request, db, me, committee, status=422, member=form)

    @post("/dossiers", name="trainees.cases.create")
    async def case(self, request: Web, db: Db, me: Me, committee_id: RowId) -> Response[Any]:
        committee = await _held(db, me, committee_id)
        form = await bind(CaseForm, request)
        if form.is_valid:
            application = await queries.get_application(db, me, form.data.application_id)
            try:
                await actions.put_on_agenda(db, me, committee, application)
            except Refused as refused:
                form.refuse(refused)
                committee = await _held(db, me, committee_id)
            else:
                return _to(request, committee_id, "on_agenda")
        return await _show(request, db, me, committee, status=422, case=form)

    @post("/compte-rendu", name="trainees.minutes.create")
    async def minutes(self, request: Web, db: Db, me: Me, committee_id: RowId) -> Response[Any]:
        committee = await _held(db, me, committee_id)
        form = await bind(MinutesForm, request)
        if not form.is_valid:
            return await _show(request, db, me, committee, status=422, minutes=form)
        await actions.write_minutes(db, me, committee, form.data.minutes)
        return _to(request, committee_id, "saved")


async def _held(db: AsyncSession, me: Actor, committee_id: int) -> Committee:
    """The session, when it is the actor's to prepare."""
    committee = await queries.get_committee(db, me, committee_id)
    require(policy.can_hold_committee(me, committee.structure_id))
    return committee


async def _new_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    form: Form[NewCommitteeForm],
    *,
    status: int = 200,
) -> Response[str]:
    structures = await queries.list_welcoming_structures(db, me)
    return page(
        request,
        "trainees/committees/new.html",
        status=status,
        form=form,
        structures=[one for one in structures if policy.can_hold_committee(me, one[0])],
    )


async def _show(
    request: Web,
    db: AsyncSession,
    me: Actor,
    committee: Committee,
    *,
    status: int = 200,
    form: Form[CommitteeForm] | None = None,
    member: Form[MemberForm] | None = None,
    case: Form[CaseForm] | None = None,
    minutes: Form[MinutesForm] | None = None,
) -> Response[str]:
    holds = policy.can_hold_committee(me, committee.structure_id)
    cases = await queries.list_cases(db, committee.id)
    members = await queries.list_members(db, committee.id)
    kinds = await queries.list_piece_kinds(db, clock.today())
    seated = {one.person_id for one in members}
    listed = {one.application_id for one in cases}
    people = await list_people_to_choose(db, me) if holds else []
    return page(
        request,
        "trainees/committees/show.html",
        status=status,
        committee=committee,
        cases=cases,
        members=members,
        missing=lambda one: missing_pieces(one, kinds),
        holds=holds,
        form=form or filled(CommitteeForm, committee),
        member=member or blank(MemberForm),
        case=case or blank(CaseForm),
        minutes=minutes or filled(MinutesForm, committee),
        people=[one for one in people if one[0] not in seated],
        applications=[
            (one.id, one.path.person.name)
            for one in (await queries.list_applications(db, me) if holds else [])
            if one.id not in listed
        ],
        presences=presence_options(),
        presence_name=presence_name,
        decision_name=decision_name,
    )


def _to(request: Web, committee_id: int, notice: str) -> Response[None]:
    name = "trainees.committees.show"
    return see_other(request, name, notice=notice, committee_id=committee_id)
