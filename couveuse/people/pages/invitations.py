"""Inviting somebody, and answering an invitation."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.contacts import shown_phone
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.people import actions, policy, queries
from couveuse.people.forms import InvitationForm
from couveuse.people.models import LinkPurpose, Person
from couveuse.people.pages.admission import admit, gone
from couveuse.people.rules import role_name
from couveuse.web.deps import Config, Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import PUBLIC, require
from couveuse.web.render import notices, page, see_other, site_address

notices(
    {
        "invited": N_("L'invitation est partie. Elle reste valable 14 jours."),
        "welcome": N_("Bienvenue ! Votre accès est ouvert."),
    }
)


class SendInvitation(Controller):
    path = "/personnes/{person_id:int}/invitation"

    @post(name="people.invitations.create")
    async def create(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[None]:
        person = await queries.get_person(db, me, person_id)
        memberships = await queries.list_memberships(db, person.id)
        require(policy.can_invite(me, person, memberships))
        await actions.invite(db, me, person, site_address(request))
        return see_other(request, "people.persons.show", notice="invited", person_id=person_id)


class AnswerPages(Controller):
    path = "/invitations/{token:str}"
    opt = PUBLIC

    @get(name="people.invitations.edit")
    async def edit(self, request: Web, db: Db, token: FromPath[str]) -> Response[str]:
        person = await queries.find_link(db, token, LinkPurpose.INVITATION)
        if person is None:
            return gone(request, LinkPurpose.INVITATION)
        return await _answer_page(request, db, person, token, _present(person))

    @post(name="people.invitations.update")
    async def update(
        self, request: Web, db: Db, settings: Config, token: FromPath[str]
    ) -> Response[Any]:
        form = await bind(InvitationForm, request)
        if form.is_valid:
            try:
                person = await actions.accept_invitation(db, token, form.data)
            except actions.LinkGone:
                return gone(request, LinkPurpose.INVITATION)
            except Refused as refused:
                form.refuse(refused)
            else:
                return await admit(request, db, settings, person.id, notice="welcome")
        person = await queries.find_link(db, token, LinkPurpose.INVITATION)
        if person is None:
            return gone(request, LinkPurpose.INVITATION)
        return await _answer_page(request, db, person, token, form, status=422)


def _present(person: Person) -> Form[InvitationForm]:
    return blank(
        InvitationForm,
        given_name=person.given_name,
        family_name=person.family_name,
        phone=shown_phone(person.phone) if person.phone else None,
        phone_shared=person.phone_shared,
        language=person.language,
    )


async def _answer_page(
    request: Web,
    db: AsyncSession,
    person: Person,
    token: str,
    form: Form[InvitationForm],
    status: int = 200,
) -> Response[str]:
    memberships = await queries.list_memberships(db, person.id)
    return page(
        request,
        "people/invitation.html",
        status=status,
        person=person,
        memberships=[one for one in memberships if not one.is_over],
        token=token,
        form=form,
        role_name=role_name,
    )
