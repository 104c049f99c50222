"""Workshops: when they meet, who leads them, and who holds a place."""

import datetime as dt
from enum import StrEnum
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core import clock
from couveuse.core.clock import zone_named
from couveuse.core.db import Base, bounded, ends, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.structures.models import Site, Structure

MOST_PLACES = 1000
LONGEST = dt.timedelta(hours=8)
SIGN_EARLY = dt.timedelta(minutes=30)


class WorkshopState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


workshop_guest = sa.Table(
    "workshop_guest",
    Base.metadata,
    sa.Column("workshop_id", sa.BigInteger, sa.ForeignKey("workshop.id"), primary_key=True),
    sa.Column("person_id", sa.BigInteger, sa.ForeignKey("person.id"), primary_key=True, index=True),
)
"""Who may sign up, when the workshop is not for the whole network."""

workshop_facilitator = sa.Table(
    "workshop_facilitator",
    Base.metadata,
    sa.Column("slot_id", sa.BigInteger, sa.ForeignKey("workshop_slot.id"), primary_key=True),
    sa.Column("person_id", sa.BigInteger, sa.ForeignKey("person.id"), primary_key=True, index=True),
)
"""Who of the network led a half-day: their time counts as well."""


class Workshop(Base):
    """Several people learn something together, over one or several half-days."""

    __tablename__ = "workshop"
    __table_args__ = (
        one_of("state", WorkshopState, "workshop_state_known"),
        sa.CheckConstraint(f"places BETWEEN 1 AND {MOST_PLACES}", name="workshop_places_sensible"),
        sa.CheckConstraint(
            "(state = 'cancelled') = (reason IS NOT NULL)", name="workshop_cancelled_with_reason"
        ),
        sa.CheckConstraint("title <> ''", name="workshop_has_a_title"),
        sa.Index(None, "structure_id"),
    )

    title: Mapped[str]
    about: Mapped[str | None]
    structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"))
    """Who organises it."""
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    place: Mapped[str | None]
    """In words, where it is at no site, or where on it."""
    for_everybody: Mapped[bool] = mapped_column(server_default=sa.true())
    """The whole network; otherwise the guests."""
    places: Mapped[int | None] = mapped_column(sa.Integer)
    """None: no limit."""
    sign_up_until: Mapped[dt.date | None]
    funders: Mapped[str | None]
    """What the sheet says of who pays."""
    state: Mapped[str] = mapped_column(server_default=WorkshopState.PLANNED)
    reason: Mapped[str | None]
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    structure: Mapped[Structure] = relationship(lazy="raise")
    site: Mapped[Site | None] = relationship(lazy="raise")
    created_by: Mapped[Person] = relationship(lazy="raise")
    trainers: Mapped[list["WorkshopTrainer"]] = relationship(
        order_by="WorkshopTrainer.id", lazy="raise"
    )
    slots: Mapped[list["WorkshopSlot"]] = relationship(
        order_by="WorkshopSlot.during", lazy="raise", back_populates="workshop"
    )
    seats: Mapped[list["WorkshopSeat"]] = relationship(order_by="WorkshopSeat.id", lazy="raise")
    guests: Mapped[list[Person]] = relationship(
        secondary=workshop_guest, order_by=(Person.given_name, Person.id), lazy="raise"
    )

    @property
    def zone(self) -> ZoneInfo:
        """The wall clock of the place; the network's own for those without."""
        return zone_named(self.site.time_zone) if self.site else clock.PARIS

    @property
    def where(self) -> str:
        return ", ".join(said for said in (self.site and self.site.name, self.place) if said)

    @property
    def is_planned(self) -> bool:
        return self.state == WorkshopState.PLANNED

    @property
    def is_cancelled(self) -> bool:
        return self.state == WorkshopState.CANCELLED

    @property
    def starts_at(self) -> dt.datetime:
        return self.slots[0].starts_at

    @property
    def ends_at(self) -> dt.datetime:
        return self.slots[-1].ends_at

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= clock.now()

    @property
    def is_over(self) -> bool:
        return self.ends_at <= clock.now()

    @property
    def seated(self) -> list["WorkshopSeat"]:
        return [seat for seat in self.seats if seat.number]

    @property
    def waiting(self) -> list["WorkshopSeat"]:
        return [seat for seat in self.seats if not seat.number]

    @property
    def places_left(self) -> int | None:
        """None: no limit."""
        return None if self.places is None else self.places - len(self.seated)

    @property
    def takes_sign_ups(self) -> bool:
        """It can still be joined by oneself."""
        in_time = self.sign_up_until is None or self.sign_up_until >= clock.today()
        return not self.is_cancelled and not self.has_begun and in_time

    @property
    def is_signed(self) -> bool:
        """Somebody signed for a half-day of it."""
        return any(slot.is_signed for slot in self.slots)

    @property
    def trainer_ids(self) -> set[int]:
        return {one.person_id for one in self.trainers if one.person_id}

    def seat_of(self, person_id: int) -> "WorkshopSeat | None":
        return next((seat for seat in self.seats if seat.person_id == person_id), None)


