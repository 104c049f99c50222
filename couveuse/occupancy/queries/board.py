"""The season: plots in service, their claims, what was before."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, DATEMULTIRANGE, DATERANGE, Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.prepared import Prepared
from couveuse.core.words import plain
from couveuse.occupancy.agreed import Holder, holders_of
from couveuse.occupancy.figures import FAR, Before, Ground, Held
from couveuse.occupancy.models import PeriodKind, PlotPeriod, stay_person
from couveuse.occupancy.spans import end_of, start_of
from couveuse.people.models import Person
from couveuse.plots.models import Plot, PlotLineage, plot_right
from couveuse.plots.policy import can_see_plots
from couveuse.structures.models import LandRight, Site, SiteKind, Structure
from couveuse.trainees.models import AgreementPeriod
from couveuse.trainees.policy import can_see_trainees

SIZE = sa.func.coalesce(Plot.declared_m2, Plot.area_m2, 0)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the board is narrowed to."""

    site_id: int | None = None
    structure_id: int | None = None
    features: frozenset[str] = frozenset()
    particularity: str | None = None
    """One that people wrote on plots: a hedge, a pond."""

    @property
    def is_set(self) -> bool:
        return self != Filters()


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
_ALLOWED = (
    sa.select(plot_right.c.plot_id, sa.func.range_agg(LandRight.during).label("days"))
    .join(LandRight, LandRight.id == plot_right.c.land_right_id)
    .group_by(plot_right.c.plot_id)
    .subquery()
)
_USABLE = sa.func.datemultirange(Plot.during.op("*")(_FROM_TODAY), type_=DATEMULTIRANGE).op(
    "*", return_type=DATEMULTIRANGE()
)(sa.func.coalesce(_ALLOWED.c.days, sa.literal_column("'{(,)}'::datemultirange")))
"""From today on, in service and within the rights on the land, where any is noted."""
IS_TEMPORARY = Site.kind == SiteKind.TEMPORARY
FREE_ON = sa.case(
    (IS_TEMPORARY, None),
    else_=sa.func.lower(
        _USABLE.op("-")(
            sa.func.coalesce(_TAKEN.c.taken, sa.literal_column("'{}'::datemultirange"))
        ),
        type_=sa.Date,
    ),
)
"""The first usable day that nothing holds. A temporary site is for one person: never."""
USABLE_UNTIL = sa.case(
    (sa.func.isempty(_USABLE), _TODAY), else_=sa.func.upper(_USABLE, type_=sa.Date)
)
"""The first day that is usable no more."""

_PERIOD = sa.func.daterange(
    sa.bindparam("start", type_=sa.Date), sa.bindparam("end", type_=sa.Date), type_=DATERANGE
)


def _narrowed() -> list[sa.ColumnElement[bool]]:
    """What the board may be narrowed to; a value of None narrows nothing."""
    site_id = sa.bindparam("site_id", type_=sa.BigInteger)
    structure_id = sa.bindparam("structure_id", type_=sa.BigInteger)
    particularity = sa.bindparam("particularity", type_=sa.Text)
    theirs = (
        sa.select(plot_right.c.plot_id)
        .join(LandRight, LandRight.id == plot_right.c.land_right_id)
        .where(LandRight.structure_id == structure_id)
    )
    return [
        sa.or_(site_id.is_(None), Plot.site_id == site_id),
        sa.or_(structure_id.is_(None), Site.structure_id == structure_id, Plot.id.in_(theirs)),
        sa.or_(particularity.is_(None), particularity == sa.any_(Plot.features)),
        *(
            sa.or_(sa.not_(sa.bindparam(name, type_=sa.Boolean)), has)
            for name, has in FEATURES.items()
        ),
    ]


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
        IS_TEMPORARY.label("is_temporary"),
        FREE_ON.label("free_on"),
        USABLE_UNTIL.label("usable_until"),
    )
    .join(Site, Site.id == Plot.site_id)
    .outerjoin(_TAKEN, _TAKEN.c.plot_id == Plot.id)
    .outerjoin(_ALLOWED, _ALLOWED.c.plot_id == Plot.id)
    .order_by(plain(Site.name), Site.id, sa.func.length(Plot.code), Plot.code)
)
# Made once and run by the driver: a season is hundreds of plots and thousands of claims.
_GROUNDS = Prepared(PLOTS.where(Plot.during.overlaps(_PERIOD), *_narrowed()))
_PLOT_IDS = sa.bindparam("plot_ids", type_=ARRAY(sa.BigInteger))
_HELD = Prepared(
    sa.select(
        PlotPeriod.id,
        PlotPeriod.plot_id,
        PlotPeriod.kind,
        sa.func.lower(PlotPeriod.during),
        sa.func.coalesce(sa.func.upper(PlotPeriod.during), FAR),
        PlotPeriod.stay_id,
        PlotPeriod.reason,
        stay_person.c.person_id,
        Person.given_name + " " + Person.family_name,
    )
    .outerjoin(stay_person, stay_person.c.stay_id == PlotPeriod.stay_id)
    .outerjoin(Person, Person.id == stay_person.c.person_id)
    .where(
        PlotPeriod.during.overlaps(_PERIOD),
        sa.or_(_PLOT_IDS.is_(None), PlotPeriod.plot_id == sa.any_(_PLOT_IDS)),
    )
    .order_by(PlotPeriod.plot_id, sa.func.lower(PlotPeriod.during), stay_person.c.person_id)
)


