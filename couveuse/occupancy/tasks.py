"""What the worker does for land: mails to those whose ground changes."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from couveuse.core.db import unit_of_work
from couveuse.core.jobs import Workshop, job
from couveuse.core.mail import post
from couveuse.occupancy.mails import ground_mail
from couveuse.people.models import Person
from couveuse.plots.models import Plot


@job("tell_about_ground")
async def tell_about_ground(
    workshop: Workshop,
    *,
    what: str,
    plot_id: int,
    kind: str,
    days: list[str | None],
    people: list[int],
    by: str,
    was: list[str | None] | None = None,
    reason: str | None = None,
    holders: list[str] | None = None,
    division: dict[str, Any] | None = None,
    event: str = "",
) -> None:
    """Mail the people who hold the claim, except the one who changed it."""
    async with unit_of_work(workshop.sessions) as db:
        plot = await db.scalar(
            sa.select(Plot).where(Plot.id == plot_id).options(joinedload(Plot.site))
        )
        if plot is None:
            return
        found = await db.scalars(
            sa.select(Person).where(Person.id.in_(people), Person.email.is_not(None))
        )
        for reader in found:
            subject, body = ground_mail(
                plot,
                what,
                kind,
                reader,
                workshop.settings.public_url,
                days=days,
                was=was,
                by=by,
                reason=reason,
                holders=holders or [],
                division=division,
            )
            key = f"ground:{what}:{plot.id}:{event}:{reader.id}"
            await post(db, str(reader.email), subject, body, key=key)
