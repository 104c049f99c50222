"""A forgotten password: a link by mail, then a new one."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.people import actions, queries
from couveuse.people.forms import EmailForm, NewPasswordForm
from couveuse.people.models import LinkPurpose
from couveuse.people.pages.admission import admit, gone
from couveuse.web.deps import Config, Db, Web
from couveuse.web.forms import bind, blank
from couveuse.web.guards import PUBLIC
from couveuse.web.render import notices, page, site_address

notices(
    {
        "password_set": N_(
            "Votre nouveau mot de passe est enregistré. Vos autres appareils sont déconnectés."
        )
    }
)


class ForgottenPages(Controller):
    path = "/mot-de-passe/oublie"
    opt = PUBLIC

    @get(name="people.resets.new")
    async def new(self, request: Web) -> Response[str]:
        return page(request, "people/password_forgotten.html", form=blank(EmailForm))

    @post(name="people.resets.create")
    async def create(self, request: Web, db: Db) -> Response[str]:
        form = await bind(EmailForm, request)
        if not form.is_valid:
            return page(request, "people/password_forgotten.html", status=422, form=form)
        await actions.send_link(db, form.data.email, LinkPurpose.PASSWORD, site_address(request))
        return page(request, "people/link_sent.html", email=form.data.email, is_password=True)


class ResetPages(Controller):
    path = "/mot-de-passe/{token:str}"
    opt = PUBLIC

    @get(name="people.resets.edit")
    async def edit(self, request: Web, db: Db, token: FromPath[str]) -> Response[str]:
        person = await queries.find_link(db, token, LinkPurpose.PASSWORD)
        if person is None:
            return gone(request, LinkPurpose.PASSWORD)
        form = blank(NewPasswordForm)
        return page(request, "people/password_new.html", form=form, token=token)

    @post(name="people.resets.update")
    async def update(
        self, request: Web, db: Db, settings: Config, token: FromPath[str]
    ) -> Response[Any]:
        form = await bind(NewPasswordForm, request)
        if form.is_valid:
            try:
                person = await actions.reset_password(db, token, form.data.password)
            except actions.LinkGone:
                return gone(request, LinkPurpose.PASSWORD)
            except Refused as refused:
                form.refuse(refused)
            else:
                return await admit(request, db, settings, person.id, notice="password_set")
        elif await queries.find_link(db, token, LinkPurpose.PASSWORD) is None:
            return gone(request, LinkPurpose.PASSWORD)
        return page(request, "people/password_new.html", status=422, form=form, token=token)
