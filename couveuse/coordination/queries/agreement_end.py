"""What the last day of an agreement touches."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from couveuse.coordination import policy
from couveuse.coordination.queries.endings import list_bookings_after, list_items_of
from couveuse.coordination.queries.person import list_ground, list_planned_visits
from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.equipment.models import Booking, Item
from couveuse.followup.models import Visit
from couveuse.occupancy.models import (
    ConditionReport,
    PlotPeriod,
    ReportKind,
    SharedExpense,
    Stay,
    stay_person,
)
from couveuse.occupancy.policy import can_end_early
from couveuse.occupancy.queries import list_owed
from couveuse.occupancy.spans import Run, as_runs, start_of
from couveuse.people.models import Membership, Paper
from couveuse.people.policy import can_end_membership, can_withdraw_paper
from couveuse.people.queries import list_memberships, papers_of
from couveuse.plots.models import Plot
from couveuse.trainees import queries as trainees
from couveuse.trainees.models import Agreement, FollowUpMember, Path

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Held:
    """Ground held beyond the last day, on one plot without a gap."""

    run: Run
    first: PlotPeriod
    others: str
    """Who holds it together with the person."""
    is_own: bool
    """The actor decides on that plot."""

    @property
    def begins_after(self) -> dt.date:
        return start_of(self.run.during)


@dataclass(frozen=True, slots=True)
class Handback:
    """A plot that was entered with a report, and not left with one."""

    plot: Plot
    keys: str | None
    has_meters: bool


@dataclass(frozen=True, slots=True)
class EndTouches:
    """All that hangs on the last day of an agreement."""

    last_day: dt.date
    ground: Sequence[Held]
    bookings: Sequence[Booking]
    visits: Sequence[Visit]
    items: Sequence[Item]
    memberships: Sequence[Membership]
    """That go on, and that the actor may end."""
    goes_on: Sequence[Membership]
    """All that go on."""
    places: Sequence[FollowUpMember]
    handbacks: Sequence[Handback]
    papers: Sequence[Paper]
    """Still valid after that day."""
    withdrawable: frozenset[int]
    """Those of them that the actor may withdraw."""
    expenses: Sequence[SharedExpense]
    """Owed by either side, and not settled."""
    path: Path | None

    @property
    def seen(self) -> str:
        """What the screen shows, to notice that it changed since."""
        parts = [
            ("t", (period.id for held in self.ground for period in held.run.claims)),
            ("r", (one.id for one in self.bookings)),
            ("v", (one.id for one in self.visits)),
            ("i", (one.id for one in self.items)),
            ("m", (one.id for one in self.memberships)),
            ("g", (one.id for one in self.places)),
            ("p", (one.id for one in self.papers)),
            ("f", (one.id for one in self.expenses)),
        ]
        return ";".join(f"{name}{','.join(map(str, sorted(ids)))}" for name, ids in parts)


async def what_agreement_end_touches(
    db: AsyncSession, actor: Actor, agreement: Agreement, last_day: dt.date
) -> EndTouches:
    person_id = agreement.person_id
    memberships = [
        one
        for one in await list_memberships(db, person_id)
        if one.during.upper is None or one.during.upper > last_day + DAY
    ]
    goes_on = [one for one in memberships if (one.during.lower or last_day) <= last_day]
    after = max(last_day + DAY, clock.today())
    papers = [
        one
        for one in await papers_of(db, person_id)
        if one.during.upper is None or one.during.upper > after
    ]
    return EndTouches(
        last_day=last_day,
        ground=await _list_held(db, actor, person_id, last_day),
        bookings=await list_bookings_after(db, person_id, last_day),
        visits=await list_planned_visits(
            db, person_id, max(clock.now(), clock.day_start(last_day + DAY, clock.PARIS))
        ),
        items=await list_items_of(db, person_id),
        memberships=[
            one
            for one in goes_on
            if policy.hangs_on_agreement(one) and can_end_membership(actor, one)
        ],
        goes_on=memberships,
        places=[one for one in await trainees.list_group(db, person_id) if one.is_open],
        handbacks=await _list_handbacks(db, person_id),
        papers=papers,
        withdrawable=frozenset(one.id for one in papers if can_withdraw_paper(actor, one)),
        expenses=await list_owed(db, agreement),
        path=await trainees.find_open_path(db, person_id),
    )


async def _list_held(
    db: AsyncSession, actor: Actor, person_id: int, last_day: dt.date
) -> list[Held]:
    claims = await list_ground(db, person_id, last_day + DAY)
    people = await _people_of(db, [one.stay_id for one in claims if one.stay_id])
    found: list[Held] = []
    for plot_id in dict.fromkeys(one.plot_id for one in claims):
        for run in as_runs([one for one in claims if one.plot_id == plot_id]):
            first = run.claims[0]
            others = [name for key, name in people.get(first.stay_id, []) if key != person_id]
            found.append(Held(run, first, ", ".join(others), can_end_early(actor, first)))
    return sorted(found, key=lambda one: (one.begins_after, one.first.plot.code))


async def _people_of(db: AsyncSession, stay_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    stays = await db.scalars(
        sa.select(Stay).where(Stay.id.in_(stay_ids)).options(selectinload(Stay.people))
    )
    return {stay.id: [(one.id, one.name) for one in stay.people] for stay in stays}


async def _list_handbacks(db: AsyncSession, person_id: int) -> list[Handback]:
    """The last report of each plot of the person's stays, where it is one of entry."""
    theirs = sa.select(stay_person.c.stay_id).where(stay_person.c.person_id == person_id)
    last = (
        sa.select(ConditionReport.id)
        .ext(distinct_on(ConditionReport.stay_id, ConditionReport.plot_id))
        .where(ConditionReport.stay_id.in_(theirs))
        .order_by(
            ConditionReport.stay_id,
            ConditionReport.plot_id,
            ConditionReport.made_on.desc(),
            ConditionReport.id.desc(),
        )
    )
    rows = await db.execute(
        sa.select(ConditionReport, Plot)
        .join(Plot, Plot.id == ConditionReport.plot_id)
        .where(ConditionReport.id.in_(last), ConditionReport.kind == ReportKind.ENTRY)
        .options(joinedload(Plot.site))
        .order_by(Plot.code)
    )
    return [
        Handback(
            plot, report.keys, report.water_meter is not None or report.power_meter is not None
        )
        for report, plot in rows
    ]


async def list_claims(db: AsyncSession, actor: Actor, ids: Sequence[int]) -> Sequence[PlotPeriod]:
    """Claims with their plot, to act on, the first to begin first."""
    found = await db.scalars(
        sa.select(PlotPeriod)
        .join(PlotPeriod.plot)
        .join(Plot.site)
        .where(PlotPeriod.id.in_(ids))
        .options(contains_eager(PlotPeriod.plot).contains_eager(Plot.site))
        .order_by(sa.func.lower(PlotPeriod.during), PlotPeriod.id)
    )
    return [one for one in found if can_end_early(actor, one)]


def today_or(day: dt.date) -> dt.date:
    """The day itself once it has come, today until then."""
    return min(day, clock.today())
