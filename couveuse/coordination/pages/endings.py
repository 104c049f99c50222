"""The end of a membership: what it touches, and how that is settled."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination import actions
from couveuse.coordination.forms import MembershipEndForm
from couveuse.coordination.queries import what_ending_touches
from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.people import policy, queries
from couveuse.people.models import Membership
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices({"membership_ended": N_("L'appartenance est terminée, ce qu'elle touchait est réglé.")})


class MembershipEndPages(Controller):
    path = "/appartenances/{membership_id:int}/fin"

    @get(name="coordination.membership_ends.new")
    async def new(self, request: Web, db: Db, me: Me, membership_id: RowId) -> Response[str]:
        membership = await queries.get_membership(db, me, membership_id)
        require(policy.can_end_membership(me, membership))
        form = blank(MembershipEndForm, last_day=clock.today(), bookings="cancel")
        return await show(request, db, me, membership, form)

    @post(name="coordination.membership_ends.create")
    async def create(self, request: Web, db: Db, me: Me, membership_id: RowId) -> Response[Any]:
        membership = await queries.get_membership(db, me, membership_id)
        require(policy.can_end_membership(me, membership))
        form = await bind(MembershipEndForm, request)
        if form.is_valid:
            try:
                await actions.end_membership(db, me, membership, form.data)
            except Refused as refused:
                form.refuse(refused)
                membership = await queries.get_membership(db, me, membership_id)
            else:
                person_id = membership.person_id
                return see_other(
                    request, "people.persons.show", notice="membership_ended", person_id=person_id
                )
        return await show(request, db, me, membership, form, status=422)


async def show(
    request: Web,
    db: AsyncSession,
    me: Actor,
    membership: Membership,
    form: Form[MembershipEndForm],
    *,
    status: int = 200,
) -> Response[str]:
    last_day = form.data.last_day if form.checked else clock.today()
    people = await queries.list_people_to_choose(db, me)
    return page(
        request,
        "coordination/membership_end.html",
        status=status,
        membership=membership,
        form=form,
        touched=await what_ending_touches(db, membership, last_day),
        people=[(key, name) for key, name in people if key != membership.person_id],
    )
