"""What has to be told to others when an agreement is signed, renewed or ended early."""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core import clock
from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.trainees.models.agreement import Agreement


class NoticeEvent(StrEnum):
    SIGNING = "signing"
    RENEWAL = "renewal"
    EARLY_END = "early_end"


class LegalNotice(Base):
    """Somebody to inform. Open until the day it left and a proof are noted, both."""

    __tablename__ = "legal_notice"
    __table_args__ = (
        sa.UniqueConstraint(
            "agreement_id", "period_number", "event", "recipient", name="legal_notice_once"
        ),
        one_of("event", NoticeEvent, "legal_notice_event_known"),
        sa.CheckConstraint(
            "(sent_on IS NULL) = (reference IS NULL AND document IS NULL)",
            name="legal_notice_sent_has_proof",
        ),
        sa.CheckConstraint(
            "(sent_on IS NULL) = (recorded_by_id IS NULL)", name="legal_notice_sent_by_somebody"
        ),
        sa.Index("legal_notice_open", "due_on", postgresql_where=sa.text("sent_on IS NULL")),
    )

    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("agreement.id"))
    period_number: Mapped[int] = mapped_column(sa.Integer)
    """Of the period signed, or cut short."""
    event: Mapped[str]
    recipient: Mapped[str]
    """Code of the kind's notice: which sort of body."""
    label: Mapped[str]
    """The kind's words for it when the notice was opened, a French sentence of the catalogue."""
    addressee: Mapped[str | None]
    """Which body exactly: MSA, URSSAF…"""
    due_on: Mapped[dt.date]
    sent_on: Mapped[dt.date | None]
    reference: Mapped[str | None]
    """Number of the receipt, of the registered letter."""
    document: Mapped[str | None]
    """SHA-256 of a stored file."""
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    agreement: Mapped[Agreement] = relationship(lazy="raise")

    @property
    def is_open(self) -> bool:
        return self.sent_on is None

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_on < clock.today()


class NoticeNeedsProof(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Notez le jour de l'envoi et une preuve : un document, ou une référence d'accusé de "
            "réception."
        )
        super().__init__(Reason("notice_needs_proof", sentence, field="reference"))


promise("legal_notice_sent_has_proof", NoticeNeedsProof)
