"""Licences, trainings, authorisations and insurance of a person: recorded, sent, looked at."""

from collections.abc import Iterable
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromQuery
from litestar.response import File
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible, Refused
from couveuse.core.files import PDF
from couveuse.core.i18n import N_, gettext
from couveuse.people import actions, policy, queries
from couveuse.people.forms import DeclineForm, PaperForm
from couveuse.people.models import Paper, Person
from couveuse.people.rules import paper_limits, paper_state
from couveuse.web.deps import Db, Files, Me, RowId, Web
from couveuse.web.documents import sent_document
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other, site_address

notices(
    {
        "paper_recorded": N_("Le papier est enregistré."),
        "paper_sent": N_("Le papier est envoyé : il comptera dès que quelqu'un l'aura vérifié."),
        "paper_checked": N_("Le papier est vérifié : il compte dès maintenant."),
        "paper_declined": N_("Le papier n'est pas retenu, la personne est prévenue."),
        "paper_withdrawn": N_("Le papier est retiré : il ne vaut plus rien dès aujourd'hui."),
    }
)


class PaperPages(Controller):
    path = "/personnes/{person_id:int}/papiers"

    @get("/nouveau", name="people.papers.new")
    async def new(
        self,
        request: Web,
        db: Db,
        me: Me,
        person_id: RowId,
        papier: FromQuery[str | None] = None,
    ) -> Response[str]:
        person = await queries.get_person(db, me, person_id)
        require(policy.can_send_paper(me, person))
        follows = _named(await queries.papers_of(db, person.id), papier)
        return await _new_page(request, db, me, person, _following(follows))

    @post(name="people.papers.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, person_id: RowId
    ) -> Response[Any]:
        person = await queries.get_person(db, me, person_id)
        require(policy.can_send_paper(me, person))
        form = await bind(PaperForm, request)
        document = await sent_document(request, db, files, form)
        if form.is_valid:
            try:
                paper = await actions.record_paper(db, me, person, form.data, document)
            except Refused as refused:
                form.refuse(refused)
                person = await queries.get_person(db, me, person_id)
            else:
                notice = "paper_sent" if paper.is_to_check else "paper_recorded"
                return _to(request, person_id, notice)
        return await _new_page(request, db, me, person, form, status=422)


class PaperDocument(Controller):
    path = "/papiers/{paper_id:int}/document"

    @get(name="people.papers.document")
    async def show(self, db: Db, me: Me, files: Files, paper_id: RowId) -> File:
        kept = await queries.get_paper_document(db, me, paper_id)
        path = files.path(kept.sha256)
        if not path.is_file():
            raise NotVisible
        ending = "pdf" if kept.media_type == PDF else "jpg"
        return File(
            path,
            filename=f"papier-{paper_id}.{ending}",
            media_type=kept.media_type,
            headers={"cache-control": "private, no-store"},
            content_disposition_type="attachment" if ending == "pdf" else "inline",
        )


class WithdrawPaper(Controller):
    path = "/papiers/{paper_id:int}/retrait"

    @post(name="people.papers.destroy")
    async def destroy(self, request: Web, db: Db, me: Me, paper_id: RowId) -> Response[None]:
        paper = await queries.get_paper(db, me, paper_id)
        require(policy.can_withdraw_paper(me, paper))
        await actions.withdraw_paper(db, me, paper)
        return _to(request, paper.person_id, "paper_withdrawn")


class CheckPages(Controller):
    path = "/papiers/{paper_id:int}/verification"

    @post(name="people.paper_checks.create")
    async def create(self, request: Web, db: Db, me: Me, paper_id: RowId) -> Response[None]:
        paper = await _to_check(db, me, paper_id)
        await actions.check_paper(db, me, paper)
        return _to(request, paper.person_id, "paper_checked")


class DeclinePages(Controller):
    path = "/papiers/{paper_id:int}/renvoi"

    @get(name="people.paper_declines.new")
    async def new(self, request: Web, db: Db, me: Me, paper_id: RowId) -> Response[str]:
        paper = await _to_check(db, me, paper_id)
        return await _decline_page(request, db, me, paper, blank(DeclineForm))

    @post(name="people.paper_declines.create")
    async def create(self, request: Web, db: Db, me: Me, paper_id: RowId) -> Response[Any]:
        paper = await _to_check(db, me, paper_id)
        form = await bind(DeclineForm, request)
        if not form.is_valid:
            return await _decline_page(request, db, me, paper, form, status=422)
        await actions.decline_paper(db, me, paper, form.data.reason, site_address(request))
        return _to(request, paper.person_id, "paper_declined")


async def _to_check(db: AsyncSession, me: Actor, paper_id: int) -> Paper:
    paper = await queries.get_paper(db, me, paper_id)
    structures = await queries.structures_of(db, paper.person_id)
    if not paper.is_to_check and policy.can_list_papers(me):
        raise actions.LookedAtAlready
    require(policy.can_check_paper(me, paper, structures))
    return paper


def _named(papers: Iterable[Paper], text: str | None) -> Paper | None:
    return next((one for one in papers if str(one.id) == text), None)


def _following(paper: Paper | None) -> Form[PaperForm]:
    """A form for the paper that comes after one that ends, or for a first one."""
    if paper is None:
        return blank(PaperForm, starts_on=clock.today())
    return blank(
        PaperForm,
        qualification=paper.qualification.name,
        issuer=paper.issuer,
        scope=paper.scope,
        starts_on=paper.during.upper or clock.today(),
    )


async def _new_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    person: Person,
    form: Form[PaperForm],
    status: int = 200,
) -> Response[str]:
    today = clock.today()
    kinds = [one for one in await queries.list_paper_kinds(db) if today in one.in_force]
    return page(
        request,
        "people/papers/new.html",
        status=status,
        person=person,
        form=form,
        counts_at_once=policy.can_record_paper(me),
        kinds=[("", gettext(N_("Choisir"))), *((one.code, gettext(one.label)) for one in kinds)],
        explained=[(gettext(one.label), paper_limits(one), one) for one in kinds],
        qualifications=await queries.list_qualifications(db),
    )


async def _decline_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    paper: Paper,
    form: Form[DeclineForm],
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "people/papers/decline.html",
        status=status,
        person=await queries.get_person(db, me, paper.person_id),
        paper=paper,
        form=form,
        today=clock.today(),
        paper_state=paper_state,
    )


def _to(request: Web, person_id: int, notice: str) -> Response[None]:
    return see_other(request, "people.persons.show", notice=notice, person_id=person_id)
