"""What people do with shared items. Every verb locks, checks every rule, writes, and tells."""

from couveuse.equipment.actions.booking import book
from couveuse.equipment.actions.changing import (
    approve_booking,
    cancel_booking,
    move_booking,
    refuse_booking,
    restore_booking,
)
from couveuse.equipment.actions.departures import (
    cancel_for_departure,
    hand_over_items,
    list_stranded,
    lock_for_departure,
)
from couveuse.equipment.actions.importing import apply_import, plan_import
from couveuse.equipment.actions.items import add_item, edit_item, retire_item, return_item
from couveuse.equipment.actions.lapsing import lapse_requests
from couveuse.equipment.actions.outages import block_item, lift_outage
from couveuse.equipment.actions.sites import name_booked_by_this_clock

__all__ = [
    "add_item",
    "apply_import",
    "approve_booking",
    "block_item",
    "book",
    "cancel_booking",
    "cancel_for_departure",
    "edit_item",
    "hand_over_items",
    "lapse_requests",
    "lift_outage",
    "list_stranded",
    "lock_for_departure",
    "move_booking",
    "name_booked_by_this_clock",
    "plan_import",
    "refuse_booking",
    "restore_booking",
    "retire_item",
    "return_item",
]
