"""Where somebody stands on the way through a test-space, and who acts next."""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core import clock
from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.structures.models import Structure


class PathState(StrEnum):
    CONTACT = "contact"
    WELCOMED = "welcomed"
    ORIENTED_OUT = "oriented_out"
    APPLYING = "applying"
    SELECTED = "selected"
    WAITING_LIST = "waiting_list"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    IN_PREPARATION = "in_preparation"
    IN_TEST = "in_test"
    SUSPENDED = "suspended"
    LEAVING = "leaving"
    EXITED = "exited"
    FOLLOWED_AFTER = "followed_after"
    CLOSED = "closed"


class Path(Base):
    """Somebody's way through one test-space; one at a time."""

    __tablename__ = "path"
    __table_args__ = (
        one_of("state", PathState, "path_state_known"),
        sa.Index(
            "path_open_once",
            "person_id",
            unique=True,
            postgresql_where=sa.text("closed_on IS NULL"),
        ),
        sa.CheckConstraint("closed_on >= opened_on", name="path_closes_after_opening"),
        sa.CheckConstraint(
            "(closed_on IS NULL) = (state <> 'closed')", name="path_closed_has_a_day"
        ),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"), index=True)
    """Who carries the path at present."""
    state: Mapped[str]
    project: Mapped[str | None]
    """In three lines, in the person's own words."""
    next_step: Mapped[str | None]
    next_due_on: Mapped[dt.date | None]
    next_actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who acts next."""
    opened_on: Mapped[dt.date]
    closed_on: Mapped[dt.date | None]
    changed_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    """The last news: a change of state or of what comes next."""

    person: Mapped[Person] = relationship(foreign_keys=person_id, lazy="raise")
    next_actor: Mapped[Person | None] = relationship(foreign_keys=next_actor_id, lazy="raise")
    structure: Mapped[Structure] = relationship(lazy="raise")

    @property
    def is_late(self) -> bool:
        return self.next_due_on is not None and self.next_due_on < clock.today()


class PathStep(Base):
    """A change of state, on the day it happened."""

    __tablename__ = "path_step"
    __table_args__ = (one_of("state", PathState, "path_step_state_known"),)

    path_id: Mapped[int] = mapped_column(sa.ForeignKey("path.id"), index=True)
    state: Mapped[str]
    happened_on: Mapped[dt.date]
    note: Mapped[str | None]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """None: the product itself, or a visitor without an account."""
    recorded_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())


class PathOpenAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_("Cette personne a déjà un parcours en cours. Ouvrez-le depuis sa fiche.")
        super().__init__(Reason("path_open", sentence))


class PathChanged(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Ce parcours a changé entre-temps. Regardez où il en est, puis recommencez si besoin."
        )
        super().__init__(Reason("path_changed", sentence))


promise("path_open_once", PathOpenAlready)
