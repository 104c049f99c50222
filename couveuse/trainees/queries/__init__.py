"""Reading paths, groups and agreements, always through the person who asks."""

from couveuse.trainees.queries.agreements import covers, list_agreements
from couveuse.trainees.queries.groups import list_group
from couveuse.trainees.queries.papers import MissingPaper, list_papers_missing
from couveuse.trainees.queries.paths import (
    Board,
    BoardRow,
    get_path,
    last_step_day,
    list_steps,
    list_who_may_act,
    read_board,
)
from couveuse.trainees.queries.people import find_open_path, get_trainee

__all__ = [
    "Board",
    "BoardRow",
    "MissingPaper",
    "covers",
    "find_open_path",
    "get_path",
    "get_trainee",
    "last_step_day",
    "list_agreements",
    "list_group",
    "list_papers_missing",
    "list_steps",
    "list_who_may_act",
    "read_board",
]