class WorkshopTrainer(Base):
    """Who leads it: somebody of the network, or a name from outside."""

    __tablename__ = "workshop_trainer"
    __table_args__ = (
        sa.UniqueConstraint("workshop_id", "person_id", name="workshop_trainer_once"),
        sa.CheckConstraint("name <> ''", name="workshop_trainer_has_a_name"),
        sa.Index(None, "person_id"),
    )

    workshop_id: Mapped[int] = mapped_column(sa.ForeignKey("workshop.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    name: Mapped[str]


class WorkshopSlot(Base):
    """A half-day of a workshop, with its own attendance sheet.

    The first signature keeps the facts word for word; closing keeps the whole sheet and locks it.
    """

    __tablename__ = "workshop_slot"
    __table_args__ = (
        bounded("during", "workshop_slot_has_both_ends"),
        sa.CheckConstraint(
            "upper(during) - lower(during) <= interval '8 hours'",
            name="workshop_slot_of_a_half_day",
        ),
        ExcludeConstraint(
            ("workshop_id", "="),
            ("during", "&&"),
            using="gist",
            name="workshop_slot_no_overlap",
            deferrable=True,  # several half-days may move at once
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (sheet_text IS NULL)"
            " AND (closed_at IS NULL) = (closed_by_id IS NULL)"
            " AND (closed_at IS NULL OR facts IS NOT NULL)",
            name="workshop_slot_closed_with_its_text",
        ),
        sa.Index(None, "structure_id"),
    )

    workshop_id: Mapped[int] = mapped_column(sa.ForeignKey("workshop.id"))
    structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"))
    """Whose time it is."""
    during: Mapped[Range[dt.datetime]]
    facts: Mapped[str | None]
    """What every participant signs under: from the first signature on it is kept."""
    sheet_text: Mapped[str | None]
    """The whole sheet as it was closed."""
    closed_at: Mapped[dt.datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    workshop: Mapped[Workshop] = relationship(lazy="raise", back_populates="slots")
    facilitators: Mapped[list[Person]] = relationship(
        secondary=workshop_facilitator, order_by=Person.id, lazy="raise"
    )

    @property
    def starts_at(self) -> dt.datetime:
        return ends(self.during)[0]

    @property
    def ends_at(self) -> dt.datetime:
        return ends(self.during)[1]

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= clock.now()

    @property
    def takes_signatures(self) -> bool:
        """From a little before it begins until its sheet is closed."""
        return self.starts_at - SIGN_EARLY <= clock.now() and not self.is_closed

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    @property
    def is_signed(self) -> bool:
        """Somebody signed already: what they signed no longer moves."""
        return self.facts is not None


class WorkshopSeat(Base):
    """Somebody signed up: on a numbered place, or waiting in order."""

    __tablename__ = "workshop_seat"
    __table_args__ = (
        sa.UniqueConstraint("workshop_id", "person_id", name="workshop_seat_once"),
        sa.UniqueConstraint("workshop_id", "number", name="workshop_seat_number_once"),
        sa.CheckConstraint("number >= 1", name="workshop_seat_counts_from_one"),
        sa.Index(None, "person_id"),
    )

    workshop_id: Mapped[int] = mapped_column(sa.ForeignKey("workshop.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    number: Mapped[int | None] = mapped_column(sa.Integer)
    """Never above the places of the workshop: a trigger compares. None: waits."""
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    person: Mapped[Person] = relationship(foreign_keys=person_id, lazy="raise")


class SlotsOverlap(Conflict):
    def __init__(self) -> None:
        sentence = N_("Deux demi-journées se recouvrent. Corrigez leurs heures.")
        super().__init__(Reason("slots_overlap", sentence))


class SignedUpAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_("Cette personne est déjà inscrite. Rechargez la page pour le voir.")
        super().__init__(Reason("signed_up_already", sentence))


class PlacesTaken(Conflict):
    def __init__(self) -> None:
        sentence = N_("Les places ont changé entre-temps. Rechargez la page, puis réessayez.")
        super().__init__(Reason("places_taken", sentence))


class WorkshopCancelled(Conflict):
    def __init__(self) -> None:
        sentence = N_("Cet atelier est annulé. Rechargez la page pour le voir.")
        super().__init__(Reason("workshop_cancelled", sentence))


promise("workshop_slot_no_overlap", SlotsOverlap)
promise("workshop_seat_once", SignedUpAlready)
promise("workshop_seat_number_once", PlacesTaken)
promise("workshop_seat_within_places", PlacesTaken)
