"""What may be done to structures, sites, functions and land rights."""

from couveuse.structures.actions.functions import (
    add_function,
    edit_function,
    end_function,
    remove_function,
)
from couveuse.structures.actions.land_rights import (
    edit_land_right,
    record_land_right,
    remove_land_right,
    renew_land_right,
)
from couveuse.structures.actions.structures import (
    add_site,
    add_structure,
    close_site,
    edit_site,
    edit_structure,
    leave,
    other_clocks,
)

__all__ = [
    "add_function",
    "add_site",
    "add_structure",
    "close_site",
    "edit_function",
    "edit_land_right",
    "edit_site",
    "edit_structure",
    "end_function",
    "leave",
    "other_clocks",
    "record_land_right",
    "remove_function",
    "remove_land_right",
    "renew_land_right",
]
