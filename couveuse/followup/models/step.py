"""What was agreed: who does what, by when."""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core import clock
from couveuse.core.db import Base, one_of
from couveuse.followup.models.report import Report
from couveuse.people.models import Person


class StepState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class AgreedStep(Base):
    """Something that somebody said they would do; open until somebody says otherwise."""

    __tablename__ = "agreed_step"
    __table_args__ = (
        one_of("state", StepState, "agreed_step_state_known"),
        sa.CheckConstraint("what <> ''", name="agreed_step_says_what"),
        sa.CheckConstraint(
            "num_nonnulls(report_id, review_id) <= 1", name="agreed_step_at_one_place"
        ),
        sa.ForeignKeyConstraint(
            ["review_id", "person_id"],
            ["progress_review.id", "progress_review.person_id"],
            name="agreed_step_of_the_person_reviewed",
        ),
        sa.Index("ix_agreed_step_person_state", "person_id", "state"),
        sa.Index("ix_agreed_step_owner_state", "owner_id", "state"),
        sa.Index(None, "report_id"),
        sa.Index(None, "review_id"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    """Whose follow-up it belongs to."""
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    """Who owes it."""
    report_id: Mapped[int | None] = mapped_column(sa.ForeignKey("report.id"))
    """Agreed on that visit: whoever reads the report sees it. None: agreed between visits."""
    review_id: Mapped[int | None]
    """Agreed in that progress committee, about the same person."""
    what: Mapped[str]
    due_on: Mapped[dt.date | None]
    state: Mapped[str] = mapped_column(server_default=StepState.OPEN)
    changed_at: Mapped[dt.datetime | None]
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    person: Mapped[Person] = relationship(foreign_keys=person_id, lazy="raise")
    owner: Mapped[Person] = relationship(foreign_keys=owner_id, lazy="raise")
    changed_by: Mapped[Person | None] = relationship(foreign_keys=changed_by_id, lazy="raise")
    report: Mapped[Report | None] = relationship(lazy="raise")

    @property
    def is_open(self) -> bool:
        return self.state == StepState.OPEN

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_on is not None and self.due_on < clock.today()
