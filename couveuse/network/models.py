"""Grants, what they pay for, and which session of support each hour of them is.

A session of support (a visit that took place, a half-day of a workshop) is charged to one funded
action at most, whole. What is consumed is never kept: it is counted from the sessions themselves,
so that it cannot differ from what was signed. The database refuses time outside the period of the
grant, time of a structure that holds no share of it, and any change once the grant is closed.
"""

import datetime as dt
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core.db import Base, bounded, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.structures.models import Structure


class ActionMode(StrEnum):
    INDIVIDUAL = "individual"
    GROUP = "group"


class Grant(Base):
    """What a funder pays for, from when to when, and which structures hold it together."""

    __tablename__ = "funding_grant"
    __table_args__ = (
        bounded("during", "funding_grant_has_both_days"),
        sa.CheckConstraint("closed_on >= lower(during)", name="funding_grant_closes_once_begun"),
    )

    funder: Mapped[str]
    name: Mapped[str]
    reference: Mapped[str | None]
    """The number that the funder gave it."""
    during: Mapped[Range[dt.date]]
    closed_on: Mapped[dt.date | None]
    """The accounts are sent: nothing is charged to it, taken off it or changed any more."""
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    shares: Mapped[list["GrantShare"]] = relationship(order_by="GrantShare.id", lazy="raise")
    actions: Mapped[list["FundedAction"]] = relationship(
        order_by="FundedAction.id", back_populates="grant", lazy="raise"
    )

    @property
    def first_day(self) -> dt.date:
        assert self.during.lower is not None  # noqa: S101, the table keeps both ends
        return self.during.lower

    @property
    def last_day(self) -> dt.date:
        assert self.during.upper is not None  # noqa: S101
        return self.during.upper - dt.timedelta(days=1)

    @property
    def is_closed(self) -> bool:
        return self.closed_on is not None

    @property
    def holder_ids(self) -> set[int]:
        return {share.structure_id for share in self.shares}

    def pays_on(self, day: dt.date) -> bool:
        return not self.is_closed and day in self.during


class GrantShare(Base):
    """A structure that holds the grant; its time may be charged to it."""

    __tablename__ = "grant_share"
    __table_args__ = (
        sa.UniqueConstraint("grant_id", "structure_id", name="grant_share_once"),
        sa.CheckConstraint("percent > 0 AND percent <= 100", name="grant_share_is_a_part"),
        sa.Index(None, "structure_id"),
    )

    grant_id: Mapped[int] = mapped_column(sa.ForeignKey("funding_grant.id"))
    structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"))
    percent: Mapped[Decimal | None]

    structure: Mapped[Structure] = relationship(lazy="raise")


class FundedAction(Base):
    """One line of a grant, with what it pays for at most."""

    __tablename__ = "funded_action"
    __table_args__ = (
        one_of("mode", ActionMode, "funded_action_mode_known"),
        sa.Index("funded_action_label_once", "grant_id", sa.text("lower(label)"), unique=True),
        sa.CheckConstraint("total_minutes > 0", name="funded_action_total_positive"),
        sa.CheckConstraint(
            "person_minutes > 0 AND person_minutes <= coalesce(total_minutes, person_minutes)",
            name="funded_action_person_within_total",
        ),
        sa.CheckConstraint("total_half_days > 0", name="funded_action_half_days_positive"),
        sa.CheckConstraint(
            "person_half_days > 0 "
            "AND person_half_days <= coalesce(total_half_days, person_half_days)",
            name="funded_action_half_days_within_total",
        ),
    )

    grant_id: Mapped[int] = mapped_column(sa.ForeignKey("funding_grant.id"))
    label: Mapped[str]
    mode: Mapped[str]
    total_minutes: Mapped[int | None] = mapped_column(sa.Integer)
    """Of sessions, each counted once whatever the number of people."""
    person_minutes: Mapped[int | None] = mapped_column(sa.Integer)
    """Received by one person."""
    total_half_days: Mapped[int | None] = mapped_column(sa.Integer)
    person_half_days: Mapped[int | None] = mapped_column(sa.Integer)

    grant: Mapped[Grant] = relationship(back_populates="actions", lazy="raise")


class SupportCharge(Base):
    """A session of support that a funded action pays. Each session has one at most."""

    __tablename__ = "support_charge"
    __table_args__ = (
        sa.UniqueConstraint("visit_id", name="support_charge_of_visit_once"),
        sa.UniqueConstraint("slot_id", name="support_charge_of_slot_once"),
        sa.CheckConstraint(
            "num_nonnulls(visit_id, slot_id) = 1", name="support_charge_of_one_session"
        ),
        sa.Index(None, "action_id"),
    )

    action_id: Mapped[int] = mapped_column(sa.ForeignKey("funded_action.id"))
    visit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("visit.id"))
    slot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("workshop_slot.id"))
    reason: Mapped[str | None]
    """Why it went beyond what the action pays."""
    charged_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    charged_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    action: Mapped[FundedAction] = relationship(lazy="raise")
    charged_by: Mapped[Person] = relationship(lazy="raise")


class ChargedAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette séance vient d'être imputée à une action : une heure ne compte qu'une fois. "
            "Rechargez la page pour voir laquelle."
        )
        super().__init__(Reason("charged_already", sentence))


class OutsideGrant(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Ce jour n'est pas dans la période du financement qui paie cette séance. Changez la "
            "date, ou retirez d'abord l'imputation."
        )
        super().__init__(Reason("outside_grant", sentence))


class NotHeld(Conflict):
    def __init__(self) -> None:
        sentence = N_("Seule une séance qui a eu lieu s'impute. Notez d'abord qu'elle a eu lieu.")
        super().__init__(Reason("not_held", sentence))


class NoShare(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Ce temps est celui d'une structure qui ne porte pas ce financement. Choisissez une "
            "autre action, ou ajoutez la structure au financement."
        )
        super().__init__(Reason("no_share", sentence))


class GrantClosed(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Ce financement est clos : ses comptes ne changent plus. Une coordination peut le "
            "rouvrir."
        )
        super().__init__(Reason("grant_closed", sentence))


class KeepsItsCharges(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Des séances imputées seraient hors du financement ainsi changé. Gardez ces jours et "
            "ces structures, ou déplacez d'abord ces séances."
        )
        super().__init__(Reason("keeps_its_charges", sentence))


class LabelTaken(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce financement a déjà une action de ce nom. Choisissez un autre nom.")
        super().__init__(Reason("label_taken", sentence, field="label"))


promise("support_charge_of_visit_once", ChargedAlready)
promise("support_charge_of_slot_once", ChargedAlready)
promise("fk_support_charge_slot_id_workshop_slot", NotHeld)
promise("support_charge_within_grant", OutsideGrant)
promise("support_charge_once_held", NotHeld)
promise("support_charge_of_a_holder", NoShare)
promise("funding_grant_closed", GrantClosed)
promise("funding_grant_keeps_its_charges", KeepsItsCharges)
promise("funded_action_label_once", LabelTaken)
