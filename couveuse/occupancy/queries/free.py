"""Free ground for a project."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE, Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.occupancy.figures import Ground
from couveuse.occupancy.forms import SearchForm
from couveuse.occupancy.models import PlotPeriod
from couveuse.occupancy.queries.board import FEATURES, PLOTS, SIZE
from couveuse.occupancy.search import Candidate
from couveuse.plots.models import Plot, plot_right
from couveuse.plots.policy import visible_plots
from couveuse.structures.models import LandRight, Site, SiteKind


async def list_candidates(
    db: AsyncSession, actor: Actor, asked: SearchForm, day: dt.date
) -> list[Candidate]:
    """Plots in service on or after a day that have what is asked for, with what holds them."""
    ahead = Range(day, None)
    taken = (
        sa.select(sa.func.range_agg(PlotPeriod.during))
        .where(PlotPeriod.plot_id == Plot.id, PlotPeriod.during.overlaps(ahead))
        .correlate(Plot)
        .scalar_subquery()
    )
    rights = (
        sa.select(sa.func.range_agg(LandRight.during))
        .join(plot_right, plot_right.c.land_right_id == LandRight.id)
        .where(plot_right.c.plot_id == Plot.id)
        .correlate(Plot)
        .scalar_subquery()
    )
    statement = PLOTS.add_columns(
        Plot.water,
        Plot.has_power,
        Plot.has_fence,
        Plot.conversion_on,
        sa.type_coerce(rights, DATEMULTIRANGE),
        sa.type_coerce(taken, DATEMULTIRANGE),
    ).where(visible_plots(actor), Plot.during.overlaps(ahead), *_wanted(asked))
    rows = await db.execute(statement, {"today": clock.today()})
    known = len(Ground._fields)
    return [Candidate(Ground._make(row[:known]), *row[known:]) for row in rows]


def _wanted(asked: SearchForm) -> list[Any]:
    found: list[Any] = []
    if asked.surface_min:
        found.append(sa.literal(asked.surface_min) <= SIZE)
    if asked.surface_max:
        found.append(sa.literal(asked.surface_max) >= SIZE)
    if asked.abri_min:
        found.append(Plot.covered_m2 >= asked.abri_min)
    if asked.lieu:
        found.append(Plot.site_id == asked.lieu)
    elif not asked.temporaires:
        found.append(Site.kind != SiteKind.TEMPORARY)
    needs = {"eau": asked.eau, "electricite": asked.electricite, "cloture": asked.cloture}
    return found + [FEATURES[name] for name, needed in needs.items() if needed]
