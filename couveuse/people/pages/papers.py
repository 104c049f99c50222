"""Licences, trainings and authorisations of a person."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.people import actions, policy, queries
from couveuse.people.forms import PaperForm
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "paper_recorded": N_("Le papier est enregistré."),
        "paper_withdrawn": N_("Le papier est retiré : il ne vaut plus rien dès aujourd'hui."),
    }
)


class PaperPages(Controller):
    path = "/personnes/{person_id:int}/papiers"

    @get("/nouveau", name="people.papers.new")
    async def new(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        require(policy.can_record_paper(me))
        form = blank(PaperForm, starts_on=clock.today())
        return await _new_page(request, db, me, person_id, form)

    @post(name="people.papers.create")
    async def create(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[Any]:
        person = await queries.get_person(db, me, person_id)
        require(policy.can_record_paper(me))
        form = await bind(PaperForm, request)
        if not form.is_valid:
            return await _new_page(request, db, me, person_id, form, status=422)
        await actions.record_paper(db, me, person, form.data)
        return _to(request, person_id, "paper_recorded")


class WithdrawPaper(Controller):
    path = "/papiers/{paper_id:int}/retrait"

    @post(name="people.papers.destroy")
    async def destroy(self, request: Web, db: Db, me: Me, paper_id: RowId) -> Response[None]:
        paper = await queries.get_paper(db, me, paper_id)
        require(policy.can_record_paper(me))
        await actions.withdraw_paper(db, me, paper)
        return _to(request, paper.person_id, "paper_withdrawn")


async def _new_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    person_id: int,
    form: Form[PaperForm],
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "people/papers/new.html",
        status=status,
        person=await queries.get_person(db, me, person_id),
        form=form,
        qualifications=await queries.list_qualifications(db),
    )


def _to(request: Web, person_id: int, notice: str) -> Response[None]:
    return see_other(request, "people.persons.show", notice=notice, person_id=person_id)
