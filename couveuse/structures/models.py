"""The partner structures of the network, equal members, and the sites where people test.

A structure joins and leaves on a date; a site closes on a date. Nothing is deleted, since
bookings, agreements and figures of past years still name them.
"""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from couveuse.core import clock
from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_


class SiteKind(StrEnum):
    PERMANENT = "permanent"
    TEMPORARY = "temporary"


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
        return self.closed_on is None or self.closed_on > clock.today()


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


promise("structure_name_once", StructureNameTaken)
promise("site_name_once", SiteNameTaken)
