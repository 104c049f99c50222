"""Plots of land and what stays with them.

A plot exists from a day on; splitting or merging ends it and begins others, and the lineage says
which came from which, so that past figures keep their ground. What happens to the land (soil tests,
inputs, crops, works) is written on the plot and stays with it when its occupant leaves.
"""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.plots.organic import STAGES, OrganicDates, organic_dates, organic_stage
from couveuse.structures.models import LandRight, Site, starts

GAP_PERCENT = 5
"""Below, a declared area and its outline agree."""


class LineageKind(StrEnum):
    SPLIT = "split"
    MERGE = "merge"


class LandEventKind(StrEnum):
    SOIL_TEST = "soil_test"
    INPUT = "input"
    CROP = "crop"
    COVER = "cover"
    INCIDENT = "incident"
    REST = "rest"
    WORKS = "works"
    DOCUMENT = "document"
    OBSERVATION = "observation"


plot_right = sa.Table(
    "plot_right",
    Base.metadata,
    sa.Column("plot_id", sa.BigInteger, sa.ForeignKey("plot.id"), primary_key=True),
    sa.Column(
        "land_right_id", sa.BigInteger, sa.ForeignKey("land_right.id"), primary_key=True, index=True
    ),
)


class Plot(Base):
    __tablename__ = "plot"
    __table_args__ = (
        sa.Index("plot_code_once", sa.text("lower(code)"), unique=True),
        starts("plot_has_a_start"),
        sa.CheckConstraint(
            "area_m2 > 0 AND declared_m2 > 0 AND cultivable_m2 >= 0 AND covered_m2 >= 0 "
            "AND tunnels >= 0 AND beds >= 0",
            name="plot_sizes_not_negative",
        ),
        sa.CheckConstraint(
            "cultivable_m2 <= coalesce(declared_m2, area_m2) "
            "AND covered_m2 <= coalesce(declared_m2, area_m2)",
            name="plot_parts_within_area",
        ),
    )

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), index=True)
    code: Mapped[str]
    name: Mapped[str | None]
    during: Mapped[Range[dt.date]]
    """In service: from its first day to a split, a merge or the end of its use."""
    outline: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """GeoJSON geometry in WGS 84, Polygon or MultiPolygon."""
    area_m2: Mapped[Decimal | None]
    """Geodesic area of the outline."""
    declared_m2: Mapped[Decimal | None]
    cultivable_m2: Mapped[Decimal | None]
    covered_m2: Mapped[Decimal] = mapped_column(server_default="0")
    tunnels: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    beds: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    bed_length_m: Mapped[Decimal | None]
    bed_width_m: Mapped[Decimal | None]
    soil: Mapped[str | None]
    water: Mapped[str | None]
    has_water: Mapped[bool] = mapped_column(server_default=sa.false())
    has_power: Mapped[bool] = mapped_column(server_default=sa.false())
    has_fence: Mapped[bool] = mapped_column(server_default=sa.false())
    access: Mapped[str | None]
    forbidden: Mapped[str | None]
    """Practices that are forbidden here."""
    features: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    insee_code: Mapped[str | None]
    conversion_on: Mapped[dt.date | None]
    """Start of organic conversion (notification and contract); the stage is computed from it."""
    certifier: Mapped[str | None]
    certified_until: Mapped[dt.date | None]
    notes: Mapped[str | None]

    site: Mapped[Site] = relationship(lazy="raise")
    rights: Mapped[list[LandRight]] = relationship(secondary=plot_right, lazy="raise")
    parcels: Mapped[list["PlotParcel"]] = relationship(
        lazy="raise", order_by="PlotParcel.reference", cascade="all, delete-orphan"
    )

    @property
    def size_m2(self) -> Decimal:
        """The area that figures count: the declared one, else that of the outline."""
        return self.declared_m2 or self.area_m2 or Decimal(0)

    @property
    def label(self) -> str:
        return f"{self.code} · {self.name}" if self.name else self.code

    @property
    def last_day(self) -> dt.date | None:
        return self.during.upper - dt.timedelta(days=1) if self.during.upper else None

    @property
    def organic(self) -> OrganicDates | None:
        """What its conversion makes possible, and from when; None when it has not begun."""
        return organic_dates(self.conversion_on)

    def organic_stage(self, day: dt.date, *, perennial: bool = False) -> str:
        """In words, a marked sentence."""
        return STAGES[organic_stage(self.conversion_on, day, perennial=perennial)]

    @property
    def area_gap(self) -> int | None:
        """By how many percent the outline differs from the declared area, when that matters."""
        if not self.area_m2 or not self.declared_m2:
            return None
        gap = round((self.area_m2 - self.declared_m2) * 100 / self.declared_m2)
        return gap if abs(gap) >= GAP_PERCENT else None


