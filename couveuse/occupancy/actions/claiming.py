"""Claiming ground."""

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Refused
from couveuse.occupancy import claims, queries
from couveuse.occupancy.actions.telling import tell
from couveuse.occupancy.forms import ClaimForm
from couveuse.occupancy.models import OnceReusedForGround, PlotPeriod
from couveuse.plots.models import Plot


async def claim_ground(db: AsyncSession, actor: Actor, plot: Plot, asked: ClaimForm) -> PlotPeriod:
    """Hold a plot from a first to a last day, for people or for what the land needs.

    Raises Refused with every reason. The same form sent twice (same ``once``) finds the first
    result; with other content it is refused.
    """
    try:
        return await _claim_ground(db, actor, plot.id, asked)
    except Refused:
        if asked.once and (first := await queries.find_by_once(db, actor, asked.once)):
            if first.once_digest != asked.digest(plot.id):
                raise OnceReusedForGround from None
            return first
        raise


@atomic
async def _claim_ground(
    db: AsyncSession, actor: Actor, plot_id: int, asked: ClaimForm
) -> PlotPeriod:
    during, people = asked.during(), asked.people()
    [plot] = await claims.lock_plots(db, [plot_id])
    unknown = await claims.unknown_people(db, actor, people)
    await claims.refuse_unless_free(db, plot, asked.kind, during, people, unknown=unknown)
    period = await claims.hold(
        db,
        plot,
        kind=asked.kind,
        during=during,
        stay_id=await claims.stay_for(db, people, during) if people else None,
        reason=asked.reason,
        created_by_id=actor.person_id,
        once=asked.once,
        once_digest=asked.digest(plot_id) if asked.once else None,
    )
    await tell(db, actor, "plot.claimed", plot, period, reason=asked.reason)
    return period
