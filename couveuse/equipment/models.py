"""Shared items, the bookings people make, and the one table of claims that both stand on.

Everything that holds an item (a booking, a request not answered yet, a repair, a blackout) is a
row of ``item_claim``, and one exclusion constraint lets no two of them overlap on the same unit. A
claim that no longer holds is deleted; the booking stays, with its state, and the journal says why.
"""

import datetime as dt
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core.db import Base, bounded, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person, Qualification
from couveuse.plots.models import Plot
from couveuse.structures.models import Site, Structure


class Audience(StrEnum):
    NETWORK = "network"
    STRUCTURE = "structure"


class BookingState(StrEnum):
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    LAPSED = "lapsed"


HOLDING = (BookingState.REQUESTED, BookingState.CONFIRMED)


class ClaimKind(StrEnum):
    BOOKING = "booking"
    MAINTENANCE = "maintenance"
    BLACKOUT = "blackout"


TARIFF_UNITS: dict[str, str] = {
    "hour": N_("heure"),
    "half_day": N_("demi-journée"),
    "day": N_("jour"),
    "slot": N_("créneau"),
    "hectare": N_("hectare"),
    "trip": N_("voyage"),
    "km": N_("km"),
}

item_companion = sa.Table(
    "item_companion",
    Base.metadata,
    sa.Column("item_id", sa.BigInteger, sa.ForeignKey("item.id"), primary_key=True),
    sa.Column("companion_id", sa.BigInteger, sa.ForeignKey("item.id"), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("item_id <> companion_id", name="item_is_not_its_own_companion"),
)

item_requirement = sa.Table(
    "item_requirement",
    Base.metadata,
    sa.Column("item_id", sa.BigInteger, sa.ForeignKey("item.id"), primary_key=True),
    sa.Column(
        "qualification_id", sa.BigInteger, sa.ForeignKey("qualification.id"), primary_key=True
    ),
)


class Item(Base):
    __tablename__ = "item"
    __table_args__ = (
        sa.Index("item_code_once", sa.text("lower(code)"), unique=True),
        one_of("audience", Audience, "item_audience_known"),
        sa.CheckConstraint("capacity BETWEEN 1 AND 50", name="item_capacity_sensible"),
        sa.CheckConstraint("slot_minutes BETWEEN 5 AND 1440", name="item_slot_sensible"),
        sa.CheckConstraint(
            "min_minutes > 0 AND max_minutes >= min_minutes", name="item_lengths_in_order"
        ),
        sa.CheckConstraint(
            "(opens_at IS NULL) = (closes_at IS NULL) AND opens_at < closes_at",
            name="item_opening_hours_in_order",
        ),
        sa.CheckConstraint(
            "buffer_before_minutes >= 0 AND buffer_after_minutes >= 0 AND notice_minutes >= 0 "
            "AND horizon_days > 0 AND cancel_cutoff_minutes >= 0 AND answer_hours > 0",
            name="item_rules_not_negative",
        ),
        sa.CheckConstraint(
            "cardinality(open_days) > 0 AND open_days <@ '{1,2,3,4,5,6,7}'::smallint[]",
            name="item_open_days_are_weekdays",
        ),
    )

    structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), index=True)
    code: Mapped[str]
    name: Mapped[str]
    category: Mapped[str]
    serial_number: Mapped[str | None]
    photo: Mapped[str | None]
    """SHA-256 of a stored file."""
    manager_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    deputy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    notes: Mapped[str | None]
    return_rule: Mapped[str | None]
    audience: Mapped[str] = mapped_column(server_default=Audience.NETWORK)

    capacity: Mapped[int] = mapped_column(sa.Integer, server_default="1")
    slot_minutes: Mapped[int] = mapped_column(sa.Integer, server_default="30")
    min_minutes: Mapped[int] = mapped_column(sa.Integer, server_default="30")
    max_minutes: Mapped[int] = mapped_column(sa.Integer, server_default="1440")
    notice_minutes: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    horizon_days: Mapped[int] = mapped_column(sa.Integer, server_default="90")
    cancel_cutoff_minutes: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    opens_at: Mapped[dt.time | None]
    closes_at: Mapped[dt.time | None]
    open_days: Mapped[list[int]] = mapped_column(
        ARRAY(sa.SmallInteger), server_default="{1,2,3,4,5,6,7}"
    )
    needs_approval: Mapped[bool] = mapped_column(server_default=sa.false())
    answer_hours: Mapped[int] = mapped_column(sa.Integer, server_default="48")
    """A request that nobody answered lapses after that time, or when its slot begins."""
    needs_agreement: Mapped[bool] = mapped_column(server_default=sa.false())
    """People in test take it under a signed agreement that covers the whole slot."""
    buffer_before_minutes: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    buffer_after_minutes: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    max_open_bookings: Mapped[int | None] = mapped_column(sa.Integer)
    max_week_minutes: Mapped[int | None] = mapped_column(sa.Integer)

    meter: Mapped[Decimal | None]
    meter_unit: Mapped[str | None]
    tariff: Mapped[Decimal | None]
    tariff_unit: Mapped[str | None]
    deposit: Mapped[Decimal | None]
    check_done_on: Mapped[dt.date | None]
    """Last periodic safety check (VGP, order of 1 March 2004)."""
    check_months: Mapped[int | None] = mapped_column(sa.Integer)
    retired_on: Mapped[dt.date | None]

    site: Mapped[Site] = relationship(lazy="raise")
    structure: Mapped[Structure] = relationship(lazy="raise")
    manager: Mapped[Person | None] = relationship(foreign_keys=[manager_id], lazy="raise")
    deputy: Mapped[Person | None] = relationship(foreign_keys=[deputy_id], lazy="raise")
    companions: Mapped[list["Item"]] = relationship(
        secondary=item_companion,
        primaryjoin="Item.id == item_companion.c.item_id",
        secondaryjoin="Item.id == item_companion.c.companion_id",
        order_by=item_companion.c.position,
        lazy="raise",
    )
    requirements: Mapped[list[Qualification]] = relationship(
        secondary=item_requirement, order_by=Qualification.name, lazy="raise"
    )

    @property
    def check_due_on(self) -> dt.date | None:
        """Last day covered by the periodic safety check; None when the item has none."""
        if self.check_done_on is None or not self.check_months:
            return None
        return self.check_done_on + relativedelta(months=self.check_months)

    @property
    def tariff_per(self) -> str:
        """What the tariff counts, as a marked French word."""
        return TARIFF_UNITS.get(self.tariff_unit or "", self.tariff_unit or "")


