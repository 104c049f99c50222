"""Housekeeping: what is kept of who read which file goes in time."""

from couveuse.core.db import unit_of_work
from couveuse.core.jobs import Workshop, every
from couveuse.trainees.actions.readings import forget_readings as forget


@every("forget_readings", "41 3 * * *")
async def forget_readings(workshop: Workshop) -> None:
    async with unit_of_work(workshop.sessions) as db:
        await forget(db)
