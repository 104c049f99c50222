"""Claims on land: who holds which ground, or why nobody does.

Every claim (a stay, a reservation, rest, works, collective use, out of service) is a row of
``plot_period``, and one exclusion constraint lets no two of them share a day of one plot. Ground
used in parts is split into plots, so that the constraint guards each. A pair or a group holds a
claim together through its stay. Contiguous claims of one stay read as one.
"""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.plots.models import Plot
from couveuse.structures.models import starts
from couveuse.trainees.models import Agreement, Party


class PeriodKind(StrEnum):
    STAY = "stay"
    RESERVED = "reserved"
    REST = "rest"
    WORKS = "works"
    COLLECTIVE = "collective"
    OUT_OF_SERVICE = "out_of_service"


HELD_BY_PEOPLE = (PeriodKind.STAY, PeriodKind.RESERVED)


class ReportKind(StrEnum):
    ENTRY = "entry"
    EXIT = "exit"


stay_person = sa.Table(
    "stay_person",
    Base.metadata,
    sa.Column("stay_id", sa.BigInteger, sa.ForeignKey("stay.id"), primary_key=True),
    sa.Column("person_id", sa.BigInteger, sa.ForeignKey("person.id"), primary_key=True, index=True),
)


class Stay(Base):
    """A person's, a pair's or a group's time on the land; its claims say where and when."""

    __tablename__ = "stay"

    notes: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    people: Mapped[list[Person]] = relationship(
        secondary=stay_person, order_by=Person.id, lazy="raise"
    )


class PlotPeriod(Base):
    __tablename__ = "plot_period"
    __table_args__ = (
        ExcludeConstraint(
            ("plot_id", "="), ("during", "&&"), using="gist", name="plot_period_no_overlap"
        ),
        one_of("kind", PeriodKind, "plot_period_kind_known"),
        starts("plot_period_has_a_start"),
        sa.CheckConstraint(
            "kind <> 'stay' OR stay_id IS NOT NULL", name="plot_period_stay_has_people"
        ),
        sa.CheckConstraint(
            "stay_id IS NULL OR kind IN ('stay', 'reserved')", name="plot_period_people_only_stay"
        ),
        sa.UniqueConstraint("created_by_id", "once", name="plot_period_once"),
        sa.CheckConstraint("(once IS NULL) = (once_digest IS NULL)", name="plot_period_once_whole"),
        sa.Index("ix_plot_period_during", "during", postgresql_using="gist"),
        sa.Index("ix_plot_period_plot_start", "plot_id", sa.text("lower(during)")),
    )

    plot_id: Mapped[int] = mapped_column(sa.ForeignKey("plot.id"))
    during: Mapped[Range[dt.date]]
    kind: Mapped[str]
    stay_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stay.id"), index=True)
    reason: Mapped[str | None]
    planned_end_on: Mapped[dt.date | None]
    """The last day once planned, when it ended earlier."""
    end_reason: Mapped[str | None]
    """Why it ended earlier."""
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    once: Mapped[str | None]
    once_digest: Mapped[bytes | None]

    plot: Mapped[Plot] = relationship(lazy="raise")
    stay: Mapped[Stay | None] = relationship(lazy="raise")

    @property
    def last_day(self) -> dt.date | None:
        return self.during.upper - dt.timedelta(days=1) if self.during.upper else None


class ConditionFacts:
    """The state of a plot when somebody comes or goes: points looked at, meters, photos."""

    stay_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stay.id"), index=True)
    kind: Mapped[str]
    made_on: Mapped[dt.date]
    points: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    """Each looked-at thing with its state and a remark, in the order of the form."""
    water_meter: Mapped[Decimal | None]
    power_meter: Mapped[Decimal | None]
    keys: Mapped[str | None]
    photos: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    """SHA-256 of the stored file and what it shows."""
    remarks: Mapped[str | None]


class ConditionReport(ConditionFacts, Base):
    """As it stands, corrections included; its place and its author never change."""

    __tablename__ = "condition_report"
    __table_args__ = (
        one_of("kind", ReportKind, "condition_report_kind_known"),
        sa.Index("ix_condition_report_plot_day", "plot_id", "made_on"),
    )

    plot_id: Mapped[int] = mapped_column(sa.ForeignKey("plot.id"))
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())


class ConditionVersion(ConditionFacts, Base):
    """What a condition report said before a correction."""

    __tablename__ = "condition_version"
    __table_args__ = (
        one_of("kind", ReportKind, "condition_version_kind_known"),
        sa.CheckConstraint("reason <> ''", name="condition_version_has_a_reason"),
    )

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("condition_report.id"), index=True)
    reason: Mapped[str]
    """Why it was corrected."""
    corrected_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    corrected_at: Mapped[dt.datetime]

    corrected_by: Mapped[Person] = relationship(lazy="raise")


