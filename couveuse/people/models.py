"""Persons and what they may do.

A person is not an account: she may have no address and never sign in. A membership says which role
she holds in which structure, from when to when; several at once, in several structures. Papers are
licences, authorisations, trainings, insurance with their dates; equipment asks for some of them. A
paper that its holder sent counts once somebody who answers for it has looked at it.
"""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, INET, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core import clock
from couveuse.core.actor import Role
from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.structures.models import Structure


class LinkPurpose(StrEnum):
    SIGN_IN = "sign_in"
    PASSWORD = "password"  # noqa: S105, a purpose, not a password
    INVITATION = "invitation"


class PaperState(StrEnum):
    TO_CHECK = "to_check"
    TO_COME = "to_come"
    VALID = "valid"
    ENDING = "ending"
    EXPIRED = "expired"


RENEWAL_NOTICE = dt.timedelta(days=60)
"""Long enough to find a training and to sit it."""


def last_day(during: Range[dt.date]) -> dt.date | None:
    """As people say it: the last day included, None when it goes on."""
    return during.upper - dt.timedelta(days=1) if during.upper else None


def days(first: dt.date, last: dt.date | None) -> Range[dt.date]:
    """First and last day included, as people say them, kept half-open."""
    return Range(first, last + dt.timedelta(days=1) if last else None, bounds="[)")


