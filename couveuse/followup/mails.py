"""Mails about visits, in the language of who receives them. They never hold a word of a report."""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from couveuse.core import i18n
from couveuse.core.letters import letter
from couveuse.followup.models import ProgressCommittee, Report, Visit, VisitProposal
from couveuse.people.models import Person

VISITS_PATH = "/visites"
"""Said again here because jobs send it without a web page."""
REPORT_PATH = "/compte-rendu"
LIGHT_PATH = "/benevole/"
COMMITTEES_PATH = "/comites-de-suivi"
OF_REPORTS = {
    *("report_shared", "report_changed", "report_typed", "report_signed"),
    *("commented", "added"),
}
FIGURES_PATH = "/mes-chiffres"


def visit_mail(
    visit: Visit,
    what: str,
    reader: Person,
    by: str,
    base_url: str,
    *,
    slot: Mapping[str, str],
    before: Mapping[str, str] | None,
) -> tuple[str, str]:
    """Subject and body of the mail that tells ``reader`` what happened to a visit."""
    spoken = i18n.language()
    i18n.set_language(reader.language)
    words = {
        "slot": _said(slot, visit.zone),
        "before": _said(before, visit.zone) if before else None,
        "day": i18n.day(visit.day),
    }
    i18n.set_language(spoken)
    page = REPORT_PATH if what in OF_REPORTS else ""
    return letter(
        "followup/mails/visit.txt",
        reader.language,
        name=reader.name,
        base_url=base_url,
        url=f"{base_url}{VISITS_PATH}/{visit.id}{page}",
        what=what,
        visit=visit,
        by=by,
        is_person=reader.id == visit.person_id,
        **words,
    )


def proposal_mail(proposal: VisitProposal, what: str, by: str, base_url: str) -> tuple[str, str]:
    """For the person to whom moments were proposed, or no longer are."""
    reader = proposal.person
    spoken = i18n.language()
    i18n.set_language(reader.language)
    moments = [i18n.moment(one.astimezone(proposal.zone)) for one in sorted(proposal.starts)]
    i18n.set_language(spoken)
    return letter(
        "followup/mails/proposal.txt",
        reader.language,
        name=reader.name,
        base_url=base_url,
        url=f"{base_url}{VISITS_PATH}",
        what=what,
        by=by,
        moments=moments,
    )


def draft_mail(report: Report, days: int, base_url: str) -> tuple[str, str]:
    """For the author of a report that nobody else reads yet."""
    return letter(
        "followup/mails/draft.txt",
        report.author.language,
        name=report.author.name,
        base_url=base_url,
        url=f"{base_url}{VISITS_PATH}/{report.visit_id}{REPORT_PATH}",
        visit=report.visit,
        days=days,
    )


def light_url(base_url: str, token: str) -> str:
    return base_url.rstrip("/") + LIGHT_PATH + token


def light_mail(
    person: Person, token: str, until: dt.date, by: str, base_url: str
) -> tuple[str, str]:
    """For a volunteer: the link that opens their one screen."""
    return letter(
        "followup/mails/light.txt",
        person.language,
        name=person.given_name,
        base_url=base_url,
        url=light_url(base_url, token),
        until=until,
        by=by,
    )


def figures_mail(person: Person, month: dt.date, base_url: str) -> tuple[str, str]:
    """For who asked to be reminded of their own figures. It holds none of them."""
    return letter(
        "followup/mails/figures.txt",
        person.language,
        name=person.name,
        base_url=base_url,
        url=f"{base_url}{FIGURES_PATH}/mois/{month:%Y-%m}",
        stop_url=f"{base_url}{FIGURES_PATH}/partages",
        month=month,
    )


def committee_mail(
    committee: ProgressCommittee,
    what: str,
    by: str,
    base_url: str,
    *,
    name: str,
    language: str | None,
    reader: str,
    review_id: int | None = None,
) -> tuple[str, str]:
    """For somebody reviewed (``person``), who sits there (``member``), or a ``guest``, who has no
    account and so no address to open."""
    spoken = i18n.language()
    i18n.set_language(language)
    when = i18n.moment(committee.starts_at.astimezone(committee.zone))
    i18n.set_language(spoken)
    page = f"bilans/{review_id}" if review_id else str(committee.id)
    return letter(
        "followup/mails/committee.txt",
        language,
        name=name,
        base_url=base_url,
        url=None if reader == "guest" else f"{base_url}{COMMITTEES_PATH}/{page}",
        what=what,
        committee=committee,
        when=when,
        place=", ".join(
            one for one in (committee.site.name if committee.site else None, committee.place) if one
        ),
        by=by,
        reader=reader,
    )


def committee_due_mail(
    reader: Person, kind: str, person: str, day: dt.date, page: str, base_url: str, *, is_late: bool
) -> tuple[str, str]:
    """A session to plan (``due``), or minutes to close (``minutes``)."""
    return letter(
        "followup/mails/committee_due.txt",
        reader.language,
        name=reader.name,
        base_url=base_url,
        url=f"{base_url}{COMMITTEES_PATH}{page}",
        kind=kind,
        person=person,
        day=day,
        is_late=is_late,
    )


def _said(span: Mapping[str, str], zone: ZoneInfo) -> str:
    start, end = (dt.datetime.fromisoformat(span[key]).astimezone(zone) for key in ("start", "end"))
    return i18n.slot(start, end)
