"""Claims one by one, and the history of one plot."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.occupancy.claims import PEOPLE
from couveuse.occupancy.models import PlotPeriod, Stay
from couveuse.plots.models import Plot, PlotLineage
from couveuse.plots.policy import visible_plots


async def get_period(db: AsyncSession, actor: Actor, period_id: int) -> PlotPeriod:
    """A claim with its plot, site, rights and people. Raises NotVisible."""
    period = await db.scalar(
        sa.select(PlotPeriod)
        .join(PlotPeriod.plot)
        .join(Plot.site)
        .where(PlotPeriod.id == period_id, visible_plots(actor))
        .options(
            contains_eager(PlotPeriod.plot).options(
                contains_eager(Plot.site), selectinload(Plot.rights)
            ),
            joinedload(PlotPeriod.stay).selectinload(Stay.people),
        )
    )
    if period is None:
        raise NotVisible
    return period


async def find_by_once(db: AsyncSession, actor: Actor, once: str) -> PlotPeriod | None:
    """The claim that this form made already."""
    return await db.scalar(
        sa.select(PlotPeriod).where(
            PlotPeriod.created_by_id == actor.person_id, PlotPeriod.once == once
        )
    )


async def list_stay_claims(db: AsyncSession, stay_id: int, kind: str) -> Sequence[PlotPeriod]:
    found = await db.scalars(
        sa.select(PlotPeriod)
        .where(PlotPeriod.stay_id == stay_id, PlotPeriod.kind == kind)
        .options(joinedload(PlotPeriod.plot, innerjoin=True))
        .order_by(sa.func.lower(PlotPeriod.during), PlotPeriod.plot_id)
    )
    return found.all()


async def list_claims_from(
    db: AsyncSession, plot_ids: Sequence[int], day: dt.date
) -> list[PlotPeriod]:
    """Claims that hold these plots on or after a day, earliest first."""
    found = await db.scalars(
        sa.select(PlotPeriod)
        .where(PlotPeriod.plot_id.in_(plot_ids), PlotPeriod.during.overlaps(Range(day, None)))
        .options(joinedload(PlotPeriod.stay).selectinload(Stay.people))
        .order_by(sa.func.lower(PlotPeriod.during), PlotPeriod.plot_id)
    )
    return list(found)


async def list_sequels(db: AsyncSession, plot_id: int) -> dict[int, list[tuple[int, str]]]:
    """For claims of a plot cut when it was divided or merged: where they go on, by old claim.

    Each with its id and the code of its plot.
    """
    sequel = aliased(PlotPeriod)
    rows = await db.execute(
        sa.select(PlotPeriod.id, sequel.id, Plot.code)
        .join(PlotLineage, PlotLineage.parent_id == PlotPeriod.plot_id)
        .join(sequel, sequel.plot_id == PlotLineage.child_id)
        .join(Plot, Plot.id == sequel.plot_id)
        .where(
            PlotPeriod.plot_id == plot_id,
            sa.func.upper(PlotPeriod.during) == PlotLineage.happened_on,
            sa.func.lower(sequel.during) == PlotLineage.happened_on,
            sequel.kind == PlotPeriod.kind,
            sequel.stay_id.is_not_distinct_from(PlotPeriod.stay_id),
        )
        .order_by(sa.func.length(Plot.code), Plot.code)
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for old_id, new_id, code in rows:
        found.setdefault(old_id, []).append((new_id, code))
    return found


@dataclass(frozen=True, slots=True)
class Past:
    """One claim of a plot's history, along its lineage."""

    id: int
    plot_id: int
    plot: str
    kind: str
    during: Range[dt.date]
    stay_id: int | None
    reason: str | None
    planned_end_on: dt.date | None
    end_reason: str | None
    who: str | None


async def list_history(db: AsyncSession, plot_id: int) -> list[Past]:
    """All claims of the ground: the plot's, and those of the plots it came from, earliest first."""
    origin = sa.select(sa.literal(plot_id, sa.BigInteger).label("id")).cte("origin", recursive=True)
    origin = origin.union(
        sa.select(PlotLineage.parent_id).join(origin, PlotLineage.child_id == origin.c.id)
    )
    rows = await db.execute(
        sa.select(
            PlotPeriod.id,
            PlotPeriod.plot_id,
            Plot.code,
            PlotPeriod.kind,
            PlotPeriod.during,
            PlotPeriod.stay_id,
            PlotPeriod.reason,
            PlotPeriod.planned_end_on,
            PlotPeriod.end_reason,
            PEOPLE,
        )
        .join(Plot, Plot.id == PlotPeriod.plot_id)
        .where(PlotPeriod.plot_id.in_(sa.select(origin.c.id)))
        .order_by(sa.func.lower(PlotPeriod.during), PlotPeriod.plot_id)
    )
    return [Past(*row) for row in rows]


async def list_relatives(db: AsyncSession, plot_id: int) -> list[tuple[str, dt.date, int, str]]:
    """Plots that this one came from or became: ``from`` or ``to``, day, id and code."""
    rows = await db.execute(
        sa.select(
            sa.case((PlotLineage.child_id == plot_id, "from"), else_="to"),
            PlotLineage.happened_on,
            Plot.id,
            Plot.code,
        )
        .join(
            Plot,
            sa.or_(
                sa.and_(PlotLineage.child_id == plot_id, Plot.id == PlotLineage.parent_id),
                sa.and_(PlotLineage.parent_id == plot_id, Plot.id == PlotLineage.child_id),
            ),
        )
        .order_by(PlotLineage.happened_on, Plot.code)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


async def list_neighbours(db: AsyncSession, actor: Actor, plot: Plot) -> list[tuple[int, str]]:
    """Other plots of the site in service today, as the options of a list."""
    rows = await db.execute(
        sa.select(Plot.id, Plot.code)
        .where(
            visible_plots(actor),
            Plot.site_id == plot.site_id,
            Plot.id != plot.id,
            Plot.during.contains(clock.today()),
        )
        .order_by(sa.func.length(Plot.code), Plot.code)
    )
    return [(row[0], row[1]) for row in rows]
