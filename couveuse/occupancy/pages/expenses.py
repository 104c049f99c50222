"""What each side of an agreement owes the other: a list, noted and settled in place."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Conflict, Refused
from couveuse.core.i18n import N_, gettext
from couveuse.core.tokens import new_token
from couveuse.occupancy import actions, policy, queries
from couveuse.occupancy.expenses import EXPENSE_KINDS, OUTCOMES, owed_by_each
from couveuse.occupancy.forms import ExpenseForm, SettlementForm
from couveuse.trainees.models import Agreement, Party
from couveuse.trainees.queries import get_agreement
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "expense_added": N_("Le frais est noté. La personne le voit aussi."),
        "expense_settled": N_("Le frais est réglé."),
    }
)


class ExpensePages(Controller):
    path = "/conventions/{agreement_id:int}/frais"

    @get(name="occupancy.expenses.index")
    async def index(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[str]:
        agreement = await get_agreement(db, me, agreement_id)
        require(policy.can_read_expenses(me, agreement))
        return await _page(request, db, me, agreement)

    @post(name="occupancy.expenses.create")
    async def create(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[Any]:
        agreement = await get_agreement(db, me, agreement_id)
        require(policy.can_enter_expenses(me, agreement))
        form = await bind(ExpenseForm, request)
        status = 422
        if form.is_valid:
            try:
                await actions.add_expense(db, me, agreement, form.data)
            except Refused as refused:
                form.refuse(refused)
                agreement = await get_agreement(db, me, agreement_id)
            else:
                return _to_list(request, agreement_id, "expense_added")
        return await _page(request, db, me, agreement, form, status=status)


class SettlementPages(Controller):
    path = "/frais/{expense_id:int}/reglement"

    @post(name="occupancy.settlements.create")
    async def create(self, request: Web, db: Db, me: Me, expense_id: RowId) -> Response[Any]:
        expense = await queries.get_expense(db, me, expense_id)
        require(policy.can_enter_expenses(me, expense.agreement))
        agreement_id = expense.agreement_id
        form = await bind(SettlementForm, request)
        status = 422
        if form.is_valid:
            try:
                await actions.settle_expense(db, me, expense, form.data)
            except Refused as refused:
                form.refuse(refused)
                status = 409 if isinstance(refused, Conflict) else 422
            else:
                return _to_list(request, agreement_id, "expense_settled")
        agreement = await get_agreement(db, me, agreement_id)
        return await _page(request, db, me, agreement, settling=(expense_id, form), status=status)


def _to_list(request: Web, agreement_id: int, notice: str) -> Response[None]:
    name = "occupancy.expenses.index"
    return see_other(request, name, notice=notice, agreement_id=agreement_id)


async def _page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    agreement: Agreement,
    form: Form[ExpenseForm] | None = None,
    *,
    settling: tuple[int, Form[SettlementForm]] | None = None,
    status: int = 200,
) -> Response[str]:
    """``settling`` is the expense whose settlement was refused, with what was typed."""
    expenses = await queries.list_expenses(db, agreement.id)
    today = clock.today()
    new = blank(ExpenseForm, once=new_token(), spent_on=today, owed_by=Party.TRAINEE)
    return page(
        request,
        "occupancy/expenses/index.html",
        status=status,
        agreement=agreement,
        expenses=expenses,
        owed=owed_by_each(expenses),
        form=form or new,
        settling=settling,
        settlement=blank(SettlementForm, settled_on=today),
        enters=policy.can_enter_expenses(me, agreement),
        is_signed=any(period.is_signed for period in agreement.periods),
        kinds=[(key.value, gettext(name)) for key, name in EXPENSE_KINDS.items()],
        kind_names=EXPENSE_KINDS,
        outcomes=OUTCOMES,
        plots=await queries.list_plots_of(db, agreement.person_id),
    )
