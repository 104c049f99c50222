"""Papers of an agreement: what was made, who signed, what changed by amendment, what is missing."""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core.db import Base, one_of
from couveuse.people.models import Person
from couveuse.structures.models import last_day, starts
from couveuse.trainees.models.agreement import Agreement


class DocumentKind(StrEnum):
    CONTRACT = "contract"
    RENEWAL = "renewal"
    AMENDMENT = "amendment"
    EARLY_END = "early_end"
    WORDING = "wording"
    """What commercial papers have to carry."""


class Party(StrEnum):
    TRAINEE = "trainee"
    STRUCTURE = "structure"


class AgreementAmendment(Base):
    """What changes in a signed agreement, from a day on. Its dates are changed otherwise."""

    __tablename__ = "agreement_amendment"
    __table_args__ = (
        sa.UniqueConstraint("agreement_id", "number", name="agreement_amendment_number_once"),
        sa.CheckConstraint("number >= 1", name="agreement_amendment_number_positive"),
    )

    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("agreement.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    title: Mapped[str]
    text: Mapped[str]
    signed_on: Mapped[dt.date]
    starts_on: Mapped[dt.date]
    """From when on it holds."""
    document: Mapped[str | None]
    """SHA-256 of the signed document. Without it the amendment waits."""
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    @property
    def is_signed(self) -> bool:
        return self.document is not None


class AgreementDocument(Base):
    """A paper as it was made or sent: never changed, a new version is another row."""

    __tablename__ = "agreement_document"
    __table_args__ = (
        sa.UniqueConstraint("agreement_id", "number", name="agreement_document_number_once"),
        one_of("kind", DocumentKind, "agreement_document_kind_known"),
        sa.CheckConstraint(
            "NOT (is_draft AND is_signed)", name="agreement_document_no_signed_draft"
        ),
    )

    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("agreement.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    kind: Mapped[str]
    period_number: Mapped[int | None] = mapped_column(sa.Integer)
    amendment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("agreement_amendment.id"))
    sha256: Mapped[str]
    """Of the stored file."""
    is_draft: Mapped[bool] = mapped_column(server_default=sa.false())
    """Something is still to be written: not to be signed."""
    is_signed: Mapped[bool] = mapped_column(server_default=sa.false())
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    agreement: Mapped[Agreement] = relationship(lazy="raise")
    signatures: Mapped[list["AgreementSignature"]] = relationship(
        order_by="AgreementSignature.id", lazy="raise"
    )


class AgreementSignature(Base):
    """Somebody signed a document on screen: who, as whom, when, and exactly which file."""

    __tablename__ = "agreement_signature"
    __table_args__ = (
        sa.UniqueConstraint("document_id", "party", name="agreement_signature_once"),
        one_of("party", Party, "agreement_signature_party_known"),
    )

    document_id: Mapped[int] = mapped_column(sa.ForeignKey("agreement_document.id"))
    party: Mapped[str]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    typed_name: Mapped[str]
    signed_at: Mapped[dt.datetime]
    sha256: Mapped[str]
    """Of the file that was on the screen."""

    person: Mapped[Person] = relationship(lazy="raise")


class AgreementSuspension(Base):
    """Days on which the test rests. They count all the same: the clock does not stop."""

    __tablename__ = "agreement_suspension"
    __table_args__ = (
        ExcludeConstraint(
            ("agreement_id", "="),
            ("during", "&&"),
            using="gist",
            name="agreement_suspension_no_overlap",
        ),
        starts("agreement_suspension_has_a_start"),
    )

    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("agreement.id"))
    during: Mapped[Range[dt.date]]
    note: Mapped[str | None]
    """What was agreed meanwhile; never a medical reason."""
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    @property
    def last_day(self) -> dt.date | None:
        return last_day(self.during)


class AgreementPiece(Base):
    """A paper that the kind asks of the person, received."""

    __tablename__ = "agreement_piece"
    __table_args__ = (sa.UniqueConstraint("agreement_id", "code", name="agreement_piece_once"),)

    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("agreement.id"))
    code: Mapped[str]
    """Of a piece of the kind."""
    received_on: Mapped[dt.date]
    document: Mapped[str | None]
    """SHA-256 of a stored file."""
    recorded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
