"""An agreement: noted, read, withdrawn when it was a mistake."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.trainees import actions, policy, queries
from couveuse.trainees.forms import AgreementForm
from couveuse.trainees.models import Agreement
from couveuse.trainees.pages.choices import kinds_and_structures, new_once
from couveuse.trainees.pages.showing import show_agreement
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "agreement_noted": N_("La convention est notée. Elle attend son document signé."),
        "agreement_withdrawn": N_("La période est retirée."),
    }
)


class NewAgreementPages(Controller):
    path = "/testeurs/{person_id:int}/conventions"

    @get("/nouvelle", name="trainees.agreements.new")
    async def new(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        person = await queries.get_trainee(db, me, person_id)
        require(policy.can_offer_agreement(me))
        path = await queries.find_open_path(db, person_id)
        form = blank(
            AgreementForm,
            once=new_once(),
            kind="cape",
            structure_id=path.structure_id if path else None,
            carried_months=0,
        )
        return await _new_page(request, db, me, person, form)

    @post(name="trainees.agreements.create")
    async def create(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[Any]:
        person = await queries.get_trainee(db, me, person_id)
        require(policy.can_offer_agreement(me))
        form = await bind(AgreementForm, request)
        if form.is_valid:
            try:
                agreement = await actions.sign_agreement(db, me, person, form.data)
            except Refused as refused:
                form.refuse(refused)
                person = await queries.get_trainee(db, me, person_id)
            else:
                return to_agreement(request, agreement.id, "agreement_noted")
        return await _new_page(request, db, me, person, form, status=422)


class AgreementPages(Controller):
    path = "/conventions/{agreement_id:int}"

    @get(name="trainees.agreements.show")
    async def show(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[str]:
        agreement = await queries.get_agreement(db, me, agreement_id)
        return await show_agreement(request, db, me, agreement)

    @post("/retrait", name="trainees.withdrawals.create")
    async def withdraw(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[None]:
        agreement = await own_agreement(db, me, agreement_id)
        person_id = agreement.person_id
        if await actions.withdraw(db, me, agreement):
            return to_agreement(request, agreement_id, "agreement_withdrawn")
        notice = "agreement_withdrawn"
        return see_other(request, "coordination.files.show", notice=notice, person_id=person_id)


async def own_agreement(db: AsyncSession, me: Actor, agreement_id: int) -> Agreement:
    """An agreement that is the actor's to act on."""
    agreement = await queries.get_agreement(db, me, agreement_id)
    require(policy.can_manage_agreement(me, agreement.structure_id))
    return agreement


def to_agreement(request: Web, agreement_id: int, notice: str) -> Response[None]:
    name = "trainees.agreements.show"
    return see_other(request, name, notice=notice, agreement_id=agreement_id)


async def _new_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    person: Person,
    form: Form[AgreementForm],
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "trainees/agreements/new.html",
        status=status,
        person=person,
        form=form,
        **await kinds_and_structures(db, me),
    )
