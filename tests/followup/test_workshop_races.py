"""Many people and one workshop in the same moment: real connections, nothing rolled back."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor, Role, Seat
from couveuse.core.db import unit_of_work
from couveuse.followup.actions.attendance import close_sheet, sign_sheet
from couveuse.followup.actions.workshop_seats import leave, sign_up
from couveuse.followup.models import (
    Attendance,
    AttendanceSignature,
    Presence,
    Workshop,
    WorkshopSeat,
    WorkshopSlot,
)
from couveuse.followup.queries.workshops import get_slot, get_workshop
from couveuse.people.models import Person
from tests import build
from tests.conftest import NOON
from tests.followup.test_races import DAY, ROUNDS, Field, field, refusals

__all__ = ["field"]
pytestmark = [pytest.mark.race, pytest.mark.slow]
Act = Callable[[AsyncSession], Awaitable[Any]]


async def crowd(field: Field, size: int) -> list[Actor]:
    """Trainees of home beside the cast."""
    made: list[Actor] = []
    async with unit_of_work(field.sessions) as db:
        for n in range(size):
            person = await build.make_person(db, f"P{n}")
            await build.make_membership(db, person, field.cast.home, Role.TRAINEE)
            seats = frozenset({Seat(field.cast.home.id, Role.TRAINEE)})
            made.append(Actor(person.id, person.name, None, None, seats, 0))
    return made


async def workshop(field: Field, places: int, start: dt.datetime = NOON + 7 * DAY) -> int:
    async with unit_of_work(field.sessions) as db:
        made = await build.make_workshop(db, field.cast.home, field.cast.marc, start, places=places)
        return made.id


def joins(actor: Actor, workshop_id: int) -> Act:
    async def act(db: AsyncSession) -> int | None:
        person = await db.get_one(Person, actor.person_id)
        return (await sign_up(db, actor, await get_workshop(db, actor, workshop_id), person)).number

    return act


def leaves(actor: Actor, workshop_id: int) -> Act:
    async def act(db: AsyncSession) -> None:
        await leave(db, actor, await get_workshop(db, actor, workshop_id), actor.person_id)

    return act


async def holds(field: Field, workshop_id: int) -> list[WorkshopSeat]:
    """What is promised: places once each, within the ceiling, none free while somebody waits."""
    async with field.sessions() as db:
        places = await db.scalar(sa.select(Workshop.places).where(Workshop.id == workshop_id))
        seats = [
            one
            for one in await db.scalars(sa.select(WorkshopSeat).order_by(WorkshopSeat.id))
            if one.workshop_id == workshop_id
        ]
        slots = sa.select(WorkshopSlot.id).where(WorkshopSlot.workshop_id == workshop_id)
        lines = set(
            await db.scalars(sa.select(Attendance.person_id).where(Attendance.slot_id.in_(slots)))
        )
    numbers = [one.number for one in seats if one.number]
    assert len(set(numbers)) == len(numbers) <= (places or 0)
    assert len(numbers) == places or all(one.number for one in seats)
    assert lines == {one.person_id for one in seats if one.number}
    return seats


async def test_32_people_for_8_places(field: Field) -> None:
    people, workshop_id = await crowd(field, 32), await workshop(field, 8)

    answers = await field.at_once(*(joins(one, workshop_id) for one in people))

    assert refusals(answers) == []
    assert sorted(one for one in answers if one) == list(range(1, 9))
    seats = await holds(field, workshop_id)
    assert len(seats) == 32
    assert all(one.number for one in seats[:8])  # first in line, first served


async def test_giving_places_back_against_taking_them(field: Field) -> None:
    people = await crowd(field, 8)
    for _ in range(ROUNDS):
        workshop_id = await workshop(field, 2)
        for one in people[:4]:
            await field.at_once(joins(one, workshop_id))

        acts = [leaves(one, workshop_id) for one in people[:2]]
        acts += [joins(one, workshop_id) for one in people[4:]]
        assert refusals(await field.at_once(*acts)) == []

        seats = await holds(field, workshop_id)
        assert [one.person_id for one in seats if one.number] == [
            one.person_id for one in people[2:4]
        ]
        assert len(seats) == 6


async def test_one_person_pressing_five_times_has_one_place(field: Field) -> None:
    (one,), workshop_id = await crowd(field, 1), await workshop(field, 2)

    answers = await field.at_once(*[joins(one, workshop_id)] * 5)

    assert refusals(answers) == []
    assert set(answers) == {1}


async def test_a_signature_against_the_closing_stands_on_the_sheet_or_is_refused(
    field: Field,
) -> None:
    lea, marc = field.cast.actors["lea"], field.cast.actors["marc"]
    for turn in range(ROUNDS):
        async with unit_of_work(field.sessions) as db:
            made = await build.make_workshop(
                db, field.cast.home, field.cast.marc, NOON - DAY, places=2
            )
            await build.make_seat(db, made, field.cast.lea)
            (slot,) = made.slots
            await db.execute(
                sa.update(Attendance)
                .where(Attendance.slot_id == slot.id)
                .values(presence=Presence.ABSENT)
            )
            slot_id = slot.id

        async def sign(db: AsyncSession, slot_id: int = slot_id) -> None:
            slot = await get_slot(db, lea, slot_id)
            await sign_sheet(db, lea, slot, lea.person_id, None)

        async def close(db: AsyncSession, slot_id: int = slot_id) -> None:
            await close_sheet(db, marc, await get_slot(db, marc, slot_id), None)

        answers = await field.at_once(*((sign, close) if turn % 2 else (close, sign)))

        refused = refusals(answers)
        async with field.sessions() as db:
            text = await db.scalar(
                sa.select(WorkshopSlot.sheet_text).where(WorkshopSlot.id == slot_id)
            )
            signed = await db.scalar(
                sa.select(sa.func.count())
                .select_from(AttendanceSignature)
                .where(
                    AttendanceSignature.slot_id == slot_id,
                    AttendanceSignature.role == "participant",
                )
            )
        assert text is not None
        assert ("signé le" in text) == bool(signed) == (refused == [])
