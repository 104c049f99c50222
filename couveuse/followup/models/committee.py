"""Progress committees: sessions that review how the test of one or several people goes.

Each review stands alone: whoever is reviewed on the same session knows nothing of another's. The
person says first how she sees it, when she wants and until the session; what was said and decided
stands in minutes, which are hers too: who closes them signs them, the person signs after, and they
do not change.
"""

import datetime as dt
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core import clock
from couveuse.core.clock import zone_named
from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.followup.models.report import SignsAlready, TextChanged
from couveuse.followup.models.signature import Signature, signature_promises
from couveuse.followup.models.visit import Presence, VisitMode
from couveuse.people.models import Person
from couveuse.structures.models import Site, Structure

DAY = dt.timedelta(days=1)
MINUTES_WITHIN = 10 * DAY
"""After the session, its minutes are due."""
MEMBER_GRACE = 30 * DAY
"""After the session, who was invited still reads: time for the minutes to come."""


class CommitteeState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class ProgressDecision(StrEnum):
    """What a committee proposes next. None is better than another."""

    CONTINUE = "continue"
    CONTINUE_IF = "continue_if"
    RENEW = "renew"
    PREPARE_EXIT = "prepare_exit"
    STOP = "stop"


class ProgressCommittee(Base):
    """A session: when and where."""

    __tablename__ = "progress_committee"
    __table_args__ = (
        one_of("state", CommitteeState, "progress_committee_state_known"),
        one_of("mode", VisitMode, "progress_committee_mode_known"),
        sa.CheckConstraint(
            "duration_minutes BETWEEN 1 AND 1440", name="progress_committee_within_a_day"
        ),
        sa.CheckConstraint(
            "reason IS NULL OR state = 'cancelled'", name="progress_committee_reason_of_its_end"
        ),
        sa.Index(None, "starts_at"),
    )

    structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"), index=True)
    """Who calls it."""
    starts_at: Mapped[dt.datetime]
    duration_minutes: Mapped[int] = mapped_column(sa.Integer)
    mode: Mapped[str]
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    place: Mapped[str | None]
    """A room, or the address of a video meeting."""
    state: Mapped[str] = mapped_column(server_default=CommitteeState.PLANNED)
    reason: Mapped[str | None]
    """Why it was cancelled."""
    called_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    called_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    structure: Mapped[Structure] = relationship(lazy="raise")
    site: Mapped[Site | None] = relationship(lazy="raise")
    called_by: Mapped[Person] = relationship(foreign_keys=called_by_id, lazy="raise")
    members: Mapped[list["ProgressMember"]] = relationship(
        order_by="ProgressMember.id", lazy="raise"
    )

    @property
    def zone(self) -> ZoneInfo:
        return zone_named(self.site.time_zone) if self.site else clock.PARIS

    @property
    def ends_at(self) -> dt.datetime:
        return self.starts_at + dt.timedelta(minutes=self.duration_minutes)

    @property
    def day(self) -> dt.date:
        return self.starts_at.astimezone(self.zone).date()

    @property
    def minutes_due_on(self) -> dt.date:
        return self.day + MINUTES_WITHIN

    @property
    def open_until(self) -> dt.date:
        """The last day on which who was invited reads."""
        return self.day + MEMBER_GRACE

    @property
    def is_planned(self) -> bool:
        return self.state == CommitteeState.PLANNED

    @property
    def is_held(self) -> bool:
        return self.state == CommitteeState.HELD

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= clock.now()


