"""The text that is signed, word for word: always in French, dates as numbers, nothing left out."""

import hashlib
from collections.abc import Iterable, Iterator

from couveuse.core.i18n import N_
from couveuse.followup.models import (
    AgreedStep,
    Presence,
    ProgressDecision,
    ProgressReview,
    Report,
    Visit,
    VisitPerson,
)
from couveuse.followup.rules import DECISIONS, KINDS, MODES, PRESENCES, TEXTS, THEMES
from couveuse.trainees.models import FollowUpKind

TITLE = N_("Compte rendu de visite n° %(number)s")
FACTS = {
    "person": N_("Personne en test : %(value)s"),
    "mentor": N_("Visite faite par : %(value)s"),
    "author": N_("Compte rendu écrit par : %(value)s"),
    "typed_by": N_("Rapporté sur papier, saisi par : %(value)s"),
    "scan": N_("Feuille d'origine (SHA-256) : %(value)s"),
    "when": N_("Début : %(value)s"),
    "minutes": N_("Durée : %(value)s minutes"),
    "kind": N_("Nature : %(value)s"),
    "mode": N_("Forme : %(value)s"),
    "site": N_("Lieu : %(value)s"),
    "plots": N_("Parcelles : %(value)s"),
    "people": N_("Personnes : %(value)s"),
    "themes": N_("Thèmes : %(value)s"),
}
AGREED = N_("Convenu")
PHOTOS = N_("Photos")


def signed_text(visit: Visit, report: Report, steps: Iterable[AgreedStep]) -> str:
    """Needs the visit with its people and plots, the report with its author, steps with owners."""
    parts = [TITLE % {"number": visit.id}, "\n".join(facts(visit, report))]
    texts = {name: getattr(report, name) for name in TEXTS}
    parts += [f"{label}\n{texts[name]}" for name, label in TEXTS.items() if texts[name]]
    if agreed := [step_line(step) for step in steps]:
        parts.append("\n".join([AGREED, *agreed]))
    if report.photos:
        parts.append("\n".join([PHOTOS, *(photo_line(photo) for photo in report.photos)]))
    return "\n\n".join(parts) + "\n"


def facts(visit: Visit, report: Report) -> Iterator[str]:
    start = visit.starts_at.astimezone(visit.zone)
    values = {
        "person": visit.person.name,
        "mentor": visit.mentor.name,
        "author": report.author.name,
        "typed_by": report.typed_by.name if report.typed_by_id and report.typed_by else "",
        "scan": report.scan or "",
        "when": f"{start:%Y-%m-%d %H:%M} ({visit.zone.key})",
        "minutes": visit.duration_minutes,
        "kind": KINDS[FollowUpKind(visit.kind)],
        "mode": next(text for mode, text in MODES.items() if mode == visit.mode),
        "site": visit.site.name if visit.site else "",
        "plots": ", ".join(plot.code for plot in visit.plots),
        "people": ", ".join(
            f"{one.person.name} ({_presence(one)})"
            for one in sorted(visit.people, key=lambda one: one.person_id)
        ),
        "themes": ", ".join(THEMES[theme] for theme in report.themes if theme in THEMES),
    }
    for name, value in values.items():
        if value:
            yield FACTS[name] % {"value": value}


def _presence(one: VisitPerson) -> str:
    length = f", {one.minutes} minutes" if one.minutes else ""
    return PRESENCES[Presence(one.presence)] + length


def step_line(step: AgreedStep) -> str:
    due = f", {step.due_on.isoformat()}" if step.due_on else ""
    return f"- {step.what} ({step.owner.name}{due})"


def photo_line(photo: dict[str, object]) -> str:
    place = photo.get("place")
    where = f" ({', '.join(map(str, place))})" if isinstance(place, list) else ""
    return f"- {photo['file']}{where}"


MINUTES = "Compte rendu de comité de suivi"
MINUTES_FACTS = {
    "person": "Personne en test : %s",
    "caller": "Comité réuni par : %s",
    "when": "Début : %s",
    "minutes": "Durée : %s minutes",
    "mode": "Forme : %s",
    "site": "Lieu : %s",
    "place": "Salle ou adresse : %s",
    "people": "Personnes : %s",
    "closed_by": "Clos par : %s",
}
SAID, DECISION, REASONS = "Ce qui s'est dit", "Ce que le comité propose", "Raisons"
CONDITIONS, NEXT = "Conditions", "Prochain comité"


def minutes_text(review: ProgressReview, steps: Iterable[AgreedStep]) -> str:
    """Of closed minutes. Needs the review with its session, its members and who closed it, and the
    steps with owners."""
    parts = [f"{MINUTES} n° {review.id}", "\n".join(minutes_facts(review))]
    agreed = [step_line(step) for step in steps]
    parts += [f"{title}\n{text}" for title, text in minutes_sections(review, agreed)]
    return "\n\n".join(parts) + "\n"


def minutes_facts(review: ProgressReview) -> Iterator[str]:
    session = review.committee
    start = session.starts_at.astimezone(session.zone)
    there = [(review.person.name, review.presence)]
    there += [(one.name, one.presence) for one in session.members]
    values = {
        "person": review.person.name,
        "caller": session.structure.label,
        "when": f"{start:%Y-%m-%d %H:%M} ({session.zone.key})",
        "minutes": session.duration_minutes,
        "mode": next(text for mode, text in MODES.items() if mode == session.mode),
        "site": session.site.name if session.site else "",
        "place": session.place,
        "people": ", ".join(f"{name} ({PRESENCES[Presence(one)]})" for name, one in there),
        "closed_by": review.closed_by.name if review.closed_by else "",
    }
    for name, value in values.items():
        if value:
            yield MINUTES_FACTS[name] % value


def minutes_sections(review: ProgressReview, agreed: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What the minutes say, title by title; without what they do not say."""
    decision = DECISIONS[ProgressDecision(review.decision)] if review.decision else ""
    for title, text in (
        (SAID, review.minutes),
        (DECISION, decision),
        (REASONS, review.reasons),
        (CONDITIONS, review.conditions),
        (AGREED, "\n".join(agreed)),
        (NEXT, review.next_on.isoformat() if review.next_on else ""),
    ):
        if text:
            yield title, text


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
