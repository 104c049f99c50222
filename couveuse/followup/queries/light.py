"""Who stands behind a personal link, and the people of that volunteer."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, contains_eager, joinedload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.tokens import hashed
from couveuse.core.words import plain
from couveuse.followup import policy
from couveuse.followup.models import AgreedStep, LightAccess, Report, Visit, VisitState
from couveuse.followup.queries.reports import list_drafts, list_to_sign
from couveuse.followup.queries.steps import list_open_steps
from couveuse.followup.queries.visits import get_standing
from couveuse.people.models import Membership, Person
from couveuse.trainees.models import FollowUpMember
from couveuse.trainees.queries import list_carriers


async def find_volunteer(db: AsyncSession, token: str) -> Actor | None:
    """Whom the link lets in today: as a volunteer who follows, whatever else they may be."""
    today = clock.today()
    found = await db.execute(
        sa.select(Person, sa.func.array_agg(Membership.structure_id))
        .join(LightAccess, LightAccess.person_id == Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            LightAccess.token_hash == hashed(token),
            LightAccess.ended_at.is_(None),
            LightAccess.until >= today,
            policy.is_volunteer_on(today),
            policy.follows_somebody_on(today),
        )
        .group_by(Person.id)
    )
    row = found.first()
    if row is None:
        return None
    return policy.acting_as_volunteer(*row)


async def find_access(db: AsyncSession, person_id: int) -> LightAccess | None:
    """The link that was made last and not stopped. Load the person through the actor before."""
    return await db.scalar(
        sa.select(LightAccess)
        .where(LightAccess.person_id == person_id, LightAccess.ended_at.is_(None))
        .options(joinedload(LightAccess.created_by))
    )


async def list_accesses(db: AsyncSession, person_id: int) -> Sequence[LightAccess]:
    """Those of before too, latest first."""
    found = await db.scalars(
        sa.select(LightAccess)
        .where(LightAccess.person_id == person_id)
        .options(joinedload(LightAccess.created_by), joinedload(LightAccess.ended_by))
        .order_by(LightAccess.id.desc())
        .limit(20)
    )
    return found.all()


async def leads_all_of(db: AsyncSession, actor: Actor, person_id: int) -> bool:
    """Whether the actor leads every group in which somebody follows today, one at least."""
    today = clock.today()
    lead = aliased(FollowUpMember)
    led = sa.exists().where(
        lead.person_id == FollowUpMember.person_id,
        lead.member_id == actor.person_id,
        lead.is_lead,
        lead.during.contains(today),
    )
    found = await db.execute(
        sa.select(sa.func.count(), sa.func.count().filter(led)).where(
            FollowUpMember.member_id == person_id,
            sa.func.coalesce(sa.func.upper(FollowUpMember.during) > today, sa.true()),
        )
    )
    places, ledby = found.one()
    return bool(places) and places == ledby


async def list_places(db: AsyncSession, member_id: int) -> Sequence[FollowUpMember]:
    """Where somebody follows today. Load them through the actor before."""
    found = await db.scalars(
        sa.select(FollowUpMember)
        .join(FollowUpMember.person)
        .where(FollowUpMember.member_id == member_id, FollowUpMember.during.contains(clock.today()))
        .options(contains_eager(FollowUpMember.person))
        .order_by(plain(Person.given_name), FollowUpMember.id)
    )
    return found.all()


async def list_followed_people(db: AsyncSession, actor: Actor) -> Sequence[Person]:
    found = await db.scalars(
        sa.select(Person)
        .where(policy.is_member_today(actor))
        .order_by(plain(Person.given_name), plain(Person.family_name), Person.id)
    )
    return found.all()


async def find_followed(db: AsyncSession, actor: Actor, person_id: int) -> Person | None:
    return await db.scalar(
        sa.select(Person).where(Person.id == person_id, policy.is_member_today(actor))
    )


@dataclass(frozen=True, slots=True)
class Followed:
    """One of the volunteer's people, as the screen shows them."""

    person: Person
    coming: Sequence[Visit]
    """Planned, the volunteer's own whose hour is over included."""
    last: Visit | None
    steps: Sequence[AgreedStep]
    reports: Sequence[Report]
    """The volunteer's own that wait: to be shared, or to be signed."""


