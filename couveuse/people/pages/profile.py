"""One's own account: what others see, language, password, devices."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.contacts import shown_phone
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_, gettext
from couveuse.core.settings import Settings
from couveuse.people import actions, queries
from couveuse.people.forms import ChangePasswordForm, LanguageForm, NewPasswordForm, ProfileForm
from couveuse.people.models import Person
from couveuse.people.pages.admission import network
from couveuse.people.rules import device_name, paper_state, role_name
from couveuse.people.signin import check_password
from couveuse.web.deps import Config, Db, Me, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import PUBLIC
from couveuse.web.render import go_to, own_path, page, see_other

WRONG_CURRENT = N_("Ce n'est pas votre mot de passe actuel. Retapez-le.")
TOO_MANY = N_("Trop de tentatives manquées. Attendez un quart d'heure, puis recommencez.")
NO_ADDRESS = N_(
    "Il faut une adresse électronique pour avoir un mot de passe. Demandez à la coordination."
)
YEAR = 365 * 24 * 3600


class ProfilePages(Controller):
    path = "/profil"

    @get(name="people.profile.show")
    async def show(self, request: Web, db: Db, me: Me) -> Response[str]:
        return await _profile_page(request, db, me)

    @post(name="people.profile.update")
    async def update(self, request: Web, db: Db, me: Me, settings: Config) -> Response[Any]:
        form = await bind(ProfileForm, request)
        if not form.is_valid:
            return await _profile_page(request, db, me, profile=form)
        person = await queries.get_person(db, me, me.person_id)
        await actions.edit_profile(db, me, person, form.data)
        answer = see_other(request, "people.profile.show", notice="saved")
        answer.set_cookie(_language_cookie(settings, form.data.language))
        return answer

    @post("/mot-de-passe", name="people.password.update")
    async def change_password(self, request: Web, db: Db, me: Me) -> Response[Any]:
        person = await queries.get_person(db, me, me.person_id)
        form = await bind(_password_form(person), request)
        if form.is_valid and await _knows_current(request, db, person, form):
            try:
                await actions.set_password(
                    db, person, form.data.password, keep_session=me.session_id
                )
            except Refused as refused:
                form.refuse(refused)
            else:
                return see_other(request, "people.profile.show", notice="password_set")
        return await _profile_page(request, db, me, password=form)


def _password_form(person: Person) -> type[NewPasswordForm]:
    return ChangePasswordForm if person.password_hash else NewPasswordForm


async def _knows_current(
    request: Web, db: AsyncSession, person: Person, form: Form[NewPasswordForm]
) -> bool:
    """Whoever finds an open browser must not be able to lock its owner out."""
    if person.email is None:
        form.problems.append(gettext(NO_ADDRESS))
        return False
    if not isinstance(form.data, ChangePasswordForm):
        return True
    reader, where = request.app.state.reader, network(request)
    verdict = await check_password(reader, person.email, form.data.current, where)
    if verdict.is_blocked:
        form.problems.append(gettext(TOO_MANY))
    elif verdict.person_id is None:
        await actions.note_failure(db, person.email, where)
        form.field_errors["current"] = [gettext(WRONG_CURRENT)]
    return verdict.person_id is not None


@post("/langue", name="people.language.update", opt=PUBLIC)
async def choose_language(request: Web, db: Db, settings: Config) -> Response[None]:
    form = await bind(LanguageForm, request)
    home = request.app.route_reverse("coordination.home")
    answer = go_to(request, own_path(form.value("next")) or home)
    if form.is_valid:
        if request.user:
            await actions.choose_language(db, request.user, form.data.language)
        answer.set_cookie(_language_cookie(settings, form.data.language))
    return answer


def _language_cookie(settings: Settings, language: str | None) -> Cookie:
    return Cookie(
        key="lang",
        value=language or "",
        max_age=YEAR if language else 0,
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


async def _profile_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    *,
    profile: Form[ProfileForm] | None = None,
    password: Form[NewPasswordForm] | None = None,
) -> Response[str]:
    """The whole account; with one of its forms as it was sent, when that was refused."""
    person = await queries.get_person(db, me, me.person_id)
    return page(
        request,
        "people/profile.html",
        status=422 if profile or password else 200,
        person=person,
        profile=profile or _present(person),
        password=password or blank(_password_form(person)),
        sessions=await queries.list_sessions(db, person.id),
        memberships=await queries.list_memberships(db, person.id),
        papers=await queries.papers_of(db, person.id),
        today=clock.today(),
        zone=clock.PARIS,
        device_name=device_name,
        paper_state=paper_state,
        role_name=role_name,
    )


def _present(person: Person) -> Form[ProfileForm]:
    return blank(
        ProfileForm,
        given_name=person.given_name,
        family_name=person.family_name,
        phone=shown_phone(person.phone) if person.phone else None,
        phone_shared=person.phone_shared,
        language=person.language,
    )
