"""The pages that read across the slices."""

from couveuse.coordination.pages.agreement_ends import AgreementEndPages
from couveuse.coordination.pages.endings import MembershipEndPages, PersonEndPages
from couveuse.coordination.pages.files import FilePages
from couveuse.coordination.pages.home import home, outbox
from couveuse.coordination.pages.own_data import OwnDataPages
from couveuse.coordination.pages.papers import papers
from couveuse.coordination.pages.retention import RetentionPages
from couveuse.coordination.pages.simulations import simulation
from couveuse.web.menu import everybody, offers

ROUTES = [
    home,
    outbox,
    papers,
    MembershipEndPages,
    PersonEndPages,
    FilePages,
    AgreementEndPages,
    simulation,
    OwnDataPages,
    RetentionPages,
]
offers({"coordination.home": everybody})
