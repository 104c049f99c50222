"""Reading who holds which ground, always through the person who asks."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE, DATERANGE, Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.words import plain
from couveuse.occupancy.claims import PEOPLE
from couveuse.occupancy.figures import Before, Ground, Held
from couveuse.occupancy.forms import SearchForm
from couveuse.occupancy.models import ConditionReport, PeriodKind, PlotPeriod, Stay, stay_person
from couveuse.occupancy.search import Candidate
from couveuse.people.models import Person
from couveuse.plots.models import Plot, PlotLineage, plot_right
from couveuse.plots.policy import visible_plots
from couveuse.structures.models import LandRight, Site, SiteKind, Structure

SIZE = sa.func.coalesce(Plot.declared_m2, Plot.area_m2, 0)


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


# ---------------------------------------------------------------- the season


@dataclass(frozen=True, slots=True)
class Filters:
    """What the board is narrowed to."""

    site_id: int | None = None
    structure_id: int | None = None
    features: frozenset[str] = frozenset()

    @property
    def is_set(self) -> bool:
        return bool(self.site_id or self.structure_id or self.features)


FEATURES = {
    "eau": Plot.has_water,
    "electricite": Plot.has_power,
    "cloture": Plot.has_fence,
    "abri": Plot.covered_m2 > 0,
}

_TODAY: sa.BindParameter[dt.date] = sa.bindparam("today", type_=sa.Date)
_FROM_TODAY = sa.func.daterange(_TODAY, None, type_=DATERANGE)
_TAKEN = (
    sa.select(PlotPeriod.plot_id, sa.func.range_agg(PlotPeriod.during).label("taken"))
    .where(PlotPeriod.during.overlaps(_FROM_TODAY))
    .group_by(PlotPeriod.plot_id)
    .subquery()
)
FREE_ON = sa.func.lower(
    sa.func.datemultirange(Plot.during.op("*")(_FROM_TODAY), type_=DATEMULTIRANGE).op("-")(
        sa.func.coalesce(_TAKEN.c.taken, sa.literal_column("'{}'::datemultirange"))
    ),
    type_=sa.Date,
)
"""The first day from today on that nothing holds, while the plot is in service."""

PLOTS = (
    sa.select(
        Plot.id,
        Plot.code,
        Plot.name,
        SIZE.label("size_m2"),
        Plot.covered_m2,
        sa.func.lower(Plot.during).label("start"),
        sa.func.upper(Plot.during).label("end"),
        Site.id.label("site_id"),
        Site.name.label("site_name"),
        (Site.kind == SiteKind.TEMPORARY).label("is_temporary"),
        FREE_ON.label("free_on"),
    )
    .join(Site, Site.id == Plot.site_id)
    .outerjoin(_TAKEN, _TAKEN.c.plot_id == Plot.id)
    .order_by(plain(Site.name), Site.id, sa.func.length(Plot.code), Plot.code)
)

_CLAIM_COLUMNS = (
    PlotPeriod.id,
    PlotPeriod.plot_id,
    PlotPeriod.kind,
    sa.func.lower(PlotPeriod.during),
    sa.func.upper(PlotPeriod.during),
    PlotPeriod.stay_id,
    PlotPeriod.reason,
    stay_person.c.person_id,
    Person.given_name + " " + Person.family_name,
)
CLAIMS = (
    sa.select(*_CLAIM_COLUMNS)
    .outerjoin(stay_person, stay_person.c.stay_id == PlotPeriod.stay_id)
    .outerjoin(Person, Person.id == stay_person.c.person_id)
    .order_by(PlotPeriod.plot_id, sa.func.lower(PlotPeriod.during), stay_person.c.person_id)
)


def _narrowed(actor: Actor, period: Range[dt.date], filters: Filters) -> list[Any]:
    """The conditions on plots: in service in the period, visible, and what was asked for."""
    found: list[Any] = [visible_plots(actor), Plot.during.overlaps(period)]
    if filters.site_id:
        found.append(Plot.site_id == filters.site_id)
    if filters.structure_id:
        theirs = (
            sa.select(plot_right.c.plot_id)
            .join(LandRight, LandRight.id == plot_right.c.land_right_id)
            .where(LandRight.structure_id == filters.structure_id)
        )
        of_site = Site.structure_id == filters.structure_id
        found.append(sa.or_(of_site, Plot.id.in_(theirs)))
    found += [FEATURES[name] for name in sorted(filters.features) if name in FEATURES]
    return found


async def list_grounds(
    db: AsyncSession, actor: Actor, period: Range[dt.date], filters: Filters
) -> list[Ground]:
    """The plots in service at some time of the period, by site and code."""
    statement = PLOTS.where(*_narrowed(actor, period, filters))
    rows = await db.execute(statement, {"today": clock.today()})
    return [Ground._make(row) for row in rows]


async def list_held(
    db: AsyncSession, period: Range[dt.date], grounds: Sequence[Ground], *, narrowed: bool
) -> list[Held]:
    """The claims on these plots in the period, by plot and first day, whole (not clipped)."""
    if not grounds:
        return []
    statement = CLAIMS.where(PlotPeriod.during.overlaps(period))
    if narrowed:
        statement = statement.where(PlotPeriod.plot_id.in_([ground.id for ground in grounds]))
    held: list[Held] = []
    last = 0
    for key, plot_id, kind, start, end, stay_id, reason, person_id, name in await db.execute(
        statement
    ):
        if key == last:
            held[-1].add(person_id, name)
        else:
            who, names = ([person_id], [name]) if person_id else ([], [])
            held.append(
                Held(key, plot_id, kind, start, end or dt.date.max, stay_id, reason, who, names)
            )
            last = key
    return held


async def list_sites_with_plots(db: AsyncSession, actor: Actor) -> list[tuple[int, str, int, str]]:
    """Sites that have plots, each with its structure, for the filters: ids and names."""
    rows = await db.execute(
        sa.select(
            Site.id,
            Site.name,
            Structure.id,
            sa.func.coalesce(Structure.short_name, Structure.name),
        )
        .join(Structure, Structure.id == Site.structure_id)
        .where(visible_plots(actor), sa.exists().where(Plot.site_id == Site.id))
        .order_by(plain(Site.name), Site.id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


# ---------------------------------------------------------------- figures


async def list_before(db: AsyncSession, period: Range[dt.date]) -> dict[int, Before]:
    """For each stay claim that begins in the period: the stay before it on that ground.

    On the same plot, or on those it came from by split or merge.
    """
    later = PlotPeriod.__table__.alias("later")
    earlier = PlotPeriod.__table__.alias("earlier")
    begun = (
        sa.select(later.c.id, later.c.plot_id, sa.func.lower(later.c.during).label("day"))
        .where(
            later.c.kind == PeriodKind.STAY,
            later.c.during.overlaps(period),
            sa.func.lower(later.c.during) >= period.lower,
        )
        .cte("begun")
    )
    origin = (
        sa.select(begun.c.plot_id.label("plot_id"), begun.c.plot_id.label("from_id"))
        .distinct()
        .cte("origin", recursive=True)
    )
    origin = origin.union(
        sa.select(origin.c.plot_id, PlotLineage.parent_id).join(
            PlotLineage, PlotLineage.child_id == origin.c.from_id
        )
    )
    last = (
        sa.select(earlier.c.stay_id, sa.func.upper(earlier.c.during).label("end"))
        .where(
            earlier.c.plot_id == origin.c.from_id,
            earlier.c.kind == PeriodKind.STAY,
            sa.func.lower(earlier.c.during) < begun.c.day,
        )
        .order_by(sa.func.lower(earlier.c.during).desc())
        .limit(1)
        .correlate(origin, begun)
        .lateral("last")
    )
    rows = await db.execute(
        sa.select(begun.c.id, last.c.stay_id, last.c.end)
        .join(origin, origin.c.plot_id == begun.c.plot_id)
        .join(last, sa.true())
        .order_by(begun.c.id, last.c.end)
    )
    found: dict[int, Before] = {}
    for key, stay_id, end in rows:
        known = found.get(key)
        stays = known.stays if known and known.end == end else frozenset[int]()
        found[key] = Before(end, stays | {stay_id})
    return found


# ---------------------------------------------------------------- one plot


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


# ---------------------------------------------------------------- condition reports


async def list_reports(db: AsyncSession, plot_id: int) -> Sequence[ConditionReport]:
    """The condition reports of a plot, latest first."""
    found = await db.scalars(
        sa.select(ConditionReport)
        .where(ConditionReport.plot_id == plot_id)
        .order_by(ConditionReport.made_on.desc(), ConditionReport.id.desc())
    )
    return found.all()


async def get_report(db: AsyncSession, plot: Plot, report_id: int) -> ConditionReport:
    """A report of a plot that was loaded through the actor. Raises NotVisible."""
    report = await db.scalar(
        sa.select(ConditionReport).where(
            ConditionReport.id == report_id, ConditionReport.plot_id == plot.id
        )
    )
    if report is None:
        raise NotVisible
    return report


async def find_entry_before(db: AsyncSession, report: ConditionReport) -> ConditionReport | None:
    """The report of the coming that goes with one of leaving: of the same stay, else the last."""
    same = sa.func.coalesce(ConditionReport.stay_id == report.stay_id, sa.false())
    return await db.scalar(
        sa.select(ConditionReport)
        .where(
            ConditionReport.plot_id == report.plot_id,
            ConditionReport.kind == "entry",
            ConditionReport.made_on <= report.made_on,
            ConditionReport.id != report.id,
        )
        .order_by(same.desc(), ConditionReport.made_on.desc(), ConditionReport.id.desc())
        .limit(1)
    )


async def stays_on(db: AsyncSession, plot_id: int) -> set[int]:
    """The stays that hold or held this very plot."""
    found = await db.scalars(
        sa.select(PlotPeriod.stay_id)
        .where(PlotPeriod.plot_id == plot_id, PlotPeriod.stay_id.is_not(None))
        .distinct()
    )
    return {stay_id for stay_id in found if stay_id}


async def list_stays_on(db: AsyncSession, plot_id: int) -> list[tuple[int, str]]:
    """The stays of a plot as the options of a list, latest first."""
    rows = await db.execute(
        sa.select(PlotPeriod.stay_id, PEOPLE)
        .where(PlotPeriod.plot_id == plot_id, PlotPeriod.stay_id.is_not(None))
        .order_by(sa.func.lower(PlotPeriod.during).desc())
    )
    return list({stay_id: (stay_id, name or "") for stay_id, name in rows if stay_id}.values())


async def names_of_stay(db: AsyncSession, stay_id: int | None) -> str:
    if stay_id is None:
        return ""
    found = await db.scalars(
        sa.select(Person.given_name + " " + Person.family_name)
        .join(stay_person, stay_person.c.person_id == Person.id)
        .where(stay_person.c.stay_id == stay_id)
        .order_by(Person.given_name, Person.family_name)
    )
    return ", ".join(found)


# ---------------------------------------------------------------- free ground


async def list_candidates(
    db: AsyncSession, actor: Actor, asked: SearchForm, day: dt.date
) -> list[Candidate]:
    """Plots in service on or after a day that have what is asked for, with what holds them."""
    ahead = Range(day, None)
    taken = (
        sa.select(sa.func.range_agg(PlotPeriod.during))
        .where(PlotPeriod.plot_id == Plot.id, PlotPeriod.during.overlaps(ahead))
        .correlate(Plot)
        .scalar_subquery()
    )
    rights = (
        sa.select(sa.func.range_agg(LandRight.during))
        .join(plot_right, plot_right.c.land_right_id == LandRight.id)
        .where(plot_right.c.plot_id == Plot.id)
        .correlate(Plot)
        .scalar_subquery()
    )
    statement = PLOTS.add_columns(
        Plot.water,
        Plot.has_power,
        Plot.has_fence,
        Plot.conversion_on,
        sa.type_coerce(rights, DATEMULTIRANGE),
        sa.type_coerce(taken, DATEMULTIRANGE),
    ).where(visible_plots(actor), Plot.during.overlaps(ahead), *_wanted(asked))
    rows = await db.execute(statement, {"today": clock.today()})
    known = len(Ground._fields)
    return [Candidate(Ground._make(row[:known]), *row[known:]) for row in rows]


def _wanted(asked: SearchForm) -> list[Any]:
    found: list[Any] = []
    if asked.surface_min:
        found.append(sa.literal(asked.surface_min) <= SIZE)
    if asked.surface_max:
        found.append(sa.literal(asked.surface_max) >= SIZE)
    if asked.abri_min:
        found.append(Plot.covered_m2 >= asked.abri_min)
    if asked.lieu:
        found.append(Plot.site_id == asked.lieu)
    needs = {"eau": asked.eau, "electricite": asked.electricite, "cloture": asked.cloture}
    return found + [FEATURES[name] for name, needed in needs.items() if needed]
