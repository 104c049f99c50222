"""One person's whole file: where she stands, what she holds, who reads it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from couveuse.coordination.queries.today import SOON
from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.equipment import queries as equipment
from couveuse.equipment.models import HOLDING, Booking
from couveuse.followup.models import Visit, VisitState
from couveuse.network.queries import Support, read_support
from couveuse.occupancy.models import HELD_BY_PEOPLE, PlotPeriod, stay_person
from couveuse.occupancy.season import Season
from couveuse.people.models import Paper, Person
from couveuse.people.queries import list_papers_ending
from couveuse.plots.models import Plot
from couveuse.trainees import queries as trainees
from couveuse.trainees.models import Agreement, FollowUpMember, Path, PathStep
from couveuse.trainees.queries import AgreementClock, read_clock


@dataclass(frozen=True, slots=True)
class PersonFile:
    """What the page of a person shows above her timeline."""

    person: Person
    path: Path | None
    """The one under way, else the last one."""
    since: dt.date | None
    """The day she came to the state of her path."""
    agreements: Sequence[Agreement]
    clock: AgreementClock | None
    """Of the agreement in force, else of the next one, else of the last."""
    ground: Sequence[PlotPeriod]
    """Held now or to come."""
    visits: Sequence[Visit]
    """Planned, the next first."""
    bookings: Sequence[Booking]
    papers: Sequence[Paper]
    """Ended lately or to end soon."""
    group: Sequence[FollowUpMember]
    """Who follows now, and who may still read."""
    support: Support
    """Hours received this year, and left of what pays them."""


async def read_file(db: AsyncSession, actor: Actor, person_id: int) -> PersonFile:
    """The file, when the actor may open it. Raises NotVisible."""
    person = await trainees.get_trainee(db, actor, person_id)
    path, since = await _find_path(db, person_id)
    bookings = await equipment.list_bookings_of(db, person_id, limit=30)
    agreements = await trainees.list_agreements(db, person_id)
    today = clock.today()
    return PersonFile(
        person=person,
        path=path,
        since=since,
        agreements=agreements,
        clock=await read_clock(db, agreements),
        ground=await list_ground(db, person_id),
        visits=await list_planned_visits(db, person_id),
        bookings=[one for one in bookings if one.state in HOLDING][:5],
        papers=await list_papers_ending(db, today - SOON, today + SOON, Person.id == person_id),
        group=[one for one in await trainees.list_group(db, person_id) if one.reads],
        support=await read_support(db, person_id, *_this_year(today)),
    )


def _this_year(today: dt.date) -> tuple[dt.date, dt.date]:
    year = Season.year(today.year)
    return year.start, year.end


async def _find_path(db: AsyncSession, person_id: int) -> tuple[Path | None, dt.date | None]:
    """The path under way or the last one, and since when it is in its state."""
    since = (
        sa.select(sa.func.max(PathStep.happened_on))
        .where(PathStep.path_id == Path.id, PathStep.state == Path.state)
        .correlate(Path)
        .scalar_subquery()
    )
    found = await db.execute(
        sa.select(Path, since)
        .where(Path.person_id == person_id)
        .options(joinedload(Path.structure), joinedload(Path.next_actor))
        .order_by(Path.closed_on.desc().nulls_first(), Path.id.desc())
        .limit(1)
    )
    path, day = found.one_or_none() or (None, None)
    return path, day


async def list_planned_visits(
    db: AsyncSession, person_id: int, after: dt.datetime | None = None
) -> Sequence[Visit]:
    """Visits to come of somebody whose file the actor may open, the next first."""
    found = await db.scalars(
        sa.select(Visit)
        .where(
            Visit.person_id == person_id,
            Visit.state == VisitState.PLANNED,
            Visit.starts_at >= (after or clock.now()),
        )
        .options(joinedload(Visit.mentor), joinedload(Visit.site))
        .order_by(Visit.starts_at, Visit.id)
        .limit(50)
    )
    return found.all()


async def list_ground(
    db: AsyncSession, person_id: int, day: dt.date | None = None
) -> Sequence[PlotPeriod]:
    """Stays and reservations of the person that hold on a day (today) or later."""
    theirs = sa.select(stay_person.c.stay_id).where(stay_person.c.person_id == person_id)
    found = await db.scalars(
        sa.select(PlotPeriod)
        .join(PlotPeriod.plot)
        .join(Plot.site)
        .where(
            PlotPeriod.stay_id.in_(theirs),
            PlotPeriod.kind.in_(HELD_BY_PEOPLE),
            PlotPeriod.during.overlaps(Range(day or clock.today(), None)),
        )
        .options(contains_eager(PlotPeriod.plot).contains_eager(Plot.site))
        .order_by(sa.func.lower(PlotPeriod.during), Plot.code)
    )
    return found.all()
