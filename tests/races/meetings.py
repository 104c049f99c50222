"""Workshops of the arena: planned and changed, signed for and closed, paid for."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range

from couveuse.core.actor import Role
from couveuse.core.db import unit_of_work
from couveuse.followup.models import (
    Attendance,
    AttendanceSignature,
    Workshop,
    WorkshopSeat,
    WorkshopSlot,
    WorkshopTrainer,
)
from couveuse.network.models import SupportCharge
from couveuse.people.models import Person
from couveuse.structures.models import Site, Structure
from tests import build
from tests.races.arena import Arena, Racer, hour, signed_in

Answer = httpx.Response
LASTS = dt.timedelta(hours=3)


@dataclass(slots=True)
class Meetings:
    arena: Arena
    home_id: int
    trainers: list[Racer]
    """Two who lead every workshop together."""

    async def workshop(self, start: dt.datetime, *people: Racer, **fields: Any) -> tuple[int, int]:
        """With its only half-day; the people have its places, in order."""
        async with unit_of_work(self.arena.sessions) as db:
            home = await db.get_one(Structure, self.home_id)
            leads = [await db.get_one(Person, one.id) for one in self.trainers]
            made = await build.make_workshop(
                db, home, leads[0], start, site_id=self.arena.site_id, **fields
            )
            (slot,) = made.slots
            slot.facilitators = leads
            db.add(WorkshopTrainer(workshop_id=made.id, person_id=leads[1].id, name="Bert"))
            for number, one in enumerate(people, 1):
                person = await db.get_one(Person, one.id)
                places = made.places or len(people)
                await build.make_seat(db, made, person, number if number <= places else None)
            return made.id, slot.id

    async def to_come(self, *people: Racer, places: int) -> int:
        start = hour(9).replace(tzinfo=dt.UTC)
        return (await self.workshop(start, *people, places=places))[0]

    async def under_way(self, *people: Racer) -> tuple[int, int]:
        """A workshop and its half-day, begun an hour ago."""
        return await self.workshop(dt.datetime.now(dt.UTC) - dt.timedelta(hours=1), *people)

    # ------------------------------------------------------------ racing

    async def join(self, who: Racer, workshop: int) -> Answer:
        return await self.arena.post(who, f"/ateliers/{workshop}/inscriptions")

    async def leave(self, who: Racer, workshop: int) -> Answer:
        return await self.arena.post(who, f"/ateliers/{workshop}/inscriptions/retrait")

    async def take_off(self, by: Racer, who: Racer, workshop: int) -> Answer:
        path = f"/ateliers/{workshop}/inscriptions/retrait"
        return await self.arena.post(by, path, person_id=who.id)

    async def change_places(self, by: Racer, workshop: int, places: int) -> Answer:
        async with self.arena.sessions() as db:
            chosen = sa.select(WorkshopSlot.id).where(WorkshopSlot.workshop_id == workshop)
            slot_id = await db.scalar(chosen)
        start = hour(9)
        return await self.arena.post(
            by,
            f"/ateliers/{workshop}/modification",
            title="Irriguer",
            structure_id=self.home_id,
            site_id=self.arena.site_id,
            trainer_ids=[one.id for one in self.trainers],
            places=places,
            slot_id_1=slot_id,
            slot_day_1=start.date().isoformat(),
            slot_begins_1=f"{start:%H:%M}",
            slot_ends_1=f"{start + LASTS:%H:%M}",
        )

    async def cancel(self, by: Racer, workshop: int) -> Answer:
        return await self.arena.post(by, f"/ateliers/{workshop}/annulation", reason="Il gèle.")

    async def sign(self, by: Racer, slot: int, who: Racer | None = None) -> Answer:
        """On one's own device, or on that of somebody else."""
        path = f"/ateliers/demi-journees/{slot}/signatures"
        return await self.arena.post(by, path, person_id=(who or by).id)

    async def close(self, by: Racer, slot: int) -> Answer:
        return await self.arena.post(by, f"/ateliers/demi-journees/{slot}/cloture")

    async def charge(self, by: Racer, key: str, action: int) -> Answer:
        fields = {"sessions": [key], f"action_{key}": action}
        return await self.arena.post(by, "/heures/imputations", **fields)

    # ------------------------------------------------------------ looking

    async def seats(self, workshop: int) -> list[WorkshopSeat]:
        """In the order of signing up. What is promised holds: places once each, within the ceiling,
        none free while somebody waits, and a line on the sheet for who has one."""
        async with self.arena.sessions() as db:
            places = await db.scalar(sa.select(Workshop.places).where(Workshop.id == workshop))
            chosen = sa.select(WorkshopSeat).where(WorkshopSeat.workshop_id == workshop)
            seats = list(await db.scalars(chosen.order_by(WorkshopSeat.id)))
            slots = sa.select(WorkshopSlot.id).where(WorkshopSlot.workshop_id == workshop)
            on_sheet = sa.select(Attendance.person_id).where(Attendance.slot_id.in_(slots))
            lines = sorted(await db.scalars(on_sheet))
        numbers = [one.number for one in seats if one.number]
        assert len(set(numbers)) == len(numbers) <= (places or 0)
        assert len(numbers) == places or all(one.number for one in seats)
        assert lines == sorted(one.person_id for one in seats if one.number)
        return seats

    async def state(self, workshop: int) -> str:
        async with self.arena.sessions() as db:
            return (await db.get_one(Workshop, workshop)).state

    async def slot(self, slot: int) -> WorkshopSlot:
        async with self.arena.sessions() as db:
            return await db.get_one(WorkshopSlot, slot)

    async def signatures(self, slot: int) -> list[tuple[int, str]]:
        """Who signed, and as what."""
        async with self.arena.sessions() as db:
            chosen = sa.select(AttendanceSignature).where(AttendanceSignature.slot_id == slot)
            return [(one.person_id, one.role) for one in await db.scalars(chosen)]

    async def verbs(self, workshop: int) -> list[str]:
        """The journal of a workshop, oldest first."""
        async with self.arena.sessions() as db:
            said = sa.text(
                "SELECT verb FROM journal_line"
                " WHERE subject_kind = 'workshop' AND subject_id = :id ORDER BY id"
            )
            return list(await db.scalars(said, {"id": workshop}))

    async def mails(self, workshop: int, what: str) -> list[int]:
        """Who will be told so, each as often as it was queued."""
        async with self.arena.sessions() as db:
            queued = sa.text(
                "SELECT convert_from(payload, 'UTF8')::jsonb FROM pgqueuer"
                " WHERE entrypoint = 'tell_about_workshop'"
            )
            jobs = await db.scalars(queued)
            return [
                person
                for job in jobs
                if (job["workshop_id"], job["what"]) == (workshop, what)
                for person in job["people"]
            ]

    async def actions(self) -> list[int]:
        """One action of each of two grants; either may pay a half-day."""
        made: list[int] = []
        async with unit_of_work(self.arena.sessions) as db:
            home = await db.get_one(Structure, self.home_id)
            today = dt.datetime.now(dt.UTC).date()
            year = Range(dt.date(today.year, 1, 1), dt.date(today.year + 1, 1, 1))
            for _ in range(2):
                grant = await build.make_grant(db, home, during=year)
                made.append((await build.make_action(db, grant, mode="group")).id)
        return made

    async def payers(self, slot: int) -> list[int]:
        async with self.arena.sessions() as db:
            chosen = sa.select(SupportCharge.action_id).where(SupportCharge.slot_id == slot)
            return list(await db.scalars(chosen))


async def open_meetings(arena: Arena) -> Meetings:
    async with unit_of_work(arena.sessions) as db:
        site = await db.get_one(Site, arena.site_id)
        home = await db.get_one(Structure, site.structure_id)
        people = [await build.make_person(db, name) for name in ("Anna", "Bert")]
        for person in people:
            await build.make_membership(db, person, home, Role.MENTOR)
        return Meetings(arena, home.id, [signed_in(db, person) for person in people])
