"""The follow-up group of somebody: who follows, who leaves, who takes over."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.trainees import actions, policy, queries
from couveuse.trainees.forms.groups import FollowForm, HandOverForm, LeavingForm
from couveuse.trainees.models import FollowUpKind, FollowUpMember
from couveuse.trainees.rules.groups import follow_up_name
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "group_joined": N_("C'est noté : cette personne peut lire le dossier dès ce jour-là."),
        "group_left": N_("C'est noté : l'accès au dossier s'arrête avec le dernier jour."),
        "group_handed_over": N_(
            "Le relais est passé. La personne qui l'a passé lit encore pendant trente jours."
        ),
    }
)


class GroupPages(Controller):
    path = "/testeurs/{person_id:int}/groupe"

    @get(name="trainees.group.index")
    async def index(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        return await _group_page(request, db, me, await queries.get_trainee(db, me, person_id))

    @post(name="trainees.group.create")
    async def create(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[Any]:
        person = await queries.get_trainee(db, me, person_id)
        require(policy.can_manage_group(me, await queries.list_carriers(db, person_id)))
        form = await bind(FollowForm, request)
        if form.is_valid:
            try:
                await actions.follow(db, me, person, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, person_id, "group_joined")
        return await _group_page(request, db, me, person, form, status=422)


class PlacePages(Controller):
    path = "/groupes/{place_id:int}"

    @get(name="trainees.places.edit")
    async def edit(self, request: Web, db: Db, me: Me, place_id: RowId) -> Response[str]:
        place = await queries.get_place(db, me, place_id)
        carriers = await queries.list_carriers(db, place.person_id)
        require(policy.can_leave_group(me, place, carriers))
        return await _place_page(request, db, me, place)

    @post("/fin", name="trainees.places.destroy")
    async def end(self, request: Web, db: Db, me: Me, place_id: RowId) -> Response[Any]:
        place = await queries.get_place(db, me, place_id)
        carriers = await queries.list_carriers(db, place.person_id)
        require(policy.can_leave_group(me, place, carriers))
        form = await bind(LeavingForm, request)
        if form.is_valid:
            try:
                await actions.leave_group(db, me, place, form.data)
            except Refused as refused:
                form.refuse(refused)
                place = await queries.get_place(db, me, place_id)
            else:
                return _to(request, place.person_id, "group_left")
        return await _place_page(request, db, me, place, leaving=form, status=422)

    @post("/relais", name="trainees.hand_overs.create")
    async def hand_over(self, request: Web, db: Db, me: Me, place_id: RowId) -> Response[Any]:
        place = await queries.get_place(db, me, place_id)
        require(policy.can_hand_over(me, place, await queries.list_carriers(db, place.person_id)))
        form = await bind(HandOverForm, request)
        if form.is_valid:
            try:
                await actions.hand_over(db, me, place, form.data)
            except Refused as refused:
                form.refuse(refused)
                place = await queries.get_place(db, me, place_id)
            else:
                return _to(request, place.person_id, "group_handed_over")
        return await _place_page(request, db, me, place, handing=form, status=422)


async def _group_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    person: Person,
    form: Form[FollowForm] | None = None,
    status: int = 200,
) -> Response[str]:
    carriers = await queries.list_carriers(db, person.id)
    manages = policy.can_manage_group(me, carriers)
    return page(
        request,
        "trainees/groups/index.html",
        status=status,
        person=person,
        group=await queries.list_group(db, person.id),
        carriers=carriers,
        form=form or blank(FollowForm, starts_on=clock.today(), kind=FollowUpKind.TECHNICAL),
        people=await queries.list_who_may_follow(db, me, person.id) if manages else [],
        kinds=[(kind.value, follow_up_name(kind)) for kind in FollowUpKind],
        follow_up_name=follow_up_name,
        manages=manages,
        policy=policy,
    )


async def _place_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    place: FollowUpMember,
    *,
    leaving: Form[LeavingForm] | None = None,
    handing: Form[HandOverForm] | None = None,
    status: int = 200,
) -> Response[str]:
    hands_over = policy.can_hand_over(me, place, await queries.list_carriers(db, place.person_id))
    offered = await queries.list_who_may_follow(db, me, place.person_id) if hands_over else []
    return page(
        request,
        "trainees/groups/edit.html",
        status=status,
        place=place,
        leaving=leaving or blank(LeavingForm, last_day=clock.today()),
        handing=handing or blank(HandOverForm, on=clock.today()),
        hands_over=hands_over,
        people=[(key, name) for key, name in offered if key != place.member_id],
        follow_up_name=follow_up_name,
    )


def _to(request: Web, person_id: int, notice: str) -> Response[None]:
    return see_other(request, "coordination.files.show", notice=notice, person_id=person_id)