class Person(Base):
    __tablename__ = "person"
    __table_args__ = (
        sa.Index(
            "person_email_once",
            sa.text("lower(email)"),
            unique=True,
            postgresql_where=sa.text("email IS NOT NULL"),
        ),
    )

    given_name: Mapped[str]
    family_name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    phone_shared: Mapped[bool] = mapped_column(server_default=sa.true())
    """People who share a machine may see the number, to call each other in the field."""
    language: Mapped[str | None]
    password_hash: Mapped[str | None]
    met_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("structure.id"))
    """The structure that met a newcomer; the network sees her once she belongs to it."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    erased_at: Mapped[dt.datetime | None]
    """When her file was erased: the row stays for the figures, without anything about her."""

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class Membership(Base):
    __tablename__ = "membership"
    __table_args__ = (
        ExcludeConstraint(
            ("person_id", "="),
            ("structure_id", "="),
            ("role", "="),
            ("during", "&&"),
            using="gist",
            name="membership_no_overlap",
        ),
        one_of("role", Role, "membership_role_known"),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL", name="membership_has_a_start"
        ),
        sa.Index(None, "structure_id"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"))
    role: Mapped[str]
    salaried: Mapped[bool] = mapped_column(server_default=sa.false())
    """Salaried or volunteer; says how the time of mentors is counted."""
    during: Mapped[Range[dt.date]]
    """Half-open; without an upper end it goes on."""
    person: Mapped[Person] = relationship(lazy="raise")
    structure: Mapped[Structure] = relationship(lazy="raise")

    @property
    def last_day(self) -> dt.date | None:
        return last_day(self.during)

    @property
    def is_over(self) -> bool:
        return self.during.upper is not None and self.during.upper <= clock.today()

    @property
    def is_to_come(self) -> bool:
        return self.during.lower is not None and self.during.lower > clock.today()

    @property
    def is_removable(self) -> bool:
        """It begins today or later: nothing of the past rests on it."""
        return self.during.lower is not None and self.during.lower >= clock.today()

    @property
    def is_present(self) -> bool:
        return not self.is_over and not self.is_to_come


class PaperKind(Base):
    """A kind of paper: how long it usually lasts, at most, and who has to have one.

    Filled by migrations, so that a change of the law is a row with dates, not a change of code.
    """

    __tablename__ = "paper_kind"
    __table_args__ = (
        ExcludeConstraint(
            ("code", "="), ("in_force", "&&"), using="gist", name="paper_kind_once_at_a_time"
        ),
    )

    code: Mapped[str]
    label: Mapped[str]
    """A French sentence of the catalogue."""
    usual_months: Mapped[int | None] = mapped_column(sa.Integer)
    """How long it lasts when no last day is said."""
    max_months: Mapped[int | None] = mapped_column(sa.Integer)
    first_due_months: Mapped[int | None] = mapped_column(sa.Integer)
    """Within how many months after the start of the test the first one is due."""
    due_under: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    """Codes of the agreements under which everybody has to have one."""
    reference: Mapped[str | None]
    """The text of law, as cited on the day it was read."""
    watch: Mapped[str | None]
    """What to mind, a French sentence of the catalogue."""
    in_force: Mapped[Range[dt.date]]


OTHER_KIND = "other"
INSURANCE = "insurance"


class Qualification(Base):
    """Something that can be required: a driving licence, a training, an authorisation."""

    __tablename__ = "qualification"
    __table_args__ = (sa.Index("qualification_name_once", sa.text("lower(name)"), unique=True),)

    name: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default=OTHER_KIND)
    """Code of a kind of paper."""


class Paper(Base):
    """A person's proof of a qualification, valid for a time."""

    __tablename__ = "paper"
    __table_args__ = (
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL", name="paper_has_a_start"
        ),
        sa.CheckConstraint(
            "NOT (is_to_check AND checked_by_id IS NOT NULL)", name="paper_checked_or_to_check"
        ),
        sa.CheckConstraint("checked_by_id <> person_id", name="paper_checked_by_another"),
        sa.Index(None, "person_id", "qualification_id"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    qualification_id: Mapped[int] = mapped_column(sa.ForeignKey("qualification.id"))
    during: Mapped[Range[dt.date]]
    issuer: Mapped[str | None]
    """Who gave it: an insurer, a training centre, a doctor."""
    reference: Mapped[str | None]
    scope: Mapped[str | None]
    """What it covers."""
    document: Mapped[str | None]
    """SHA-256 of a stored file."""
    is_to_check: Mapped[bool] = mapped_column(server_default=sa.false())
    """Sent by its holder, and worth nothing until somebody who answers for it has looked."""
    checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    qualification: Mapped[Qualification] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(foreign_keys=person_id, lazy="raise")

    @property
    def last_day(self) -> dt.date | None:
        return last_day(self.during)

    def state_on(self, day: dt.date) -> PaperState:
        if self.is_to_check:
            return PaperState.TO_CHECK
        if self.during.lower is not None and day < self.during.lower:
            return PaperState.TO_COME
        if self.during.upper is None or day + RENEWAL_NOTICE < self.during.upper:
            return PaperState.VALID
        return PaperState.ENDING if day < self.during.upper else PaperState.EXPIRED


class Session(Base):
    """A browser where somebody is signed in. Only a hash of its token is kept."""

    __tablename__ = "session"
    __table_args__ = (sa.UniqueConstraint("token_hash", name="session_token_once"),)

    token_hash: Mapped[bytes]
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    last_seen_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    user_agent: Mapped[str | None]


class MailedLink(Base):
    """A link that was mailed: used once, for a while. Only a hash of its token is kept."""

    __tablename__ = "mailed_link"
    __table_args__ = (
        sa.UniqueConstraint("token_hash", name="mailed_link_token_once"),
        one_of("purpose", LinkPurpose, "mailed_link_purpose_known"),
    )

    token_hash: Mapped[bytes]
    purpose: Mapped[str]
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class SignInFailure(Base):
    """A failed attempt, counted per account and per network address. Successes never count."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (sa.Index(None, "address", "at"), sa.Index(None, "account", "at"))

    at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    address: Mapped[str] = mapped_column(INET)
    account: Mapped[bytes]
    """SHA-256 of the address typed: an unknown one counts like a known one."""


class EmailTaken(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette adresse est déjà celle d'une autre personne. Cherchez-la dans la liste."
        )
        super().__init__(Reason("email_taken", sentence, field="email"))


class MembershipOverlap(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette personne tient déjà ce rôle dans cette structure à ces dates. "
            "Changez les dates, ou terminez d'abord l'appartenance en cours."
        )
        super().__init__(Reason("membership_overlap", sentence, field="starts_on"))


promise("person_email_once", EmailTaken)
promise("membership_no_overlap", MembershipOverlap)
