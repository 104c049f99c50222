"""What people do with paths and agreements."""

from couveuse.trainees.actions.agreements import (
    end_early,
    renew_agreement,
    sign_agreement,
    withdraw,
)
from couveuse.trainees.actions.notices import record_notice
from couveuse.trainees.actions.paths import change_state, move_path, say_next
from couveuse.trainees.actions.signing import file_document

__all__ = [
    "change_state",
    "end_early",
    "file_document",
    "move_path",
    "record_notice",
    "renew_agreement",
    "say_next",
    "sign_agreement",
    "withdraw",
]
