"""The end of a membership: what it touches, and how that is settled."""

import datetime as dt
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination import actions
from couveuse.coordination.forms import MembershipEndForm
from couveuse.coordination.queries import Touched, what_ending_touches
from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.fields import read_day
from couveuse.core.i18n import N_, gettext
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
    async def new(
        self,
        request: Web,
        db: Db,
        me: Me,
        membership_id: RowId,
        jour: FromQuery[str | None] = None,
    ) -> Response[str]:
        membership = await _own_membership(db, me, membership_id)
        touched = await what_ending_touches(db, [membership], _day(jour))
        return await _show(request, db, me, membership, touched, _proposed(membership, touched))

    @post(name="coordination.membership_ends.create")
    async def create(self, request: Web, db: Db, me: Me, membership_id: RowId) -> Response[Any]:
        membership = await _own_membership(db, me, membership_id)
        form = await bind(MembershipEndForm, request)
        if form.is_valid:
            try:
                await actions.end_memberships(db, me, [membership], form.data)
            except Refused as refused:
                form.refuse(refused)
                membership = await _own_membership(db, me, membership_id)
            else:
                person_id = membership.person_id
                return see_other(
                    request, "people.persons.show", notice="membership_ended", person_id=person_id
                )
        day = form.checked.last_day if form.checked else clock.today()
        touched = await what_ending_touches(db, [membership], day)
        return await _show(request, db, me, membership, touched, form, status=422)


async def _own_membership(db: AsyncSession, me: Actor, membership_id: int) -> Membership:
    """The membership, when the actor may end it."""
    membership = await queries.get_membership(db, me, membership_id)
    require(policy.can_end_membership(me, membership))
    return membership


def _day(text: str | None) -> dt.date:
    """The day asked for when it can be read, else today."""
    try:
        return read_day(text) if text else clock.today()
    except ValueError:
        return clock.today()


def _proposed(membership: Membership, touched: Touched) -> Form[MembershipEndForm]:
    """Who stays a member keeps what they hold, who leaves gives it back."""
    return blank(
        MembershipEndForm,
        last_day=touched.last_day,
        bookings="keep" if touched.stays_member else "cancel",
        successor_id=membership.person_id if touched.stays_member else None,
    )


async def _show(
    request: Web,
    db: AsyncSession,
    me: Actor,
    membership: Membership,
    touched: Touched,
    form: Form[MembershipEndForm],
    *,
    status: int = 200,
) -> Response[str]:
    person = membership.person
    people = [
        (key, name) for key, name in await queries.list_people_to_choose(db, me) if key != person.id
    ]
    if touched.stays_member:
        people.insert(0, (person.id, gettext("toujours %(name)s") % {"name": person.name}))
    return page(
        request,
        "coordination/membership_end.html",
        status=status,
        membership=membership,
        form=form,
        touched=touched,
        people=people,
    )