class PlotParcel(Base):
    """A cadastral parcel that the plot covers, whole or in part."""

    __tablename__ = "plot_parcel"
    __table_args__ = (
        sa.UniqueConstraint("plot_id", "reference", name="plot_parcel_once"),
        sa.CheckConstraint("length(reference) = 14", name="plot_parcel_reference_whole"),
        sa.CheckConstraint("area_m2 > 0", name="plot_parcel_area_positive"),
    )

    plot_id: Mapped[int] = mapped_column(sa.ForeignKey("plot.id", ondelete="CASCADE"))
    reference: Mapped[str]
    area_m2: Mapped[Decimal | None]


class PlotLineage(Base):
    """One plot came from another, on a day."""

    __tablename__ = "plot_lineage"
    __table_args__ = (
        sa.UniqueConstraint("parent_id", "child_id", name="plot_lineage_once"),
        one_of("kind", LineageKind, "plot_lineage_kind_known"),
        sa.CheckConstraint("parent_id <> child_id", name="plot_lineage_no_loop"),
    )

    parent_id: Mapped[int] = mapped_column(sa.ForeignKey("plot.id"))
    child_id: Mapped[int] = mapped_column(sa.ForeignKey("plot.id"), index=True)
    kind: Mapped[str]
    happened_on: Mapped[dt.date]


class LandEvent(Base):
    """Something that happened to the land. Stays with the plot, except what is personal."""

    __tablename__ = "land_event"
    __table_args__ = (
        one_of("kind", LandEventKind, "land_event_kind_known"),
        sa.CheckConstraint("ends_on >= happened_on", name="land_event_dates_in_order"),
        sa.Index("ix_land_event_plot_day", "plot_id", "happened_on"),
    )

    plot_id: Mapped[int] = mapped_column(sa.ForeignKey("plot.id"))
    happened_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    kind: Mapped[str]
    title: Mapped[str]
    details: Mapped[str | None]
    crop: Mapped[str | None]
    family: Mapped[str | None]
    """Botanical family of the crop: rotation follows the land, not the person."""
    quantity: Mapped[Decimal | None]
    unit: Mapped[str | None]
    document: Mapped[str | None]
    is_personal: Mapped[bool] = mapped_column(server_default=sa.false())
    """Not handed to the next occupant."""
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())


class PlotCodeTaken(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce code est déjà celui d'une autre parcelle. Choisissez-en un autre.")
        super().__init__(Reason("plot_code_taken", sentence, field="code"))


class PartsBeyondArea(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "La surface cultivable ou couverte dépasse celle de la parcelle. "
            "Corrigez l'une ou l'autre."
        )
        super().__init__(Reason("parts_beyond_area", sentence, field="cultivable_m2"))


class PlotStillHeld(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "La parcelle est encore occupée au-delà de ces dates. Terminez d'abord ses occupations."
        )
        super().__init__(Reason("plot_still_held", sentence, field="last_day"))


class PlotDivided(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette parcelle a été divisée ou réunie à d'autres : son premier et son dernier jour "
            "ne changent plus."
        )
        super().__init__(Reason("plot_divided", sentence, field="starts_on"))


promise("plot_lineage_keeps_days", PlotDivided)
promise("plot_service_covers_claims", PlotStillHeld)
promise("plot_code_once", PlotCodeTaken)
promise("plot_parts_within_area", PartsBeyondArea)
