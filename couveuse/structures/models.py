"""The partner structures of the network, equal members, and the sites where people test.

A structure joins and leaves on a date; a site closes on a date. Nothing is deleted, since
bookings, agreements and figures of past years still name them.
"""

import datetime as dt
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core import clock
from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_


def starts(name: str) -> sa.CheckConstraint:
    """A range of days that begins; it may go on without end."""
    return sa.CheckConstraint("NOT isempty(during) AND lower(during) IS NOT NULL", name=name)


def last_day(during: Range[dt.date]) -> dt.date | None:
    """As people say it: the last day included, None when it goes on."""
    return during.upper - dt.timedelta(days=1) if during.upper else None


class SiteKind(StrEnum):
    """Permanent: to be left when the test ends. Temporary: one person, on the place where she may
    settle. Archipelago: many scattered places that make one test-space."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    ARCHIPELAGO = "archipelago"


class Structure(Base):
    __tablename__ = "structure"
    __table_args__ = (
        sa.Index("structure_name_once", sa.text("lower(name)"), unique=True),
        sa.CheckConstraint("left_on >= joined_on", name="structure_leaves_after_joining"),
    )

    name: Mapped[str]
    short_name: Mapped[str | None]
    kind: Mapped[str | None]
    commune: Mapped[str | None]
    insee_code: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    siret: Mapped[str | None]
    """Its identification number, as contracts and commercial papers carry it: 14 digits."""
    registered_office: Mapped[str | None]
    notes: Mapped[str | None]
    joined_on: Mapped[dt.date | None]
    left_on: Mapped[dt.date | None]
    """The last day as a member."""

    @property
    def label(self) -> str:
        return self.short_name or self.name

    @property
    def is_member(self) -> bool:
        return self.left_on is None or self.left_on >= clock.today()

    def was_member_on(self, day: dt.date) -> bool:
        joined = self.joined_on is None or self.joined_on <= day
        return joined and (self.left_on is None or self.left_on >= day)


class Site(Base):
    __tablename__ = "site"
    __table_args__ = (
        sa.Index("site_name_once", sa.text("lower(name)"), unique=True),
        one_of("kind", SiteKind, "site_kind_known"),
    )

    structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"), index=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default=SiteKind.PERMANENT)
    address: Mapped[str | None]
    commune: Mapped[str | None]
    insee_code: Mapped[str | None]
    time_zone: Mapped[str] = mapped_column(server_default="Europe/Paris")
    access_notes: Mapped[str | None]
    closed_on: Mapped[dt.date | None]

    @property
    def is_open(self) -> bool:
        return self.was_open_on(clock.today())

    def was_open_on(self, day: dt.date) -> bool:
        return self.closed_on is None or self.closed_on > day


class Function(StrEnum):
    """What a structure contributes to the test-space; one may hold several, per site and period."""

    INCUBATION = "incubation"
    MEANS = "means"
    SUPPORT = "support"
    COORDINATION = "coordination"


class StructureFunction(Base):
    """A function held by a structure, on one site or everywhere, from when to when."""

    __tablename__ = "structure_function"
    __table_args__ = (
        ExcludeConstraint(
            ("structure_id", "="),
            ("function", "="),
            (sa.literal_column("coalesce(site_id, 0)"), "="),
            ("during", "&&"),
            using="gist",
            name="structure_function_no_overlap",
        ),
        one_of("function", Function, "structure_function_known"),
        starts("structure_function_has_a_start"),
    )

    structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"), index=True)
    """None: for the whole network."""
    function: Mapped[str]
    during: Mapped[Range[dt.date]]

    structure: Mapped[Structure] = relationship(lazy="raise")
    site: Mapped[Site | None] = relationship(lazy="raise")

    @property
    def last_day(self) -> dt.date | None:
        return last_day(self.during)

    @property
    def is_over(self) -> bool:
        return self.during.upper is not None and self.during.upper <= clock.today()


class LandForm(Base):
    """A legal form of holding land, with its limits while they are in force.

    Filled by migrations, so that a change of the law is a row with dates, not a change of code.
    """

    __tablename__ = "land_form"
    __table_args__ = (
        ExcludeConstraint(
            ("code", "="), ("in_force", "&&"), using="gist", name="land_form_once_at_a_time"
        ),
    )

    code: Mapped[str]
    label: Mapped[str]
    """A French sentence of the catalogue."""
    min_years: Mapped[int | None] = mapped_column(sa.Integer)
    max_years: Mapped[int | None] = mapped_column(sa.Integer)
    max_renewals: Mapped[int | None] = mapped_column(sa.Integer)
    allows_fee: Mapped[bool] = mapped_column(server_default=sa.true())
    reference: Mapped[str | None]
    """The text of law, as cited on the day it was read."""
    watch: Mapped[str | None]
    """What to mind, a French sentence of the catalogue."""
    in_force: Mapped[Range[dt.date]]


FREE_LOAN = "free_loan"
WARNING_MONTHS = (3, 6, 12)
"""How long before its end a right is warned of: time to talk to the owner, or to look elsewhere."""


class RightState(StrEnum):
    TO_COME = "to_come"
    IN_FORCE = "in_force"
    ENDING = "ending"
    ENDED = "ended"


class LandRight(Base):
    """What lets a structure lend a piece of land: form, owner, dates and conditions."""

    __tablename__ = "land_right"
    __table_args__ = (
        sa.CheckConstraint(
            f"form <> '{FREE_LOAN}' OR yearly_fee IS NULL", name="land_right_free_loan_is_free"
        ),
        sa.CheckConstraint("yearly_fee >= 0", name="land_right_fee_not_negative"),
        starts("land_right_has_a_start"),
    )

    structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), index=True)
    form: Mapped[str]
    """Code of a land form."""
    owner_name: Mapped[str | None]
    owner_contact: Mapped[str | None]
    during: Mapped[Range[dt.date]]
    renewals: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    yearly_fee: Mapped[Decimal | None]
    conditions: Mapped[str | None]
    document: Mapped[str | None]
    """SHA-256 of a stored file."""

    structure: Mapped[Structure] = relationship(lazy="raise")
    site: Mapped[Site] = relationship(lazy="raise")

    @property
    def last_day(self) -> dt.date | None:
        return last_day(self.during)

    def state_on(self, day: dt.date) -> RightState:
        first, end = self.during.lower, self.during.upper
        if first and first > day:
            return RightState.TO_COME
        if end and end <= day:
            return RightState.ENDED
        return RightState.ENDING if self.warning_on(day) else RightState.IN_FORCE

    def warning_on(self, day: dt.date) -> int | None:
        """Within how many months the right ends, as we warn of it: 3, 6 or 12; None when it is far,
        or already past."""
        end = self.during.upper
        if end is None or end <= day:
            return None
        return next((n for n in WARNING_MONTHS if end <= day + relativedelta(months=n)), None)


class StructureNameTaken(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Une structure porte déjà ce nom. Cherchez-la dans la liste, ou précisez le nom."
        )
        super().__init__(Reason("structure_name_taken", sentence, field="name"))


class SiteNameTaken(Conflict):
    def __init__(self) -> None:
        sentence = N_("Un site porte déjà ce nom. Cherchez-le dans la liste, ou précisez le nom.")
        super().__init__(Reason("site_name_taken", sentence, field="name"))


class FunctionHeldAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette structure tient déjà cette fonction à ces dates. Changez les dates, "
            "ou terminez d'abord la période en cours."
        )
        super().__init__(Reason("function_held", sentence, field="starts_on"))


class FreeLoanHasNoFee(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Un prêt à usage est gratuit : laissez la redevance vide, ou choisissez une autre "
            "forme. Une contrepartie le ferait devenir un bail rural."
        )
        super().__init__(Reason("free_loan", sentence, field="yearly_fee"))


class StaysBeyondRight(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Des séjours ou des réservations de parcelles s'appuient sur ce droit au-delà de ces "
            "dates. Terminez-les ou déplacez-les d'abord sur la saison des parcelles."
        )
        super().__init__(Reason("stays_beyond_right", sentence, field="ends_on"))


class RightInUse(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Des parcelles s'appuient sur ce droit : il reste au dossier. Notez plutôt son dernier "
            "jour, ou détachez d'abord les parcelles."
        )
        super().__init__(Reason("right_in_use", sentence))


promise("land_right_covers_stays", StaysBeyondRight)
promise("fk_plot_right_land_right_id_land_right", RightInUse)
promise("structure_function_no_overlap", FunctionHeldAlready)
promise("land_right_free_loan_is_free", FreeLoanHasNoFee)
promise("structure_name_once", StructureNameTaken)
promise("site_name_once", SiteNameTaken)
