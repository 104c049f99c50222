"""What settles several slices at once."""

from couveuse.coordination.actions.agreement_end import settle_end
from couveuse.coordination.actions.memberships import end_membership

__all__ = ["end_membership", "settle_end"]
