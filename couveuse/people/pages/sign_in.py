"""Signing in: with a password, with a mailed link, and as somebody of the demonstration."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.i18n import N_, gettext
from couveuse.people import actions, queries
from couveuse.people.forms import PLAYERS, DemoForm, EmailForm, SignInForm
from couveuse.people.models import LinkPurpose
from couveuse.people.pages.admission import admit, gone, network
from couveuse.people.rules import role_name
from couveuse.people.signin import check_password
from couveuse.web.deps import Config, Db, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import PUBLIC
from couveuse.web.render import own_path, page, site_address

WRONG = N_(
    "L'adresse ou le mot de passe ne convient pas. Vérifiez-les, ou demandez un lien par courriel."
)
TOO_MANY = N_(
    "Trop de tentatives manquées. Attendez un quart d'heure, ou demandez un lien par courriel."
)
NOT_HERE = N_("Cette personne n'est pas dans la démonstration. Choisissez-en une autre.")


class SignInPages(Controller):
    path = "/connexion"
    opt = PUBLIC

    @get(name="people.sign_in.new")
    async def new(self, request: Web, db: Db) -> Response[str]:
        form = blank(SignInForm, next=own_path(request.query_params.get("next")))
        return await _sign_in_page(request, db, form)

    @post(name="people.sign_in.create")
    async def create(self, request: Web, db: Db, settings: Config) -> Response[Any]:
        form = await bind(SignInForm, request)
        if not form.is_valid:
            return await _sign_in_page(request, db, form, status=422)
        email, where = form.data.email, network(request)
        reader = request.app.state.reader
        verdict = await check_password(reader, email, form.data.password, where)
        if verdict.person_id:
            return await admit(request, db, settings, verdict.person_id, address=form.data.next)
        if verdict.is_blocked:
            form.problems.append(gettext(TOO_MANY))
            return await _sign_in_page(request, db, form, status=429)
        await actions.note_failure(db, email, where)
        form.problems.append(gettext(WRONG))
        return await _sign_in_page(request, db, form, status=422)


class LinkPages(Controller):
    path = "/connexion/lien"
    opt = PUBLIC

    @post(name="people.sign_in_links.create")
    async def create(self, request: Web, db: Db) -> Response[str]:
        form = await bind(EmailForm, request)
        if not form.is_valid:
            shown = blank(SignInForm, email=form.value("email"))
            shown.field_errors = form.field_errors
            return await _sign_in_page(request, db, shown, status=422)
        await actions.send_link(db, form.data.email, LinkPurpose.SIGN_IN, site_address(request))
        return page(request, "people/link_sent.html", email=form.data.email, is_password=False)

    @get("/{token:str}", name="people.sign_in_links.show")
    async def show(self, request: Web, db: Db, token: FromPath[str]) -> Response[str]:
        person = await queries.find_link(db, token, LinkPurpose.SIGN_IN)
        if person is None:
            return gone(request, LinkPurpose.SIGN_IN)
        return page(request, "people/link_confirm.html", person=person, token=token)

    @post("/{token:str}", name="people.sign_in_links.update")
    async def update(
        self, request: Web, db: Db, settings: Config, token: FromPath[str]
    ) -> Response[Any]:
        try:
            person = await actions.use_link(db, token, LinkPurpose.SIGN_IN)
        except actions.LinkGone:
            return gone(request, LinkPurpose.SIGN_IN)
        return await admit(request, db, settings, person.id)


@post("/connexion/demo", name="people.demo.create", opt=PUBLIC)
async def enter_as(request: Web, db: Db, settings: Config) -> Response[Any]:
    form = await bind(DemoForm, request)
    person = await queries.find_by_email(db, _address(form.data.person)) if form.is_valid else None
    if person is None:
        refused = blank(SignInForm)
        refused.problems.append(gettext(NOT_HERE))
        return await _sign_in_page(request, db, refused, status=422)
    return await admit(request, db, settings, person.id)


def _address(player: str) -> str:
    return f"{player}@couveuse.example"


async def _sign_in_page(
    request: Web, db: AsyncSession, form: Form[Any], status: int = 200
) -> Response[str]:
    is_demo = request.app.state.settings.demo
    addresses = [_address(player) for player in PLAYERS]
    return page(
        request,
        "people/sign_in.html",
        status=status,
        form=form,
        cast=await queries.list_cast(db, addresses) if is_demo else [],
        role_name=role_name,
    )
