"""The claim as the person saw it, now that its plot is locked."""

import hashlib

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Conflict, Reason
from couveuse.core.i18n import N_
from couveuse.occupancy import claims
from couveuse.occupancy.models import PlotPeriod
from couveuse.plots.models import Plot


class Changed(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette occupation a changé entre-temps. Rechargez la page pour voir où elle en est."
        )
        super().__init__(Reason("changed", sentence))


def seen_as(period: PlotPeriod) -> str:
    """What a form shows of a claim, to notice that it changed since."""
    days = f"{period.during.lower}/{period.during.upper or ''}"
    remark = hashlib.sha256((period.reason or "").encode()).hexdigest()[:8]
    return f"{days}/{period.stay_id or ''}/{period.kind}/{remark}"


async def lock_as_seen(db: AsyncSession, period: PlotPeriod, seen: str | None) -> Plot:
    """Lock the plot and make sure that the claim is as the person saw it."""
    [plot] = await claims.lock_plots(db, [period.plot_id])
    await still_as_seen(db, period, seen)
    return plot


async def still_as_seen(db: AsyncSession, period: PlotPeriod, seen: str | None) -> None:
    """Read the claim again now that its plot is locked. Raises Changed when somebody was faster."""
    before = seen_as(period)
    if not await claims.fresh(db, [period]) or seen_as(period) != before:
        raise Changed
    if seen and seen != before:
        raise Changed
