"""The follow-up of the demonstration as it is written: who, where they grow, what is put down."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.followup.models import (
    AgreedStep,
    Level,
    Presence,
    Report,
    ReportSignature,
    StepState,
    Visit,
    VisitPerson,
    VisitState,
)
from couveuse.followup.signed import hash_of
from couveuse.occupancy.models import PlotPeriod, stay_person
from couveuse.people.models import Membership, Person
from couveuse.plots.models import Plot
from couveuse.seeds.almanac import DAY
from couveuse.seeds.demo_visits import FOLLOWS, HUMAN, FollowFacts, Writing
from couveuse.structures.models import Site


@dataclass(slots=True)
class Book:
    db: AsyncSession
    today: dt.date
    people: dict[str, Person]
    since: dict[int, dt.date]
    """First day of membership."""
    homes: dict[int, int]
    ground: dict[int, list[tuple[Range[dt.date], Plot]]]
    sites: dict[int, Site]
    last: dict[tuple[int, int], dt.date]
    """The last visit of each mentor to each person."""
    agreed: set[tuple[int, str]]
    """What was agreed with each person, in words: done once, it is not agreed again."""
    made: list[Visit] = field(default_factory=list[Visit])
    to_sign: list[tuple[Visit, Report, list[AgreedStep], dt.datetime]] = field(
        default_factory=list[Any]
    )
    signed_by_mentor: list[tuple[Visit, Report, list[AgreedStep], dt.datetime]] = field(
        default_factory=list[Any]
    )
    signatures: list[tuple[Report, ReportSignature]] = field(default_factory=list[Any])

    def site_at_home(self, person: Person) -> Site | None:
        """For those without a plot: the first site of their structure."""
        home = self.homes[person.id]
        return next((one for one in self.sites.values() if one.structure_id == home), None)


async def open_book(db: AsyncSession, today: dt.date) -> Book:
    names = {name for pair in FOLLOWS for name in (pair.person, pair.member)} | {"Inès"}
    people = {
        one.given_name: one
        for one in await db.scalars(sa.select(Person).where(Person.given_name.in_(names)))
    }
    ids = [one.id for one in people.values()]
    seats = await db.scalars(
        sa.select(Membership)
        .where(Membership.person_id.in_(ids), Membership.during.contains(today))
        .order_by(Membership.id.desc())
    )
    since: dict[int, dt.date] = {}
    homes: dict[int, int] = {}
    for seat in seats:
        since[seat.person_id] = seat.during.lower or today
        homes[seat.person_id] = seat.structure_id
    held = await db.execute(
        sa.select(stay_person.c.person_id, PlotPeriod.during, Plot)
        .join(PlotPeriod, PlotPeriod.stay_id == stay_person.c.stay_id)
        .join(Plot, Plot.id == PlotPeriod.plot_id)
        .where(stay_person.c.person_id.in_(ids))
    )
    ground: dict[int, list[tuple[Range[dt.date], Plot]]] = {}
    for person_id, during, plot in held:
        ground.setdefault(person_id, []).append((during, plot))
    agreed = await db.execute(
        sa.select(AgreedStep.person_id, AgreedStep.what).where(AgreedStep.person_id.in_(ids))
    )
    latest = await db.execute(
        sa.select(Visit.person_id, Visit.mentor_id, sa.func.max(Visit.starts_at)).group_by(
            Visit.person_id, Visit.mentor_id
        )
    )
    return Book(
        db,
        today,
        {name: one for name, one in people.items() if one.id in since},
        since,
        homes,
        ground,
        {site.id: site for site in await db.scalars(sa.select(Site))},
        {
            (person_id, mentor_id): at.astimezone(clock.PARIS).date()
            for person_id, mentor_id, at in latest
        },
        {(person_id, what) for person_id, what in agreed},
    )


def make_visit(
    book: Book, pair: FollowFacts, day: dt.date, state: VisitState, hour: int | None = None
) -> Visit:
    person, mentor = book.people[pair.person], book.people[pair.member]
    plots = [plot for during, plot in book.ground.get(person.id, []) if day in during]
    site = book.sites.get(plots[0].site_id) if plots else book.site_at_home(person)
    by_phone = pair.kind == HUMAN and day.month in {12, 1, 2}
    start = dt.datetime.combine(day, dt.time(hour or pair.hour), clock.PARIS)
    presence = Presence.EXPECTED if state == VisitState.PLANNED else Presence.PRESENT
    visit = Visit(
        person=person,
        mentor=mentor,
        starts_at=start.astimezone(clock.UTC),
        duration_minutes=60 if by_phone else 90,
        kind=pair.kind,
        mode="phone" if by_phone else "place",
        state=state,
        site=None if by_phone else site,
        plots=[] if by_phone else plots,
        travel_minutes=None if by_phone or state == VisitState.PLANNED else 40,
        travel_km=None if by_phone or state == VisitState.PLANNED else 28,
        structure_id=book.homes[mentor.id],
        created_by_id=mentor.id,
        created_at=at_hour(day - 6 * DAY, 18),
        people=[VisitPerson(person=one, presence=presence) for one in (person, mentor)],
    )
    book.db.add(visit)
    book.made.append(visit)
    return visit


def write_report(
    book: Book,
    visit: Visit,
    writing: Writing,
    level: Level,
    *,
    is_signed: bool = False,
    due: int = 21,
    closed: bool = True,
) -> Report:
    day = visit.starts_at.astimezone(clock.PARIS).date()
    shared = level == Level.SHARED
    report = Report(
        visit=visit,
        author=visit.mentor,
        level=level,
        version=1,
        seen=writing.seen,
        said=writing.said,
        advice=writing.advice,
        mood=writing.mood or None,
        themes=list(writing.themes),
        photos=[],
        created_at=at_hour(day, 19),
        updated_at=at_hour(day, 19),
        shared_at=at_hour(day, 20) if shared else None,
        read_at=at_hour(day + DAY, 7) if is_signed else None,
    )
    steps: list[AgreedStep] = []
    if not closed or (visit.person.id, writing.step) not in book.agreed:
        steps.append(_step(visit, report, writing, day + due * DAY, closed=closed))
    book.agreed.add((visit.person.id, writing.step))
    book.db.add_all([report, *steps])
    if is_signed:
        book.to_sign.append((visit, report, steps, at_hour(day + DAY, 7)))
    return report


def _step(
    visit: Visit, report: Report, writing: Writing, due_on: dt.date, *, closed: bool
) -> AgreedStep:
    owner = visit.mentor if writing.by_mentor else visit.person
    return AgreedStep(
        person=visit.person,
        owner=owner,
        report=report,
        what=writing.step,
        due_on=due_on,
        state=StepState.DONE if closed else StepState.OPEN,
        changed_at=at_hour(due_on - 4 * DAY, 18) if closed else None,
        changed_by=owner if closed else None,
        created_by_id=visit.mentor.id,
        created_at=report.created_at,
    )


def make_signature(
    report: Report, person: Person, at: dt.datetime
) -> tuple[Report, ReportSignature]:
    text = report.signed_text or ""
    return report, ReportSignature(
        person_id=person.id, name=person.name, signed_at=at, text_hash=hash_of(text)
    )


def weekday(day: dt.date) -> dt.date:
    return day - max(day.weekday() - 4, 0) * DAY


def at_hour(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), clock.PARIS).astimezone(clock.UTC)
