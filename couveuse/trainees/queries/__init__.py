"""Reading paths, groups and agreements, always through the person who asks."""

from couveuse.trainees.queries.agreements import covers, list_agreements
from couveuse.trainees.queries.groups import list_group
from couveuse.trainees.queries.people import find_open_path, get_trainee

__all__ = ["covers", "find_open_path", "get_trainee", "list_agreements", "list_group"]
