"""Asking for news of those who left, when it is due."""

from couveuse.core.db import unit_of_work
from couveuse.core.jobs import Workshop, every
from couveuse.trainees.actions.after import ask_everybody


@every("ask_for_news", "10 6 * * *")
async def ask_for_news(workshop: Workshop) -> None:
    async with unit_of_work(workshop.sessions) as db:
        await ask_everybody(db, workshop.settings.public_url)
