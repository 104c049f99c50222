"""The attendance sheet to print: in French for every reader, signed by hand."""

from couveuse.core.typesetting import SignSheet
from couveuse.followup.models import Workshop

TITLE, FOOTER = "Feuille de présence", "Atelier n° %s"
ORGANISED, WHERE, LED, FUNDED = "Organisé par", "Lieu", "Animé par", "Avec le soutien de"
PERSON, LEADER, LOGOS = "Personne", "Qui anime", "Place des logos"
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
SPARE = 4
"""Empty lines for those who come along, where places are left."""


def sheet_paper(workshop: Workshop) -> SignSheet:
    """A line for each person with a place, a column for each half-day."""
    people = sorted(
        (seat.person for seat in workshop.seated),
        key=lambda one: (one.family_name.casefold(), one.given_name.casefold(), one.id),
    )
    left = workshop.places_left
    facts = {
        ORGANISED: workshop.structure.name,
        WHERE: workshop.where,
        LED: ", ".join(one.name for one in workshop.trainers),
        FUNDED: workshop.funders or "",
    }
    return SignSheet(
        title=TITLE,
        subtitle=workshop.title,
        facts=[(name, value) for name, value in facts.items() if value],
        logos=LOGOS,
        first=PERSON,
        columns=_columns(workshop),
        lines=[one.name for one in people] + [""] * (SPARE if left is None else min(left, SPARE)),
        last=LEADER,
        footer=FOOTER % workshop.id,
    )


def _columns(workshop: Workshop) -> list[tuple[str, str]]:
    columns: list[tuple[str, str]] = []
    for slot in workshop.slots:
        start, end = (at.astimezone(workshop.zone) for at in (slot.starts_at, slot.ends_at))
        columns.append(
            (f"{DAYS[start.weekday()]} {start:%d/%m/%Y}", f"{start:%H:%M} – {end:%H:%M}")
        )
    return columns
