"""Reading across the slices: what a day holds for somebody, one person's file, what ends touch."""

from couveuse.coordination.queries.agreement_end import EndTouches, what_agreement_end_touches
from couveuse.coordination.queries.endings import Touched, what_ending_touches
from couveuse.coordination.queries.following import Followed, list_followed
from couveuse.coordination.queries.person import (
    PersonFile,
    list_ground,
    read_file,
)
from couveuse.coordination.queries.today import (
    SOON,
    Today,
    list_checks_due,
    list_outbox,
    list_running_outages,
    read_today,
)

__all__ = [
    "SOON",
    "EndTouches",
    "Followed",
    "PersonFile",
    "Today",
    "Touched",
    "list_checks_due",
    "list_followed",
    "list_ground",
    "list_outbox",
    "list_running_outages",
    "read_file",
    "read_today",
    "what_agreement_end_touches",
    "what_ending_touches",
]
