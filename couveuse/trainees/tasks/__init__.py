"""What the worker does for those in test. Importing this registers the jobs."""

from couveuse.trainees.tasks import after, agreements, readings, selection, welcome

__all__ = ["after", "agreements", "readings", "selection", "welcome"]
