"""The follow-up group: who follows whom, and so who may open the file."""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core import clock
from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.structures.models import last_day, starts


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
    def is_open(self) -> bool:
        """Follows today, or will."""
        return self.during.upper is None or self.during.upper > clock.today()

    @property
    def reads(self) -> bool:
        """Follows today or will, or handed over and is within the grace."""
        return self.is_open or (self.grace_until is not None and self.grace_until >= clock.today())

    @property
    def last_day(self) -> dt.date | None:
        return last_day(self.during)


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


promise("follow_up_member_no_overlap", FollowsAlready)
promise("follow_up_one_lead", LeadAlready)
