"""The pages of land. Each module holds the handlers of one resource."""

from couveuse.occupancy import policy
from couveuse.occupancy.pages.claims import ClaimPages, PlotClaimPages
from couveuse.occupancy.pages.corrections import CorrectionPages
from couveuse.occupancy.pages.divisions import DivisionPages
from couveuse.occupancy.pages.expenses import ExpensePages, SettlementPages
from couveuse.occupancy.pages.figures import FigurePages
from couveuse.occupancy.pages.plots import PlotPages
from couveuse.occupancy.pages.reports import ReportPages
from couveuse.occupancy.pages.search import SearchPages
from couveuse.occupancy.pages.season import SeasonPages
from couveuse.occupancy.pages.steps import out_of_step
from couveuse.web.menu import offers

ROUTES = [
    SeasonPages,
    SearchPages,
    FigurePages,
    PlotPages,
    PlotClaimPages,
    ClaimPages,
    CorrectionPages,
    DivisionPages,
    ReportPages,
    ExpensePages,
    SettlementPages,
    out_of_step,
]
offers({"occupancy.season": policy.can_see_season})
