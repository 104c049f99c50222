"""The only writer of ``plot_period``: every way to hold or free ground goes through here.

Three steps, always in this order: lock the plots (all of them, sorted by id, so that nobody waits
in a circle), look at what the rules need, write. The exclusion constraint is the guarantee; the
lock makes the answer quick and friendly.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible, Refused
from couveuse.occupancy.models import ConditionReport, PlotPeriod, Stay, stay_person
from couveuse.occupancy.rules import Clash, Facts, claim_problems
from couveuse.people.models import Person
from couveuse.people.policy import visible_people
from couveuse.plots.models import Plot

STAY_LOCK = 0x73746179
"""With the first of the people: one stay of theirs is looked for, or begun, at a time."""


async def lock_plots(db: AsyncSession, plot_ids: Collection[int]) -> list[Plot]:
    """Lock plots and return them fresh, with their site and rights, by id.

    One statement, in the order of their ids; nothing that only refers to the plots waits
    (FOR NO KEY UPDATE).
    """
    found = await db.scalars(
        sa.select(Plot)
        .where(Plot.id.in_(plot_ids))
        .order_by(Plot.id)
        .options(joinedload(Plot.site, innerjoin=True), selectinload(Plot.rights))
        .with_for_update(of=Plot, key_share=True)
        .execution_options(populate_existing=True)
    )
    plots = list(found.unique().all())
    if len(plots) != len(set(plot_ids)):
        raise NotVisible
    return plots


PEOPLE = (
    sa.select(
        sa.func.string_agg(
            Person.given_name + " " + Person.family_name,
            sa.literal_column("', ' ORDER BY person.given_name, person.family_name"),
        )
    )
    .join(stay_person, stay_person.c.person_id == Person.id)
    .where(stay_person.c.stay_id == PlotPeriod.stay_id)
    .correlate(PlotPeriod)
    .scalar_subquery()
)
"""The names of those who hold a claim."""


async def list_clashes(
    db: AsyncSession, plot_id: int, during: Range[dt.date], *, besides: Collection[int] = ()
) -> list[Clash]:
    """What already holds the plot in those days, earliest first; ``besides`` leaves claims out."""
    rows = await db.execute(
        sa.select(
            PlotPeriod.id,
            PlotPeriod.kind,
            PlotPeriod.during,
            PEOPLE,
            PlotPeriod.reason,
        )
        .where(
            PlotPeriod.plot_id == plot_id,
            PlotPeriod.during.overlaps(during),
            PlotPeriod.id.not_in(besides),
        )
        .order_by(sa.func.lower(PlotPeriod.during))
    )
    return [Clash(*row) for row in rows]


async def refuse_unless_free(
    db: AsyncSession,
    plot: Plot,
    kind: str,
    during: Range[dt.date],
    people: Collection[int],
    *,
    unknown: Collection[int] = (),
    besides: Collection[int] = (),
) -> None:
    """Look at every rule for a locked plot. Raises Refused with every reason."""
    facts = Facts(
        plot=plot.code,
        kind=kind,
        during=during,
        service=plot.during,
        rights=[right.during for right in plot.rights],
        clashes=await list_clashes(db, plot.id, during, besides=besides),
        people=people,
        unknown=unknown,
    )
    if problems := claim_problems(facts):
        raise Refused(*problems)


async def unknown_people(db: AsyncSession, actor: Actor, people: Collection[int]) -> set[int]:
    """Those of the ids that are nobody the actor can see."""
    if not people:
        return set()
    found = await db.scalars(
        sa.select(Person.id).where(Person.id.in_(people), visible_people(actor))
    )
    return set(people) - set(found)


async def people_of(db: AsyncSession, stay_id: int | None) -> list[Person]:
    if stay_id is None:
        return []
    found = await db.scalars(
        sa.select(Person)
        .join(stay_person, stay_person.c.person_id == Person.id)
        .where(stay_person.c.stay_id == stay_id)
        .order_by(Person.id)
    )
    return list(found)


async def stay_for(
    db: AsyncSession,
    people: Collection[int],
    during: Range[dt.date],
    *,
    own: int | None = None,
) -> int:
    """The stay that the same people have at or next to those days, or a new one.

    On any ground: a renewal, a second plot and a move to another one belong to the stay that is
    there. Days that touch several stays of theirs, or that touch others than their ``own``, make
    them one. So it is too when somebody else gives the same people ground at the same moment: to
    be called before the claim is written.
    """
    wanted = sorted(people)
    await db.execute(sa.select(sa.func.pg_advisory_xact_lock(STAY_LOCK, wanted[0] % 2**31)))
    members = (
        sa.select(sa.func.array_agg(stay_person.c.person_id.distinct()))
        .where(stay_person.c.stay_id == Stay.id)
        .correlate(Stay)
        .scalar_subquery()
    )
    near = sa.exists().where(
        PlotPeriod.stay_id == Stay.id,
        sa.or_(PlotPeriod.during.overlaps(during), PlotPeriod.during.adjacent_to(during)),
    )
    same = sa.and_(
        Stay.id.in_(sa.select(stay_person.c.stay_id).where(stay_person.c.person_id == wanted[0])),
        members == sa.cast(wanted, sa.ARRAY(sa.BigInteger)),
    )
    known = await db.scalars(
        sa.select(Stay.id).where(same, sa.or_(near, Stay.id == own)).order_by(Stay.id)
    )
    first, *others = known.all() or [await new_stay(db, people)]
    if others:
        await _join(db, first, others)
    return first


async def _join(db: AsyncSession, stay_id: int, others: Collection[int]) -> None:
    """Make stays one: their claims and condition reports go to the first of them."""
    for table in (PlotPeriod, ConditionReport):
        await db.execute(sa.update(table).where(table.stay_id.in_(others)).values(stay_id=stay_id))


async def new_stay(db: AsyncSession, people: Collection[int]) -> int:
    stay = Stay()
    db.add(stay)
    await db.flush()  # its people need the id
    rows = [{"stay_id": stay.id, "person_id": one} for one in sorted(people)]
    await db.execute(sa.insert(stay_person), rows)
    return stay.id


async def hold(db: AsyncSession, plot: Plot, **claim: Any) -> PlotPeriod:
    """Write a claim."""
    period = PlotPeriod(plot_id=plot.id, **claim)
    db.add(period)
    await db.flush()  # the constraint answers here, and the address needs the id
    return period


async def reshape(db: AsyncSession, period: PlotPeriod, during: Range[dt.date]) -> None:
    """Give a claim other days."""
    period.during = during
    await db.flush()  # the constraint answers here, and shrinking comes before growing


async def give(db: AsyncSession, period: PlotPeriod, kind: str, people: Collection[int]) -> None:
    """Give a claim to people or to nobody, for a use, with the condition reports that go with it.

    Reports stay where the people who had it hold the plot at another time.
    """
    before = period.stay_id
    stay_id = await stay_for(db, people, period.during) if people else None
    period.kind, period.stay_id = kind, stay_id
    await db.flush()  # the next statement looks at who holds the plot now
    if before is None:
        return  # reports that name nobody may be of any time
    elsewhere = sa.exists().where(
        PlotPeriod.stay_id == before, PlotPeriod.plot_id == period.plot_id
    )
    await db.execute(
        sa.update(ConditionReport)
        .where(
            ConditionReport.stay_id == before,
            ConditionReport.plot_id == period.plot_id,
            ~elsewhere,
        )
        .values(stay_id=stay_id)
    )


async def free(db: AsyncSession, period: PlotPeriod) -> None:
    """Let the ground go; the journal keeps what was."""
    await db.delete(period)
    await db.flush()  # before anything else takes the days


async def fresh(db: AsyncSession, periods: Sequence[PlotPeriod]) -> list[PlotPeriod]:
    """Read claims again now that their plots are locked; those gone meanwhile are missing."""
    wanted = [period.id for period in periods]
    found = await db.scalars(
        sa.select(PlotPeriod)
        .where(PlotPeriod.id.in_(wanted))
        .order_by(PlotPeriod.id)
        .execution_options(populate_existing=True)
    )
    return list(found)
