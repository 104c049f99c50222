"""Other dates, an early end, a cancellation, a reservation that becomes a stay."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.occupancy import claims, queries
from couveuse.occupancy.actions.seen import Changed, lock_as_seen, still_as_seen
from couveuse.occupancy.actions.telling import tell
from couveuse.occupancy.forms import (
    CancellationForm,
    ConfirmationForm,
    DatesForm,
    EarlyEndForm,
)
from couveuse.occupancy.models import HELD_BY_PEOPLE, PeriodKind, PlotPeriod
from couveuse.occupancy.policy import is_in_charge
from couveuse.occupancy.spans import DAY, as_runs, end_of, last_day_of, start_of
from couveuse.plots.models import Plot


@dataclass(frozen=True, slots=True)
class Freed:
    """Days that an early end gives back."""

    plot: Plot
    during: Range[dt.date]


@atomic
async def change_dates(
    db: AsyncSession, actor: Actor, period: PlotPeriod, asked: DatesForm
) -> None:
    """Extend, shorten or move a claim; every rule is looked at again."""
    during = asked.during()
    plot, before = await lock_as_seen(db, period, asked.seen), period.during
    people = [one.id for one in await claims.people_of(db, period.stay_id)]
    await claims.refuse_unless_free(db, plot, period.kind, during, people, besides=[period.id])
    if people:
        period.stay_id = await claims.stay_for(db, people, during, own=period.stay_id)
    await claims.reshape(db, period, during)
    period.planned_end_on = period.end_reason = None
    await tell(db, actor, "plot.claim_moved", plot, period, was=before)


@atomic
async def end_early(
    db: AsyncSession, actor: Actor, period: PlotPeriod, asked: EarlyEndForm
) -> list[Freed]:
    """End a claim on its last day, keep the planned one, and free the rest. Says what it frees.

    Claims of the stay that only go on after that day (renewals) are let go too; with
    ``all_plots``, those on its other plots as well.
    """
    stay = await _stay_claims(db, period) if asked.all_plots else []
    plots = {one.plot_id for one in stay} | {period.plot_id}
    locked = {plot.id: plot for plot in await claims.lock_plots(db, plots)}
    await still_as_seen(db, period, asked.seen)
    chosen = [
        one
        for one in await _stay_claims(db, period)
        if one.plot_id in locked and end_of(one.during) > asked.ends_on + DAY
    ]
    followers = _same_run(period, chosen) if not asked.all_plots else chosen
    if not any(one.id == period.id for one in followers) or not _began(period, asked.ends_on):
        raise Refused(_end_outside(period))
    touched = [locked[one.plot_id] for one in followers]
    if others := {plot.code for plot in touched if not is_in_charge(actor, plot)}:
        raise Refused(_not_in_charge(others))
    return [
        freed
        for one in followers
        for freed in await _cut(db, actor, locked[one.plot_id], one, followers, asked)
    ]


def _began(period: PlotPeriod, last_day: dt.date) -> bool:
    return start_of(period.during) <= last_day


def _end_outside(period: PlotPeriod) -> Reason:
    last = last_day_of(period.during)
    values = {"first": start_of(period.during), "last": last - DAY if last else None}
    if last is None:
        sentence = N_("Le dernier jour est à choisir à partir du %(first)s.")
    else:
        sentence = N_(
            "Le dernier jour est à choisir entre le %(first)s et le %(last)s. Pour aller plus "
            "loin, prolongez ; pour une occupation qui n'a pas commencé, annulez-la."
        )
    return Reason("end_outside", sentence, values, field="ends_on")


def _not_in_charge(plots: Collection[str]) -> Reason:
    sentence = N_(
        "Ce séjour tient aussi %(plots)s, dont une autre structure répond. Décochez « Sur toutes "
        "les parcelles », ou demandez à la coordination."
    )
    return Reason("not_in_charge", sentence, {"plots": ", ".join(sorted(plots))}, field="all_plots")


def _same_run(period: PlotPeriod, chosen: Sequence[PlotPeriod]) -> list[PlotPeriod]:
    """The claim with those of its stay that follow it without a gap on the same plot."""
    here = [one for one in chosen if one.plot_id == period.plot_id]
    later = [one for one in here if start_of(one.during) >= start_of(period.during)]
    if period.stay_id is None:
        return [one for one in later if one.id == period.id]
    runs = as_runs(later)
    return next((run.claims for run in runs if period in run.claims), [])


async def _cut(
    db: AsyncSession,
    actor: Actor,
    plot: Plot,
    period: PlotPeriod,
    together: Sequence[PlotPeriod],
    asked: EarlyEndForm,
) -> list[Freed]:
    before = period.during
    if start_of(before) > asked.ends_on:
        await tell(db, actor, "plot.claim_cancelled", plot, period, reason=asked.reason)
        await claims.free(db, period)
        return [Freed(plot, before)]
    if period.planned_end_on is None:
        same_plot = [one for one in together if one.plot_id == period.plot_id]
        period.planned_end_on = last_day_of(max((one.during for one in same_plot), key=end_of))
    await claims.reshape(db, period, Range(before.lower, asked.ends_on + DAY))
    period.end_reason = asked.reason or period.end_reason
    await tell(db, actor, "plot.claim_ended", plot, period, was=before, reason=asked.reason)
    return [Freed(plot, Range(asked.ends_on + DAY, before.upper))]


@atomic
async def cancel_claim(
    db: AsyncSession, actor: Actor, period: PlotPeriod, asked: CancellationForm
) -> None:
    """Let go of a claim to come. What has begun is ended, so that the history keeps it."""
    plot = await lock_as_seen(db, period, asked.seen)
    if start_of(period.during) <= clock.today():
        sentence = N_("Cette occupation a commencé. Choisissez son dernier jour au lieu d'annuler.")
        raise Refused(Reason("has_begun", sentence))
    await tell(db, actor, "plot.claim_cancelled", plot, period, reason=asked.reason)
    await claims.free(db, period)


@atomic
async def confirm_stay(
    db: AsyncSession, actor: Actor, period: PlotPeriod, asked: ConfirmationForm
) -> None:
    """Turn a reservation into a stay, with the people named there or now."""
    plot, during = await lock_as_seen(db, period, asked.seen), period.during
    if period.kind != PeriodKind.RESERVED:
        raise Changed
    people = asked.people() or {one.id for one in await claims.people_of(db, period.stay_id)}
    unknown = await claims.unknown_people(db, actor, people)
    await claims.refuse_unless_free(
        db, plot, PeriodKind.STAY, during, people, unknown=unknown, besides=[period.id]
    )
    if asked.people() or period.stay_id is None:
        period.stay_id = await claims.stay_for(db, people, during)
    period.kind = PeriodKind.STAY
    await tell(db, actor, "plot.claim_confirmed", plot, period)


async def _stay_claims(db: AsyncSession, period: PlotPeriod) -> Sequence[PlotPeriod]:
    """The claims of the same stay and kind, or the claim alone where nobody holds it."""
    if period.stay_id is None or period.kind not in HELD_BY_PEOPLE:
        return [period]
    return await queries.list_stay_claims(db, period.stay_id, period.kind)


def plots_of(freed: Collection[Freed]) -> list[str]:
    return sorted({one.plot.code for one in freed})