async def list_grounds(
    db: AsyncSession, actor: Actor, period: Range[dt.date], filters: Filters
) -> list[Ground]:
    """The plots in service at some time of the period, by site and code."""
    if not can_see_plots(actor):
        return []
    rows = await _GROUNDS.all(
        db,
        today=clock.today(),
        start=period.lower,
        end=period.upper,
        site_id=filters.site_id,
        structure_id=filters.structure_id,
        particularity=filters.particularity,
        **{name: name in filters.features for name in FEATURES},
    )
    return [Ground._make(row) for row in rows]


async def list_held(
    db: AsyncSession, period: Range[dt.date], grounds: Sequence[Ground], *, narrowed: bool
) -> list[Held]:
    """The claims on these plots in the period, by plot and first day, whole (not clipped)."""
    if not grounds:
        return []
    ids = [ground.id for ground in grounds] if narrowed else None
    rows = await _HELD.all(db, start=period.lower, end=period.upper, plot_ids=ids)
    held: list[Held] = []
    last = 0
    for key, plot_id, kind, start, end, stay_id, reason, person_id, name in rows:
        if key == last:
            held[-1].add(person_id, name)
            continue
        who, names = ((person_id,), (name,)) if person_id else ((), ())
        held.append(Held(key, plot_id, kind, start, end, stay_id, reason, who, names))
        last = key
    return held


_AGREED = Prepared(
    sa.select(
        AgreementPeriod.person_id,
        sa.func.lower(AgreementPeriod.during),
        sa.func.upper(AgreementPeriod.during),
    ).where(
        AgreementPeriod.document.is_not(None),
        AgreementPeriod.person_id == sa.any_(sa.bindparam("people", type_=ARRAY(sa.BigInteger))),
    )
)


async def list_agreed(
    db: AsyncSession, actor: Actor, people: Collection[int]
) -> dict[int, list[tuple[dt.date, dt.date]]]:
    """The days of signed agreements of each of these people, half-open.

    Who follows nobody is told their own alone.
    """
    told = set(people) if can_see_trainees(actor) else {actor.person_id}.intersection(people)
    found: dict[int, list[tuple[dt.date, dt.date]]] = {one: [] for one in told}
    for person_id, start, end in await _AGREED.all(db, people=list(told)) if told else ():
        found[person_id].append((start, end))
    return found


async def list_holders(
    db: AsyncSession, actor: Actor, people: Sequence[Person], kind: str, during: Range[dt.date]
) -> list[Holder]:
    """Those whose agreements the actor is told, with what these say of the days.

    Of a stay that is not over: the others wait for no agreement.
    """
    if kind != PeriodKind.STAY or end_of(during) <= clock.today():
        return []
    agreed = await list_agreed(db, actor, [one.id for one in people])
    named = [(one.id, one.name) for one in people]
    return holders_of(named, agreed, start_of(during), end_of(during))


_SITES = Prepared(
    sa.select(
        Site.id, Site.name, Structure.id, sa.func.coalesce(Structure.short_name, Structure.name)
    )
    .join(Structure, Structure.id == Site.structure_id)
    .where(sa.exists().where(Plot.site_id == Site.id))
    .order_by(plain(Site.name), Site.id)
)


async def list_sites_with_plots(db: AsyncSession, actor: Actor) -> list[tuple[int, str, int, str]]:
    """Sites that have plots, each with its structure, for the filters: ids and names."""
    if not can_see_plots(actor):
        return []
    return [(row[0], row[1], row[2], row[3]) for row in await _SITES.all(db)]


_NAMED = sa.select(sa.func.unnest(Plot.features).label("word")).distinct().subquery()
_PARTICULARITIES = Prepared(sa.select(_NAMED.c.word).order_by(plain(_NAMED.c.word)))


async def list_particularities(db: AsyncSession, actor: Actor) -> list[str]:
    """What people wrote on plots, to filter by."""
    if not can_see_plots(actor):
        return []
    return [row[0] for row in await _PARTICULARITIES.all(db)]


def _before() -> sa.Select[*tuple[Any, ...]]:
    later = PlotPeriod.__table__.alias("later")
    earlier = PlotPeriod.__table__.alias("earlier")
    begun = (
        sa.select(later.c.id, later.c.plot_id, sa.func.lower(later.c.during).label("day"))
        .where(
            later.c.kind == PeriodKind.STAY,
            later.c.during.overlaps(_PERIOD),
            sa.func.lower(later.c.during) >= sa.bindparam("start", type_=sa.Date),
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
    return (
        sa.select(begun.c.id, last.c.stay_id, last.c.end)
        .join(origin, origin.c.plot_id == begun.c.plot_id)
        .join(last, sa.true())
        .order_by(begun.c.id, last.c.end)
    )


_BEFORE = Prepared(_before())


async def list_before(db: AsyncSession, period: Range[dt.date]) -> dict[int, Before]:
    """For each stay claim that begins in the period: the stay before it on that ground.

    On the same plot, or on those it came from by split or merge.
    """
    found: dict[int, Before] = {}
    for key, stay_id, end in await _BEFORE.all(db, start=period.lower, end=period.upper):
        known = found.get(key)
        stays = known.stays if known and known.end == end else frozenset[int]()
        found[key] = Before(end, stays | {stay_id})
    return found
