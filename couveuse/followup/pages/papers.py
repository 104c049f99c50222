"""The printed sheet of a visit, and typing in what came back on one."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.response import File
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.followup import actions, queries
from couveuse.followup.light_forms import PaperForm
from couveuse.followup.pages.choices import modes, new_once
from couveuse.followup.pages.light import hours
from couveuse.followup.pages.links import sheets_of
from couveuse.followup.pages.signing import stored_paper
from couveuse.followup.pages.step_fields import line_numbers, read_steps
from couveuse.people.models import Person
from couveuse.trainees.queries import get_trainee
from couveuse.web.deps import Db, Files, Me, RowId, Web, own_transaction
from couveuse.web.forms import Form, bind, blank, uploaded
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices({"report_typed": N_("La feuille est saisie, au nom de qui l'a écrite.")})
USUAL_MINUTES = 60


class PaperPages(Controller):
    path = "/testeurs/{person_id:int}"

    @get("/feuille", name="followup.sheets.show")
    async def sheet(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        """To print and to give."""
        person = await _typed_by(db, me, person_id)
        return page(
            request,
            "followup/papers/sheet.html",
            sheets=sheets_of(request, [person]),
            author=None,
            person=person,
        )

    @get("/papier", name="followup.papers.new")
    async def new(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        person = await _typed_by(db, me, person_id)
        form = blank(
            PaperForm,
            day=clock.today(),
            minutes=USUAL_MINUTES,
            mode="place",
            level="shared",
            once=new_once(),
        )
        return await _paper_page(request, db, me, person, form)

    @post("/papier", name="followup.papers.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, person_id: RowId
    ) -> Response[Any]:
        person = await _typed_by(db, me, person_id)
        form = await bind(PaperForm, request)
        if form.is_valid:
            try:
                steps = read_steps(form.values)
                scan = await uploaded(request, "scan")
                data = await scan.read() if scan else None
                visit = await actions.type_report(db, me, files, person, form.data, steps, data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return see_other(
                    request, "followup.visits.show", notice="report_typed", visit_id=visit.id
                )
        return await _paper_page(request, db, me, person, form, status=422)


class ScanPages(Controller):
    path = "/visites/{visit_id:int}/feuille"

    @get(name="followup.scans.show")
    async def show(self, request: Web, db: Db, me: Me, files: Files, visit_id: RowId) -> File:
        """The paper itself, for those who read the report."""
        async with own_transaction(request) as beside:
            await actions.note_reading(beside, me, visit_id)
        visit = await queries.get_visit(db, me, visit_id)
        report = await queries.get_report(db, me, visit)
        return await stored_paper(db, files, report.scan, visit.day)


async def _typed_by(db: AsyncSession, me: Actor, person_id: int) -> Person:
    """The person, when the actor may type in a paper about them."""
    person = await get_trainee(db, me, person_id)
    require(await queries.may_type_papers(db, me, person_id))
    return person


async def _paper_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    person: Person,
    form: Form[PaperForm],
    status: int = 200,
) -> Response[str]:
    authors = await queries.list_volunteers_on(db, person.id, clock.today())
    people = await queries.list_group_people(db, person.id)
    return page(
        request,
        "followup/papers/new.html",
        status=status,
        person=person,
        form=form,
        authors=[(key, name) for key, name in authors if key != me.person_id],
        hours=hours(),
        modes=modes(),
        lines=line_numbers(form.values),
        owners=[(one.id, one.name) for one in people],
    )
