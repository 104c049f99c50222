"""What people do with paths and agreements: welcoming, passing on, signing, ending."""

from couveuse.trainees.actions.agreements import (
    end_early,
    renew_agreement,
    sign_agreement,
    withdraw,
)
from couveuse.trainees.actions.groups import (
    follow,
    hand_over,
    leave_group,
)
from couveuse.trainees.actions.introductions import (
    introduce,
    note_sending,
    set_aside,
)
from couveuse.trainees.actions.joining import (
    join_sheet,
)
from couveuse.trainees.actions.notices import (
    record_notice,
)
from couveuse.trainees.actions.papers import (
    make_paper,
    sign_on_screen,
)
from couveuse.trainees.actions.paths import (
    change_state,
    move_path,
    say_next,
)
from couveuse.trainees.actions.referring import (
    answer_referral,
    refer,
    withdraw_referral,
)
from couveuse.trainees.actions.selecting import (
    apply,
    decide,
    declare_conflict,
    edit_application,
    edit_committee,
    fill_grid,
    hold_committee,
    invite_to_committee,
    mail_letter,
    note_letter_sent,
    put_on_agenda,
    record_piece,
    write_minutes,
)
from couveuse.trainees.actions.signing import (
    file_document,
)
from couveuse.trainees.actions.terms import (
    amend,
    end_suspension,
    file_amendment,
    receive_piece,
    suspend,
    write_contents,
)
from couveuse.trainees.actions.welcoming import (
    LooksKnown,
    ToCompare,
    edit_sheet,
    welcome,
)

__all__ = [
    "LooksKnown",
    "ToCompare",
    "amend",
    "answer_referral",
    "apply",
    "change_state",
    "decide",
    "declare_conflict",
    "edit_application",
    "edit_committee",
    "edit_sheet",
    "end_early",
    "end_suspension",
    "file_amendment",
    "file_document",
    "fill_grid",
    "follow",
    "hand_over",
    "hold_committee",
    "introduce",
    "invite_to_committee",
    "join_sheet",
    "leave_group",
    "mail_letter",
    "make_paper",
    "move_path",
    "note_letter_sent",
    "note_sending",
    "put_on_agenda",
    "receive_piece",
    "record_notice",
    "record_piece",
    "refer",
    "renew_agreement",
    "say_next",
    "set_aside",
    "sign_agreement",
    "sign_on_screen",
    "suspend",
    "welcome",
    "withdraw",
    "withdraw_referral",
    "write_contents",
    "write_minutes",
]
