"""The invitation to a session of the committee."""

from couveuse.core import i18n
from couveuse.core.letters import letter
from couveuse.people.models import Person
from couveuse.trainees.models import Committee

COMMITTEE_PATH = "/comites/"
"""Said again here because jobs send it without a web page."""


def committee_mail(committee: Committee, reader: Person, base_url: str) -> tuple[str, str]:
    before = i18n.language()
    i18n.set_language(reader.language)
    when = i18n.day(committee.held_on, "long")
    i18n.set_language(before)
    at = i18n.clock_time(committee.held_at) if committee.held_at else ""
    return letter(
        "trainees/mails/committee.txt",
        reader.language,
        name=reader.name,
        base_url=base_url,
        url=f"{base_url}{COMMITTEE_PATH}{committee.id}",
        committee=committee,
        when=when,
        at=at,
    )
