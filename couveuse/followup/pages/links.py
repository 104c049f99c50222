"""Making the personal link of a volunteer, and stopping it."""

from collections.abc import Iterable
from typing import Any

import segno
from litestar import Controller, Response, get, post
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.followup import actions, policy, queries
from couveuse.followup.light_forms import AccessForm, VolunteerForm, season_end
from couveuse.followup.pages.choices import new_once, options
from couveuse.followup.rules import KINDS
from couveuse.people.models import Person
from couveuse.people.pages.persons import Way, leads_to
from couveuse.people.queries import get_person, list_memberships, list_structures_to_grant
from couveuse.trainees.queries import get_trainee, list_carriers
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other, site_address

notices({"link_ended": N_("Le lien est arrêté : il n'ouvre plus rien.")})


@leads_to
async def link_door(db: AsyncSession, me: Actor, person_id: int) -> Way | None:
    """From the page of a volunteer to her link, for those who may make one."""
    person = await get_person(db, me, person_id)
    may = await _may_give(db, me, person)
    return ("followup.links.show", N_("Lien sans mot de passe")) if may else None


class LinkPages(Controller):
    path = "/personnes/{person_id:int}/lien"

    @get(name="followup.links.show")
    async def show(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        person = await _volunteer(db, me, person_id)
        until = season_end(clock.today())
        return await _link_page(request, db, person, blank(AccessForm, until=until))

    @post(name="followup.links.create")
    async def create(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        """The page itself holds the link: it is told this once."""
        person = await _volunteer(db, me, person_id)
        form = await bind(AccessForm, request)
        if not form.is_valid:
            return await _link_page(request, db, person, form, status=422)
        url = await actions.make_link(db, me, person, form.data, site_address(request))
        return await _made_page(request, db, person, url)

    @post("/fin", name="followup.links.destroy")
    async def destroy(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[None]:
        person = await _volunteer(db, me, person_id)
        await actions.end_link(db, me, person)
        return see_other(request, "followup.links.show", notice="link_ended", person_id=person_id)


class VolunteerPages(Controller):
    path = "/testeurs/{person_id:int}/benevole"

    @get(name="followup.volunteers.new")
    async def new(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        trainee, carriers = await _managed(db, me, person_id)
        form = blank(
            VolunteerForm,
            until=season_end(clock.today()),
            kind="human",
            structure_id=min(carriers, default=None),
            once=new_once(),
        )
        return await _volunteer_page(request, db, me, trainee, form)

    @post(name="followup.volunteers.create")
    async def create(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[Any]:
        trainee, _ = await _managed(db, me, person_id)
        form = await bind(VolunteerForm, request)
        if form.is_valid and not await _may_grant(db, me, form.data.structure_id):
            form.field_errors["structure_id"] = [i18n.gettext(N_("Choisissez dans la liste."))]
        if form.is_valid:
            try:
                person, url = await actions.welcome_volunteer(
                    db, me, trainee, form.data, site_address(request)
                )
            except Refused as refused:
                form.refuse(refused)
            else:
                return await _made_page(request, db, person, url)
        return await _volunteer_page(request, db, me, trainee, form, status=422)


async def _may_give(db: AsyncSession, me: Actor, person: Person) -> bool:
    memberships = await list_memberships(db, person.id)
    leads_all = await queries.leads_all_of(db, me, person.id)
    return policy.can_give_link(me, person, memberships, leads_all=leads_all)


async def _volunteer(db: AsyncSession, me: Actor, person_id: int) -> Person:
    person = await get_person(db, me, person_id)
    require(await _may_give(db, me, person))
    return person


async def _managed(db: AsyncSession, me: Actor, person_id: int) -> tuple[Person, set[int]]:
    person = await get_trainee(db, me, person_id)
    carriers = await list_carriers(db, person_id)
    require(policy.can_welcome_volunteer(me, carriers))
    return person, carriers


async def _may_grant(db: AsyncSession, me: Actor, structure_id: int) -> bool:
    return structure_id in {key for key, _ in await list_structures_to_grant(db, me)}


async def _link_page(
    request: Web, db: AsyncSession, person: Person, form: Form[AccessForm], status: int = 200
) -> Response[str]:
    accesses = await queries.list_accesses(db, person.id)
    return page(
        request,
        "followup/links/show.html",
        status=status,
        person=person,
        form=form,
        access=next((one for one in accesses if one.ended_at is None), None),
        accesses=[one for one in accesses if one.ended_at],
        memberships=await list_memberships(db, person.id),
        places=await queries.list_places(db, person.id),
        zone=clock.PARIS,
    )


async def _made_page(request: Web, db: AsyncSession, person: Person, url: str) -> Response[str]:
    access = await queries.find_access(db, person.id)
    places = await queries.list_places(db, person.id)
    return page(
        request,
        "followup/links/made.html",
        status=201,
        person=person,
        access=access,
        url=url,
        qr=qr(url),
        sheets=sheets_of(request, [place.person for place in places]),
        author=person.name,
    )


async def _volunteer_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    trainee: Person,
    form: Form[VolunteerForm],
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "followup/links/new.html",
        status=status,
        person=trainee,
        form=form,
        structures=await list_structures_to_grant(db, me),
        kinds=options(KINDS),
    )


def sheets_of(request: Web, people: Iterable[Person]) -> list[tuple[Person, Markup]]:
    """Each person with the code that leads whoever receives a sheet to where it is typed in."""
    address, route = site_address(request), request.app.route_reverse
    once = {one.id: one for one in people}
    return [
        (one, qr(address + route("followup.papers.new", person_id=one.id))) for one in once.values()
    ]


def qr(address: str) -> Markup:
    """A code for a phone, on white so that it is read in the dark theme too."""
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(scale=4, border=2, light="#fff"))  # noqa: S704, ours
