"""What people do with ground. Every verb locks, looks at every rule, writes, and tells."""

from couveuse.occupancy.actions.changing import (
    cancel_claim,
    change_dates,
    confirm_stay,
    end_early,
)
from couveuse.occupancy.actions.claiming import claim_ground
from couveuse.occupancy.actions.correcting import correct_claim, remove_mistake
from couveuse.occupancy.actions.dividing import divide_ground, join_ground
from couveuse.occupancy.actions.expenses import add_expense, carry_expenses, settle_expense

__all__ = [
    "add_expense",
    "cancel_claim",
    "carry_expenses",
    "change_dates",
    "claim_ground",
    "confirm_stay",
    "correct_claim",
    "divide_ground",
    "end_early",
    "join_ground",
    "remove_mistake",
    "settle_expense",
]
