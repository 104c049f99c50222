"""Signed reports and closed minutes on paper: in French for every reader, as they were written."""

from collections.abc import Mapping, Sequence

from couveuse.core.typesetting import Paper, PaperPart, PaperParty, PaperSection
from couveuse.followup.models import (
    AgreedStep,
    NoteKind,
    Presence,
    ProgressDecision,
    ProgressReview,
    Report,
    ReportSignature,
    Visit,
)
from couveuse.followup.rules import DECISIONS, MODES, PRESENCES, TEXTS
from couveuse.followup.signed import AGREED, PHOTOS, facts, hash_of, photo_line, step_line

TITLE, FOOTER = "Compte rendu de visite", "Visite n° %s"
PERSON, MENTOR = "La personne en test", "Qui accompagne"
FACTS, NOTES = "La visite", "Commentaires et précisions"
AFTER = ", après signature"
SIGNED, SIGNED_ON_PAPER = "Signé le %s à %s", "Signé sur papier le %s"
FILED = "Feuille déposée par %s"
FINGERPRINT = "Empreinte SHA-256 du texte signé : %s"


def report_paper(visit: Visit, report: Report, steps: Sequence[AgreedStep]) -> Paper:
    """Needs what the signed text needs, and the report with its signatures and notes."""
    sections = [PaperSection(FACTS, "\n".join(facts(visit, report)))]
    texts = {name: getattr(report, name) for name in TEXTS}
    sections += [PaperSection(label, texts[name]) for name, label in TEXTS.items() if texts[name]]
    if steps:
        sections.append(PaperSection(AGREED, "\n".join(map(step_line, steps))))
    if report.photos:
        sections.append(PaperSection(PHOTOS, "\n".join(map(photo_line, report.photos))))
    if report.notes:
        parts = [
            PaperPart(
                f"{note.author.name}, {note.written_at.astimezone(visit.zone):%d/%m/%Y}"
                + (AFTER if note.kind == NoteKind.ADDITION else ""),
                note.text,
            )
            for note in report.notes
        ]
        sections.append(PaperSection(NOTES, parts=parts))
    start = visit.starts_at.astimezone(visit.zone)
    return Paper(
        title=TITLE,
        author=report.author.name,
        footer=FOOTER % visit.id,
        subtitle=f"{start:%d/%m/%Y}",
        draft=not report.is_locked,
        parties=[PaperParty(PERSON, visit.person.name), PaperParty(MENTOR, visit.mentor.name)],
        sections=sections,
        signatures=[_signature(visit, one) for one in report.signatures],
        fingerprint=FINGERPRINT % hash_of(report.signed_text) if report.signed_text else "",
    )


def _signature(visit: Visit, signature: ReportSignature) -> PaperParty:
    at = signature.signed_at.astimezone(visit.zone)
    role = PERSON if signature.person_id == visit.person_id else MENTOR
    if signature.filed_by:
        said = [SIGNED_ON_PAPER % f"{at:%d/%m/%Y}", FILED % signature.filed_by.name]
    else:
        said = [SIGNED % (f"{at:%d/%m/%Y}", f"{at:%H:%M}")]
    return PaperParty(role, signature.name, said)


MINUTES, MINUTES_FOOTER = "Compte rendu de comité de suivi", "Comité de suivi n° %s"
CALLER = "Qui réunit le comité"
SESSION, THERE = "La séance", "Étaient invités"
SAID, DECISION, REASONS = "Ce qui s'est dit", "Ce que le comité propose", "Raisons"
CONDITIONS, NEXT = "Conditions", "Prochain comité"
ADDITIONS = "Précisions ajoutées ensuite"
CLOSED = "Clos le %s par %s"


def minutes_paper(
    review: ProgressReview, steps: Sequence[AgreedStep], owners: Mapping[int, str]
) -> Paper:
    """Of one person alone. Needs the review with its session, its members and its additions; the
    steps once closed, or else who owes those of the draft."""
    session = review.committee
    start = session.starts_at.astimezone(session.zone)
    mode = next(text for mode, text in MODES.items() if mode == session.mode)
    where = [session.site.name if session.site else None, session.place]
    facts = [f"{start:%d/%m/%Y} à {start:%H:%M}, {session.duration_minutes} minutes", mode]
    facts += [one for one in where if one]
    there = [(review.person.name, review.presence)]
    there += [(one.name, one.presence) for one in session.members]
    agreed = [step_line(one) for one in steps] or [
        f"- {one['what']} ({owners.get(one['owner_id'], '')}"
        + (f", {one['due_on']})" if one["due_on"] else ")")
        for one in review.steps
    ]
    decision = DECISIONS[ProgressDecision(review.decision)] if review.decision else ""
    sections = [
        PaperSection(SESSION, "\n".join(facts)),
        PaperSection(THERE, "\n".join(f"{name}, {PRESENCES[Presence(p)]}" for name, p in there)),
        *(
            PaperSection(title, text)
            for title, text in (
                (SAID, review.minutes),
                (DECISION, decision),
                (REASONS, review.reasons),
                (CONDITIONS, review.conditions),
                (AGREED, "\n".join(agreed)),
                (NEXT, f"{review.next_on:%d/%m/%Y}" if review.next_on else ""),
            )
            if text
        ),
    ]
    if review.additions:
        parts = [
            PaperPart(
                f"{one.author.name}, {one.written_at.astimezone(session.zone):%d/%m/%Y}", one.text
            )
            for one in review.additions
        ]
        sections.append(PaperSection(ADDITIONS, parts=parts))
    closed_by = review.closed_by
    return Paper(
        title=MINUTES,
        author=closed_by.name if closed_by else "",
        footer=MINUTES_FOOTER % session.id,
        subtitle=f"{start:%d/%m/%Y}",
        draft=not review.is_closed,
        parties=[
            PaperParty(PERSON, review.person.name),
            PaperParty(CALLER, session.structure.label),
        ],
        sections=sections,
        fingerprint=CLOSED % (f"{review.closed_at:%d/%m/%Y}", closed_by.name)
        if review.closed_at and closed_by
        else "",
    )