class Booking(Base):
    __tablename__ = "booking"
    __table_args__ = (
        one_of("state", BookingState, "booking_state_known"),
        bounded("during", "booking_has_both_ends"),
        sa.UniqueConstraint("created_by_id", "once", name="booking_once"),
        sa.CheckConstraint("(once IS NULL) = (once_digest IS NULL)", name="booking_once_whole"),
        sa.CheckConstraint(
            "state <> 'requested' OR answer_by IS NOT NULL", name="booking_request_has_an_end"
        ),
        sa.Index("ix_booking_person_during", "person_id", sa.text("upper(during)")),
        sa.Index(
            "ix_booking_answer_by", "answer_by", postgresql_where=sa.text("state = 'requested'")
        ),
        sa.Index("ix_booking_item_during", "item_id", sa.text("upper(during)")),
        sa.Index("ix_booking_plot_id", "plot_id", postgresql_where=sa.text("plot_id IS NOT NULL")),
    )

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))
    companion_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    during: Mapped[Range[dt.datetime]]
    """The time asked for; the claim may be longer by the item's buffers."""
    purpose: Mapped[str | None]
    plot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("plot.id"))
    """The ground it is for."""
    state: Mapped[str]
    answer_by: Mapped[dt.datetime | None]
    awaits: Mapped[list[int] | None] = mapped_column(ARRAY(sa.BigInteger))
    """Ids of the items for which somebody has still to say yes to the request; None: for all."""
    reason: Mapped[str | None]
    """Why it was cancelled or refused."""
    override_reason: Mapped[str | None]
    once: Mapped[str | None]
    """Key of the form that made it: the same form sent twice finds the first result."""
    once_digest: Mapped[bytes | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    decided_at: Mapped[dt.datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    item: Mapped[Item] = relationship(foreign_keys=[item_id], lazy="raise")
    companion: Mapped[Item | None] = relationship(foreign_keys=[companion_id], lazy="raise")
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")
    plot: Mapped[Plot | None] = relationship(lazy="raise")

    @property
    def things(self) -> list[Item]:
        """The item, and the one that goes with it."""
        return [one for one in (self.item, self.companion) if one]

    @property
    def awaited(self) -> list[Item]:
        """Those for which somebody has still to say yes, while it is a request."""
        return [one for one in self.things if self.awaits is None or one.id in self.awaits]

    @property
    def is_holding(self) -> bool:
        return self.state in HOLDING

    @property
    def is_request(self) -> bool:
        return self.state == BookingState.REQUESTED


class Outage(Base):
    """A time during which an item is not to be had: a repair, or a blackout for another reason."""

    __tablename__ = "outage"
    __table_args__ = (
        one_of("kind", ClaimKind, "outage_kind_known"),
        sa.CheckConstraint("kind <> 'booking'", name="outage_is_no_booking"),
        bounded("during", "outage_has_both_ends"),
    )

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), index=True)
    during: Mapped[Range[dt.datetime]]
    kind: Mapped[str] = mapped_column(server_default=ClaimKind.BLACKOUT)
    reason: Mapped[str]
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    lifted_at: Mapped[dt.datetime | None]

    item: Mapped[Item] = relationship(lazy="raise")


class ItemClaim(Base):
    """What holds one unit of an item, buffers included."""

    __tablename__ = "item_claim"
    __table_args__ = (
        ExcludeConstraint(
            ("item_id", "="),
            ("unit", "="),
            ("during", "&&"),
            using="gist",
            name="item_claim_no_overlap",
        ),
        one_of("kind", ClaimKind, "item_claim_kind_known"),
        bounded("during", "item_claim_has_both_ends"),
        sa.CheckConstraint("unit > 0", name="item_claim_unit_counts_from_one"),
        sa.CheckConstraint(
            "num_nonnulls(booking_id, outage_id) = 1 "
            "AND (kind = 'booking') = (booking_id IS NOT NULL)",
            name="item_claim_has_one_cause",
        ),
        sa.Index("ix_item_claim_during", "during", postgresql_using="gist"),
    )

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))
    unit: Mapped[int] = mapped_column(sa.Integer, server_default="1")
    during: Mapped[Range[dt.datetime]]
    kind: Mapped[str]
    booking_id: Mapped[int | None] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    outage_id: Mapped[int | None] = mapped_column(sa.ForeignKey("outage.id"), index=True)


class SlotTaken(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce créneau vient d'être pris. Choisissez-en un autre.")
        super().__init__(Reason("slot_taken", sentence))


class OnceReused(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Ce formulaire a déjà servi pour une autre réservation. "
            "Rechargez la page pour en faire une nouvelle."
        )
        super().__init__(Reason("once_reused", sentence))


class CodeTaken(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce code est déjà celui d'un autre matériel. Choisissez-en un autre.")
        super().__init__(Reason("code_taken", sentence, field="code"))


promise("item_claim_no_overlap", SlotTaken)
promise("booking_once", OnceReused)
promise("item_code_once", CodeTaken)
