"""A line in the journal of the plot, and a mail to the people whom a change touches."""

import datetime as dt
import secrets
from collections.abc import Collection, Iterable
from typing import Protocol

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import jobs, journal
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.occupancy import claims
from couveuse.occupancy.models import PeriodKind, PlotPeriod
from couveuse.occupancy.rules import KINDS
from couveuse.occupancy.spans import last_day_of
from couveuse.plots.models import Plot

journal.words(
    {
        "plot.claimed": N_("a noté : %(kind)s, %(dates)s"),
        "plot.claim_moved": N_("a changé les dates : %(kind)s, %(dates)s (avant : %(was)s)"),
        "plot.claim_ended": N_("a mis fin plus tôt : %(kind)s, %(dates)s (avant : %(was)s)"),
        "plot.claim_cancelled": N_("a annulé : %(kind)s, %(dates)s"),
        "plot.claim_confirmed": N_("a confirmé : %(kind)s, %(dates)s"),
        "plot.claim_cut": N_("a coupé à la division : %(kind)s, %(dates)s"),
        "plot.claim_goes_on": N_("continue ici après la division : %(kind)s, %(dates)s"),
        "plot.claim_joined": N_("continue ici après la fusion : %(kind)s, %(dates)s"),
        "plot.reported": N_("a fait un état des lieux (%(kind)s) le %(day)s"),
    }
)


class Named(Protocol):
    @property
    def name(self) -> str: ...


MAILED = {
    "plot.claimed",
    "plot.claim_moved",
    "plot.claim_ended",
    "plot.claim_cancelled",
    "plot.claim_confirmed",
    "plot.claim_goes_on",
    "plot.claim_joined",
}


def held_by(kind: str, people: Iterable[Named]) -> journal.Words:
    """What a claim is and whose, as a line of the journal keeps it."""
    return journal.Words(KINDS[PeriodKind(kind)], ", ".join(person.name for person in people))


async def tell(
    db: AsyncSession,
    actor: Actor,
    verb: str,
    plot: Plot,
    period: PlotPeriod,
    *,
    was: Range[dt.date] | None = None,
    reason: str | None = None,
) -> None:
    """Write the journal, and queue the mail to those who hold the claim."""
    people = await claims.people_of(db, period.stay_id)
    journal.record(
        db,
        actor,
        verb,
        plot.id,
        kind=held_by(period.kind, people),
        dates=period.during,
        was=was,
        reason=reason,
    )
    if verb in MAILED:
        await _queue_mail(db, actor, verb, plot, period, [one.id for one in people], was, reason)


async def _queue_mail(
    db: AsyncSession,
    actor: Actor,
    verb: str,
    plot: Plot,
    period: PlotPeriod,
    people: Collection[int],
    was: Range[dt.date] | None,
    reason: str | None,
) -> None:
    readers = [one for one in people if one != actor.person_id]
    if not readers:
        return
    await jobs.queue(
        db,
        "tell_about_ground",
        what=verb.partition(".")[2],
        plot_id=plot.id,
        kind=period.kind,
        days=_ends(period.during),
        was=_ends(was) if was else None,
        reason=reason,
        people=readers,
        by=actor.name,
        event=secrets.token_hex(6),
    )


def _ends(during: Range[dt.date]) -> list[str | None]:
    """First and last day, as a job carries them."""
    last = last_day_of(during)
    return [str(during.lower), str(last) if last else None]
