"""Ground to race for: plots, everybody in charge of them, and the doors that the product has."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Role
from couveuse.core.db import unit_of_work
from couveuse.occupancy.models import PlotPeriod, stay_person
from couveuse.plots.models import plot_right
from couveuse.structures.models import LandRight, Site
from tests import build
from tests.races.arena import Arena, Racer, made, signed_in

IN_CHARGE = 32
TODAY = dt.datetime.now(dt.UTC).date()
_codes = count(1)


def day(number: int) -> dt.date:
    """Days from today on; every race takes plots of its own, so all may use the same."""
    return TODAY + dt.timedelta(days=number)


@dataclass(slots=True)
class Land:
    """A site with plots to make, and many who decide on them, each with a browser of her own."""

    arena: Arena
    site_id: int
    bosses: list[Racer]

    # ------------------------------------------------------------ preparing

    async def plot(self, *, right_ends: int | None = None) -> int:
        """A new plot of 1,000 m², free for ever, or up to the last day of a right."""
        async with unit_of_work(self.arena.sessions) as db:
            site = await db.get_one(Site, self.site_id)
            rights = [await _lent(db, site, right_ends)] if right_ends else []
            return (await build.make_plot(db, site, code=code(), rights=rights)).id

    async def right_of(self, plot: int) -> LandRight:
        async with self.arena.sessions() as db:
            tied = sa.select(plot_right.c.land_right_id).where(plot_right.c.plot_id == plot)
            return await db.get_one(LandRight, await db.scalar(tied))

    async def claimed(self, plot: int, first: int, last: int, **fields: object) -> int:
        """A claim that went through the product's own door."""
        return made(await self.claim(self.bosses[0], plot, first, last, **fields))

    # ------------------------------------------------------------ racing

    async def claim(
        self, who: Racer, plot: int, first: int, last: int, **fields: object
    ) -> httpx.Response:
        """From a first to a last day, for works unless told otherwise."""
        sent = {"kind": "works", "starts_on": day(first), "ends_on": day(last)} | fields
        return await self.arena.post(who, f"/parcelles/{plot}/occupations", **sent)

    async def stay(
        self, who: Racer, plot: int, first: int, last: int, person: Racer, **fields: object
    ) -> httpx.Response:
        sent = {"kind": "stay", "person_id": person.id} | fields
        return await self.claim(who, plot, first, last, **sent)

    async def move(self, who: Racer, period: int, first: int, last: int) -> httpx.Response:
        path = f"/occupations/{period}/dates"
        return await self.arena.post(who, path, starts_on=day(first), ends_on=day(last))

    async def end(self, who: Racer, period: int, last: int, **fields: object) -> httpx.Response:
        path = f"/occupations/{period}/fin"
        return await self.arena.post(who, path, ends_on=day(last), **fields)

    async def cancel(self, who: Racer, period: int) -> httpx.Response:
        return await self.arena.post(who, f"/occupations/{period}/annulation")

    async def confirm(self, who: Racer, period: int) -> httpx.Response:
        return await self.arena.post(who, f"/occupations/{period}/entree")

    async def split(self, who: Racer, plot: int, on: int, *sizes: int) -> httpx.Response:
        sent: dict[str, object] = {"happened_on": day(on)}
        for number, size in enumerate(sizes or (600, 400), start=1):
            sent |= {f"code_{number}": code(), f"size_{number}": size}
        return await self.arena.post(who, f"/parcelles/{plot}/division", **sent)

    async def merge(self, who: Racer, plot: int, others: Sequence[int], on: int) -> httpx.Response:
        sent = {"happened_on": day(on), "plot_ids": list(others), "code": code()}
        return await self.arena.post(who, f"/parcelles/{plot}/fusion", **sent)

    async def close(self, who: Racer, plot: int, last: int) -> httpx.Response:
        path = f"/parcelles/{plot}/fin-de-service"
        return await self.arena.post(who, path, last_day=day(last))

    async def shorten(self, who: Racer, right: LandRight, last: int) -> httpx.Response:
        sent = {"form": right.form, "starts_on": right.during.lower, "ends_on": day(last)}
        return await self.arena.post(who, f"/droits/{right.id}", **sent)

    # ------------------------------------------------------------ looking

    async def held(self, *plots: int) -> Sequence[PlotPeriod]:
        """What holds the plots, by first day."""
        async with self.arena.sessions() as db:
            chosen = sa.select(PlotPeriod).where(PlotPeriod.plot_id.in_(plots))
            ordered = chosen.order_by(sa.func.lower(PlotPeriod.during), PlotPeriod.plot_id)
            return (await db.scalars(ordered)).all()

    async def family(self, *plots: int) -> list[int]:
        """The plots and all that came of them."""
        async with self.arena.sessions() as db:
            question = """
                WITH RECURSIVE family AS (
                    SELECT unnest(CAST(:plots AS bigint[])) AS id
                    UNION SELECT child_id FROM plot_lineage JOIN family ON parent_id = family.id
                ) SELECT id FROM family ORDER BY id
            """
            return list(await db.scalars(sa.text(question), {"plots": list(plots)}))

    async def stays_of(self, person: Racer) -> list[int]:
        async with self.arena.sessions() as db:
            mine = sa.select(stay_person.c.stay_id).where(stay_person.c.person_id == person.id)
            return list(await db.scalars(mine))


def code() -> str:
    return f"R{next(_codes)}"


def ends(period: PlotPeriod) -> tuple[int, int]:
    """First and last day of a claim, as numbers of days from today."""
    assert period.during.lower
    assert period.last_day
    return (period.during.lower - TODAY).days, (period.last_day - TODAY).days


async def _lent(db: AsyncSession, site: Site, last: int) -> LandRight:
    return await build.make_land_right(db, site, form="free_loan", end=day(last + 1))


async def open_land(arena: Arena) -> Land:
    """A structure with a site of its own: nothing of it is anybody's business in other races."""
    async with unit_of_work(arena.sessions) as db:
        home = await build.make_structure(db)
        site = await build.make_site(db, home)
        people = [await build.make_person(db, f"Chef{n}") for n in range(IN_CHARGE)]
        for person in people:
            await build.make_membership(db, person, home, Role.STRUCTURE_MANAGER)
        return Land(arena, site.id, [signed_in(db, person) for person in people])
