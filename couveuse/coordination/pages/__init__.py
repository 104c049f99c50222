"""The pages that read across the slices."""

from couveuse.coordination.pages.endings import MembershipEndPages
from couveuse.coordination.pages.home import home, outbox

ROUTES = [home, outbox, MembershipEndPages]
