"""Imports every table, so that the metadata is whole for migrations and tests."""

from couveuse.coordination import models as coordination
from couveuse.core import files, journal, mail, marks, retention
from couveuse.core.db import Base
from couveuse.equipment import models as equipment
from couveuse.followup import models as followup
from couveuse.network import models as network
from couveuse.occupancy import models as occupancy
from couveuse.people import models as people
from couveuse.plots import models as plots
from couveuse.structures import models as structures
from couveuse.trainees import models as trainees

__all__ = [
    "coordination",
    "equipment",
    "files",
    "followup",
    "journal",
    "mail",
    "marks",
    "network",
    "occupancy",
    "people",
    "plots",
    "retention",
    "structures",
    "trainees",
]

metadata = Base.metadata