class ProgressMember(Base):
    """Who is invited, from which day on, and whether they came: of the network, or by name."""

    __tablename__ = "progress_member"
    __table_args__ = (
        one_of("presence", Presence, "progress_member_presence_known"),
        sa.CheckConstraint(
            "num_nonnulls(person_id, guest) = 1", name="progress_member_person_or_guest"
        ),
        sa.CheckConstraint(
            "guest_email IS NULL OR guest IS NOT NULL", name="progress_member_address_of_a_guest"
        ),
        sa.UniqueConstraint("committee_id", "person_id", name="progress_member_once"),
        sa.Index(
            "progress_member_guest_once", "committee_id", sa.text("lower(guest)"), unique=True
        ),
        sa.Index(None, "person_id"),
    )

    committee_id: Mapped[int] = mapped_column(sa.ForeignKey("progress_committee.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    guest: Mapped[str | None]
    """Somebody without an account: a name, and whom they speak for."""
    guest_email: Mapped[str | None]
    presence: Mapped[str] = mapped_column(server_default=Presence.EXPECTED)
    invited_at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None]
    """When they said whether they come."""

    person: Mapped[Person | None] = relationship(lazy="raise")

    @property
    def name(self) -> str:
        return self.person.name if self.person else str(self.guest)


class ProgressReview(Base):
    """One person on one session: her own words, then the minutes."""

    __tablename__ = "progress_review"
    __table_args__ = (
        one_of("presence", Presence, "progress_review_presence_known"),
        one_of("decision", ProgressDecision, "progress_review_decision_known"),
        sa.UniqueConstraint("committee_id", "person_id", name="progress_review_once"),
        sa.UniqueConstraint("id", "person_id", name="progress_review_of_person"),
        sa.CheckConstraint(
            "closed_at IS NULL OR decision IS DISTINCT FROM 'continue_if'"
            " OR conditions IS NOT NULL",
            name="progress_review_conditions_said",
        ),
        sa.CheckConstraint(
            "closed_at IS NULL OR num_nulls(minutes, decision, reasons, closed_by_id) = 0",
            name="progress_review_closed_whole",
        ),
        sa.CheckConstraint("version >= 0", name="progress_review_version_not_negative"),
        sa.CheckConstraint(
            "signed_text IS NULL OR closed_at IS NOT NULL",
            name="progress_review_signed_once_closed",
        ),
        sa.Index("progress_review_planned_once", "person_id", "milestone_on", unique=True),
        sa.Index(None, "person_id"),
    )

    committee_id: Mapped[int] = mapped_column(sa.ForeignKey("progress_committee.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    presence: Mapped[str] = mapped_column(server_default=Presence.EXPECTED)
    milestone_on: Mapped[dt.date | None]
    """Which date that is due the session is planned for; None once it is held or cancelled."""
    said: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    """By code of a question, her own words."""
    ready_at: Mapped[dt.datetime | None]
    """Since when the others read them."""
    shows_grids: Mapped[bool] = mapped_column(server_default=sa.false())
    """She lets the members see where she stands on the grids."""
    minutes: Mapped[str | None]
    decision: Mapped[str | None]
    reasons: Mapped[str | None]
    conditions: Mapped[str | None]
    next_on: Mapped[dt.date | None]
    """When the next committee is to be."""
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    """What is to be agreed, until the minutes are closed: each ``{"what", "owner_id", "due_on"}``.
    Closing makes agreed steps of them."""
    version: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    """Counts the writes of the minutes: who closes them says which ones they read."""
    written_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    closed_at: Mapped[dt.datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    signed_text: Mapped[str | None]
    """What was signed, word for word."""
    read_at: Mapped[dt.datetime | None]
    """When the person opened them first."""

    committee: Mapped[ProgressCommittee] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(foreign_keys=person_id, lazy="raise")
    written_by: Mapped[Person | None] = relationship(foreign_keys=written_by_id, lazy="raise")
    closed_by: Mapped[Person | None] = relationship(foreign_keys=closed_by_id, lazy="raise")
    additions: Mapped[list["ProgressAddition"]] = relationship(
        order_by="ProgressAddition.id", lazy="raise"
    )
    signatures: Mapped[list["ProgressSignature"]] = relationship(
        order_by="ProgressSignature.id", lazy="raise"
    )

    @property
    def is_ready(self) -> bool:
        return self.ready_at is not None

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    @property
    def is_countersigned(self) -> bool:
        """By the person herself."""
        return any(one.person_id == self.person_id for one in self.signatures)


class ProgressSignature(Signature, Base):
    """Of closed minutes: by who closed them, and by the person."""

    __tablename__ = "progress_signature"
    __table_args__ = signature_promises("progress_signature", "review_id")

    review_id: Mapped[int] = mapped_column(sa.ForeignKey("progress_review.id"))


class ProgressAddition(Base):
    """A dated word about closed minutes: never changed, never removed."""

    __tablename__ = "progress_addition"
    __table_args__ = (sa.CheckConstraint("text <> ''", name="progress_addition_says_something"),)

    review_id: Mapped[int] = mapped_column(sa.ForeignKey("progress_review.id"), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    text: Mapped[str]
    written_at: Mapped[dt.datetime]

    author: Mapped[Person] = relationship(lazy="raise")


class ReviewedAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_("Cette personne est déjà à l'ordre du jour de ce comité de suivi.")
        super().__init__(Reason("reviewed_already", sentence, field="person_id"))


class PlannedAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Un comité de suivi est déjà prévu pour cette personne à cette échéance. Déplacez-le, "
            "ou annulez-le d'abord."
        )
        super().__init__(Reason("planned_already", sentence))


class MemberAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_("Cette personne est déjà invitée à ce comité de suivi.")
        super().__init__(Reason("member_already", sentence, field="member_id"))


class MinutesClosed(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Ce compte rendu est clos : il ne change plus. Ajoutez plutôt une précision datée."
        )
        super().__init__(Reason("minutes_closed", sentence))


class MinutesChanged(Conflict):
    """Another text than the one read stands there since."""

    def __init__(self) -> None:
        sentence = N_(
            "Quelqu'un a enregistré ce compte rendu entre-temps. Comparez les deux textes, puis "
            "enregistrez celui que vous gardez."
        )
        super().__init__(Reason("minutes_changed", sentence))


class SelfReviewOver(Conflict):
    def __init__(self) -> None:
        sentence = N_("Le comité a eu lieu : le bilan ne change plus. Dites-le dans une précision.")
        super().__init__(Reason("self_review_over", sentence))


class NotHeld(Conflict):
    def __init__(self) -> None:
        sentence = N_("Notez d'abord que le comité a eu lieu, et qui était là.")
        super().__init__(Reason("committee_not_held", sentence))


promise("progress_review_once", ReviewedAlready)
promise("progress_review_planned_once", PlannedAlready)
promise("progress_signature_once", SignsAlready)
promise("progress_signature_of_its_text", TextChanged)
promise("progress_member_once", MemberAlready)
promise("progress_member_guest_once", MemberAlready)
promise("progress_minutes_closed", MinutesClosed)
promise("progress_self_review_until_held", SelfReviewOver)
promise("progress_minutes_after_session", NotHeld)
