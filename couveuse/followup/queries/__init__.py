"""Reading visits, reports and steps, always through the person who asks."""

from couveuse.followup.queries.choices import (
    list_followed,
    list_group_people,
    list_plots_held,
    site_of,
)
from couveuse.followup.queries.grids import (
    Progress,
    by_grid,
    get_assessment,
    get_grid,
    list_assessments,
    list_grids,
    lock_assessment,
    may_read_assessments,
)
from couveuse.followup.queries.proposals import get_proposal, is_chosen, list_proposals
from couveuse.followup.queries.reports import (
    DRAFT_DAYS,
    Proof,
    find_proof,
    find_report,
    get_report,
    list_drafts,
    list_forgotten_drafts,
    list_left_drafts,
    list_to_sign,
)
from couveuse.followup.queries.sending import find_sent
from couveuse.followup.queries.steps import (
    get_step,
    list_open_steps,
    list_owed,
    list_steps,
    list_steps_of_report,
)
from couveuse.followup.queries.today import Due, read_due
from couveuse.followup.queries.visits import (
    get_standing,
    get_visit,
    list_coming,
    list_own_coming,
    list_past,
    list_tour,
    list_unseen,
    load_visit,
    lock_visit,
)

__all__ = [
    "DRAFT_DAYS",
    "Due",
    "Progress",
    "Proof",
    "by_grid",
    "find_proof",
    "find_report",
    "find_sent",
    "get_assessment",
    "get_grid",
    "get_proposal",
    "get_report",
    "get_standing",
    "get_step",
    "get_visit",
    "is_chosen",
    "list_assessments",
    "list_coming",
    "list_drafts",
    "list_followed",
    "list_forgotten_drafts",
    "list_grids",
    "list_group_people",
    "list_left_drafts",
    "list_open_steps",
    "list_owed",
    "list_own_coming",
    "list_past",
    "list_plots_held",
    "list_proposals",
    "list_steps",
    "list_steps_of_report",
    "list_to_sign",
    "list_tour",
    "list_unseen",
    "load_visit",
    "lock_assessment",
    "lock_visit",
    "may_read_assessments",
    "read_due",
    "site_of",
]
