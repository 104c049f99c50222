"""Shared expenses in words, and what each side owes, to the cent. Pure."""

from collections.abc import Iterable
from decimal import Decimal

from couveuse.core.i18n import N_
from couveuse.occupancy.models import ExpenseKind, ExpenseOutcome, SharedExpense
from couveuse.trainees.models import Party

EXPENSE_KINDS = {
    ExpenseKind.WATER: N_("eau"),
    ExpenseKind.POWER: N_("électricité"),
    ExpenseKind.FUEL: N_("carburant"),
    ExpenseKind.MACHINES: N_("matériel"),
    ExpenseKind.INSURANCE: N_("assurance groupée"),
    ExpenseKind.SUPPLIES: N_("plants, semences, fournitures"),
    ExpenseKind.LAND_FEE: N_("redevance de terre"),
    ExpenseKind.OTHER: N_("autre service"),
}
OUTCOMES = {
    ExpenseOutcome.PAID: N_("payé"),
    ExpenseOutcome.WAIVED: N_("plus demandé"),
}


def owed_by_each(expenses: Iterable[SharedExpense]) -> dict[Party, Decimal]:
    """What is not settled yet, of each side that owes something; never one sum for both."""
    cents = dict.fromkeys(Party, 0)
    for one in expenses:
        if one.outcome is None:
            cents[Party(one.owed_by)] += one.amount_cents
    return {party: Decimal(sum_) / 100 for party, sum_ in cents.items() if sum_}
