"""What the worker does for those in test. Importing this registers the jobs."""

from couveuse.trainees.tasks import after, readings, selection, welcome

__all__ = ["after", "readings", "selection", "welcome"]
