"""Applications and the committee that decides on them. Each is looked at alone."""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core import clock
from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.structures.models import Structure
from couveuse.trainees.models.path import Path

NOTIFY_WITHIN = dt.timedelta(days=8)


class ApplicationPieceKind(Base):
    """A paper that an application file needs or may hold, while it is in force."""

    __tablename__ = "application_piece_kind"
    __table_args__ = (
        ExcludeConstraint(
            ("code", "="),
            ("in_force", "&&"),
            using="gist",
            name="application_piece_kind_once_at_a_time",
        ),
    )

    code: Mapped[str]
    label: Mapped[str]
    """A French sentence of the catalogue."""
    is_needed: Mapped[bool]
    position: Mapped[int] = mapped_column(sa.Integer)
    in_force: Mapped[Range[dt.date]]


class SelectionCriterion(Base):
    """A question of the grid, while it is in force: old grids keep theirs."""

    __tablename__ = "selection_criterion"
    __table_args__ = (
        ExcludeConstraint(
            ("code", "="),
            ("in_force", "&&"),
            using="gist",
            name="selection_criterion_once_at_a_time",
        ),
    )

    code: Mapped[str]
    label: Mapped[str]
    """A French sentence of the catalogue."""
    position: Mapped[int] = mapped_column(sa.Integer)
    in_force: Mapped[Range[dt.date]]


class Level(StrEnum):
    """Said in words: no marks, nothing to add up."""

    NOT_DISCUSSED = "not_discussed"
    STARTING = "starting"
    GROWING = "growing"
    SOLID = "solid"


class Application(Base):
    """What somebody asks to test, where and with what; one open at a time on a path."""

    __tablename__ = "application"
    __table_args__ = (
        sa.Index(
            "application_open_once",
            "path_id",
            unique=True,
            postgresql_where=sa.text("closed_on IS NULL"),
        ),
        sa.CheckConstraint("area_m2 >= 0", name="application_area_not_negative"),
    )

    path_id: Mapped[int] = mapped_column(sa.ForeignKey("path.id"), index=True)
    opened_on: Mapped[dt.date]
    to_test: Mapped[str]
    area_m2: Mapped[Decimal | None]
    place: Mapped[str | None]
    machines: Mapped[str | None]
    sales: Mapped[str | None]
    budget: Mapped[str | None]
    means_year_one: Mapped[str | None]
    wished_from: Mapped[dt.date | None]
    complete_on: Mapped[dt.date | None]
    """When the last needed paper came in."""
    closed_on: Mapped[dt.date | None]
    """When it was decided on, or withdrawn."""
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    path: Mapped[Path] = relationship(lazy="raise")
    pieces: Mapped[list["ApplicationPiece"]] = relationship(lazy="raise")

    def piece(self, code: str) -> "ApplicationPiece | None":
        return next((one for one in self.pieces if one.kind == code), None)


class ApplicationPiece(Base):
    """A paper of the file: seen on a day, and kept when it was sent."""

    __tablename__ = "application_piece"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "kind", name="application_piece_one_per_kind"),
    )

    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    kind: Mapped[str]
    received_on: Mapped[dt.date]
    document: Mapped[str | None]
    """SHA-256 of the file."""


class Committee(Base):
    """A session of the people who decide on entries."""

    __tablename__ = "committee"

    structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"), index=True)
    held_on: Mapped[dt.date]
    held_at: Mapped[dt.time | None]
    place: Mapped[str | None]
    agenda: Mapped[str | None]
    minutes: Mapped[str | None]

    structure: Mapped[Structure] = relationship(lazy="raise")

    @property
    def is_past(self) -> bool:
        return self.held_on < clock.today()


class Presence(StrEnum):
    EXPECTED = "expected"
    PRESENT = "present"
    EXCUSED = "excused"
    ABSENT = "absent"


