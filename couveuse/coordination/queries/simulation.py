"""What some months more would meet: the ceiling of the agreement, plots, rights, items, papers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from couveuse.coordination.queries.person import list_ground
from couveuse.core import clock
from couveuse.core.errors import Reason
from couveuse.equipment.models import HOLDING, Booking, Item
from couveuse.occupancy import claims
from couveuse.occupancy.models import PeriodKind, PlotPeriod
from couveuse.occupancy.rules import Facts, claim_problems
from couveuse.occupancy.spans import DAY, end_of
from couveuse.people.models import Paper, Person
from couveuse.people.queries import list_papers_ending
from couveuse.plots.models import Plot
from couveuse.trainees.queries import AgreementClock
from couveuse.trainees.rules import PeriodFacts, last_day_after, period_problems

LATELY = dt.timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Ground:
    """A plot held at the end of the agreement, and what the months more would meet on it."""

    plot: Plot
    held_until: dt.date | None
    """Her last day on it as things stand; None: no end."""
    problems: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Used:
    """An item that she used lately, and what the months more would ask of it."""

    item: Item
    opens_on: dt.date
    """The first day on which the first day more can be booked."""
    check_on: dt.date | None
    """When a safety check is due before the end."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """Some months more, looked at and not written."""

    months: int
    first_day: dt.date
    last_day: dt.date
    problems: Sequence[Reason]
    """What the kind of agreement has against it."""
    ground: Sequence[Ground]
    items: Sequence[Used]
    papers: Sequence[Paper]
    """Those that end before the end."""

    @property
    def is_possible(self) -> bool:
        return not self.problems and not any(one.problems for one in self.ground)


async def simulate(
    db: AsyncSession, person_id: int, known: AgreementClock, months: int
) -> Simulation:
    """The longest period of so many months that begins the day after the agreement's last."""
    first = known.standing.last + DAY
    last = last_day_after(first, months)
    return Simulation(
        months=months,
        first_day=first,
        last_day=last,
        problems=list(period_problems(_period(known, first, last))),
        ground=await _ground(db, person_id, known.standing.last, last),
        items=await _items(db, person_id, first, last),
        papers=await list_papers_ending(db, clock.today(), last, Person.id == person_id),
    )


def _period(known: AgreementClock, first: dt.date, last: dt.date) -> PeriodFacts:
    agreement = known.agreement
    return PeriodFacts(
        known.kind,
        first,
        last,
        None,
        number=agreement.periods[-1].number + 1,
        before=known.standing.last,
        began_on=known.standing.first,
        carried_months=agreement.carried_months,
        is_full_time=agreement.is_full_time,
    )


async def _ground(
    db: AsyncSession, person_id: int, ends_on: dt.date, last: dt.date
) -> list[Ground]:
    """Plots held today or on the last day of the agreement."""
    held: dict[int, PlotPeriod] = {}
    for period in await list_ground(db, person_id, min(ends_on, clock.today())):
        known = held.get(period.plot_id)
        if known is None or end_of(period.during) > end_of(known.during):
            held[period.plot_id] = period
    found = await db.scalars(
        sa.select(Plot)
        .where(Plot.id.in_(held))
        .options(selectinload(Plot.rights))
        .order_by(Plot.code)
    )
    return [
        Ground(plot, held[plot.id].last_day, await _problems(db, plot, held[plot.id], last))
        for plot in found.all()
    ]


async def _problems(
    db: AsyncSession, plot: Plot, period: PlotPeriod, last: dt.date
) -> list[Reason]:
    """None where she holds it as long already."""
    free_from = end_of(period.during)
    if free_from > last:
        return []
    during = Range(free_from, last + DAY)
    return claim_problems(
        Facts(
            plot=plot.code,
            kind=PeriodKind.STAY,
            during=during,
            service=plot.during,
            rights=[right.during for right in plot.rights],
            clashes=await claims.list_clashes(db, plot.id, during, besides=[period.id]),
            people=[0],  # somebody holds it
        )
    )


async def _items(db: AsyncSession, person_id: int, first: dt.date, last: dt.date) -> list[Used]:
    used = sa.select(Booking.item_id).where(
        Booking.person_id == person_id,
        Booking.state.in_(HOLDING),
        sa.func.upper(Booking.during) >= clock.now() - LATELY,
    )
    found = await db.scalars(
        sa.select(Item).where(Item.id.in_(used), Item.retired_on.is_(None)).order_by(Item.name)
    )
    return [
        Used(
            one,
            max(clock.today(), first - dt.timedelta(days=one.horizon_days)),
            one.check_due_on if one.check_due_on and one.check_due_on < last else None,
        )
        for one in found
    ]
