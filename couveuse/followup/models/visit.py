"""Visits, who came, and the hours that a mentor proposes."""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core import clock
from couveuse.core.clock import zone_named
from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.plots.models import Plot
from couveuse.structures.models import Site, Structure
from couveuse.trainees.models import FollowUpKind


class VisitState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


class VisitMode(StrEnum):
    PLACE = "place"
    PHONE = "phone"
    VIDEO = "video"


class Presence(StrEnum):
    EXPECTED = "expected"
    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"


visit_plot = sa.Table(
    "visit_plot",
    Base.metadata,
    sa.Column("visit_id", sa.BigInteger, sa.ForeignKey("visit.id"), primary_key=True),
    sa.Column("plot_id", sa.BigInteger, sa.ForeignKey("plot.id"), primary_key=True, index=True),
)


class Visit(Base):
    """A meeting with somebody in test: on the plot, by telephone, by video."""

    __tablename__ = "visit"
    __table_args__ = (
        one_of("kind", FollowUpKind, "visit_kind_known"),
        one_of("mode", VisitMode, "visit_mode_known"),
        one_of("state", VisitState, "visit_state_known"),
        sa.CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="visit_lasts_within_a_day"),
        sa.CheckConstraint(
            "coalesce(travel_minutes, 0) BETWEEN 0 AND 1440", name="visit_travel_within_a_day"
        ),
        sa.CheckConstraint("coalesce(travel_km, 0) >= 0", name="visit_km_not_negative"),
        sa.CheckConstraint("person_id <> mentor_id", name="visit_mentor_is_another"),
        sa.UniqueConstraint("proposal_id", name="visit_of_proposal_once"),
        sa.Index("ix_visit_person_start", "person_id", "starts_at"),
        sa.Index("ix_visit_mentor_start", "mentor_id", "starts_at"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    """Who is in test."""
    mentor_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    """Who makes the visit, and writes its report."""
    starts_at: Mapped[dt.datetime]
    duration_minutes: Mapped[int] = mapped_column(sa.Integer)
    kind: Mapped[str] = mapped_column(server_default=FollowUpKind.TECHNICAL)
    mode: Mapped[str] = mapped_column(server_default=VisitMode.PLACE)
    state: Mapped[str]
    reason: Mapped[str | None]
    """Why it was missed or cancelled."""
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    travel_minutes: Mapped[int | None] = mapped_column(sa.Integer)
    travel_km: Mapped[Decimal | None]
    structure_id: Mapped[int | None] = mapped_column(sa.ForeignKey("structure.id"))
    """Whose time it is."""
    proposal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("visit_proposal.id"))
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    person: Mapped[Person] = relationship(foreign_keys=person_id, lazy="raise")
    mentor: Mapped[Person] = relationship(foreign_keys=mentor_id, lazy="raise")
    site: Mapped[Site | None] = relationship(lazy="raise")
    structure: Mapped[Structure | None] = relationship(lazy="raise")
    plots: Mapped[list[Plot]] = relationship(secondary=visit_plot, order_by=Plot.code, lazy="raise")
    people: Mapped[list["VisitPerson"]] = relationship(order_by="VisitPerson.id", lazy="raise")

    @property
    def ends_at(self) -> dt.datetime:
        return self.starts_at + dt.timedelta(minutes=self.duration_minutes)

    @property
    def zone(self) -> ZoneInfo:
        """The wall clock of the place; the network's own for those without."""
        return zone_named(self.site.time_zone) if self.site else clock.PARIS

    @property
    def day(self) -> dt.date:
        return self.starts_at.astimezone(self.zone).date()

    @property
    def is_planned(self) -> bool:
        return self.state == VisitState.PLANNED

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= clock.now()

    @property
    def waits_for_an_answer(self) -> bool:
        """Its hour is over and nobody said whether it took place."""
        return self.is_planned and self.ends_at <= clock.now()


class VisitPerson(Base):
    """Somebody who was to come, and whether they did."""

    __tablename__ = "visit_person"
    __table_args__ = (
        one_of("presence", Presence, "visit_person_presence_known"),
        sa.UniqueConstraint("visit_id", "person_id", name="visit_person_once"),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name="visit_person_minutes_within_a_day"),
        sa.CheckConstraint(
            "presence = 'present' OR num_nonnulls(minutes, structure_id) = 0",
            name="visit_person_gives_when_present",
        ),
        sa.Index(None, "structure_id"),
    )

    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visit.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    presence: Mapped[str]
    minutes: Mapped[int | None] = mapped_column(sa.Integer)
    """How long somebody who follows the person was there; None: the whole visit."""
    structure_id: Mapped[int | None] = mapped_column(sa.ForeignKey("structure.id"))
    """Whose time it is, of who came along."""

    person: Mapped[Person] = relationship(lazy="raise")


class VisitProposal(Base):
    """Two or three moments that a mentor proposes; the person takes one."""

    __tablename__ = "visit_proposal"
    __table_args__ = (
        one_of("kind", FollowUpKind, "visit_proposal_kind_known"),
        one_of("mode", VisitMode, "visit_proposal_mode_known"),
        sa.CheckConstraint(
            "duration_minutes BETWEEN 1 AND 1440", name="visit_proposal_within_a_day"
        ),
        sa.CheckConstraint(
            "cardinality(starts) BETWEEN 1 AND 5", name="visit_proposal_a_few_moments"
        ),
        sa.CheckConstraint("person_id <> mentor_id", name="visit_proposal_to_another"),
        sa.Index(None, "person_id"),
        sa.Index(None, "mentor_id"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    mentor_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    starts: Mapped[list[dt.datetime]] = mapped_column(ARRAY(sa.TIMESTAMP(timezone=True)))
    duration_minutes: Mapped[int] = mapped_column(sa.Integer)
    kind: Mapped[str]
    mode: Mapped[str]
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    words: Mapped[str | None]
    """What it would be about."""
    structure_id: Mapped[int | None] = mapped_column(sa.ForeignKey("structure.id"))
    withdrawn_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    person: Mapped[Person] = relationship(foreign_keys=person_id, lazy="raise")
    mentor: Mapped[Person] = relationship(foreign_keys=mentor_id, lazy="raise")
    site: Mapped[Site | None] = relationship(lazy="raise")

    @property
    def zone(self) -> ZoneInfo:
        return zone_named(self.site.time_zone) if self.site else clock.PARIS

    @property
    def open_starts(self) -> list[dt.datetime]:
        return [moment for moment in sorted(self.starts) if moment > clock.now()]


class SlotTaken(Conflict):
    def __init__(self) -> None:
        sentence = N_("Un créneau a déjà été choisi. Rechargez la page pour voir lequel.")
        super().__init__(Reason("slot_taken", sentence))


promise("visit_of_proposal_once", SlotTaken)
