"""What somebody and their mentors say with grids, and how it changes over time."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible, Refused
from couveuse.core.i18n import N_
from couveuse.followup import actions, policy, queries
from couveuse.followup.drawing import HEIGHT, SIZE, WIDTH, Radar, progress, radar
from couveuse.followup.grid_forms import BeginForm, TalkForm, answers_form
from couveuse.followup.models import Assessment, Side
from couveuse.followup.policy import Standing
from couveuse.people.models import Person
from couveuse.trainees.queries import get_trainee
from couveuse.web.deps import Db, Me, RowId, Web, own_transaction
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "answers_kept": N_("Vos réponses sont enregistrées."),
        "talked_over": N_("C'est noté : cette évaluation ne change plus."),
    }
)


class PersonAssessmentPages(Controller):
    path = "/testeurs/{person_id:int}/grilles"

    @get(name="followup.assessments.index")
    async def index(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        async with own_transaction(request) as beside:
            await actions.note_list_reading(beside, me, person_id, actions.GRIDS)
        person = await _person(db, me, person_id)
        return await _index_page(request, db, me, person, blank(BeginForm))

    @post(name="followup.assessments.create")
    async def create(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[Any]:
        person = await _person(db, me, person_id)
        require(policy.can_begin_assessment(await queries.get_standing(db, me, person_id)))
        form = await bind(BeginForm, request)
        if form.is_valid:
            try:
                grid = await queries.get_grid(db, form.data.grid_id)
                made = await actions.begin_assessment(db, me, person, grid)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, made)
        return await _index_page(request, db, me, person, form, status=422)


class AssessmentPages(Controller):
    path = "/evaluations/{assessment_id:int}"

    @get(name="followup.assessments.show")
    async def show(self, request: Web, db: Db, me: Me, assessment_id: RowId) -> Response[str]:
        async with own_transaction(request) as beside:
            await actions.note_assessment_reading(beside, me, assessment_id)
        return await _show_page(request, db, me, assessment_id)

    @post("/reponses", name="followup.answers.create")
    async def answer(self, request: Web, db: Db, me: Me, assessment_id: RowId) -> Response[Any]:
        assessment = await queries.get_assessment(db, me, assessment_id)
        standing = await queries.get_standing(db, me, assessment.person_id)
        require(policy.can_begin_assessment(standing))
        form = await bind(answers_form(assessment.version), request)
        if form.is_valid:
            try:
                await actions.answer(db, me, assessment, _side(standing), form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, assessment_id, "answers_kept")
        return await _show_page(request, db, me, assessment_id, answers=form, status=422)

    @post("/echange", name="followup.talks.create")
    async def talk(self, request: Web, db: Db, me: Me, assessment_id: RowId) -> Response[Any]:
        assessment = await queries.get_assessment(db, me, assessment_id)
        require(
            policy.can_begin_assessment(await queries.get_standing(db, me, assessment.person_id))
        )
        form = await bind(TalkForm, request)
        if form.is_valid:
            try:
                await actions.talk_over(db, me, assessment, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, assessment_id, "talked_over")
        return await _show_page(request, db, me, assessment_id, talk=form, status=422)


async def _person(db: AsyncSession, me: Actor, person_id: int) -> Person:
    """For those who read what is said with grids; for the others there is nothing here."""
    person = await get_trainee(db, me, person_id)
    if not await queries.may_read_follow_up(db, me, person_id):
        raise NotVisible
    return person


async def _index_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    person: Person,
    form: Form[BeginForm],
    *,
    status: int = 200,
) -> Response[str]:
    found = queries.by_grid(await queries.list_assessments(db, me, person.id))
    return page(
        request,
        "followup/assessments/index.html",
        status=status,
        person=person,
        form=form,
        grids=await queries.list_grids(db),
        can_begin=policy.can_begin_assessment(await queries.get_standing(db, me, person.id)),
        progresses=[(one, radar_of(one.newest), lines_of(one)) for one in found],
        policy=policy,
        sides=Side,
        size=SIZE,
        width=WIDTH,
        height=HEIGHT,
    )


def lines_of(one: queries.Progress) -> list[Any]:
    """Each criterion with its lines over time."""
    return [
        (
            criterion,
            progress([(side, one.shares(criterion["code"], side)) for side in Side], one.span),
        )
        for criterion in one.criteria
    ]


def radar_of(assessment: Assessment) -> Radar | None:
    """Both sides once both have spoken, nothing before."""
    if not assessment.is_answered:
        return None
    version = assessment.version
    return radar(
        [
            (side, [answers.level(one["code"]) for one in version.criteria])
            for side in Side
            if (answers := assessment.of(side))
        ],
        len(version.levels),
    )


async def _show_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    assessment_id: int,
    *,
    answers: Form[Any] | None = None,
    talk: Form[TalkForm] | None = None,
    status: int = 200,
) -> Response[str]:
    assessment = await queries.get_assessment(db, me, assessment_id)
    standing = await queries.get_standing(db, me, assessment.person_id)
    side = _side(standing)
    shown = {
        one: assessment.of(one) for one in Side if policy.can_read_side(me, side, assessment, one)
    }
    return page(
        request,
        "followup/assessments/show.html",
        status=status,
        assessment=assessment,
        side=side,
        shown=shown,
        form=answers or _answers_form(assessment, shown.get(side)),
        talk=talk or blank(TalkForm, talked_on=clock.today()),
        can_answer=policy.can_answer(me, standing, assessment),
        can_talk=policy.can_talk_over(standing, assessment),
        drawn=radar_of(assessment),
        size=SIZE,
        sides=Side,
        lines=await journal.lines_about(db, "assessment", assessment.id),
        zone=clock.PARIS,
    )


def _side(standing: Standing) -> Side:
    return Side.PERSON if standing.is_person else Side.MENTOR


def _answers_form(assessment: Assessment, given: Any) -> Form[Any]:
    """What this side said already, to say it again differently."""
    known: dict[str, Any] = {}
    for one in assessment.version.criteria if given else ():
        known[f"level_{one['code']}"] = given.level(one["code"])
        known[f"comment_{one['code']}"] = given.comment(one["code"])
    return blank(answers_form(assessment.version), **known)


def _to(request: Web, assessment_id: int, notice: str | None = None) -> Response[None]:
    return see_other(
        request, "followup.assessments.show", notice=notice, assessment_id=assessment_id
    )
