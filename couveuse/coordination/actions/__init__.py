"""What settles several slices at once."""

from couveuse.coordination.actions.agreement_end import settle_end
from couveuse.coordination.actions.memberships import end_memberships

__all__ = ["end_memberships", "settle_end"]
