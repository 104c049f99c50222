"""Mails of the way in: thanks to newcomers, people entrusted or forgotten, referrals."""

import datetime as dt

from couveuse.core import i18n
from couveuse.core.letters import letter
from couveuse.people.models import Person
from couveuse.trainees.forms.welcome import IntroductionForm
from couveuse.trainees.models import Introduction, Path, Referral

PATH_PATH, REFERRAL_PATH, INTRODUCTIONS_PATH = "/parcours/", "/orientations/", "/presentations"
"""Said again here because jobs send them without a web page."""


def thanks_mail(asked: IntroductionForm, language: str, base_url: str) -> tuple[str, str]:
    return letter(
        "trainees/mails/thanks.txt",
        language,
        name=f"{asked.given_name} {asked.family_name}",
        base_url=base_url,
    )


def introduction_mail(one: Introduction, reader: Person, base_url: str) -> tuple[str, str]:
    return letter(
        "trainees/mails/introduction.txt",
        reader.language,
        name=reader.name,
        base_url=base_url,
        who=one.name,
        url=base_url + INTRODUCTIONS_PATH,
    )


def path_mail(
    path: Path, what: str, reader: Person, base_url: str, *, by: str = "", days: int = 0
) -> tuple[str, str]:
    """``what``: entrusted to the structure, or quiet for too long."""
    return letter(
        "trainees/mails/path.txt",
        reader.language,
        name=reader.name,
        base_url=base_url,
        url=f"{base_url}{PATH_PATH}{path.id}",
        what=what,
        path=path,
        by=by,
        days=days,
    )


def referral_mail(
    referral: Referral, what: str, reader: Person, base_url: str, *, by: str = ""
) -> tuple[str, str]:
    """``what``: sent, accepted, declined, withdrawn, late; or hers, for the person herself."""
    is_hers = what == "hers"
    return letter(
        "trainees/mails/referral.txt",
        reader.language,
        name=reader.name,
        base_url=base_url,
        url=f"{base_url}{REFERRAL_PATH}{referral.id}",
        what=what,
        referral=referral,
        by=by,
        meeting=_day(referral.first_meeting_on, reader) if is_hers or what == "accepted" else "",
    )


def _day(day: dt.date | None, reader: Person) -> str:
    before = i18n.language()
    i18n.set_language(reader.language)
    said = i18n.day(day, "long") if day else ""
    i18n.set_language(before)
    return said
