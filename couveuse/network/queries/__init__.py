"""Reading grants and hours of support, always through the person who asks."""

from couveuse.network.queries.grants import (
    find_charges,
    get_action,
    get_grant,
    last_actions,
    list_grants,
    list_open_actions,
    lock_actions,
    lock_grant,
)
from couveuse.network.queries.sessions import (
    count_to_charge,
    list_charged,
    list_received,
    list_sessions,
    list_to_charge,
    load_sessions,
    load_whole,
)
from couveuse.network.queries.support import Support, read_support

__all__ = [
    "Support",
    "count_to_charge",
    "find_charges",
    "get_action",
    "get_grant",
    "last_actions",
    "list_charged",
    "list_grants",
    "list_open_actions",
    "list_received",
    "list_sessions",
    "list_to_charge",
    "load_sessions",
    "load_whole",
    "lock_actions",
    "lock_grant",
    "read_support",
]
