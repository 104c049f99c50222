"""The pages of follow-up. Each module holds the handlers of one resource."""

from litestar import Router

from couveuse.followup.pages.assessments import AssessmentPages, PersonAssessmentPages
from couveuse.followup.pages.committees import CommitteePages, CommitteePeople
from couveuse.followup.pages.door import NARROW, LightGone, on_gone
from couveuse.followup.pages.figure_headings import FigureHeadingPages
from couveuse.followup.pages.figure_plans import FigurePlanPages, HeadingPlanPages
from couveuse.followup.pages.figure_shares import FigureSharePages, SharedFigurePages
from couveuse.followup.pages.figures import FigureMonthPages, FigurePages
from couveuse.followup.pages.grids import GridPages, GridVersionPages
from couveuse.followup.pages.light import LightPages
from couveuse.followup.pages.light_reports import LightReportPages
from couveuse.followup.pages.links import LinkPages, VolunteerPages
from couveuse.followup.pages.offline import show_app, show_waiting, show_worker
from couveuse.followup.pages.papers import PaperPages, ScanPages
from couveuse.followup.pages.proposals import ProposalPages
from couveuse.followup.pages.reports import ReportPages
from couveuse.followup.pages.reviews import MinutesPages, MinutesSignatures, ReviewPages
from couveuse.followup.pages.sharing import SharingPages
from couveuse.followup.pages.sheet_papers import SheetPaperPages
from couveuse.followup.pages.sheets import SheetPages
from couveuse.followup.pages.states import VisitStatePages
from couveuse.followup.pages.steps import StepPages, StepStatePages
from couveuse.followup.pages.visits import VisitPages
from couveuse.followup.pages.workshop_seats import WorkshopSeatPages
from couveuse.followup.pages.workshops import WorkshopPages

DOOR = Router(
    "/",
    route_handlers=[LightPages, LightReportPages],
    response_headers=NARROW,
    exception_handlers={LightGone: on_gone},
)
ROUTES = [
    Router(
        "/",
        route_handlers=[
            VisitPages,
            ProposalPages,
            VisitStatePages,
            ReportPages,
            SharingPages,
            StepPages,
            StepStatePages,
            GridPages,
            GridVersionPages,
            PersonAssessmentPages,
            AssessmentPages,
            DOOR,
            LinkPages,
            VolunteerPages,
            PaperPages,
            ScanPages,
            FigurePages,
            FigureMonthPages,
            FigureHeadingPages,
            FigurePlanPages,
            HeadingPlanPages,
            FigureSharePages,
            SharedFigurePages,
            CommitteePages,
            CommitteePeople,
            ReviewPages,
            MinutesPages,
            MinutesSignatures,
            WorkshopPages,
            WorkshopSeatPages,
            SheetPages,
            SheetPaperPages,
            show_app,
            show_worker,
            show_waiting,
        ],
    )
]
