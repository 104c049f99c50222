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
    get_session,
    list_charged,
    list_received,
    list_sessions,
    list_to_charge,
    load_sessions,
    load_whole,
)

__all__ = [
    "find_charges",
    "get_action",
    "get_grant",
    "get_session",
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
]
