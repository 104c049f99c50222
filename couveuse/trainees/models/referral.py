"""Passing somebody on to a partner structure, with her consent, and the answer that comes back."""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core import clock
from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.structures.models import Structure
from couveuse.trainees.models.path import Path

ANSWER_WITHIN = dt.timedelta(days=15)
"""After that both structures are reminded."""


class ReferralState(StrEnum):
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Referral(Base):
    """A proposal to a structure to go on with somebody. One at a time, so that nobody is lost."""

    __tablename__ = "referral"
    __table_args__ = (
        sa.Index(
            "referral_open_once",
            "path_id",
            unique=True,
            postgresql_where=sa.text("state = 'sent'"),
        ),
        sa.UniqueConstraint("sent_by_id", "once", name="referral_once"),
        sa.CheckConstraint("(once IS NULL) = (once_digest IS NULL)", name="referral_once_whole"),
        one_of("state", ReferralState, "referral_state_known"),
        sa.CheckConstraint("from_structure_id <> to_structure_id", name="referral_to_another"),
        sa.CheckConstraint(
            "(state IN ('accepted', 'declined')) = (answered_at IS NOT NULL)",
            name="referral_answer_is_dated",
        ),
        sa.CheckConstraint(
            "state <> 'accepted' OR first_meeting_on IS NOT NULL",
            name="referral_accepted_has_a_meeting",
        ),
    )

    path_id: Mapped[int] = mapped_column(sa.ForeignKey("path.id"), index=True)
    from_structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"), index=True)
    to_structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"), index=True)
    note: Mapped[str | None]
    options: Mapped[list[str]] = mapped_column(JSONB)
    """The structures that were shown, in the order shown: the choice was free."""
    consent_on: Mapped[dt.date]
    sent_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    sent_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    state: Mapped[str] = mapped_column(server_default=ReferralState.SENT)
    answer: Mapped[str | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[dt.datetime | None]
    first_meeting_on: Mapped[dt.date | None]
    once: Mapped[str | None]
    once_digest: Mapped[bytes | None]

    path: Mapped[Path] = relationship(lazy="raise")
    from_structure: Mapped[Structure] = relationship(foreign_keys=from_structure_id, lazy="raise")
    to_structure: Mapped[Structure] = relationship(foreign_keys=to_structure_id, lazy="raise")
    sent_by: Mapped[Person] = relationship(foreign_keys=sent_by_id, lazy="raise")
    answered_by: Mapped[Person | None] = relationship(foreign_keys=answered_by_id, lazy="raise")

    @property
    def is_open(self) -> bool:
        return self.state == ReferralState.SENT

    @property
    def answer_due_on(self) -> dt.date:
        return self.sent_at.astimezone(clock.PARIS).date() + ANSWER_WITHIN

    @property
    def is_late(self) -> bool:
        return self.is_open and self.answer_due_on < clock.today()


class ReferralOpen(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Une orientation attend déjà sa réponse. Retirez-la avant d'en proposer une autre."
        )
        super().__init__(Reason("referral_open", sentence))


class ReferralAnswered(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette orientation a déjà reçu une réponse, ou a été retirée. Rechargez la page."
        )
        super().__init__(Reason("referral_answered", sentence))


class OnceReusedForReferral(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce formulaire a déjà servi pour une autre orientation. Rechargez la page.")
        super().__init__(Reason("once_reused", sentence))


promise("referral_open_once", ReferralOpen)
promise("referral_once", OnceReusedForReferral)