class ExpenseKind(StrEnum):
    WATER = "water"
    POWER = "power"
    FUEL = "fuel"
    MACHINES = "machines"
    INSURANCE = "insurance"
    SUPPLIES = "supplies"
    LAND_FEE = "land_fee"
    OTHER = "other"


class ExpenseOutcome(StrEnum):
    PAID = "paid"
    WAIVED = "waived"


class SharedExpense(Base):
    """What one side of an agreement owes the other: water by the meter, fuel, a shared insurance.

    A land fee names its plot: the database refuses it where the land is lent for free on that day.
    """

    __tablename__ = "shared_expense"
    __table_args__ = (
        one_of("kind", ExpenseKind, "shared_expense_kind_known"),
        one_of("owed_by", Party, "shared_expense_owed_by_known"),
        one_of("outcome", ExpenseOutcome, "shared_expense_outcome_known"),
        sa.CheckConstraint("amount_cents > 0", name="shared_expense_amount_positive"),
        sa.CheckConstraint(
            "kind <> 'land_fee' OR plot_id IS NOT NULL", name="shared_expense_land_fee_has_a_plot"
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (settled_on IS NULL)", name="shared_expense_settled_on_a_day"
        ),
        sa.CheckConstraint(
            "outcome IS DISTINCT FROM 'waived' OR settlement_note IS NOT NULL",
            name="shared_expense_waived_for_a_reason",
        ),
        sa.UniqueConstraint("created_by_id", "once", name="shared_expense_once"),
        sa.CheckConstraint(
            "(once IS NULL) = (once_digest IS NULL)", name="shared_expense_once_whole"
        ),
    )

    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("agreement.id"), index=True)
    """Says who the person and the structure are."""
    plot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("plot.id"), index=True)
    kind: Mapped[str]
    label: Mapped[str]
    amount_cents: Mapped[int]
    owed_by: Mapped[str]
    spent_on: Mapped[dt.date]
    note: Mapped[str | None]
    """The proof: an invoice, two readings of a meter."""
    outcome: Mapped[str | None]
    settled_on: Mapped[dt.date | None]
    settlement_note: Mapped[str | None]
    """How it was paid, or why nothing is asked any more."""
    carried_on: Mapped[dt.date | None]
    """The end of an agreement after which it is still owed, knowingly."""
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    once: Mapped[str | None]
    once_digest: Mapped[bytes | None]

    agreement: Mapped[Agreement] = relationship(lazy="raise")
    plot: Mapped[Plot | None] = relationship(lazy="raise")

    @property
    def amount(self) -> Decimal:
        return Decimal(self.amount_cents) / 100


class GroundTaken(Conflict):
    def __init__(self) -> None:
        sentence = N_("Cette parcelle vient d'être prise à ces dates. Rechargez la saison.")
        super().__init__(Reason("ground_taken", sentence))


class OutsideLandRight(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Ces dates dépassent le droit de la structure sur la terre. Raccourcissez le séjour, "
            "ou prolongez d'abord le droit."
        )
        super().__init__(Reason("outside_land_right", sentence, field="ends_on"))


class OutsideService(Conflict):
    def __init__(self) -> None:
        sentence = N_("La parcelle n'est pas en service à toutes ces dates. Changez-les.")
        super().__init__(Reason("outside_service", sentence, field="starts_on"))


class OnceReusedForGround(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce formulaire a déjà servi pour une autre occupation. Rechargez la page.")
        super().__init__(Reason("once_reused", sentence))


class OnceReusedForExpense(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce formulaire a déjà servi pour un autre frais. Rechargez la page.")
        super().__init__(Reason("once_reused", sentence))


class ExpenseSettled(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce frais vient d'être réglé autrement. Rechargez la page pour voir comment.")
        super().__init__(Reason("expense_settled", sentence))


class HasExpenses(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Des frais partagés viennent d'être notés sous cette convention : elle ne se retire "
            "plus. Notez plutôt une fin anticipée."
        )
        super().__init__(Reason("has_expenses", sentence))


class LandIsLent(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette parcelle est en prêt à usage, donc gratuite : aucune redevance de terre ne peut "
            "y être notée. Les services (eau, électricité, matériel…) se notent à part, sous leur "
            "nom."
        )
        super().__init__(Reason("land_is_lent", sentence, field="kind"))


class LentForAFee(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Une redevance de terre est notée sur une de ces parcelles à ces dates : le droit ne "
            "peut pas être un prêt à usage."
        )
        super().__init__(Reason("lent_for_a_fee", sentence))


promise("shared_expense_once", OnceReusedForExpense)
promise("fk_shared_expense_agreement_id_agreement", HasExpenses)
promise("shared_expense_land_fee_on_loan", LandIsLent)
promise("land_right_lent_for_a_fee", LentForAFee)
promise("plot_period_no_overlap", GroundTaken)
promise("plot_period_inside_land_right", OutsideLandRight)
promise("plot_period_inside_service", OutsideService)
promise("plot_period_once", OnceReusedForGround)
