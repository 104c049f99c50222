"""Agreements, their kinds and their periods."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core.db import Base, bounded
from couveuse.people.models import Person
from couveuse.structures.models import Structure


class AgreementKind(Base):
    """A legal form of the test with its limits, while they are in force.

    Filled by migrations, so that a change of the law is a row with dates, not a change of code.
    """

    __tablename__ = "agreement_kind"
    __table_args__ = (
        ExcludeConstraint(
            ("code", "="), ("in_force", "&&"), using="gist", name="agreement_kind_once_at_a_time"
        ),
    )

    code: Mapped[str]
    label: Mapped[str]
    """A French sentence of the catalogue."""
    family: Mapped[str]
    """Agreements of one family exclude each other on the same day."""
    max_months: Mapped[int | None] = mapped_column(sa.Integer)
    """Of one period."""
    max_renewals: Mapped[int | None] = mapped_column(sa.Integer)
    max_total_months: Mapped[int | None] = mapped_column(sa.Integer)
    """Of all periods together, with the months carried over from elsewhere."""
    signed_before_start: Mapped[bool] = mapped_column(server_default=sa.true())
    """Each period is signed on its first day at the latest, a renewal before the last one ends."""
    forbids_full_time: Mapped[bool] = mapped_column(server_default=sa.false())
    """Not for somebody who is employed full time."""
    reference: Mapped[str | None]
    """The text of law, as cited on the day it was read."""
    watch: Mapped[str | None]
    """What to mind, a French sentence of the catalogue."""
    decide_months: Mapped[int] = mapped_column(sa.Integer, server_default="2")
    """How long before a period ends the renewal is to be decided."""
    notices: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    """Whom to inform of what, and within how many days: see ``rules.notices_of``."""
    pieces: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    """The papers that the person brings, and when: see ``rules.pieces_of``."""
    contents: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    """What the contract has to say: see ``rules.contents_of``."""
    wording: Mapped[str | None]
    """What commercial papers have to carry, in French, with the names of what is put in."""
    in_force: Mapped[Range[dt.date]]


class Agreement(Base):
    """What lets somebody test: parties and kind. Its periods say from when to when."""

    __tablename__ = "agreement"
    __table_args__ = (
        sa.UniqueConstraint("created_by_id", "once", name="agreement_once"),
        sa.CheckConstraint("(once IS NULL) = (once_digest IS NULL)", name="agreement_once_whole"),
        sa.CheckConstraint("carried_months >= 0", name="agreement_carried_not_negative"),
        sa.CheckConstraint(
            "(ended_on IS NULL) = (end_reason IS NULL)", name="agreement_end_has_a_reason"
        ),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"), index=True)
    """Who gives support, the other party."""
    kind: Mapped[str]
    """Code of a kind of agreement."""
    is_full_time: Mapped[bool] = mapped_column(server_default=sa.false())
    """The person said to be employed full time elsewhere."""
    carried_months: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    """Months under the same kind elsewhere before, which count towards the total."""
    ended_on: Mapped[dt.date | None]
    """The last day, when it ended early."""
    end_reason: Mapped[str | None]
    contents: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    """What the contract says on each point that its kind asks for."""
    contents_ready_at: Mapped[dt.datetime | None]
    """Since when every point is written and read again."""
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    once: Mapped[str | None]
    once_digest: Mapped[bytes | None]

    person: Mapped[Person] = relationship(foreign_keys=person_id, lazy="raise")
    structure: Mapped[Structure] = relationship(lazy="raise")
    periods: Mapped[list["AgreementPeriod"]] = relationship(
        back_populates="agreement", order_by="AgreementPeriod.number", lazy="raise"
    )


class AgreementPeriod(Base):
    """One signed period: the first (number 0) or a renewal. Half-open days."""

    __tablename__ = "agreement_period"
    __table_args__ = (
        ExcludeConstraint(
            ("person_id", "="),
            ("family", "="),
            ("during", "&&"),
            using="gist",
            name="agreement_period_no_overlap",
        ),
        bounded("during", "agreement_period_has_both_ends"),
        sa.UniqueConstraint("agreement_id", "number", name="agreement_period_number_once"),
        sa.CheckConstraint("number >= 0", name="agreement_period_number_not_negative"),
        sa.CheckConstraint(
            "document IS NULL OR signed_on IS NOT NULL", name="agreement_period_signed_has_a_day"
        ),
        sa.UniqueConstraint("created_by_id", "once", name="agreement_period_once"),
        sa.CheckConstraint(
            "(once IS NULL) = (once_digest IS NULL)", name="agreement_period_once_whole"
        ),
    )

    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("agreement.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    """The agreement's, repeated for the constraint."""
    family: Mapped[str]
    """The kind's, repeated for the constraint."""
    during: Mapped[Range[dt.date]]
    planned_end_on: Mapped[dt.date | None]
    """The last day once planned, when it ended earlier."""
    signed_on: Mapped[dt.date | None]
    document: Mapped[str | None]
    """SHA-256 of the signed document. Without it the period waits and nothing rests on it."""
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who noted the renewal."""
    once: Mapped[str | None]
    once_digest: Mapped[bytes | None]

    agreement: Mapped[Agreement] = relationship(back_populates="periods", lazy="raise")

    @property
    def last_day(self) -> dt.date:
        assert self.during.upper is not None  # noqa: S101, the database keeps both ends
        return self.during.upper - dt.timedelta(days=1)

    @property
    def first_day(self) -> dt.date:
        assert self.during.lower is not None  # noqa: S101, the database keeps both ends
        return self.during.lower

    @property
    def is_signed(self) -> bool:
        return self.document is not None
