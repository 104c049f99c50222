"""Who is on the ground of a site from a day on."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.i18n import N_
from couveuse.occupancy.models import HELD_BY_PEOPLE, PlotPeriod
from couveuse.plots.models import Plot
from couveuse.structures.queries import Resting, Thing, rests_on_sites

HELD = N_(
    "Des parcelles y sont encore tenues ce jour-là ou après (%(n)s) : %(names)s. "
    "Terminez d'abord ces séjours et réservations, ou choisissez un jour plus tard."
)


@rests_on_sites
async def plots_held(db: AsyncSession, site_ids: Sequence[int], day: dt.date) -> Resting:
    """Plots where somebody stays or is to come."""
    held = sa.exists().where(
        PlotPeriod.plot_id == Plot.id,
        PlotPeriod.kind.in_(HELD_BY_PEOPLE),
        PlotPeriod.during.overlaps(Range(day, None)),
    )
    plots = await db.scalars(
        sa.select(Plot).where(Plot.site_id.in_(site_ids), held).order_by(Plot.code, Plot.id)
    )
    things = [Thing(one.label, "occupancy.plots.show", {"plot_id": one.id}) for one in plots]
    return Resting(N_("Parcelles tenues"), things, HELD)
