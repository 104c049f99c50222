"""What a person does in which structure, from when to when."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor, Role
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.people import actions, policy, queries
from couveuse.people.forms import MembershipForm, SpellForm
from couveuse.people.models import Membership
from couveuse.people.rules import role_name
from couveuse.structures.queries import get_structure
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices({"membership_granted": N_("L'appartenance est enregistrée.")})


class NewMembershipPages(Controller):
    path = "/personnes/{person_id:int}/appartenances"

    @get("/nouvelle", name="people.memberships.new")
    async def new(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        require(policy.can_add_person(me))
        form = blank(MembershipForm, starts_on=clock.today())
        return await _new_page(request, db, me, person_id, form)

    @post(name="people.memberships.create")
    async def create(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[Any]:
        person = await queries.get_person(db, me, person_id)
        require(policy.can_add_person(me))
        form = await bind(MembershipForm, request)
        if form.is_valid:
            data = form.data
            structure = await get_structure(db, me, data.structure_id)
            require(policy.can_grant(me, data.role, structure.id))
            try:
                await actions.grant_membership(db, me, person, structure, data.role, data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, person_id, "membership_granted")
        return await _new_page(request, db, me, person_id, form, status=422)


class MembershipPages(Controller):
    path = "/appartenances/{membership_id:int}"

    @get(name="people.memberships.edit")
    async def edit(self, request: Web, db: Db, me: Me, membership_id: RowId) -> Response[str]:
        membership = await _editable(db, me, membership_id)
        form = blank(
            SpellForm,
            starts_on=membership.during.lower,
            ends_on=membership.last_day,
            salaried=membership.salaried,
        )
        return _edit_page(request, membership, form)

    @post(name="people.memberships.update")
    async def update(self, request: Web, db: Db, me: Me, membership_id: RowId) -> Response[Any]:
        membership = await _editable(db, me, membership_id)
        form = await bind(SpellForm, request)
        if form.is_valid:
            try:
                await actions.edit_membership(db, me, membership, form.data)
            except Refused as refused:
                form.refuse(refused)
                membership = await _editable(db, me, membership_id)
            else:
                return _to(request, membership.person_id, "saved")
        return _edit_page(request, membership, form, status=422)


async def _editable(db: AsyncSession, me: Actor, membership_id: int) -> Membership:
    membership = await queries.get_membership(db, me, membership_id)
    require(policy.can_end_membership(me, membership))
    return membership


async def _new_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    person_id: int,
    form: Form[MembershipForm],
    status: int = 200,
) -> Response[str]:
    places = await queries.list_structures_to_grant(db, me)
    roles = [role for role in Role if any(policy.can_grant(me, role, key) for key, _ in places)]
    return page(
        request,
        "people/memberships/new.html",
        status=status,
        person=await queries.get_person(db, me, person_id),
        form=form,
        places=places,
        roles=[(role.value, role_name(role)) for role in roles],
    )


def _edit_page(
    request: Web, membership: Membership, form: Form[SpellForm], status: int = 200
) -> Response[str]:
    return page(
        request,
        "people/memberships/edit.html",
        status=status,
        membership=membership,
        form=form,
        role_name=role_name,
    )


def _to(request: Web, person_id: int, notice: str) -> Response[None]:
    return see_other(request, "people.persons.show", notice=notice, person_id=person_id)
