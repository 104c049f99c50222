"""Screens of sign-in, of persons and of one's own account."""

from typing import Any

from couveuse.core.settings import Settings
from couveuse.people import policy
from couveuse.people.pages.invitations import AnswerPages, SendInvitation
from couveuse.people.pages.memberships import MembershipPages, NewMembershipPages
from couveuse.people.pages.papers import (
    CheckPages,
    DeclinePages,
    PaperDocument,
    PaperPages,
    WithdrawPaper,
)
from couveuse.people.pages.passwords import ForgottenPages, ResetPages
from couveuse.people.pages.persons import PersonPages
from couveuse.people.pages.profile import ProfilePages, choose_language
from couveuse.people.pages.sessions import SessionPages, sign_out
from couveuse.people.pages.sign_in import LinkPages, SignInPages, enter_as
from couveuse.web.menu import everybody, offers

ROUTES = [
    SignInPages,
    LinkPages,
    sign_out,
    choose_language,
    ForgottenPages,
    ResetPages,
    AnswerPages,
    SendInvitation,
    ProfilePages,
    SessionPages,
    PersonPages,
    NewMembershipPages,
    MembershipPages,
    PaperPages,
    PaperDocument,
    WithdrawPaper,
    CheckPages,
    DeclinePages,
]


def routes(settings: Settings) -> list[Any]:
    """Entering as somebody else exists only in the demonstration."""
    return [*ROUTES, enter_as] if settings.demo else ROUTES


offers({"people.persons.index": policy.can_see_people, "people.profile.show": everybody})
