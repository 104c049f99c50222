"""What the worker does for those in test. Importing this registers the jobs."""

from couveuse.trainees.tasks import readings, selection, welcome

__all__ = ["readings", "selection", "welcome"]
