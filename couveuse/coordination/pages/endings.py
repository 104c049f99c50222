"""The end of one membership, or of all that a person has: what it touches, how that is settled."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

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
from couveuse.core.i18n import N_, translated
from couveuse.people import policy, queries
from couveuse.people.models import Membership, Person
from couveuse.people.rules import role_name
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

DAY = dt.timedelta(days=1)
ONE = N_("Terminer l'appartenance de %(name)s")
ALL = N_("%(name)s quitte le réseau")
STILL = N_("toujours %(name)s")
notices({"membership_ended": N_("C'est terminé, et ce que cette fin touchait est réglé.")})


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends together, and what that touches."""

    title: str
    person: Person
    memberships: Sequence[Membership]
    touched: Touched

    @property
    def removes(self) -> bool:
        """None of them would have begun by the last day."""
        day = self.touched.last_day
        return all(one.is_removable and (one.during.lower or day) > day for one in self.memberships)


Read: TypeAlias = Callable[[dt.date | None], Awaitable[Ending]]
"""What ends on a day, or on the usual one."""


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
        ending = await _one(db, me, membership_id, _day(jour))
        return await _show(request, db, me, ending, _proposed(ending))

    @post(name="coordination.membership_ends.create")
    async def create(self, request: Web, db: Db, me: Me, membership_id: RowId) -> Response[Any]:
        return await _settle(request, db, me, partial(_one, db, me, membership_id))


class PersonEndPages(Controller):
    path = "/personnes/{person_id:int}/fin"

    @get(name="coordination.person_ends.new")
    async def new(
        self, request: Web, db: Db, me: Me, person_id: RowId, jour: FromQuery[str | None] = None
    ) -> Response[str]:
        ending = await _all(db, me, person_id, _day(jour))
        return await _show(request, db, me, ending, _proposed(ending))

    @post(name="coordination.person_ends.create")
    async def create(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[Any]:
        return await _settle(request, db, me, partial(_all, db, me, person_id))


def _day(text: str | None) -> dt.date | None:
    """The day asked for, when it can be read."""
    try:
        return read_day(text) if text else None
    except ValueError:
        return None


async def _one(db: AsyncSession, me: Actor, membership_id: int, day: dt.date | None) -> Ending:
    """A single membership; one that has not begun usually never does."""
    membership = await queries.get_membership(db, me, membership_id)
    require(policy.can_end_membership(me, membership))
    first_day = membership.during.lower
    usual = first_day - DAY if first_day and membership.is_removable else clock.today()
    touched = await what_ending_touches(db, membership.person_id, [membership], day or usual)
    return Ending(ONE, membership.person, [membership], touched)


async def _all(db: AsyncSession, me: Actor, person_id: int, day: dt.date | None) -> Ending:
    """Every membership that goes beyond the day."""
    person = await queries.get_person(db, me, person_id)
    memberships = await queries.list_memberships(db, person_id)
    require(policy.can_edit_person(me, memberships))
    last_day = day or clock.today()
    ending = [one for one in memberships if one.last_day is None or one.last_day > last_day]
    touched = await what_ending_touches(db, person_id, ending, last_day)
    return Ending(ALL, person, ending, touched)


def _proposed(ending: Ending) -> Form[MembershipEndForm]:
    """Who stays a member keeps what they hold, who leaves gives it back."""
    touched = ending.touched
    return blank(
        MembershipEndForm,
        last_day=touched.last_day,
        bookings="keep" if touched.stays_member else "cancel",
        successor_id=ending.person.id if touched.stays_member else None,
    )


async def _settle(request: Web, db: AsyncSession, me: Actor, read: Read) -> Response[Any]:
    form = await bind(MembershipEndForm, request)
    day = form.checked.last_day if form.checked else None
    ending = await read(day)
    if form.is_valid:
        person_id = ending.person.id
        try:
            await actions.end_memberships(db, me, person_id, ending.memberships, form.data)
        except Refused as refused:
            form.refuse(refused)
            ending = await read(day)
        else:
            return see_other(
                request, "people.persons.show", notice="membership_ended", person_id=person_id
            )
    return await _show(request, db, me, ending, form, status=422)


async def _show(
    request: Web,
    db: AsyncSession,
    me: Actor,
    ending: Ending,
    form: Form[MembershipEndForm],
    *,
    status: int = 200,
) -> Response[str]:
    person = ending.person
    name = {"name": person.name}
    people = [
        (key, who) for key, who in await queries.list_people_to_choose(db, me) if key != person.id
    ]
    if ending.touched.stays_member:
        people.insert(0, (person.id, translated(STILL, name)))
    return page(
        request,
        "coordination/membership_end.html",
        status=status,
        address=request.url.path,
        title=translated(ending.title, name),
        ending=ending,
        touched=ending.touched,
        role_name=role_name,
        form=form,
        people=people,
    )
