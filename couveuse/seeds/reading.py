"""What the planner knows of the demonstration, as the database has it now: people may have changed
rules, ended memberships or retired items by hand."""

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from couveuse.core.actor import Role
from couveuse.core.clock import zone_named
from couveuse.core.db import ends
from couveuse.equipment.models import HOLDING, Booking, BookingState, Item, ItemClaim
from couveuse.equipment.policy import STEWARDS
from couveuse.people.models import Membership, Paper, Person
from couveuse.seeds.calendar import Calendar
from couveuse.seeds.demo_items import ITEMS, Use
from couveuse.seeds.demo_people import PEOPLE, PersonFacts


@dataclass(slots=True)
class Holder:
    """Somebody who books."""

    id: int
    name: str
    facts: PersonFacts
    seats: list[Membership] = field(default_factory=list[Membership])
    papers: list[Paper] = field(default_factory=list[Paper])

    def is_member(self, day: dt.date) -> bool:
        return any(seat.during.contains(day) for seat in self.seats)

    def holds(self, qualification_id: int, day: dt.date) -> bool:
        return any(
            paper.qualification_id == qualification_id
            and paper.during.contains(day)
            and not paper.is_to_check
            for paper in self.papers
        )


@dataclass(slots=True)
class Machine:
    """An item, and what a usual week of it looks like."""

    item: Item
    use: Use
    zone: ZoneInfo
    companions: list["Machine"] = field(default_factory=list["Machine"])

    def missing_of(self, holder: Holder, day: dt.date) -> list[str]:
        """Required papers that the person does not hold on that day."""
        required = self.item.requirements
        return [one.name for one in required if not holder.holds(one.id, day)]

    def may_be_taken_by(self, holder: Holder, day: dt.date) -> bool:
        """With one of its companions, when it needs one."""
        pairs = not self.item.companions or any(
            not one.missing_of(holder, day) for one in self.companions
        )
        return pairs and not self.missing_of(holder, day)

    def is_run_by(self, holder: Holder, day: dt.date) -> bool:
        """Needs nobody's agreement: in charge of it, or coordinating."""
        if holder.id in (self.item.manager_id, self.item.deputy_id):
            return True
        return any(
            seat.role == Role.COORDINATOR
            or (seat.role in STEWARDS and seat.structure_id == self.item.structure_id)
            for seat in holder.seats
            if seat.during.contains(day)
        )


@dataclass(frozen=True, slots=True)
class Network:
    machines: dict[str, Machine]
    """By code, in the order of the demonstration."""
    holders: dict[str, Holder]
    """By given name."""

    def holder_of(self, person_id: int | None) -> Holder | None:
        return next((one for one in self.holders.values() if one.id == person_id), None)


async def read_network(db: AsyncSession) -> Network:
    """Items and persons of the demonstration that are still there."""
    return Network(await _read_machines(db), await _read_holders(db))


async def _read_machines(db: AsyncSession) -> dict[str, Machine]:
    found = await db.scalars(
        sa.select(Item)
        .where(Item.retired_on.is_(None))
        .options(
            joinedload(Item.site),
            selectinload(Item.companions),
            selectinload(Item.requirements),
        )
    )
    items = {item.code: item for item in found}
    machines = {
        one.code: Machine(items[one.code], one.use, zone_named(items[one.code].site.time_zone))
        for one in ITEMS
        if one.code in items
    }
    by_id = {machine.item.id: machine for machine in machines.values()}
    for machine in machines.values():
        machine.companions = [by_id[c.id] for c in machine.item.companions if c.id in by_id]
    return machines


async def _read_holders(db: AsyncSession) -> dict[str, Holder]:
    people = list(await db.scalars(sa.select(Person)))
    by_email = {person.email: person for person in people if person.email}
    by_name = {person.name: person for person in people if not person.email}
    holders: dict[str, Holder] = {}
    for facts in PEOPLE:
        name = f"{facts.given_name} {facts.family_name}"
        person = by_email.get(facts.email) if facts.email else by_name.get(name)
        if person:
            holders[facts.given_name] = Holder(person.id, person.name, facts)
    by_id = {holder.id: holder for holder in holders.values()}
    for seat in await db.scalars(sa.select(Membership).order_by(Membership.id)):
        if seat.person_id in by_id:
            by_id[seat.person_id].seats.append(seat)
    every_paper = sa.select(Paper).options(joinedload(Paper.qualification)).order_by(Paper.id)
    for paper in await db.scalars(every_paper):
        if paper.person_id in by_id:
            by_id[paper.person_id].papers.append(paper)
    return holders


async def read_calendar(db: AsyncSession, since: dt.datetime) -> Calendar:
    """Everything that holds an item from ``since`` on."""
    calendar = Calendar()
    rows = await db.execute(
        sa.select(ItemClaim.item_id, ItemClaim.unit, ItemClaim.during).where(
            ItemClaim.during.overlaps(Range(since, None))
        )
    )
    for item_id, unit, during in rows:
        calendar.hold((item_id, unit), *ends(during))
    return calendar


async def read_use(
    db: AsyncSession, since: dt.datetime
) -> list[tuple[int, int, dt.datetime, dt.datetime]]:
    """Item, person and both ends of the bookings that hold."""
    rows = await db.execute(
        sa.select(Booking.item_id, Booking.person_id, Booking.during).where(
            Booking.state.in_(HOLDING), sa.func.upper(Booking.during) > since
        )
    )
    return [(item_id, person_id, *ends(during)) for item_id, person_id, during in rows]


@dataclass(frozen=True, slots=True)
class Going:
    """What is alive already in a demonstration that is started again."""

    requests: int = 0
    outages: int = 0
    leas: int = 0
    """Bookings that Léa has before her."""


async def read_going(db: AsyncSession, now: dt.datetime, lea: Holder | None) -> Going:
    ahead = sa.func.upper(Booking.during) > now
    asked = (Booking.state == BookingState.REQUESTED, Booking.answer_by > now)
    hers = (Booking.state == BookingState.CONFIRMED, ahead)
    requests = await db.scalar(sa.select(sa.func.count()).where(*asked))
    outages = await db.scalar(
        sa.select(sa.func.count()).where(
            ItemClaim.outage_id.is_not(None), ItemClaim.during.contains(now)
        )
    )
    leas = await db.scalar(
        sa.select(sa.func.count()).where(Booking.person_id == (lea.id if lea else 0), *hers)
    )
    return Going(requests or 0, outages or 0, leas or 0)
