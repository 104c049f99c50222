"""The signed report on paper: in French for every reader, as it was signed."""

from collections.abc import Sequence

from couveuse.core.typesetting import Paper, PaperPart, PaperParty, PaperSection
from couveuse.followup.models import AgreedStep, NoteKind, Report, ReportSignature, Visit
from couveuse.followup.rules import TEXTS
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
