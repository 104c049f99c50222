"""Attendance sheets of workshops: who was there, signed on the screen or on paper, then locked."""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.followup.models.report import TextChanged
from couveuse.followup.models.visit import Presence
from couveuse.followup.models.workshop import WorkshopSlot
from couveuse.people.models import Person


class Attendance(Base):
    """Somebody on the sheet of a half-day. Counts once the sheet is closed."""

    __tablename__ = "attendance"
    __table_args__ = (
        one_of("presence", Presence, "attendance_presence_known"),
        one_of("corrected", Presence, "attendance_corrected_known"),
        sa.UniqueConstraint("slot_id", "person_id", name="attendance_once"),
        sa.Index(None, "person_id"),
    )

    slot_id: Mapped[int] = mapped_column(sa.ForeignKey("workshop_slot.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    presence: Mapped[str] = mapped_column(server_default=Presence.EXPECTED)
    corrected: Mapped[str | None]
    """What a dated addition to the closed sheet says instead; it counts."""

    slot: Mapped[WorkshopSlot] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")

    @property
    def counted(self) -> str:
        """As it counts."""
        return self.corrected or self.presence


class SignerRole(StrEnum):
    PARTICIPANT = "participant"
    FACILITATOR = "facilitator"


class AttendanceSignature(Base):
    """Somebody signed the sheet, under their name of the day.

    A participant signs the facts and her own name, before the sheet is whole; who leads signs the
    whole sheet by closing it.
    """

    __tablename__ = "attendance_signature"
    __table_args__ = (
        one_of("role", SignerRole, "attendance_signature_role_known"),
        sa.UniqueConstraint("slot_id", "person_id", "role", name="attendance_signature_once"),
        sa.CheckConstraint("text_hash ~ '^[0-9a-f]{64}$'", name="attendance_signature_has_a_hash"),
        sa.Index(None, "person_id"),
    )

    slot_id: Mapped[int] = mapped_column(sa.ForeignKey("workshop_slot.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[str]
    name: Mapped[str]
    signed_at: Mapped[dt.datetime]
    text_hash: Mapped[str]
    """SHA-256 of what was signed; the database checks it."""
    device_of_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    """Who was signed in on the device: the person herself, or who leads and handed it over."""


class TrainerSignature(Base):
    """Somebody from outside who led signed the closed sheet, on the device of who runs it."""

    __tablename__ = "trainer_signature"
    __table_args__ = (
        sa.UniqueConstraint("slot_id", "name", name="trainer_signature_once"),
        sa.CheckConstraint("name <> ''", name="trainer_signature_has_a_name"),
        sa.CheckConstraint("text_hash ~ '^[0-9a-f]{64}$'", name="trainer_signature_has_a_hash"),
        sa.Index(None, "device_of_id"),
    )

    slot_id: Mapped[int] = mapped_column(sa.ForeignKey("workshop_slot.id"))
    name: Mapped[str]
    """As it stands on the sheet; they typed it themselves."""
    signed_at: Mapped[dt.datetime]
    text_hash: Mapped[str]
    """SHA-256 of the sheet; the database checks it."""
    device_of_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    """Who was signed in on the device, and handed it over."""


class AttendanceScan(Base):
    """The printed sheet of a half-day, signed by hand, then photographed or scanned."""

    __tablename__ = "attendance_scan"
    __table_args__ = (sa.UniqueConstraint("slot_id", "sha256", name="attendance_scan_once"),)

    slot_id: Mapped[int] = mapped_column(sa.ForeignKey("workshop_slot.id"))
    sha256: Mapped[str]
    added_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    added_at: Mapped[dt.datetime]

    added_by: Mapped[Person] = relationship(lazy="raise")


class AttendanceNote(Base):
    """A dated addition to a closed sheet; it may correct whether somebody was there."""

    __tablename__ = "attendance_note"
    __table_args__ = (
        one_of("presence", Presence, "attendance_note_presence_known"),
        sa.CheckConstraint("text <> ''", name="attendance_note_says_something"),
        sa.CheckConstraint(
            "(person_id IS NULL) = (presence IS NULL)", name="attendance_note_says_of_whom"
        ),
        sa.Index(None, "slot_id"),
    )

    slot_id: Mapped[int] = mapped_column(sa.ForeignKey("workshop_slot.id"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    text: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    presence: Mapped[str | None]
    written_at: Mapped[dt.datetime]

    author: Mapped[Person] = relationship(foreign_keys=author_id, lazy="raise")
    person: Mapped[Person | None] = relationship(foreign_keys=person_id, lazy="raise")


class SheetLocked(Conflict):
    def __init__(self) -> None:
        sentence = N_("Cette feuille est close : elle ne change plus. Ajoutez une précision datée.")
        super().__init__(Reason("sheet_locked", sentence))


class FactsSigned(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Quelqu'un a déjà signé pour cette demi-journée : ses heures et ses intervenants ne "
            "changent plus. Retirez d'abord les signatures si elles sont fausses."
        )
        super().__init__(Reason("facts_signed", sentence))


class SheetIncomplete(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Avant de clore, chaque personne est présente, absente ou excusée, et chaque personne "
            "présente a signé ici ou sur la feuille déposée."
        )
        super().__init__(Reason("sheet_incomplete", sentence))


class SignedMeansPresent(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette personne a signé : elle est présente. Retirez d'abord sa signature si c'est une "
            "erreur."
        )
        super().__init__(Reason("signed_means_present", sentence))


class SignsSheetAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_("Cette personne a déjà signé cette feuille. Rechargez la page pour le voir.")
        super().__init__(Reason("signs_sheet_already", sentence))


promise("attendance_sheet_is_locked", SheetLocked)
promise("attendance_facts_are_signed", FactsSigned)
promise("attendance_sheet_complete", SheetIncomplete)
promise("attendance_signed_is_present", SignedMeansPresent)
promise("attendance_signature_once", SignsSheetAlready)
promise("attendance_signature_of_its_text", TextChanged)
promise("trainer_signature_once", SignsSheetAlready)
