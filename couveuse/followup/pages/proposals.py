"""Moments proposed for a visit: a mentor proposes two or three, the person takes one."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup import actions, policy, queries
from couveuse.followup.forms import ChoiceForm, ProposalForm
from couveuse.followup.pages.choices import USUAL_MINUTES, modes
from couveuse.trainees.queries import get_trainee
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

Text = FromQuery[str | None]

notices(
    {
        "slots_proposed": N_("Les créneaux sont proposés. Vous saurez lequel est choisi."),
        "slots_withdrawn": N_("Les créneaux sont retirés."),
        "slot_chosen": N_("La visite est prévue à ce moment."),
    }
)


class ProposalPages(Controller):
    path = "/visites/creneaux"

    @get("/nouveaux", name="followup.proposals.new")
    async def new(self, request: Web, db: Db, me: Me, personne: Text = None) -> Response[str]:
        people = await queries.list_followed(db, me)
        require(bool(people))
        form = blank(ProposalForm, person_id=personne, duration_minutes=USUAL_MINUTES)
        return await show_form(request, db, me, form)

    @post(name="followup.proposals.create")
    async def create(self, request: Web, db: Db, me: Me) -> Response[Any]:
        form = await bind(ProposalForm, request)
        if not form.is_valid:
            require(policy.can_follow(me))
            return await show_form(request, db, me, form, status=422)
        person = await get_trainee(db, me, form.data.person_id)
        require(policy.can_plan(await queries.get_standing(db, me, person.id)))
        try:
            await actions.propose_slots(db, me, person, form.data)
        except Refused as refused:
            form.refuse(refused)
            return await show_form(request, db, me, form, status=422)
        return see_other(request, "followup.visits.index", notice="slots_proposed")

    @post("/{proposal_id:int}/choix", name="followup.choices.create")
    async def choose(self, request: Web, db: Db, me: Me, proposal_id: RowId) -> Response[Any]:
        proposal = await queries.get_proposal(db, me, proposal_id)
        require(proposal.person_id == me.person_id)
        form = await bind(ChoiceForm, request)
        if not form.is_valid:
            sentence = N_("Choisissez un des créneaux proposés.")
            raise Refused(Reason("no_slot", sentence))
        visit = await actions.choose_slot(db, me, proposal, form.data)
        return see_other(request, "followup.visits.show", notice="slot_chosen", visit_id=visit.id)

    @post("/{proposal_id:int}/retrait", name="followup.withdrawals.create")
    async def withdraw(self, request: Web, db: Db, me: Me, proposal_id: RowId) -> Response[Any]:
        proposal = await queries.get_proposal(db, me, proposal_id)
        require(proposal.mentor_id == me.person_id)
        await actions.withdraw_proposal(db, me, proposal)
        return see_other(request, "followup.visits.index", notice="slots_withdrawn")


async def show_form(
    request: Web, db: AsyncSession, me: Actor, form: Form[Any], *, status: int = 200
) -> Response[str]:
    return page(
        request,
        "followup/proposals/new.html",
        status=status,
        form=form,
        people=await queries.list_followed(db, me),
        modes=modes(),
    )
