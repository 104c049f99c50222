"""Reading who holds which ground, always through the person who asks."""

from couveuse.occupancy.queries.board import (
    Filters,
    list_agreed,
    list_before,
    list_grounds,
    list_held,
    list_holders,
    list_particularities,
    list_sites_with_plots,
)
from couveuse.occupancy.queries.claims import (
    Past,
    find_by_once,
    get_period,
    list_claims_from,
    list_history,
    list_neighbours,
    list_relatives,
    list_sequels,
    list_stay_claims,
)
from couveuse.occupancy.queries.expenses import (
    find_expense_by_once,
    get_expense,
    list_expenses,
    list_owed,
    list_plots_of,
)
from couveuse.occupancy.queries.free import (
    list_candidates,
)
from couveuse.occupancy.queries.lines import list_plot_lines
from couveuse.occupancy.queries.reports import (
    count_versions,
    get_report,
    list_entries_before,
    list_reports,
    list_stays_on,
    list_versions,
    lock_report,
    made_of,
    people_of_reports,
    stays_on,
)
from couveuse.occupancy.queries.resting import list_resting
from couveuse.occupancy.queries.sites import plots_held
from couveuse.occupancy.queries.steps import OutOfStep, list_out_of_step

__all__ = [
    "Filters",
    "OutOfStep",
    "Past",
    "count_versions",
    "find_by_once",
    "find_expense_by_once",
    "get_expense",
    "get_period",
    "get_report",
    "list_agreed",
    "list_before",
    "list_candidates",
    "list_claims_from",
    "list_entries_before",
    "list_expenses",
    "list_grounds",
    "list_held",
    "list_history",
    "list_holders",
    "list_neighbours",
    "list_out_of_step",
    "list_owed",
    "list_particularities",
    "list_plot_lines",
    "list_plots_of",
    "list_relatives",
    "list_reports",
    "list_resting",
    "list_sequels",
    "list_sites_with_plots",
    "list_stay_claims",
    "list_stays_on",
    "list_versions",
    "lock_report",
    "made_of",
    "people_of_reports",
    "plots_held",
    "stays_on",
]
