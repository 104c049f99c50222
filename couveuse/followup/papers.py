"""Reports and minutes on paper, signed or to sign: in French for every reader, as written."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from couveuse.core.typesetting import Paper, PaperPart, PaperParty, PaperSection
from couveuse.followup.models import (
    AgreedStep,
    NoteKind,
    ProgressReview,
    Report,
    Signature,
    Visit,
)
from couveuse.followup.rules import TEXTS
from couveuse.followup.signed import (
    AGREED,
    MINUTES,
    PHOTOS,
    facts,
    hash_of,
    minutes_facts,
    minutes_sections,
    photo_line,
    step_line,
)

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
    signing = [
        (visit.person_id, PERSON, visit.person.name),
        (report.author_id, MENTOR, report.author.name),
    ]
    return Paper(
        title=TITLE,
        author=report.author.name,
        footer=FOOTER % visit.id,
        subtitle=f"{start:%d/%m/%Y}",
        draft=not report.is_shared,
        parties=[PaperParty(PERSON, visit.person.name), PaperParty(MENTOR, visit.mentor.name)],
        sections=sections,
        signatures=_signing(report.signatures, signing, visit.zone) if report.is_shared else [],
        fingerprint=FINGERPRINT % hash_of(report.signed_text) if report.signed_text else "",
    )


def _signing(
    signatures: Sequence[Signature], parties: Sequence[tuple[int, str, str]], zone: ZoneInfo
) -> list[PaperParty]:
    """How each party signed, by id, role and name; who did not may sign there by hand."""
    found = {one.person_id: one for one in signatures}
    return [
        PaperParty(role, found[id_].name if id_ in found else name, _how(found.get(id_), zone))
        for id_, role, name in parties
    ]


def _how(signature: Signature | None, zone: ZoneInfo) -> list[str]:
    if signature is None:
        return []
    at = signature.signed_at.astimezone(zone)
    if signature.filed_by:
        return [SIGNED_ON_PAPER % f"{at:%d/%m/%Y}", FILED % signature.filed_by.name]
    return [SIGNED % (f"{at:%d/%m/%Y}", f"{at:%H:%M}")]


MINUTES_FOOTER = "Comité de suivi n° %s"
CLOSER = "Qui a clos le compte rendu"
SESSION, ADDITIONS = "La séance", "Précisions ajoutées ensuite"


def minutes_paper(
    review: ProgressReview, steps: Sequence[AgreedStep], owners: Mapping[int, str]
) -> Paper:
    """Of one person alone. Needs what the signed text needs, and the review with its additions and
    signatures; of a draft, who owes its steps."""
    session = review.committee
    agreed = [step_line(one) for one in steps] or [
        f"- {one['what']} ({owners.get(one['owner_id'], '')}"
        + (f", {one['due_on']})" if one["due_on"] else ")")
        for one in review.steps
    ]
    sections = [PaperSection(SESSION, "\n".join(minutes_facts(review)))]
    sections += [PaperSection(*one) for one in minutes_sections(review, agreed)]
    if review.additions:
        parts = [
            PaperPart(
                f"{one.author.name}, {one.written_at.astimezone(session.zone):%d/%m/%Y}", one.text
            )
            for one in review.additions
        ]
        sections.append(PaperSection(ADDITIONS, parts=parts))
    closer = review.closed_by
    signing = [(review.person_id, PERSON, review.person.name)]
    signing += [(closer.id, CLOSER, closer.name)] if closer else []
    return Paper(
        title=MINUTES,
        author=closer.name if closer else "",
        footer=MINUTES_FOOTER % session.id,
        subtitle=f"{session.starts_at.astimezone(session.zone):%d/%m/%Y}",
        draft=not review.is_closed,
        parties=[PaperParty(role, name) for _, role, name in signing],
        sections=sections,
        signatures=_signing(review.signatures, signing, session.zone) if review.is_closed else [],
        fingerprint=FINGERPRINT % hash_of(review.signed_text) if review.signed_text else "",
    )
