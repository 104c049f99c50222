"""The mails that hold a link, in the language of who receives them."""

from collections.abc import Sequence

from couveuse.core.letters import letter
from couveuse.people.models import LinkPurpose, Paper, Person
from couveuse.people.rules import LINK_LIFETIMES

PATHS = {
    LinkPurpose.SIGN_IN: "/connexion/lien/",
    LinkPurpose.PASSWORD: "/mot-de-passe/",
    LinkPurpose.INVITATION: "/invitations/",
}
"""Where links lead. Said again here because commands and jobs send them without a web page."""


def link_url(base_url: str, purpose: LinkPurpose, token: str) -> str:
    return base_url.rstrip("/") + PATHS[purpose] + token


def invitation_url(base_url: str, token: str) -> str:
    return link_url(base_url, LinkPurpose.INVITATION, token)


def link_mail(person: Person, purpose: LinkPurpose, token: str, base_url: str) -> tuple[str, str]:
    """Subject and body of the mail that lets a person in, or choose a new password."""
    return letter(
        f"people/mails/{purpose}.txt",
        person.language,
        name=person.name,
        url=link_url(base_url, purpose, token),
        minutes=int(LINK_LIFETIMES[purpose].total_seconds() // 60),
        base_url=base_url,
    )


def invitation_mail(
    person: Person, token: str, base_url: str, *, places: Sequence[str], inviter: str | None
) -> tuple[str, str]:
    return letter(
        "people/mails/invitation.txt",
        person.language,
        name=person.name,
        url=invitation_url(base_url, token),
        days=LINK_LIFETIMES[LinkPurpose.INVITATION].days,
        places=places,
        inviter=inviter,
        base_url=base_url,
    )


NEW_PAPER_PATH = "/personnes/{person_id}/papiers/nouveau?papier={paper_id}"
"""Where the paper that follows is sent."""


def paper_ending_mail(
    person: Person, paper: Paper, days_left: int, base_url: str
) -> tuple[str, str]:
    """Subject and body of the mail that says that a paper ends soon."""
    path = NEW_PAPER_PATH.format(person_id=person.id, paper_id=paper.id)
    return letter(
        "people/mails/paper_ending.txt",
        person.language,
        name=person.name,
        paper=paper,
        days_left=days_left,
        url=base_url.rstrip("/") + path,
        base_url=base_url,
    )


def paper_declined_mail(
    person: Person, paper: Paper, reason: str, by: str, base_url: str
) -> tuple[str, str]:
    """Subject and body of the mail that says why a paper sent does not count."""
    return letter(
        "people/mails/paper_declined.txt",
        person.language,
        name=person.name,
        paper=paper,
        reason=reason,
        by=by,
        url=f"{base_url.rstrip('/')}/personnes/{person.id}/papiers/nouveau",
        base_url=base_url,
    )
