"""How a test ended, news asked for afterwards, and the settled share."""

import datetime as dt
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.fields import read_day
from couveuse.core.i18n import N_, gettext
from couveuse.people.models import Person
from couveuse.trainees import policy
from couveuse.trainees.actions import after as actions
from couveuse.trainees.forms.after import ExitForm, NewsForm
from couveuse.trainees.models import MONTHS, AfterContact, Exit, Path
from couveuse.trainees.queries import after as queries
from couveuse.trainees.queries import get_trainee
from couveuse.trainees.rules.after import (
    Group,
    contact_state,
    group_name,
    group_of,
    living_options,
    moment_name,
    outcome_name,
    outcome_options,
    shares_of,
)
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank, filled
from couveuse.web.guards import PUBLIC, require
from couveuse.web.render import notices, page, see_other, site_address

notices(
    {
        "exit_recorded": N_("La sortie est notée ; des nouvelles seront demandées le moment venu."),
        "news_noted": N_("Les nouvelles sont notées."),
        "news_asked": N_("Le lien est envoyé."),
        "news_tried": N_("L'essai est noté."),
    }
)
Text = FromQuery[str | None]


class ExitPages(Controller):
    path = "/testeurs/{person_id:int}/sortie"

    @get(name="trainees.exits.edit")
    async def edit(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        person = await get_trainee(db, me, person_id)
        left, path = await _end_of(db, person)
        form = filled(ExitForm, left) if left else blank(ExitForm, left_on=clock.today())
        return _exit_page(request, me, person, left, path, form)

    @post(name="trainees.exits.update")
    async def update(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[Any]:
        person = await get_trainee(db, me, person_id)
        left, path = await _end_of(db, person)
        require(path is not None and policy.can_manage_path(me, path.structure_id))
        form = await bind(ExitForm, request)
        if form.is_valid and path is not None:
            try:
                await (
                    actions.correct_exit(db, me, left, form.data)
                    if left
                    else actions.record_exit(db, me, path, form.data)
                )
            except Refused as refused:
                form.refuse(refused)
                person = await get_trainee(db, me, person_id)
                left, path = await _end_of(db, person)
            else:
                notice = "exit_recorded"
                return see_other(request, "trainees.exits.edit", notice=notice, person_id=person_id)
        return _exit_page(request, me, person, left, path, form, status=422)


async def _end_of(db: AsyncSession, person: Person) -> tuple[Exit | None, Path | None]:
    """The last path of a person and its exit; a path begun since has none yet."""
    path = await queries.find_last_path(db, person.id)
    left = await queries.find_exit(db, person.id)
    return (left if left and path and left.path_id == path.id else None), path


def _exit_page(
    request: Web,
    me: Actor,
    person: Person,
    left: Exit | None,
    path: Path | None,
    form: Form[ExitForm],
    status: int = 200,
) -> Response[str]:
    manages = path is not None and policy.can_manage_path(me, path.structure_id)
    return page(
        request,
        "trainees/after/exit.html",
        status=status,
        person=person,
        left=left,
        form=form,
        manages=manages,
        said=outcome_name(left.outcome, restricted=not manages) if left else None,
        outcomes=[("", gettext(N_("Choisir"))), *outcome_options()],
        contact_state=contact_state,
        moment_name=moment_name,
        outcome_name=outcome_name,
    )


class NewsPages(Controller):
    path = "/suites/{contact_id:int}"

    @get(name="trainees.news.edit")
    async def edit(self, request: Web, db: Db, me: Me, contact_id: RowId) -> Response[str]:
        contact = await _managed(db, me, contact_id)
        return _news_page(request, contact, filled(NewsForm, contact))

    @post(name="trainees.news.update")
    async def update(self, request: Web, db: Db, me: Me, contact_id: RowId) -> Response[Any]:
        contact = await _managed(db, me, contact_id)
        form = await bind(NewsForm, request)
        if not form.is_valid:
            return _news_page(request, contact, form, status=422)
        await actions.note_news(db, me, contact, form.data)
        return _to(request, contact, "news_noted")

    @post("/demande", name="trainees.news.ask")
    async def ask(self, request: Web, db: Db, me: Me, contact_id: RowId) -> Response[None]:
        contact = await _managed(db, me, contact_id)
        await actions.ask_for_news(db, me, contact, site_address(request))
        return _to(request, contact, "news_asked")

    @post("/essai", name="trainees.news.try")
    async def note_try(self, request: Web, db: Db, me: Me, contact_id: RowId) -> Response[None]:
        contact = await _managed(db, me, contact_id)
        await actions.note_try(db, me, contact)
        return _to(request, contact, "news_tried")


async def _managed(db: AsyncSession, me: Actor, contact_id: int) -> AfterContact:
    contact = await queries.get_contact(db, me, contact_id)
    require(policy.can_manage_path(me, contact.exit.path.structure_id))
    return contact


def _news_page(
    request: Web, contact: AfterContact, form: Form[NewsForm], status: int = 200
) -> Response[str]:
    return page(
        request,
        "trainees/after/news.html",
        status=status,
        contact=contact,
        form=form,
        moment=moment_name(contact.months),
        outcomes=[("", gettext(N_("Choisir"))), *outcome_options()],
        livings=living_options(),
    )


class NewsLinkPages(Controller):
    path = "/nouvelles/{token:str}"
    opt = PUBLIC

    @get(name="trainees.news_links.show")
    async def show(self, request: Web, db: Db, token: FromPath[str]) -> Response[str]:
        contact = await queries.find_contact_by_token(db, token)
        if contact is None:
            return page(request, "trainees/after/link_gone.html", status=410)
        return _link_page(request, contact, token, blank(NewsForm))

    @post(name="trainees.news_links.update")
    async def update(self, request: Web, db: Db, token: FromPath[str]) -> Response[str]:
        contact = await queries.find_contact_by_token(db, token)
        if contact is None:
            return page(request, "trainees/after/link_gone.html", status=410)
        form = await bind(NewsForm, request)
        if not form.is_valid:
            return _link_page(request, contact, token, form, status=422)
        try:
            await actions.answer_by_link(db, token, form.data)
        except actions.NewsLinkGone:
            return page(request, "trainees/after/link_gone.html", status=410)
        return page(request, "trainees/after/thanks.html")


def _link_page(
    request: Web, contact: AfterContact, token: str, form: Form[NewsForm], status: int = 200
) -> Response[str]:
    return page(
        request,
        "trainees/after/link.html",
        status=status,
        name=contact.exit.person.given_name,
        months=contact.months,
        token=token,
        form=form,
        outcomes=outcome_options(asked_of_oneself=True),
        livings=living_options(),
    )


class AfterPages(Controller):
    path = "/apres-test"

    @get(name="trainees.after")
    async def index(
        self,
        request: Web,
        db: Db,
        me: Me,
        debut: Text = None,
        fin: Text = None,
        moment: Text = None,
        quoi: Text = None,
    ) -> Response[str]:
        require(policy.can_see_after(me))
        today = clock.today()
        first, last = _day(debut, today.replace(year=today.year - 4)), _day(fin, today)
        exits = await queries.list_exits(db, first, last)
        months = next((n for n in (0, *MONTHS) if str(n) == moment), 0)
        group = next((one for one in Group if one == quoi), None)
        shown = [(one, group_of(one, months, today)) for one in exits]
        return page(
            request,
            "trainees/after/index.html",
            first=first,
            last=last,
            shares=shares_of(exits, today),
            months=months,
            group=group,
            groups=list(Group),
            people=[(one, at) for one, at in shown if group in (None, at)],
            due=await queries.list_contacts_due(db, today),
            contact_state=contact_state,
            group_name=group_name,
            moment_name=moment_name,
            outcome_name=outcome_name,
        )


def _day(text: str | None, usual: dt.date) -> dt.date:
    """A bound that cannot be read bounds nothing else than usual."""
    try:
        return read_day(text) if text else usual
    except ValueError:
        return usual


def _to(request: Web, contact: AfterContact, notice: str) -> Response[None]:
    person_id = contact.exit.person_id
    return see_other(request, "trainees.exits.edit", notice=notice, person_id=person_id)
