"""The people of the network: who they are, what they do, where to reach them."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.contacts import shown_phone
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.people import actions, policy, queries
from couveuse.people.forms import PersonForm
from couveuse.people.models import Person
from couveuse.people.rules import paper_state, role_name
from couveuse.structures.queries import list_structures_to_choose
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import bind, blank, is_number
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices({"person_added": N_("La personne est ajoutée. Dites maintenant ce qu'elle fait, et où.")})
Text = FromQuery[str | None]

Way = tuple[str, str]
"""A route with the id of the person in its address, and its words."""
Door = Callable[[AsyncSession, Actor, int], Awaitable[Way | None]]
_DOORS: list[Door] = []


def leads_to(door: Door) -> Door:
    """Say where else the page of a person leads, for those who may: only what is above knows."""
    _DOORS.append(door)
    return door


async def _doors(db: AsyncSession, me: Actor, person_id: int) -> list[Way]:
    return [found for door in _DOORS if (found := await door(db, me, person_id))]


class PersonPages(Controller):
    path = "/personnes"

    @get(name="people.persons.index")
    async def index(
        self,
        request: Web,
        db: Db,
        me: Me,
        q: Text = None,
        structure: Text = None,
        tous: Text = None,
    ) -> Response[str]:
        require(policy.can_see_people(me))
        structure_id = _id(structure)
        return page(
            request,
            "people/persons/index.html",
            directory=await queries.list_people(
                db, me, search=q or "", structure_id=structure_id, everyone=bool(tous)
            ),
            structures=await list_structures_to_choose(db, me),
            search=q or "",
            structure_id=structure_id,
            everyone=bool(tous),
            role_name=role_name,
            policy=policy,
        )

    @get("/nouvelle", name="people.persons.new")
    async def new(self, request: Web, me: Me) -> Response[str]:
        require(policy.can_add_person(me))
        form = blank(PersonForm, phone_shared=True)
        return page(request, "people/persons/new.html", form=form)

    @post(name="people.persons.create")
    async def create(self, request: Web, db: Db, me: Me) -> Response[Any]:
        require(policy.can_add_person(me))
        form = await bind(PersonForm, request)
        if form.is_valid:
            try:
                person = await actions.add_person(db, me, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, person.id, "person_added")
        return page(request, "people/persons/new.html", status=422, form=form)

    @get("/{person_id:int}", name="people.persons.show")
    async def show(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        person = await queries.get_person(db, me, person_id)
        memberships = await queries.list_memberships(db, person.id)
        can_edit = policy.can_edit_person(me, memberships)
        can_see_papers = policy.can_see_papers(me, person)
        structures = {one.structure_id for one in memberships if one.is_present}
        return page(
            request,
            "people/persons/show.html",
            person=person,
            memberships=memberships,
            papers=await queries.papers_of(db, person.id) if can_see_papers else [],
            opens_documents=policy.can_open_documents(me, person, structures),
            structures=structures,
            doors=await _doors(db, me, person.id),
            lines=await journal.lines_about(db, "person", person.id) if can_edit else [],
            today=clock.today(),
            zone=clock.PARIS,
            paper_state=paper_state,
            role_name=role_name,
            policy=policy,
        )

    @get("/{person_id:int}/modification", name="people.persons.edit")
    async def edit(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        person = await _editable(db, me, person_id)
        fields = {name: getattr(person, name) for name in PersonForm.model_fields}
        fields["phone"] = shown_phone(person.phone) if person.phone else None
        form = blank(PersonForm, **fields)
        return page(request, "people/persons/edit.html", person_id=person_id, form=form)

    @post("/{person_id:int}", name="people.persons.update")
    async def update(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[Any]:
        person = await _editable(db, me, person_id)
        form = await bind(PersonForm, request)
        if form.is_valid:
            try:
                await actions.edit_person(db, me, person, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, person_id, "saved")
        return page(request, "people/persons/edit.html", status=422, person_id=person_id, form=form)


async def _editable(db: AsyncSession, me: Actor, person_id: int) -> Person:
    """The person, when the actor may change what is known of them."""
    person = await queries.get_person(db, me, person_id)
    memberships = await queries.list_memberships(db, person.id)
    require(policy.can_edit_person(me, memberships))
    return person


def _id(text: str | None) -> int | None:
    """A filter that cannot be read filters nothing."""
    return int(text) if text and is_number(text) else None


def _to(request: Web, person_id: int, notice: str) -> Response[None]:
    return see_other(request, "people.persons.show", notice=notice, person_id=person_id)
