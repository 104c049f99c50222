"""How a test ended, and what became of the person: said neutrally, asked for years afterwards."""

import datetime as dt
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.trainees.models.path import Path


class Outcome(StrEnum):
    """What somebody does after the test. None is better than another."""

    SETTLED_SAME_PLACE = "settled_same_place"
    SETTLED_NEARBY = "settled_nearby"
    SETTLED_ELSEWHERE = "settled_elsewhere"
    SETTLED_IN_GROUP = "settled_in_group"
    COOPERATIVE = "cooperative"
    FARM_EMPLOYEE = "farm_employee"
    EMPLOYEE = "employee"
    TRAINING = "training"
    EARLIER_SITUATION = "earlier_situation"
    DROPPED = "dropped"
    POSTPONED = "postponed"
    OTHER_TEST_SPACE = "other_test_space"
    ENDED_EARLY = "ended_early"
    DEATH_OR_ILLNESS = "death_or_illness"
    UNKNOWN = "unknown"


SETTLED = (
    Outcome.SETTLED_SAME_PLACE,
    Outcome.SETTLED_NEARBY,
    Outcome.SETTLED_ELSEWHERE,
    Outcome.SETTLED_IN_GROUP,
)
MONTHS = (6, 12, 24, 36)


class Living(StrEnum):
    """Whether the activity feeds the person; asked, never demanded."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class ContactState(StrEnum):
    TO_COME = "to_come"
    ASKED = "asked"
    ANSWERED = "answered"
    UNKNOWN = "unknown"


class Exit(Base):
    """The end of a test: one for each path."""

    __tablename__ = "test_exit"
    __table_args__ = (
        sa.UniqueConstraint("path_id", name="test_exit_once"),
        one_of("outcome", Outcome, "test_exit_outcome_known"),
        sa.CheckConstraint("area_ha >= 0", name="test_exit_area_not_negative"),
    )

    path_id: Mapped[int] = mapped_column(sa.ForeignKey("path.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    left_on: Mapped[dt.date]
    """The last day."""
    outcome: Mapped[str]
    reasons: Mapped[str | None]
    insee_code: Mapped[str | None]
    """Where, when the person settled."""
    legal_form: Mapped[str | None]
    area_ha: Mapped[Decimal | None]
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    path: Mapped[Path] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(foreign_keys=person_id, lazy="raise")
    contacts: Mapped[list["AfterContact"]] = relationship(
        back_populates="exit", order_by="AfterContact.months", lazy="raise"
    )


class AfterContact(Base):
    """News asked so many months after the end; answered by a mailed link or to somebody."""

    __tablename__ = "after_contact"
    __table_args__ = (
        sa.UniqueConstraint("exit_id", "months", name="after_contact_once"),
        one_of("state", ContactState, "after_contact_state_known"),
        one_of("situation", Outcome, "after_contact_situation_known"),
        one_of("living", Living, "after_contact_living_known"),
        sa.CheckConstraint(
            "(state = 'answered') = (situation IS NOT NULL)", name="after_contact_answer_whole"
        ),
        sa.CheckConstraint("area_ha >= 0", name="after_contact_area_not_negative"),
        sa.CheckConstraint("tries >= 0", name="after_contact_tries_not_negative"),
        sa.Index("ix_after_contact_due_on", "due_on"),
    )

    exit_id: Mapped[int] = mapped_column(sa.ForeignKey("test_exit.id"))
    months: Mapped[int] = mapped_column(sa.Integer)
    due_on: Mapped[dt.date]
    state: Mapped[str] = mapped_column(server_default=ContactState.TO_COME)
    tries: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    tried_on: Mapped[dt.date | None]
    situation: Mapped[str | None]
    insee_code: Mapped[str | None]
    area_ha: Mapped[Decimal | None]
    living: Mapped[str | None]
    comment: Mapped[str | None]
    answered_at: Mapped[dt.datetime | None]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who wrote down the answer; None: the person herself, by her link."""

    exit: Mapped[Exit] = relationship(back_populates="contacts", lazy="raise")

    @property
    def is_open(self) -> bool:
        return self.state in (ContactState.TO_COME, ContactState.ASKED)


class AfterLink(Base):
    """A link by which a contact is answered without an account. Only a hash of it is kept."""

    __tablename__ = "after_link"
    __table_args__ = (sa.UniqueConstraint("token_hash", name="after_link_token_once"),)

    contact_id: Mapped[int] = mapped_column(
        sa.ForeignKey("after_contact.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[bytes]
    expires_at: Mapped[dt.datetime]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())


class ExitRecorded(Conflict):
    def __init__(self) -> None:
        sentence = N_("Cette sortie est déjà notée. Rechargez la page pour la corriger.")
        super().__init__(Reason("exit_recorded", sentence))


promise("test_exit_once", ExitRecorded)
