"""Mails about agreements, in the language of who receives them."""

from collections.abc import Sequence

from couveuse.core.letters import letter
from couveuse.people.models import Person
from couveuse.trainees.models import Agreement
from couveuse.trainees.rules import Standing

AGREEMENT_PATH = "/conventions/"
"""Said again here because jobs send it without a web page."""


def ending_mail(
    reader: Person, agreement: Agreement, label: str, now: Standing, base_url: str
) -> tuple[str, str]:
    """Subject and body of the mail that says that an agreement ends soon."""
    return letter(
        "trainees/mails/agreement_ending.txt",
        reader.language,
        name=reader.name,
        label=label,
        agreement=agreement,
        standing=now,
        is_own=reader.id == agreement.person_id,
        url=f"{base_url}{AGREEMENT_PATH}{agreement.id}",
        base_url=base_url,
    )


def todo_mail(reader: Person, lines: Sequence[dict[str, object]], base_url: str) -> tuple[str, str]:
    """Subject and body of the weekly mail about what agreements still wait for."""
    return letter(
        "trainees/mails/agreements_todo.txt",
        reader.language,
        name=reader.name,
        lines=lines,
        base_url=base_url,
    )
