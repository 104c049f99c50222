"""What people do with grants and hours: every write locks the grant first, then its actions."""

from couveuse.network.actions.charging import charge, take_off
from couveuse.network.actions.grants import (
    add_action,
    change_action,
    change_grant,
    close_grant,
    make_grant,
    reopen_grant,
)

__all__ = [
    "add_action",
    "change_action",
    "change_grant",
    "charge",
    "close_grant",
    "make_grant",
    "reopen_grant",
    "take_off",
]