class CommitteeMember(Base):
    """Who is invited, and who came."""

    __tablename__ = "committee_member"
    __table_args__ = (
        sa.UniqueConstraint("committee_id", "person_id", name="committee_member_once"),
        one_of("presence", Presence, "committee_presence_known"),
    )

    committee_id: Mapped[int] = mapped_column(sa.ForeignKey("committee.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    presence: Mapped[str] = mapped_column(server_default=Presence.EXPECTED)

    person: Mapped[Person] = relationship(lazy="raise")


class Decision(StrEnum):
    YES = "yes"
    YES_IF = "yes_if"
    WAIT = "wait"
    NO = "no"


class CommitteeCase(Base):
    """An application on the agenda of a session, and what was decided."""

    __tablename__ = "committee_case"
    __table_args__ = (
        sa.UniqueConstraint("committee_id", "application_id", name="committee_case_once"),
        sa.Index(
            "committee_case_open_once",
            "application_id",
            unique=True,
            postgresql_where=sa.text("decision IS NULL"),
        ),
        one_of("decision", Decision, "committee_decision_known"),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_on IS NULL) AND (decision IS NULL) = (reasons IS NULL)",
            name="committee_decision_has_a_day_and_reasons",
        ),
        sa.CheckConstraint(
            "(decision = 'yes_if') = (conditions IS NOT NULL)"
            " AND (conditions IS NULL) = (conditions_due_on IS NULL)",
            name="committee_conditions_have_a_day",
        ),
        sa.CheckConstraint(
            "notified_on IS NULL OR notified_on >= decided_on",
            name="committee_decision_before_its_letter",
        ),
    )

    committee_id: Mapped[int] = mapped_column(sa.ForeignKey("committee.id"))
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    decision: Mapped[str | None]
    reasons: Mapped[str | None]
    conditions: Mapped[str | None]
    conditions_due_on: Mapped[dt.date | None]
    valid_until: Mapped[dt.date | None]
    reapply_on: Mapped[dt.date | None]
    decided_on: Mapped[dt.date | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    notified_on: Mapped[dt.date | None]

    committee: Mapped[Committee] = relationship(lazy="raise")
    application: Mapped[Application] = relationship(lazy="raise")

    @property
    def notify_by(self) -> dt.date | None:
        return self.decided_on + NOTIFY_WITHIN if self.decided_on else None

    @property
    def is_letter_late(self) -> bool:
        by = self.notify_by
        return self.notified_on is None and by is not None and by < clock.today()


class CaseJuror(Base):
    """What one member says of one application: a grid, or why there is none."""

    __tablename__ = "case_juror"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "person_id", name="case_juror_once"),
        sa.CheckConstraint(
            "conflict IS NULL OR levels IS NULL", name="juror_with_conflict_fills_no_grid"
        ),
    )

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("committee_case.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    conflict: Mapped[str | None]
    """A tie with the applicant, in a few words."""
    levels: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """By code of a criterion, a level."""
    comment: Mapped[str | None]
    filled_at: Mapped[dt.datetime | None]

    person: Mapped[Person] = relationship(lazy="raise")


class ApplicationOpen(Conflict):
    def __init__(self) -> None:
        sentence = N_("Une candidature est déjà ouverte sur ce parcours. Complétez-la.")
        super().__init__(Reason("application_open", sentence))


class OnAgendaAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_("Cette candidature est déjà à l'ordre du jour d'un comité.")
        super().__init__(Reason("on_agenda", sentence))


class InvitedAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_("Cette personne est déjà invitée à ce comité.")
        super().__init__(Reason("invited", sentence, field="person_id"))


class DecidedMeanwhile(Conflict):
    def __init__(self) -> None:
        sentence = N_("Le comité a déjà décidé pour cette candidature. Rechargez la page.")
        super().__init__(Reason("decided", sentence))


class ToldAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_("La réponse est déjà partie. Rechargez la page.")
        super().__init__(Reason("told", sentence))


class ConflictDeclared(Conflict):
    def __init__(self) -> None:
        sentence = N_("Un lien d'intérêt est déclaré : cette personne ne remplit pas de grille.")
        super().__init__(Reason("conflict_declared", sentence))


promise("application_open_once", ApplicationOpen)
promise("committee_case_open_once", OnAgendaAlready)
promise("committee_case_once", OnAgendaAlready)
promise("committee_member_once", InvitedAlready)
promise("juror_with_conflict_fills_no_grid", ConflictDeclared)
