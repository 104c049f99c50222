"""Imports the job rooms of every slice, so that the worker knows their jobs."""

from couveuse.coordination import tasks as coordination
from couveuse.core import mail
from couveuse.core.jobs import JOBS
from couveuse.equipment import tasks as equipment
from couveuse.followup import tasks as followup
from couveuse.followup import workshop_tasks as workshops
from couveuse.occupancy import tasks as occupancy
from couveuse.people import tasks as people
from couveuse.trainees import tasks as trainees

ROOMS = (mail, people, trainees, occupancy, equipment, followup, workshops, coordination)


def register() -> None:
    """Importing this module did it; said aloud so that the import is not taken for a mistake."""
    assert JOBS  # noqa: S101
