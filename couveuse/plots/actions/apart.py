"""Plots in service on the same days stand on ground of their own."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Refused
from couveuse.core.geo import Outline
from couveuse.plots.models import Plot
from couveuse.plots.sharing import Drawn, shared_ground

OUTLINE_LOCK = 0x6F75746C
"""Of two who draw on the same ground at once, the second sees the first."""


async def lock_outlines(db: AsyncSession) -> None:
    """One outline is written at a time. To be called before plots are locked."""
    await db.execute(sa.select(sa.func.pg_advisory_xact_lock(OUTLINE_LOCK)))


async def refuse_shared_ground(
    db: AsyncSession, outline: Outline, during: Range[dt.date], own: Plot | None = None
) -> None:
    """Raises Refused, with each plot whose ground the outline would take."""
    taken = sa.select(Plot.code, Plot.outline, Plot.during).where(
        Plot.outline.is_not(None), Plot.during.overlaps(during)
    )
    if own is not None:
        taken = taken.where(Plot.id != own.id)
    others = [Drawn(*row) for row in await db.execute(taken.order_by(Plot.id))]
    code = own.code if own is not None else ""
    if shared := shared_ground(Drawn(code, outline, during), others):
        raise Refused(*(one.reason for one in shared))
