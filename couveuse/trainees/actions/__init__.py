"""What people do with paths."""

from couveuse.trainees.actions.paths import change_state, move_path, say_next

__all__ = ["change_state", "move_path", "say_next"]
