"""Writes the workshops of the demonstration: held ones with signed sheets, and two to come.

Done again, those to come took place and their sheets were signed; others are planned, so that one
is full while another still has places.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.followup.half_days import half_days
from couveuse.followup.models import (
    Attendance,
    AttendanceSignature,
    Presence,
    SignerRole,
    Workshop,
    WorkshopSeat,
    WorkshopSlot,
    WorkshopState,
    WorkshopTrainer,
)
from couveuse.followup.queries.workshops import LAST, load_workshop, lock_slot, read_sheet
from couveuse.followup.signed import hash_of
from couveuse.followup.signed_sheets import Sheet
from couveuse.followup.workshop_forms import AFTER_LUNCH, NOON, HalfDayDraft
from couveuse.people.models import Membership, Person
from couveuse.seeds.almanac import DAY
from couveuse.seeds.demo_workshops import WORKSHOPS, WorkshopFacts
from couveuse.seeds.telling import Author, entry
from couveuse.seeds.visit_book import at_hour, weekday
from couveuse.structures.models import Site, Structure

HELD, COMING = (-40, -12), (9, 20)
"""In how many days."""
LATELY = 60 * DAY
MINUTE = dt.timedelta(minutes=1)


@dataclass(slots=True)
class Board:
    """Who is in the network today, where things happen, and what the journal will say."""

    db: AsyncSession
    today: dt.date
    people: dict[str, Person]
    structures: dict[str, int]
    sites: dict[str, Site]
    planned: int
    """How many there were so far."""
    lines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def next_facts(self) -> WorkshopFacts | None:
        """The next in turn that those still there can lead."""
        for _ in WORKSHOPS:
            facts = WORKSHOPS[self.planned % len(WORKSHOPS)]
            self.planned += 1
            if (
                {facts.planner, facts.trainer} <= self.people.keys()
                and facts.structure in self.structures
                and facts.site in self.sites
            ):
                return facts
        return None

    def tell(
        self, verb: str, workshop: Workshop, at: dt.datetime, by: Person, **details: Any
    ) -> None:
        details["zone"] = workshop.zone.key
        author = Author(by.id, by.name)
        self.lines.append(entry("workshop", workshop.id, f"workshop.{verb}", at, author, details))


async def fill_workshops(db: AsyncSession, today: dt.date) -> list[dict[str, Any]]:
    """Lines for the journal come back."""
    board = await _open_board(db, today)
    if await _nothing_lately(board):
        for days in HELD:
            await _plan(board, weekday(today + days * DAY), is_full=False)
    await _hold_what_went_by(board)
    coming = await _list_coming(board)
    is_full = any(workshop.waiting for workshop in coming)
    for days in COMING[: len(COMING) - len(coming)]:
        await _plan(board, weekday(today + days * DAY), is_full=not is_full)
        is_full = True
    return board.lines


async def _open_board(db: AsyncSession, today: dt.date) -> Board:
    named = {name for one in WORKSHOPS for name in (one.planner, one.trainer, *one.people)}
    there = sa.exists().where(Membership.person_id == Person.id, Membership.during.contains(today))
    people = await db.scalars(
        sa.select(Person).where(Person.given_name.in_(named), there).order_by(Person.id.desc())
    )
    structures = await db.execute(sa.select(Structure.short_name, Structure.id))
    sites = await db.scalars(sa.select(Site))
    planned = await db.scalar(sa.select(sa.func.count()).where(_of_the_demonstration()))
    return Board(
        db,
        today,
        {one.given_name: one for one in people},
        {name: key for name, key in structures if name},
        {one.name: one for one in sites},
        planned or 0,
    )


def _of_the_demonstration() -> sa.ColumnElement[bool]:
    return Workshop.title.in_([one.title for one in WORKSHOPS])


async def _nothing_lately(board: Board) -> bool:
    since = clock.day_start(board.today - LATELY, clock.PARIS)
    recent = sa.select(Workshop.id).where(
        _of_the_demonstration(), since < LAST, _midnight(board) > LAST
    )
    return (await board.db.scalars(recent.limit(1))).first() is None


async def _list_coming(board: Board) -> list[Workshop]:
    found = await board.db.scalars(
        sa.select(Workshop.id).where(
            _of_the_demonstration(),
            _midnight(board) <= LAST,
            Workshop.state == WorkshopState.PLANNED,
        )
    )
    return [await load_workshop(board.db, one) for one in found.all()]


def _midnight(board: Board) -> dt.datetime:
    return clock.day_start(board.today, clock.PARIS)


# ---------------------------------------------------------------- planned


async def _plan(board: Board, day: dt.date, *, is_full: bool) -> None:
    """A full one has a waiting list. To the others Léa has yet to sign up, if they are to come."""
    facts = board.next_facts()
    if facts is None:
        return
    planner, trainer = board.people[facts.planner], board.people[facts.trainer]
    structure_id = board.structures[facts.structure]
    begins, ends = facts.hours
    draft = HalfDayDraft(day=day, begins=begins, ends=ends)
    made_at = at_hour(min(day - 24 * DAY, board.today - 5 * DAY), 10)
    workshop = Workshop(
        title=facts.title,
        about=facts.about,
        structure_id=structure_id,
        site=board.sites[facts.site],
        place=facts.place,
        places=facts.places,
        sign_up_until=day - 2 * DAY,
        funders=facts.funders,
        created_by_id=planner.id,
        created_at=made_at,
        trainers=[WorkshopTrainer(person_id=trainer.id, name=trainer.name)],
        slots=[
            WorkshopSlot(structure_id=structure_id, during=one.during, facilitators=[trainer])
            for one in half_days([draft], clock.PARIS, (NOON, AFTER_LUNCH), {})
        ],
    )
    if facts.outside:
        workshop.trainers.append(WorkshopTrainer(name=facts.outside))
    board.db.add(workshop)
    await board.db.flush()  # its id is needed
    board.tell("planned", workshop, made_at, planner)
    people = [board.people[name] for name in facts.people if name in board.people]
    if not is_full:
        waits_for_lea = day > board.today
        people = [one for one in people if one.given_name != "Léa" or not waits_for_lea]
        people = people[: facts.places - 1]
    await _seat(board, workshop, people, made_at)


async def _seat(
    board: Board, workshop: Workshop, people: Sequence[Person], since: dt.datetime
) -> None:
    """One after the other, within days; whoever comes after the last place waits."""
    places = workshop.places or len(people)
    for n, person in enumerate(people, 1):
        days, part = divmod(n, 3)
        at = since + days * DAY + part * 211 * MINUTE
        number = n if n <= places else None
        board.db.add(
            WorkshopSeat(
                workshop_id=workshop.id,
                person_id=person.id,
                number=number,
                created_by_id=person.id,
                created_at=at,
            )
        )
        await board.db.flush()  # whoever waits is counted in the order of ids
        if number:
            board.db.add_all(
                Attendance(slot_id=slot.id, person_id=person.id) for slot in workshop.slots
            )
        board.tell("joined" if number else "queued", workshop, at, person)
    await board.db.flush()


# ---------------------------------------------------------------- held


async def _hold_what_went_by(board: Board) -> None:
    """Sheets that nobody signed by hand."""
    found = await board.db.scalars(
        sa.select(WorkshopSlot.id)
        .join(WorkshopSlot.workshop)
        .where(
            _of_the_demonstration(),
            Workshop.state != WorkshopState.CANCELLED,
            WorkshopSlot.facts.is_(None),
            sa.func.upper(WorkshopSlot.during) < _midnight(board),
        )
        .order_by(WorkshopSlot.id)
    )
    for slot_id in found.all():
        sheet = await read_sheet(board.db, await lock_slot(board.db, slot_id))
        if sheet.lines and sheet.slot.facilitators:
            await _sign(board, sheet)
            await _close(board, sheet.slot)


async def _sign(board: Board, sheet: Sheet) -> None:
    """Everybody at the end of the half-day, on the device of who leads; the last one is excused."""
    slot, (leader, *_) = sheet.slot, sheet.slot.facilitators
    slot.facts = sheet.facts
    away = sheet.lines[-1] if len(sheet.lines) > 1 else None
    for line in sheet.lines:
        line.presence = Presence.EXCUSED if line is away else Presence.PRESENT
    await board.db.flush()  # signatures are compared with both
    came = [line for line in sheet.lines if line is not away]
    for n, line in enumerate(came):
        at = slot.ends_at - 10 * MINUTE + n * dt.timedelta(seconds=47)
        name = line.person.name
        board.db.add(
            AttendanceSignature(
                slot_id=slot.id,
                person_id=line.person_id,
                role=SignerRole.PARTICIPANT,
                name=name,
                signed_at=at,
                text_hash=sheet.hash_for(name),
                device_of_id=leader.id,
            )
        )
        board.tell("sheet_handed", sheet.workshop, at, leader, person=name, slot=_span(slot))
    await board.db.flush()


async def _close(board: Board, slot: WorkshopSlot) -> None:
    sheet = await read_sheet(board.db, slot)
    leader, at = slot.facilitators[0], slot.ends_at + 12 * MINUTE
    slot.sheet_text = text = sheet.text
    slot.closed_at, slot.closed_by_id = at, leader.id
    sheet.workshop.state = WorkshopState.HELD
    await board.db.flush()  # the database compares the signature with the text
    board.db.add(
        AttendanceSignature(
            slot_id=slot.id,
            person_id=leader.id,
            role=SignerRole.FACILITATOR,
            name=leader.name,
            signed_at=at,
            text_hash=hash_of(text),
            device_of_id=leader.id,
        )
    )
    await board.db.flush()
    board.tell("sheet_closed", sheet.workshop, at, leader, slot=_span(slot))


def _span(slot: WorkshopSlot) -> dict[str, str]:
    return {"start": slot.starts_at.isoformat(), "end": slot.ends_at.isoformat()}
