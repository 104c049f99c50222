"""The session of the committee: who is invited, which papers are missing, what was decided."""

import datetime as dt
from collections.abc import Sequence

from couveuse.core import i18n
from couveuse.core.letters import letter
from couveuse.people.models import Person
from couveuse.trainees.models import ApplicationPieceKind, Committee, CommitteeCase

COMMITTEE_PATH, APPLICATION_PATH = "/comites/", "/candidatures/"
"""Said again here because jobs send them without a web page."""


def committee_mail(committee: Committee, reader: Person, base_url: str) -> tuple[str, str]:
    when = _day(committee.held_on, reader)
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


def decision_mail(case: CommitteeCase, base_url: str) -> tuple[str, str]:
    """The letter, in the language of the person."""
    person = case.application.path.person
    return letter(
        "trainees/mails/decision.txt",
        person.language,
        name=person.name,
        base_url=base_url,
        case=case,
        held=_day(case.committee.held_on, person),
        conditions_due=_day(case.conditions_due_on, person),
        valid_until=_day(case.valid_until, person),
        reapply=_day(case.reapply_on, person),
    )


def missing_pieces_mail(
    case: CommitteeCase, pieces: Sequence[ApplicationPieceKind], reader: Person, base_url: str
) -> tuple[str, str]:
    return letter(
        "trainees/mails/missing_pieces.txt",
        reader.language,
        name=reader.name,
        base_url=base_url,
        case=case,
        pieces=pieces,
        held=_day(case.committee.held_on, reader),
        is_own=reader.id == case.application.path.person_id,
        url=f"{base_url}{APPLICATION_PATH}{case.application_id}",
    )


def _day(day: dt.date | None, reader: Person) -> str:
    before = i18n.language()
    i18n.set_language(reader.language)
    said = i18n.day(day, "long") if day else ""
    i18n.set_language(before)
    return said
