"""Shared expenses: noted, settled once, or carried over the end of an agreement."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import i18n, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.occupancy import queries
from couveuse.occupancy.forms import ExpenseForm, SettlementForm
from couveuse.occupancy.models import (
    ExpenseOutcome,
    ExpenseSettled,
    OnceReusedForExpense,
    SharedExpense,
)
from couveuse.trainees.models import Agreement

journal.words(
    {
        "agreement.expense_added": N_("a noté un frais partagé : %(label)s, %(amount)s"),
        "agreement.expense_paid": N_("a noté un frais payé : %(label)s, %(amount)s"),
        "agreement.expense_waived": N_("ne demande plus : %(label)s, %(amount)s (%(note)s)"),
        "agreement.expense_carried": N_("laisse dû après la fin : %(label)s, %(amount)s"),
    }
)
NOT_SIGNED = N_(
    "Rien n'est signé sous cette convention. Les frais se notent une fois qu'elle l'est."
)
OTHER_PLOT = N_("Choisissez une parcelle que cette personne tient ou a tenue.")


async def add_expense(
    db: AsyncSession, actor: Actor, agreement: Agreement, asked: ExpenseForm
) -> SharedExpense:
    """Note what one side owes the other. The same form sent twice finds the first result."""
    if first := await _sent_before(db, actor, agreement, asked):
        return first
    try:
        return await _add_expense(db, actor, agreement, asked)
    except OnceReusedForExpense:  # perhaps sent twice at the same moment
        if first := await _sent_before(db, actor, agreement, asked):
            return first
        raise


async def _sent_before(
    db: AsyncSession, actor: Actor, agreement: Agreement, asked: ExpenseForm
) -> SharedExpense | None:
    first = await queries.find_expense_by_once(db, actor, asked.once) if asked.once else None
    if first and first.once_digest != asked.digest(agreement.id):
        raise OnceReusedForExpense
    return first


@atomic
async def _add_expense(
    db: AsyncSession, actor: Actor, agreement: Agreement, asked: ExpenseForm
) -> SharedExpense:
    if not any(period.is_signed for period in agreement.periods):
        raise Refused(Reason("not_signed", NOT_SIGNED))
    offered = {key for key, _ in await queries.list_plots_of(db, agreement.person_id)}
    if asked.plot_id and asked.plot_id not in offered:
        raise Refused(Reason("other_plot", OTHER_PLOT, field="plot_id"))
    expense = SharedExpense(
        agreement_id=agreement.id,
        amount_cents=asked.cents,
        created_by_id=actor.person_id,
        **asked.model_dump(exclude={"amount", "once"}),
        **asked.kept_once(agreement.id),
    )
    db.add(expense)
    _tell(db, actor, expense, "agreement.expense_added")
    return expense


@atomic
async def settle_expense(
    db: AsyncSession, actor: Actor, expense: SharedExpense, asked: SettlementForm
) -> None:
    """Paid, or not asked for any more. Of two at once one counts; the same again is no change."""
    settled = await db.scalar(
        sa.update(SharedExpense)
        .where(SharedExpense.id == expense.id, SharedExpense.outcome.is_(None))
        .values(asked.model_dump())
        .returning(SharedExpense.id)
        .execution_options(synchronize_session=False)
    )
    await db.refresh(expense)
    if settled is None:
        if expense.outcome != asked.outcome:
            raise ExpenseSettled
        return
    waived = asked.outcome == ExpenseOutcome.WAIVED
    verb = "agreement.expense_waived" if waived else "agreement.expense_paid"
    _tell(db, actor, expense, verb, note=asked.settlement_note)


@atomic
async def carry_expenses(
    db: AsyncSession, actor: Actor, expenses: Sequence[SharedExpense], last_day: dt.date
) -> None:
    """They are still owed after the end of an agreement, and that is known."""
    for expense in expenses:
        expense.carried_on = last_day
        _tell(db, actor, expense, "agreement.expense_carried")


def _tell(
    db: AsyncSession, actor: Actor, expense: SharedExpense, verb: str, **details: str | None
) -> None:
    amount = i18n.euros(expense.amount)
    journal.record(
        db, actor, verb, expense.agreement_id, label=expense.label, amount=amount, **details
    )
