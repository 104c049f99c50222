"""Who holds each plot of a site or under a right, until when, on one line."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_, translated
from couveuse.occupancy.claims import PEOPLE
from couveuse.occupancy.models import PeriodKind, PlotPeriod
from couveuse.occupancy.rules import kind_name
from couveuse.occupancy.spans import Run, as_runs, end_of, start_of
from couveuse.plots.models import Plot, plot_right
from couveuse.plots.policy import visible_plots
from couveuse.structures.queries import PlotLine, tells_plots

HELD = N_("%(who)s, jusqu'au %(day)s")
HELD_ON = N_("%(who)s, sans fin connue")
FREE = N_("Libre")
FREE_BEFORE = N_("Libre, puis %(who)s dès le %(day)s")
TO_COME = N_("En service à partir du %(day)s")
OVER = N_("Plus en service depuis le %(day)s")


@tells_plots
async def list_plot_lines(
    db: AsyncSession, actor: Actor, site_id: int | None, right_id: int | None
) -> list[PlotLine]:
    """By code; who holds what is read for all of them at once."""
    plots = await _list_plots(db, actor, site_id, right_id)
    today = clock.today()
    claims = await _list_claims(db, [plot.id for plot in plots], today)
    return [_line(plot, as_runs(claims[plot.id]), today) for plot in plots]


async def _list_plots(
    db: AsyncSession, actor: Actor, site_id: int | None, right_id: int | None
) -> Sequence[Plot]:
    query = (
        sa.select(Plot)
        .where(visible_plots(actor))
        .order_by(sa.func.length(Plot.code), Plot.code, Plot.id)
    )
    if site_id:
        query = query.where(Plot.site_id == site_id)
    if right_id:
        query = query.join(plot_right).where(plot_right.c.land_right_id == right_id)
    return (await db.scalars(query)).all()


async def _list_claims(
    db: AsyncSession, plot_ids: Sequence[int], day: dt.date
) -> defaultdict[int, list[Any]]:
    """By plot, what holds it on the day or later."""
    rows = await db.execute(
        sa.select(
            PlotPeriod.plot_id,
            PlotPeriod.kind,
            PlotPeriod.during,
            PlotPeriod.stay_id,
            PEOPLE.label("who"),
        ).where(PlotPeriod.plot_id.in_(plot_ids), PlotPeriod.during.overlaps(Range(day, None)))
    )
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.plot_id].append(row)
    return found


def _line(plot: Plot, runs: Sequence[Run], today: dt.date) -> PlotLine:
    said, is_free = _said(plot, runs, today)
    return PlotLine(
        id=plot.id,
        label=plot.label,
        size_m2=plot.size_m2,
        insee_code=plot.insee_code,
        said=said,
        is_free=is_free,
        is_over=end_of(plot.during) <= today,
    )


def _said(plot: Plot, runs: Sequence[Run], today: dt.date) -> tuple[str, bool]:
    """In words, and whether the plot is free today."""
    if end_of(plot.during) <= today:
        return translated(OVER, {"day": plot.during.upper}), False
    if start_of(plot.during) > today:
        return translated(TO_COME, {"day": plot.during.lower}), False
    if not runs:
        return translated(FREE), True
    values = {"who": _who(runs[0]), "day": start_of(runs[0].during)}
    if start_of(runs[0].during) > today:
        return translated(FREE_BEFORE, values), True
    last = runs[0].last_day
    return translated(HELD if last else HELD_ON, values | {"day": last}), False


def _who(run: Run) -> str:
    kind, who = kind_name(run.kind), run.claims[-1].who
    if who is None:
        return kind
    return who if run.kind == PeriodKind.STAY else f"{who} ({kind.lower()})"
