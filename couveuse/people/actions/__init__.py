"""What may be done to persons, memberships, papers and sessions."""

from couveuse.people.actions.access import (
    LinkGone,
    close_session,
    close_sessions,
    issue_link,
    note_failure,
    open_session,
    reset_password,
    send_link,
    set_password,
    use_link,
    void_links,
)
from couveuse.people.actions.memberships import (
    LastCoordinator,
    edit_membership,
    end_membership,
    grant_membership,
    hold_memberships,
    later_starts,
)
from couveuse.people.actions.papers import (
    LookedAtAlready,
    check_paper,
    decline_paper,
    record_paper,
    withdraw_paper,
)
from couveuse.people.actions.persons import (
    accept_invitation,
    add_person,
    choose_language,
    edit_person,
    edit_profile,
    invite,
)
from couveuse.people.mails import invitation_url

__all__ = [
    "LastCoordinator",
    "LinkGone",
    "LookedAtAlready",
    "accept_invitation",
    "add_person",
    "check_paper",
    "choose_language",
    "close_session",
    "close_sessions",
    "decline_paper",
    "edit_membership",
    "edit_person",
    "edit_profile",
    "end_membership",
    "grant_membership",
    "hold_memberships",
    "invitation_url",
    "invite",
    "issue_link",
    "later_starts",
    "note_failure",
    "open_session",
    "record_paper",
    "reset_password",
    "send_link",
    "set_password",
    "use_link",
    "void_links",
    "withdraw_paper",
]
