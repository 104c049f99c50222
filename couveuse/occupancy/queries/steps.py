"""Stays out of step with what they rest on."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.occupancy.models import (
    ConditionReport,
    PeriodKind,
    PlotPeriod,
    ReportKind,
    Stay,
    stay_person,
)
from couveuse.occupancy.spans import end_of, start_of
from couveuse.occupancy.steps import Days, Facts, Step, steps_of
from couveuse.people.models import INSURANCE, Paper, Qualification
from couveuse.plots.models import Plot, PlotLineage
from couveuse.plots.policy import can_add_plot, is_in_charge, visible_plots
from couveuse.structures.models import LandRight
from couveuse.trainees.models import AgreementPeriod

EARLY = dt.timedelta(days=30)
"""A report of the coming may be made that long before."""


@dataclass(frozen=True, slots=True)
class OutOfStep:
    """A person's stay, where it is, and what is out of step."""

    person_id: int
    name: str
    stay_id: int
    plot_id: int
    plots: str
    during: Range[dt.date]
    steps: Sequence[Step]
    right_id: int | None
    """The right on the land that ends first."""


async def list_out_of_step(db: AsyncSession, actor: Actor) -> list[OutOfStep]:
    """Stays that are not over, out of step: those one is in charge of, and one's own."""
    claims = await _list_claims(db, actor)
    stays: defaultdict[int, list[PlotPeriod]] = defaultdict(list)
    for claim in claims:
        stays[claim.stay_id or 0].append(claim)
    people = {person.id for claim in claims if claim.stay for person in claim.stay.people}
    agreements = await _agreements(db, people)
    insurance = await _insurance(db, people)
    reports = await _reports(db, [claim.plot_id for claim in claims])
    parents = await _parents(db, [claim.plot_id for claim in claims])
    today = clock.today()
    found: list[OutOfStep] = []
    for stay_id, held in stays.items():
        whole = _whole(held)
        plots = {claim.plot_id: claim.plot.code for claim in held}
        rights = [_last_right(claim.plot) for claim in held if claim.plot.rights]
        first_right = min(rights, key=lambda one: end_of(one.during), default=None)
        right_id = first_right.id if first_right else None
        for person in held[0].stay.people if held[0].stay else ():
            facts = Facts(
                stay=(start_of(whole), whole.upper),
                agreements=agreements[person.id],
                land=[right.during.upper for right in rights],
                insurance=insurance[person.id],
                unreported=list(_unreported(held, parents, reports)),
            )
            if steps := list(steps_of(facts, today)):
                names = ", ".join(plots.values())
                first = next(iter(plots))
                who = (person.id, person.name, stay_id, first, names)
                found.append(OutOfStep(*who, whole, steps, right_id))
    return sorted(found, key=lambda one: (start_of(one.during), one.name))


async def _list_claims(db: AsyncSession, actor: Actor) -> list[PlotPeriod]:
    """Every claim of the stays that are not over."""
    own = sa.select(stay_person.c.stay_id).where(stay_person.c.person_id == actor.person_id)
    end = sa.func.upper(PlotPeriod.during)
    going_on = sa.select(PlotPeriod.stay_id).where(
        PlotPeriod.kind == PeriodKind.STAY, sa.or_(end.is_(None), end > clock.today())
    )
    found = await db.scalars(
        sa.select(PlotPeriod)
        .join(PlotPeriod.plot)
        .join(Plot.site)
        .where(
            PlotPeriod.kind == PeriodKind.STAY,
            PlotPeriod.stay_id.in_(going_on),
            visible_plots(actor),
            sa.or_(sa.literal(can_add_plot(actor)), PlotPeriod.stay_id.in_(own)),
        )
        .options(
            contains_eager(PlotPeriod.plot).options(
                contains_eager(Plot.site), selectinload(Plot.rights)
            ),
            joinedload(PlotPeriod.stay).selectinload(Stay.people),
        )
        .order_by(sa.func.lower(PlotPeriod.during), PlotPeriod.plot_id)
    )
    return [one for one in found if is_in_charge(actor, one.plot) or _is_theirs(actor, one)]


def _is_theirs(actor: Actor, claim: PlotPeriod) -> bool:
    return claim.stay is not None and actor.person_id in {one.id for one in claim.stay.people}


def _whole(claims: Sequence[PlotPeriod]) -> Range[dt.date]:
    ends = [claim.during.upper for claim in claims]
    last = None if None in ends else max(end for end in ends if end)
    return Range(min(start_of(claim.during) for claim in claims), last)


def _last_right(plot: Plot) -> LandRight:
    """The right that lets the structure lend the plot the longest."""
    return max(plot.rights, key=lambda right: end_of(right.during))


async def _agreements(db: AsyncSession, people: Iterable[int]) -> defaultdict[int, list[Days]]:
    rows = await db.execute(
        sa.select(AgreementPeriod.person_id, AgreementPeriod.during).where(
            AgreementPeriod.person_id.in_(people), AgreementPeriod.document.is_not(None)
        )
    )
    return _by_person((person_id, during) for person_id, during in rows)


async def _insurance(db: AsyncSession, people: Iterable[int]) -> defaultdict[int, list[Days]]:
    rows = await db.execute(
        sa.select(Paper.person_id, Paper.during)
        .join(Paper.qualification)
        .where(
            Paper.person_id.in_(people),
            Qualification.kind == INSURANCE,
            ~Paper.is_to_check,
        )
    )
    return _by_person((person_id, during) for person_id, during in rows)


def _by_person(rows: Iterable[tuple[int, Range[dt.date]]]) -> defaultdict[int, list[Days]]:
    found: defaultdict[int, list[Days]] = defaultdict(list)
    for person_id, during in rows:
        found[person_id].append((start_of(during), during.upper))
    return found


async def _reports(db: AsyncSession, plots: Iterable[int]) -> set[tuple[int, int | None, dt.date]]:
    """Of somebody coming: plot, stay and day."""
    rows = await db.execute(
        sa.select(ConditionReport.plot_id, ConditionReport.stay_id, ConditionReport.made_on).where(
            ConditionReport.plot_id.in_(plots), ConditionReport.kind == ReportKind.ENTRY
        )
    )
    return {(row[0], row[1], row[2]) for row in rows}


async def _parents(db: AsyncSession, plots: Iterable[int]) -> set[tuple[int, int]]:
    """Pairs of a plot and one that came from it by split or merge."""
    rows = await db.execute(
        sa.select(PlotLineage.parent_id, PlotLineage.child_id).where(
            PlotLineage.child_id.in_(plots)
        )
    )
    return {(row[0], row[1]) for row in rows}


def _unreported(
    claims: Sequence[PlotPeriod],
    parents: Collection[tuple[int, int]],
    reports: Iterable[tuple[int, int | None, dt.date]],
) -> Iterable[dt.date]:
    """When the people came to a plot, for each coming that no report tells of."""
    for claim in claims:
        came_on = start_of(claim.during)
        told = any(
            plot_id == claim.plot_id
            and (stay_id == claim.stay_id or (stay_id is None and came_on - EARLY <= made_on))
            for plot_id, stay_id, made_on in reports
        )
        if not told and not any(_goes_on(before, claim, parents) for before in claims):
            yield came_on


def _goes_on(before: PlotPeriod, claim: PlotPeriod, parents: Collection[tuple[int, int]]) -> bool:
    """Whether the people were on the same ground the day before: not a move to another plot."""
    same = before.plot_id == claim.plot_id or (before.plot_id, claim.plot_id) in parents
    return same and before.during.upper == claim.during.lower
