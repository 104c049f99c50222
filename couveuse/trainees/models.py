"""One person, one path: welcomed, oriented, applying, selected, under agreement, leaving, after.

A path says where somebody stands and who acts next; each change of state is a dated step. An
agreement is what lets somebody test: its kind is a row of a dated table, so that limits are data
and not code, and its periods never overlap. A period without its signed document waits, and
nothing rests on it. The follow-up group decides who may open the person's file.
"""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core import clock
from couveuse.core.db import Base, bounded, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.structures.models import Structure, last_day, starts


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


class FollowUpKind(StrEnum):
    TECHNICAL = "technical"
    ENTERPRISE = "enterprise"
    SETTLEMENT = "settlement"
    HUMAN = "human"


GRACE = dt.timedelta(days=30)
"""How long somebody who hands over may still read the file: time to answer questions."""


class FollowUpMember(Base):
    """Who follows whom, as what, from when to when. Decides who may open the person's file."""

    __tablename__ = "follow_up_member"
    __table_args__ = (
        ExcludeConstraint(
            ("person_id", "="),
            ("member_id", "="),
            ("kind", "="),
            ("during", "&&"),
            using="gist",
            name="follow_up_member_no_overlap",
        ),
        ExcludeConstraint(
            ("person_id", "="),
            ("during", "&&"),
            where=sa.text("is_lead"),
            using="gist",
            name="follow_up_one_lead",
        ),
        one_of("kind", FollowUpKind, "follow_up_member_kind_known"),
        starts("follow_up_member_has_a_start"),
        sa.CheckConstraint("person_id <> member_id", name="follow_up_member_is_another"),
        sa.Index(None, "member_id"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    """Who is followed."""
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[str]
    is_lead: Mapped[bool] = mapped_column(server_default=sa.false())
    during: Mapped[Range[dt.date]]
    grace_until: Mapped[dt.date | None]
    """The last day on which somebody who handed over may still read."""

    person: Mapped[Person] = relationship(foreign_keys=person_id, lazy="raise")
    member: Mapped[Person] = relationship(foreign_keys=member_id, lazy="raise")

    @property
    def last_day(self) -> dt.date | None:
        return last_day(self.during)


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

    agreement: Mapped[Agreement] = relationship(back_populates="periods", lazy="raise")

    @property
    def last_day(self) -> dt.date:
        assert self.during.upper is not None  # noqa: S101, the database keeps both ends
        return self.during.upper - dt.timedelta(days=1)

    @property
    def is_signed(self) -> bool:
        return self.document is not None


class PathOpenAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_("Cette personne a déjà un parcours en cours. Ouvrez-le depuis sa fiche.")
        super().__init__(Reason("path_open", sentence))


class FollowsAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette personne fait déjà partie du groupe de suivi à ce titre, à ces dates. "
            "Changez les dates, ou terminez d'abord la période en cours."
        )
        super().__init__(Reason("follows_already", sentence, field="member_id"))


class LeadAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Quelqu'un d'autre est déjà référent·e à ces dates. Passez d'abord le relais."
        )
        super().__init__(Reason("lead_already", sentence, field="is_lead"))


class AgreementOverlap(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette personne a déjà une convention à ces dates. Changez les dates, ou terminez "
            "d'abord la convention en cours."
        )
        super().__init__(Reason("agreement_overlap", sentence, field="starts_on"))


class RenewedMeanwhile(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Quelqu'un vient de renouveler cette convention. Rechargez la page pour voir où elle "
            "en est."
        )
        super().__init__(Reason("renewed_meanwhile", sentence))


class OnceReusedForAgreement(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce formulaire a déjà servi pour une autre convention. Rechargez la page.")
        super().__init__(Reason("once_reused", sentence))


promise("path_open_once", PathOpenAlready)
promise("follow_up_member_no_overlap", FollowsAlready)
promise("follow_up_one_lead", LeadAlready)
promise("agreement_period_no_overlap", AgreementOverlap)
promise("agreement_period_number_once", RenewedMeanwhile)
promise("agreement_once", OnceReusedForAgreement)
