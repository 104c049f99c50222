"""Reports, their signatures, and what is said about them afterwards."""

import datetime as dt
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.followup.models.signature import Signature, signature_promises
from couveuse.followup.models.visit import Visit
from couveuse.people.models import Person


class Level(StrEnum):
    """Who reads a report; each level adds readers to the one before."""

    DRAFT = "draft"
    """Its author alone, who has to show or delete it."""
    GROUP = "group"
    SHARED = "shared"
    """The person too."""


class NoteKind(StrEnum):
    COMMENT = "comment"
    """Said before the signature."""
    ADDITION = "addition"
    """Said after it: what was signed stays as it is."""


class Report(Base):
    """What was seen, said and advised on a visit."""

    __tablename__ = "report"
    __table_args__ = (
        one_of("level", Level, "report_level_known"),
        sa.UniqueConstraint("visit_id", name="report_of_visit_once"),
        sa.CheckConstraint("version > 0", name="report_version_counts_from_one"),
        sa.CheckConstraint(
            "(level = 'shared') = (shared_at IS NOT NULL)", name="report_shared_on_a_day"
        ),
        sa.CheckConstraint(
            "signed_text IS NULL OR level = 'shared'", name="report_signed_once_shared"
        ),
        sa.CheckConstraint("typed_by_id <> author_id", name="report_typed_by_another"),
        sa.CheckConstraint("typed_by_id IS NULL OR level <> 'draft'", name="report_typed_is_shown"),
        sa.CheckConstraint("scan ~ '^[0-9a-f]{64}$'", name="report_scan_is_a_file"),
        sa.Index(None, "author_id"),
    )

    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visit.id"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    typed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who typed in what the author wrote on paper; None: the author."""
    scan: Mapped[str | None]
    """The paper itself: SHA-256 of a stored file."""
    level: Mapped[str]
    version: Mapped[int] = mapped_column(sa.Integer)
    """Counts the writes: who edits says which one they knew."""
    seen: Mapped[str | None]
    said: Mapped[str | None]
    advice: Mapped[str | None]
    mood: Mapped[str | None]
    """In the person's own words."""
    themes: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    photos: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    """Each ``{"file": sha256, "shows": words or null}``, with ``"place": [lat, lon]`` if kept."""
    committee_text: Mapped[str | None]
    """A few words for the progress committee; the person reads them too."""
    signed_text: Mapped[str | None]
    """What was signed, word for word: from then on it is locked."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    shared_at: Mapped[dt.datetime | None]
    read_at: Mapped[dt.datetime | None]
    """When the person opened it first."""

    visit: Mapped[Visit] = relationship(lazy="raise")
    author: Mapped[Person] = relationship(foreign_keys=author_id, lazy="raise")
    typed_by: Mapped[Person | None] = relationship(foreign_keys=typed_by_id, lazy="raise")
    signatures: Mapped[list["ReportSignature"]] = relationship(
        order_by="ReportSignature.id", lazy="raise"
    )
    notes: Mapped[list["ReportNote"]] = relationship(order_by="ReportNote.id", lazy="raise")

    @property
    def is_draft(self) -> bool:
        return self.level == Level.DRAFT

    @property
    def is_shared(self) -> bool:
        return self.level == Level.SHARED

    @property
    def is_locked(self) -> bool:
        return self.signed_text is not None


class ReportSignature(Signature, Base):
    """Of a report: by the person, and by who wrote it."""

    __tablename__ = "report_signature"
    __table_args__ = signature_promises("report_signature", "report_id")

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"))


class ReportNote(Base):
    """A dated word about a report: never changed, never removed."""

    __tablename__ = "report_note"
    __table_args__ = (
        one_of("kind", NoteKind, "report_note_kind_known"),
        sa.CheckConstraint("text <> ''", name="report_note_says_something"),
    )

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[str]
    text: Mapped[str]
    written_at: Mapped[dt.datetime]

    author: Mapped[Person] = relationship(lazy="raise")


class ReportAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Le compte rendu de cette visite est déjà commencé. Rechargez la page pour le voir."
        )
        super().__init__(Reason("report_already", sentence))


class SignsAlready(Conflict):
    def __init__(self) -> None:
        super().__init__(Reason("signs_already", N_("Vous avez déjà signé ce compte rendu.")))


class SignedText(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Ce compte rendu est signé : il ne change plus. Ajoutez plutôt une précision datée."
        )
        super().__init__(Reason("signed_text", sentence))


class TextChanged(Conflict):
    """Raised too when the reader signs another text than the present one."""

    def __init__(self) -> None:
        sentence = N_(
            "Le texte a changé depuis que vous l'avez ouvert. Relisez-le ci-dessous, puis signez."
        )
        super().__init__(Reason("text_changed", sentence))


promise("report_of_visit_once", ReportAlready)
promise("report_signature_once", SignsAlready)
promise("report_signed_is_locked", SignedText)
promise("report_signature_of_its_text", TextChanged)
