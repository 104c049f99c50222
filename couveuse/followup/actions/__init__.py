"""What people do with visits, reports and what was agreed. Every write locks the visit first."""

from couveuse.followup.actions.access import (
    end_link,
    make_link,
    note_use,
    note_wrong_token,
    welcome_volunteer,
)
from couveuse.followup.actions.assessing import answer, begin_assessment, talk_over
from couveuse.followup.actions.committees import (
    answer_invitation,
    call_committee,
    cancel_session,
    invite_to_session,
    move_session,
    put_on_agenda,
    remove_from_session,
    say_session_held,
)
from couveuse.followup.actions.figure_shares import (
    hide_month,
    note_figures_reading,
    share_months,
    withdraw_share,
)
from couveuse.followup.actions.figures import (
    add_headings,
    end_heading,
    move_heading,
    plan_months,
    plan_year,
    rename_heading,
    return_heading,
    save_month,
    set_figure_reminder,
)
from couveuse.followup.actions.grids import change_grid, make_grid, retire_grid, return_grid
from couveuse.followup.actions.opening import (
    GRIDS,
    STEPS,
    note_assessment_reading,
    note_list_reading,
    note_reading,
)
from couveuse.followup.actions.proposing import choose_slot, propose_slots, withdraw_proposal
from couveuse.followup.actions.reporting import (
    add_note,
    delete_report,
    open_left_drafts,
    share_report,
    summarise,
    write_report,
)
from couveuse.followup.actions.reviews import (
    add_to_minutes,
    close_minutes,
    note_review_reading,
    say_self_review,
    write_minutes,
)
from couveuse.followup.actions.seen import say_seen
from couveuse.followup.actions.signing import (
    file_signed_minutes,
    file_signed_report,
    sign_minutes,
    sign_report,
)
from couveuse.followup.actions.steps import agree_step, change_step
from couveuse.followup.actions.typing import type_report
from couveuse.followup.actions.visits import (
    cancel_visit,
    move_visit,
    plan_visit,
    record_visit,
    say_missed,
)

__all__ = [
    "GRIDS",
    "STEPS",
    "add_headings",
    "add_note",
    "add_to_minutes",
    "agree_step",
    "answer",
    "answer_invitation",
    "begin_assessment",
    "call_committee",
    "cancel_session",
    "cancel_visit",
    "change_grid",
    "change_step",
    "choose_slot",
    "close_minutes",
    "delete_report",
    "end_heading",
    "end_link",
    "file_signed_minutes",
    "file_signed_report",
    "hide_month",
    "invite_to_session",
    "make_grid",
    "make_link",
    "move_heading",
    "move_session",
    "move_visit",
    "note_assessment_reading",
    "note_figures_reading",
    "note_list_reading",
    "note_reading",
    "note_review_reading",
    "note_use",
    "note_wrong_token",
    "open_left_drafts",
    "plan_months",
    "plan_visit",
    "plan_year",
    "propose_slots",
    "put_on_agenda",
    "record_visit",
    "remove_from_session",
    "rename_heading",
    "retire_grid",
    "return_grid",
    "return_heading",
    "save_month",
    "say_missed",
    "say_seen",
    "say_self_review",
    "say_session_held",
    "set_figure_reminder",
    "share_months",
    "share_report",
    "sign_minutes",
    "sign_report",
    "summarise",
    "talk_over",
    "type_report",
    "welcome_volunteer",
    "withdraw_proposal",
    "withdraw_share",
    "write_minutes",
    "write_report",
]
