"""What the worker does for paths. Importing this registers the jobs."""

from couveuse.trainees.tasks import welcome

__all__ = ["welcome"]
