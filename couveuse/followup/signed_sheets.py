"""What is signed on an attendance sheet, word for word: in French, dates as numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from couveuse.core.i18n import N_
from couveuse.followup.models import (
    Attendance,
    AttendanceNote,
    AttendanceScan,
    AttendanceSignature,
    Presence,
    SignerRole,
    TrainerSignature,
    Workshop,
    WorkshopSlot,
)
from couveuse.followup.rules import PRESENCES
from couveuse.followup.signed import hash_of

TITLE = N_("Feuille de présence n° %(number)s")
FACTS = {
    "title": N_("Atelier : %(value)s"),
    "structure": N_("Organisé par : %(value)s"),
    "when": N_("Demi-journée : %(value)s"),
    "minutes": N_("Durée : %(value)s minutes"),
    "where": N_("Lieu : %(value)s"),
    "trainers": N_("Intervenants : %(value)s"),
    "funders": N_("Avec le soutien de : %(value)s"),
}
CERTIFIES = N_("A participé à cette demi-journée et le certifie :")
PEOPLE = N_("Personnes")
SIGNED = N_("signé le %(at)s")
ON_PAPER = N_("Feuilles signées à la main (SHA-256)")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet of a half-day with all that stands on it."""

    slot: WorkshopSlot
    lines: Sequence[Attendance]
    signatures: Sequence[AttendanceSignature]
    scans: Sequence[AttendanceScan]
    notes: Sequence[AttendanceNote]
    from_outside: Sequence[TrainerSignature] = ()

    @property
    def workshop(self) -> Workshop:
        return self.slot.workshop

    def line_of(self, person_id: int) -> Attendance | None:
        return next((one for one in self.lines if one.person_id == person_id), None)

    def signature_of(self, person_id: int) -> AttendanceSignature | None:
        """As a participant."""
        return next(
            (
                one
                for one in self.signatures
                if one.person_id == person_id and one.role == SignerRole.PARTICIPANT
            ),
            None,
        )

    @property
    def people(self) -> list[tuple[int, str]]:
        """As the options of a list."""
        return [(one.person_id, one.person.name) for one in self.lines]

    @property
    def closers(self) -> list[AttendanceSignature]:
        return [one for one in self.signatures if one.role == SignerRole.FACILITATOR]

    @property
    def outside_to_sign(self) -> list[str]:
        """Trainers without an account who have not signed."""
        known = {one.name for one in self.from_outside}
        names = [one.name for one in self.workshop.trainers if one.person_id is None]
        return [one for one in names if one not in known]

    @property
    def undecided(self) -> list[Attendance]:
        return [one for one in self.lines if one.presence == Presence.EXPECTED]

    @property
    def unsigned(self) -> list[Attendance]:
        """Present, without a signature on the screen or a sheet of paper."""
        return [
            one
            for one in self.lines
            if one.presence == Presence.PRESENT
            and not self.scans
            and not self.signature_of(one.person_id)
        ]

    @property
    def is_whole(self) -> bool:
        return bool(self.lines) and not self.undecided and not self.unsigned

    @property
    def facts(self) -> str:
        """As they were signed first, else as they are."""
        return self.slot.facts or facts_text(self.slot)

    def hash_for(self, name: str) -> str:
        return hash_of(participant_text(self.facts, name))

    @property
    def text(self) -> str:
        return self.slot.sheet_text or sheet_text(self)


def facts_text(slot: WorkshopSlot) -> str:
    """Needs the slot with its facilitators, the workshop with site, structure and trainers."""
    return "\n".join([TITLE % {"number": slot.id}, *_facts(slot), CERTIFIES])


def participant_text(facts: str, name: str) -> str:
    return f"{facts}\n{name}\n"


def sheet_text(sheet: Sheet) -> str:
    """The whole sheet, as who leads signs it by closing it: with the facts that were signed."""
    parts = [
        sheet.facts.removesuffix(f"\n{CERTIFIES}"),
        "\n".join([PEOPLE, *(_line(sheet, one) for one in sheet.lines)]),
    ]
    if sheet.scans:
        parts.append("\n".join([ON_PAPER, *(f"- {scan.sha256}" for scan in sheet.scans)]))
    return "\n\n".join(parts) + "\n"


def _facts(slot: WorkshopSlot) -> Iterator[str]:
    workshop = slot.workshop
    start, end = (at.astimezone(workshop.zone) for at in (slot.starts_at, slot.ends_at))
    leaders = {one.id for one in slot.facilitators}
    outside = [one.name for one in workshop.trainers if one.person_id not in leaders]
    values = {
        "title": workshop.title,
        "structure": workshop.structure.name,
        "when": f"{start:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M} ({workshop.zone.key})",
        "minutes": slot.minutes,
        "where": workshop.where,
        "trainers": ", ".join([*(one.name for one in slot.facilitators), *outside]),
        "funders": workshop.funders,
    }
    for name, value in values.items():
        if value:
            yield FACTS[name] % {"value": value}


def _line(sheet: Sheet, line: Attendance) -> str:
    said = PRESENCES[Presence(line.presence)]
    signature = sheet.signature_of(line.person_id)
    if signature is None:
        return f"- {line.person.name} : {said}"
    at = signature.signed_at.astimezone(sheet.workshop.zone)
    when = SIGNED % {"at": f"{at:%Y-%m-%d %H:%M:%S}"}
    return f"- {signature.name} : {said}, {when} ({signature.text_hash})"
