"""Splitting and merging plots that somebody holds: the claims are cut at the day and go on.

The plots themselves are made by the slice of the land; this says what becomes of their claims,
under the same locks as every other claim.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.occupancy import claims, queries
from couveuse.occupancy.actions.telling import tell, tell_divided
from couveuse.occupancy.models import PlotPeriod
from couveuse.occupancy.rules import kind_name
from couveuse.occupancy.spans import DAY, said, start_of
from couveuse.plots.dividing import service_problems
from couveuse.plots.models import Plot
from couveuse.plots.queries import divided_on

MakePlots = Callable[[], Awaitable[Sequence[Plot]]]
"""Ends the old plots on the day and begins the new ones; called once their claims are cut."""


@atomic
async def divide_ground(
    db: AsyncSession,
    actor: Actor,
    plot: Plot,
    on: dt.date,
    make_parts: MakePlots,
    goes_on: Mapping[int, Collection[int]] | None = None,
) -> Sequence[Plot]:
    """Split a plot on a day while it is held; claims go on on the parts chosen, or on all.

    ``goes_on`` says for a claim the numbers of the parts (from 0) where it continues. Who holds it
    is told once, with the parts that are no longer theirs.
    """
    [plot] = await _lock(db, [plot.id], on)
    cut = await _cut_at(db, actor, {plot.id: plot}, on)
    parts = await make_parts()
    await claims.lock_plots(db, [part.id for part in parts])
    for old_id, claim in cut:
        chosen = (goes_on or {}).get(old_id) or range(len(parts))
        kept = [part for number, part in enumerate(parts) if number in chosen]
        held = [await _go_on(db, actor, "plot.claim_goes_on", part, claim) for part in kept]
        await tell_divided(
            db, actor, plot, held[0], kept, [one for one in parts if one not in kept]
        )
    return parts


@atomic
async def join_ground(
    db: AsyncSession, actor: Actor, plots: Sequence[Plot], on: dt.date, make_whole: MakePlots
) -> Plot:
    """Merge plots on a day. Refused while their claims differ: who holds one does not get all."""
    locked = await _lock(db, [plot.id for plot in plots], on)
    await _refuse_unless_alike(db, locked, on)
    cut = await _cut_at(db, actor, {plot.id: plot for plot in locked}, on)
    [whole] = await make_whole()
    await claims.lock_plots(db, [whole.id])
    seen: set[tuple[Any, ...]] = set()
    for _, claim in cut:
        key = (claim["kind"], claim["stay_id"], claim["during"])
        if key not in seen:
            seen.add(key)
            await _go_on(db, actor, "plot.claim_joined", whole, claim)
    return whole


async def _lock(db: AsyncSession, plot_ids: Collection[int], on: dt.date) -> list[Plot]:
    """Lock the plots; each must be in service before the day and after it, and whole."""
    locked = await claims.lock_plots(db, plot_ids)
    if reasons := service_problems(locked, on, await divided_on(db, plot_ids)):
        raise Refused(*reasons)
    return locked


async def _cut_at(
    db: AsyncSession, actor: Actor, plots: Mapping[int, Plot], on: dt.date
) -> list[tuple[int, dict[str, Any]]]:
    """End claims the day before, take out those to come; what is to go on, by old claim."""
    cut: list[tuple[int, dict[str, Any]]] = []
    for period in await queries.list_claims_from(db, list(plots), on):
        cut.append((period.id, _rest_of(period, on)))
        if start_of(period.during) < on:
            await claims.reshape(db, period, Range(period.during.lower, on))
            period.planned_end_on = period.end_reason = None
            await tell(db, actor, "plot.claim_cut", plots[period.plot_id], period)
        else:
            await claims.free(db, period)
    return cut


def _rest_of(period: PlotPeriod, on: dt.date) -> dict[str, Any]:
    return {
        "kind": period.kind,
        "stay_id": period.stay_id,
        "during": Range(max(start_of(period.during), on), period.during.upper),
        "reason": period.reason,
        "planned_end_on": period.planned_end_on,
        "end_reason": period.end_reason,
        "created_by_id": period.created_by_id,
    }


async def _go_on(
    db: AsyncSession, actor: Actor, verb: str, plot: Plot, claim: Mapping[str, Any]
) -> PlotPeriod:
    period = await claims.hold(db, plot, **claim)
    await tell(db, actor, verb, plot, period)
    return period


async def _refuse_unless_alike(db: AsyncSession, plots: Sequence[Plot], on: dt.date) -> None:
    """After the day every plot must be held by the same stay (or for the same) on the same days."""
    held: dict[int, set[tuple[Any, ...]]] = {plot.id: set() for plot in plots}
    by_claim: dict[tuple[Any, ...], list[PlotPeriod]] = defaultdict(list)
    for period in await queries.list_claims_from(db, list(held), on):
        rest = _rest_of(period, on)
        key = (rest["kind"], rest["stay_id"], rest["during"])
        held[period.plot_id].add(key)
        by_claim[key].append(period)
    codes = {plot.id: plot.code for plot in plots}
    reasons = [
        _differs(codes, some[0], [codes[key] for key in held if claim not in held[key]], on)
        for claim, some in by_claim.items()
        if any(claim not in keys for keys in held.values())
    ]
    if reasons:
        raise Refused(*reasons)


def _differs(
    codes: Mapping[int, str], period: PlotPeriod, others: Sequence[str], on: dt.date
) -> Reason:
    names = ", ".join(one.name for one in period.stay.people) if period.stay else ""
    return Reason(
        "claims_differ",
        N_(
            "%(plot)s est tenue %(dates)s (%(kind)s), mais pas %(others)s aux mêmes dates. "
            "Finissez cette occupation avant le %(day)s, ou notez-la sur toutes les parcelles."
        ),
        {
            "plot": codes[period.plot_id],
            "dates": said(period.during),
            "kind": f"{kind_name(period.kind).lower()} {names}".strip(),
            "others": ", ".join(others),
            "day": on - DAY,
        },
    )
