"""The figures that somebody in test keeps about their work: theirs, until they share them.

A month is one form: sales by outlet, costs by heading, hours, a few words. What she planned stands
beside it, month by month. A share opens months to the follow-up group or to some of it, until she
takes it back.
"""

import datetime as dt
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.structures.models import starts

FIRST_OF_MONTH = "extract(day from {}) = 1"


class HeadingKind(StrEnum):
    SALE = "sale"
    """An outlet."""
    COST = "cost"


class HoursPer(StrEnum):
    MONTH = "month"
    WEEK = "week"


class FigureHeading(Base):
    """An outlet or a kind of cost, in the words of the person; ended ones keep their figures."""

    __tablename__ = "figure_heading"
    __table_args__ = (
        sa.UniqueConstraint("id", "person_id", name="figure_heading_of_somebody"),
        sa.Index(
            "figure_heading_name_once", "person_id", "kind", sa.text("lower(name)"), unique=True
        ),
        one_of("kind", HeadingKind, "figure_heading_kind_known"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[str]
    name: Mapped[str]
    """Typed by the person, or a French word of the catalogue."""
    place: Mapped[int] = mapped_column(sa.Integer)
    ended_on: Mapped[dt.date | None]
    """Offered until this month."""

    def is_offered(self, month: dt.date) -> bool:
        return self.ended_on is None or self.ended_on.replace(day=1) >= month


class FigureMonth(Base):
    """One month of somebody, as far as she filled it in."""

    __tablename__ = "figure_month"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "month", name="figure_month_once"),
        sa.UniqueConstraint("id", "person_id", name="figure_month_of_somebody"),
        sa.CheckConstraint(FIRST_OF_MONTH.format("month"), name="figure_month_is_whole"),
        sa.CheckConstraint(
            "hours BETWEEN 0 AND 744 AND (hours_per = 'month' OR hours <= 168)",
            name="figure_month_hours_exist",
        ),
        one_of("hours_per", HoursPer, "figure_month_hours_per_known"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    month: Mapped[dt.date]
    hours: Mapped[Decimal | None] = mapped_column(sa.Numeric(5, 2))
    hours_per: Mapped[str] = mapped_column(server_default=HoursPer.MONTH.value)
    words: Mapped[str | None]
    version: Mapped[int] = mapped_column(sa.Integer)
    """Which text the writer knew: another device may have written since."""
    made_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]

    person: Mapped[Person] = relationship(lazy="raise")
    amounts: Mapped[list["FigureAmount"]] = relationship(
        lazy="raise", foreign_keys="FigureAmount.month_id"
    )


class FigureAmount(Base):
    """What a heading brought or cost in a month. Both are the same person's."""

    __tablename__ = "figure_amount"
    __table_args__ = (
        sa.UniqueConstraint("month_id", "heading_id", name="figure_amount_once"),
        sa.CheckConstraint("amount >= 0", name="figure_amount_not_negative"),
        sa.ForeignKeyConstraint(
            ["month_id", "person_id"],
            ["figure_month.id", "figure_month.person_id"],
            name="figure_amount_month_is_theirs",
        ),
        sa.ForeignKeyConstraint(
            ["heading_id", "person_id"],
            ["figure_heading.id", "figure_heading.person_id"],
            name="figure_amount_heading_is_theirs",
        ),
        sa.Index(None, "heading_id"),
    )

    month_id: Mapped[int]
    heading_id: Mapped[int]
    person_id: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(sa.Numeric(9, 2))


class PlannedAmount(Base):
    """What the person planned for a heading in a month."""

    __tablename__ = "planned_amount"
    __table_args__ = (
        sa.UniqueConstraint("heading_id", "month", name="planned_amount_once"),
        sa.CheckConstraint("amount >= 0", name="planned_amount_not_negative"),
        sa.CheckConstraint(FIRST_OF_MONTH.format("month"), name="planned_amount_month_is_whole"),
        sa.ForeignKeyConstraint(
            ["heading_id", "person_id"],
            ["figure_heading.id", "figure_heading.person_id"],
            name="planned_amount_heading_is_theirs",
        ),
        sa.Index(None, "person_id", "month"),
    )

    heading_id: Mapped[int]
    person_id: Mapped[int]
    month: Mapped[dt.date]
    amount: Mapped[Decimal] = mapped_column(sa.Numeric(9, 2))


class FigureShare(Base):
    """Months that the person opens to the whole follow-up group, or to one of it."""

    __tablename__ = "figure_share"
    __table_args__ = (
        ExcludeConstraint(
            ("person_id", "="),
            (sa.literal_column("coalesce(reader_id, 0)"), "="),
            ("during", "&&"),
            where=sa.text("withdrawn_at IS NULL"),
            using="gist",
            name="figure_share_once",
        ),
        starts("figure_share_has_a_start"),
        sa.CheckConstraint(
            "extract(day from lower(during)) = 1 AND extract(day from upper(during)) = 1",
            name="figure_share_whole_months",
        ),
        sa.CheckConstraint("person_id <> reader_id", name="figure_share_with_another"),
        sa.Index(None, "reader_id"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reader_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """None: whoever is in the follow-up group."""
    during: Mapped[Range[dt.date]]
    """Whole months; without an end, from then on."""
    with_hours: Mapped[bool]
    shared_at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]

    reader: Mapped[Person | None] = relationship(foreign_keys=reader_id, lazy="raise")


class FigureReminder(Base):
    """The person wants a mail when last month is still empty."""

    __tablename__ = "figure_reminder"
    __table_args__ = (sa.UniqueConstraint("person_id", name="figure_reminder_once"),)

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))


class HeadingNameTaken(Conflict):
    def __init__(self) -> None:
        sentence = N_("Une de vos lignes porte déjà ce nom. Reprenez-la, ou changez le nom.")
        super().__init__(Reason("heading_name_taken", sentence, field="name"))


class MonthMeanwhile(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce mois vient d'être enregistré ailleurs. Rechargez la page.")
        super().__init__(Reason("month_meanwhile", sentence))


class NotTheirHeading(Conflict):
    def __init__(self) -> None:
        sentence = N_("Cette ligne n'est pas à vous. Rechargez la page.")
        super().__init__(Reason("not_their_heading", sentence))


class SharedMeanwhile(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ces mois viennent d'être partagés. Rechargez la page.")
        super().__init__(Reason("shared_meanwhile", sentence))


promise("figure_heading_name_once", HeadingNameTaken)
promise("figure_month_once", MonthMeanwhile)
promise("figure_amount_once", MonthMeanwhile)
promise("planned_amount_once", MonthMeanwhile)
promise("figure_amount_heading_is_theirs", NotTheirHeading)
promise("planned_amount_heading_is_theirs", NotTheirHeading)
promise("figure_share_once", SharedMeanwhile)
