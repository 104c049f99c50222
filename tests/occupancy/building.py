"""Plots and claims for tests."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.occupancy.forms import ClaimForm
from couveuse.occupancy.models import PlotPeriod, Stay, stay_person
from couveuse.people.models import Person
from couveuse.plots.models import Plot, plot_right
from couveuse.structures.models import LandRight, Site

D = dt.date
LONG_AGO = D(2020, 1, 1)
_numbers = count(1)


async def make_plot(
    db: AsyncSession,
    site: Site,
    *,
    start: dt.date = LONG_AGO,
    end: dt.date | None = None,
    rights: Sequence[LandRight] = (),
    **fields: Any,
) -> Plot:
    fields.setdefault("code", f"P-{next(_numbers)}")
    fields.setdefault("declared_m2", Decimal(1000))
    plot = Plot(site_id=site.id, during=Range(start, end), **fields)
    db.add(plot)
    await db.flush()
    for right in rights:
        await db.execute(sa.insert(plot_right).values(plot_id=plot.id, land_right_id=right.id))
    return plot


async def make_right(
    db: AsyncSession, site: Site, start: dt.date, end: dt.date | None, **fields: Any
) -> LandRight:
    right = LandRight(
        structure_id=fields.pop("structure_id", site.structure_id),
        site_id=site.id,
        form="owned",
        during=Range(start, end),
        **fields,
    )
    db.add(right)
    await db.flush()
    return right


async def make_claim(
    db: AsyncSession,
    plot: Plot,
    author: Person,
    start: dt.date,
    end: dt.date | None,
    *people: Person,
    kind: str = "stay",
    stay_id: int | None = None,
) -> PlotPeriod:
    """``end`` is the first day after."""
    if people and stay_id is None:
        stay = Stay()
        db.add(stay)
        await db.flush()
        rows = [{"stay_id": stay.id, "person_id": person.id} for person in people]
        await db.execute(sa.insert(stay_person), rows)
        stay_id = stay.id
    period = PlotPeriod(
        plot_id=plot.id,
        during=Range(start, end),
        kind=kind,
        stay_id=stay_id,
        created_by_id=author.id,
    )
    db.add(period)
    await db.flush()
    return period


def asked(starts_on: dt.date, ends_on: dt.date | None, **fields: Any) -> ClaimForm:
    """A claim form; ``ends_on`` is the last day."""
    fields.setdefault("kind", "stay")
    return ClaimForm(starts_on=starts_on, ends_on=ends_on, **fields)


async def days_of_plots(db: AsyncSession, *plots: Plot) -> list[tuple[int, str, dt.date, Any]]:
    rows = await db.execute(
        sa.select(
            PlotPeriod.plot_id,
            PlotPeriod.kind,
            sa.func.lower(PlotPeriod.during),
            sa.func.upper(PlotPeriod.during),
        )
        .where(PlotPeriod.plot_id.in_([plot.id for plot in plots]))
        .order_by(sa.func.lower(PlotPeriod.during), PlotPeriod.plot_id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]
