"""A line in the journal of the plot, and a mail to the people whom a change touches."""

import datetime as dt
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import jobs, journal
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.occupancy import claims
from couveuse.occupancy.models import PeriodKind, PlotPeriod
from couveuse.occupancy.rules import KINDS
from couveuse.occupancy.spans import last_day_of
from couveuse.people.models import Person
from couveuse.plots.models import Plot

journal.words(
    {
        "plot.claimed": N_("a noté : %(kind)s, %(dates)s"),
        "plot.claim_moved": N_("a changé les dates : %(kind)s, %(dates)s (avant : %(was)s)"),
        "plot.claim_ended": N_("a mis fin plus tôt : %(kind)s, %(dates)s (avant : %(was)s)"),
        "plot.claim_cancelled": N_("a annulé : %(kind)s, %(dates)s"),
        "plot.claim_corrected": N_("a corrigé l'occupation %(dates)s : %(changes)s"),
        "plot.claim_mistaken": N_(
            "a retiré une erreur de saisie : %(kind)s, %(dates)s (%(reason)s)"
        ),
        "plot.claim_confirmed": N_("a confirmé : %(kind)s, %(dates)s"),
        "plot.claim_cut": N_("a coupé à la division : %(kind)s, %(dates)s"),
        "plot.claim_goes_on": N_("continue ici après la division : %(kind)s, %(dates)s"),
        "plot.claim_joined": N_("continue ici après la fusion : %(kind)s, %(dates)s"),
        "plot.reported": N_("a fait un état des lieux (%(kind)s) le %(day)s"),
        "plot.report_corrected": N_(
            "a corrigé l'état des lieux (%(kind)s) du %(day)s : %(reason)s"
        ),
    }
)


class Named(Protocol):
    @property
    def name(self) -> str: ...


class Written(NamedTuple):
    """What a claim said before it was corrected."""

    kind: str
    people: Sequence[Person]
    reason: str | None


MAILED = {
    "plot.claimed",
    "plot.claim_moved",
    "plot.claim_ended",
    "plot.claim_cancelled",
    "plot.claim_mistaken",
    "plot.claim_confirmed",
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
        await _queue_mail(
            db,
            actor,
            verb.partition(".")[2],
            plot,
            period.kind,
            period.during,
            [one.id for one in people],
            was=was,
            reason=reason,
        )


async def tell_divided(
    db: AsyncSession,
    actor: Actor,
    whole: Plot,
    period: PlotPeriod,
    kept: Sequence[Plot],
    lost: Sequence[Plot],
) -> None:
    """Mail who holds a claim the parts where it goes on, and those that it has lost."""
    await _queue_mail(
        db,
        actor,
        "claim_goes_on",
        kept[0],
        period.kind,
        period.during,
        [one.id for one in await claims.people_of(db, period.stay_id)],
        division={
            "whole": whole.code,
            "kept": [part.code for part in kept],
            "lost": [part.code for part in lost],
        },
    )


async def tell_corrected(
    db: AsyncSession, actor: Actor, plot: Plot, period: PlotPeriod, before: Written
) -> None:
    """Write what was corrected, and mail who holds the claim now, and who does no more."""
    after = Written(period.kind, await claims.people_of(db, period.stay_id), period.reason)
    journal.record(
        db,
        actor,
        "plot.claim_corrected",
        plot.id,
        dates=period.during,
        changes=list(_changes(before, after)),
    )
    was, now = ({one.id for one in side.people} for side in (before, after))
    if (before.kind, was) == (after.kind, now):
        return
    names = [one.name for one in after.people]
    for what, kind, readers, holders in (
        ("claim_corrected", after.kind, was & now, names),
        ("claimed", after.kind, now - was, names),
        ("claim_not_theirs", before.kind, was - now, []),
    ):
        await _queue_mail(db, actor, what, plot, kind, period.during, readers, holders=holders)


def _changes(before: Written, after: Written) -> Iterator[dict[str, Any]]:
    if before.kind != after.kind:
        uses = (journal.Words(KINDS[PeriodKind(side.kind)]) for side in (before, after))
        yield journal.changed(N_("usage"), *uses)
    if [one.id for one in before.people] != [one.id for one in after.people]:
        names = (", ".join(one.name for one in side.people) or "–" for side in (before, after))
        yield journal.changed(N_("personnes"), *names)
    if before.reason != after.reason:
        yield journal.changed(N_("remarque"), before.reason or "–", after.reason or "–")


async def _queue_mail(
    db: AsyncSession,
    actor: Actor,
    what: str,
    plot: Plot,
    kind: str,
    during: Range[dt.date],
    people: Collection[int],
    *,
    was: Range[dt.date] | None = None,
    reason: str | None = None,
    holders: Sequence[str] = (),
    division: dict[str, Any] | None = None,
) -> None:
    readers = sorted(set(people) - {actor.person_id})
    if not readers:
        return
    await jobs.queue(
        db,
        "tell_about_ground",
        what=what,
        plot_id=plot.id,
        kind=kind,
        days=_ends(during),
        was=_ends(was) if was else None,
        reason=reason,
        holders=list(holders),
        division=division,
        people=readers,
        by=actor.name,
        event=secrets.token_hex(6),
    )


def _ends(during: Range[dt.date]) -> list[str | None]:
    """First and last day, as a job carries them."""
    last = last_day_of(during)
    return [str(during.lower), str(last) if last else None]
