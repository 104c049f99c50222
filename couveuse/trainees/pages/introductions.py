"""Introducing a project without an account, and what coordination makes of it."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Conflict, Refused
from couveuse.core.i18n import N_, gettext
from couveuse.core.settings import Settings
from couveuse.core.tokens import new_token
from couveuse.people.rules import network_of
from couveuse.trainees import actions, policy, queries
from couveuse.trainees.forms.welcome import IntroductionForm, SetAsideForm
from couveuse.trainees.models import IntroductionState
from couveuse.trainees.rules.welcome import (
    SENDINGS_PER_NETWORK,
    Slip,
    kind_name,
    kind_options,
    read_slip,
    sign_slip,
)
from couveuse.web.deps import Config, Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import PUBLIC, require
from couveuse.web.render import notices, page, see_other, site_address

notices({"introduction_set_aside": N_("La présentation est classée.")})
TOO_MANY = N_(
    "Beaucoup de présentations viennent d'arriver de votre réseau. Réessayez dans une heure, ou "
    "appelez une structure."
)
AGAIN = N_("Cette page était ouverte depuis longtemps. Relisez, puis envoyez à nouveau.")
TOO_FAST = N_("C'était très rapide. Relisez, puis envoyez à nouveau.")


class IntroductionPages(Controller):
    path = "/bienvenue"
    opt = PUBLIC

    @get(name="trainees.introductions.new")
    async def new(self, request: Web, settings: Config) -> Response[str]:
        return _form_page(request, settings, blank(IntroductionForm))

    @post(name="trainees.introductions.create")
    async def create(self, request: Web, db: Db, settings: Config) -> Response[Any]:
        form = await bind(IntroductionForm, request)
        if form.value("website"):  # a machine is thanked like anybody, and nothing is kept
            return see_other(request, "trainees.introductions.sent")
        if not form.is_valid:
            return _form_page(request, settings, form, status=422)
        slip = read_slip(settings.secret, form.data.slip, clock.now())
        if slip.verdict != Slip.GOOD:
            form.problems.append(gettext(TOO_FAST if slip.verdict == Slip.TOO_FAST else AGAIN))
            return _form_page(request, settings, form, status=422)
        network = network_of(request.client.host if request.client else None)
        if await queries.count_sent_from(db, network) >= SENDINGS_PER_NETWORK:
            form.problems.append(gettext(TOO_MANY))
            return _form_page(request, settings, form, status=429)
        await actions.note_sending(db, network)
        await actions.introduce(db, slip.once, form.data, site_address(request))
        return see_other(request, "trainees.introductions.sent")

    @get("/merci", name="trainees.introductions.sent")
    async def sent(self, request: Web) -> Response[str]:
        return page(request, "trainees/introductions/sent.html")


def _form_page(
    request: Web, settings: Settings, form: Form[IntroductionForm], *, status: int = 200
) -> Response[str]:
    """A refused form keeps its slip, so that sending again is the same sending; a dead one not."""
    kept = read_slip(settings.secret, form.value("slip"), clock.now())
    if kept.verdict == Slip.WORTHLESS:
        form.values["slip"] = [sign_slip(settings.secret, new_token(), clock.now())]
    return page(
        request,
        "trainees/introductions/new.html",
        status=status,
        form=form,
        kinds=kind_options(),
    )


class IntroductionsToTake(Controller):
    path = "/presentations"

    @get(name="trainees.introductions.index")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_take_introductions(me))
        return await _list_page(request, db, me, blank(SetAsideForm))

    @post("/{introduction_id:int}/classement", name="trainees.introduction_ends.create")
    async def set_aside(
        self, request: Web, db: Db, me: Me, introduction_id: RowId
    ) -> Response[Any]:
        introduction = await queries.get_introduction(db, me, introduction_id)
        form = await bind(SetAsideForm, request)
        if not form.is_valid:
            return await _list_page(request, db, me, form, status=422)
        try:
            await actions.set_aside(db, me, introduction, form.data.reason)
        except Refused as refused:
            form.refuse(refused)
            status = 409 if isinstance(refused, Conflict) else 422
            return await _list_page(request, db, me, form, status=status)
        return see_other(request, "trainees.introductions.index", notice="introduction_set_aside")


async def _list_page(
    request: Web, db: AsyncSession, me: Actor, form: Form[SetAsideForm], *, status: int = 200
) -> Response[str]:
    introductions = await queries.list_introductions(db, me, waiting_only=False)
    waiting = [one for one in introductions if one.state == IntroductionState.WAITING]
    return page(
        request,
        "trainees/introductions/index.html",
        status=status,
        introductions=introductions,
        known={one.id: (await queries.find_alike(db, me, one)).seen for one in waiting},
        form=form,
        kind_name=kind_name,
        zone=clock.PARIS,
    )
