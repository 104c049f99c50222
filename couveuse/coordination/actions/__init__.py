"""What settles several slices at once."""

from couveuse.coordination.actions.memberships import end_membership

__all__ = ["end_membership"]