async def read_round(db: AsyncSession, actor: Actor) -> list[Followed]:
    people = await list_followed_people(db, actor)
    ids = [one.id for one in people]
    coming = await _visits_of(db, ids, VisitState.PLANNED)
    held = await _visits_of(db, ids, VisitState.HELD)
    steps = await list_open_steps(db, actor, ids)
    own = [*await list_drafts(db, actor), *await list_to_sign(db, actor)]
    return [
        Followed(
            person=one,
            coming=[
                visit
                for visit in coming.get(one.id, [])
                if visit.mentor_id == actor.person_id or not visit.waits_for_an_answer
            ],
            last=held[one.id][-1] if one.id in held else None,
            steps=steps.get(one.id, []),
            reports=[
                report
                for report in own
                if report.author_id == actor.person_id and report.visit.person_id == one.id
            ],
        )
        for one in people
    ]


async def _visits_of(
    db: AsyncSession, people: Collection[int], state: VisitState
) -> dict[int, list[Visit]]:
    """By person, oldest first; of those that took place the last one."""
    query = (
        sa.select(Visit)
        .join(Visit.person)
        .where(Visit.person_id.in_(people), Visit.state == state)
        .options(contains_eager(Visit.person), joinedload(Visit.mentor), joinedload(Visit.site))
    )
    if state == VisitState.HELD:
        query = query.ext(distinct_on(Visit.person_id)).order_by(
            Visit.person_id, Visit.starts_at.desc()
        )
    else:
        query = query.order_by(Visit.starts_at)
    by_person: dict[int, list[Visit]] = {}
    for visit in await db.scalars(query):
        by_person.setdefault(visit.person_id, []).append(visit)
    return by_person


async def list_visits_of_day(
    db: AsyncSession, person_id: int, mentor_id: int, day: dt.date
) -> Sequence[tuple[Visit, bool]]:
    """Planned or held by the mentor on that day, each with whether it has a report; earliest
    first."""
    start, end = (clock.day_start(one, clock.PARIS) for one in (day, day + dt.timedelta(days=1)))
    told = sa.exists().where(Report.visit_id == Visit.id)
    rows = await db.execute(
        sa.select(Visit, told)
        .where(
            Visit.person_id == person_id,
            Visit.mentor_id == mentor_id,
            Visit.state.in_((VisitState.PLANNED, VisitState.HELD)),
            Visit.starts_at >= start,
            Visit.starts_at < end,
        )
        .order_by(told, Visit.starts_at)
        .options(joinedload(Visit.site))
    )
    return [(visit, bool(has)) for visit, has in rows]


async def find_home(db: AsyncSession, mentor_id: int, day: dt.date) -> int | None:
    """Whose time it is: the structure where somebody mentored on a day, when there is only one."""
    found = await db.scalars(
        sa.select(Membership.structure_id)
        .where(Membership.person_id == mentor_id, policy.is_mentor_on(day))
        .distinct()
    )
    places = found.all()
    return places[0] if len(places) == 1 else None


async def may_type_papers(db: AsyncSession, actor: Actor, person_id: int) -> bool:
    """Whether sheets about this person are for the actor to type in. Load her through the actor
    before."""
    standing = await get_standing(db, actor, person_id)
    return policy.can_type_paper(actor, standing, await list_carriers(db, person_id))


async def list_volunteers_on(
    db: AsyncSession, person_id: int, day: dt.date
) -> list[tuple[int, str]]:
    """Who follows somebody on a day, as the options of a list; volunteers first."""
    place = sa.exists().where(
        FollowUpMember.member_id == Person.id,
        FollowUpMember.person_id == person_id,
        FollowUpMember.during.contains(day),
    )
    volunteer = sa.exists().where(Membership.person_id == Person.id, policy.is_volunteer_on(day))
    found = await db.scalars(
        sa.select(Person)
        .where(place)
        .order_by(~volunteer, plain(Person.given_name), plain(Person.family_name), Person.id)
    )
    return [(one.id, one.name) for one in found]
