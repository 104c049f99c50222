"""Opening months of one's figures to who follows, and taking them back."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup import queries
from couveuse.followup.accounts import first_of
from couveuse.followup.figure_forms import ShareMonthsForm
from couveuse.followup.models import FigureShare
from couveuse.occupancy.season import add_months
from couveuse.trainees.actions import readings

journal.words(
    {
        "figure_share.opened": N_("a partagé des chiffres"),
        "figure_share.withdrawn": N_("a retiré un partage de chiffres"),
    }
)


@atomic
async def share_months(db: AsyncSession, actor: Actor, asked: ShareMonthsForm) -> None:
    """Open a month, or all from a month on. What was said of these months to the same readers
    before is replaced; sent twice, it stays the same."""
    await queries.lock_figures(db, actor.person_id)
    group = await queries.list_group_people(db, actor.person_id)
    members = {one.id for one in group} - {actor.person_id}
    readers = asked.reader_ids
    if not members or not readers or not {one for one in readers if one} <= members:
        sentence = N_("Choisissez le groupe de suivi entier, ou une ou plusieurs personnes.")
        raise Refused(Reason("not_in_the_group", sentence, field="readers"))
    if asked.month > first_of(clock.today()):
        sentence = N_("Choisissez un mois déjà commencé.")
        raise Refused(Reason("month_to_come", sentence, field="month"))
    end = None if asked.reach == "on" else add_months(asked.month, 1)
    during = Range(asked.month, end)
    for reader_id in readers:
        holding = [
            one for one in await queries.list_shares(db, actor) if one.reader_id == reader_id
        ]
        if not any(one.during == during and one.with_hours == asked.with_hours for one in holding):
            await _carve(db, holding, during)
            share = _share(actor.person_id, reader_id, during, asked.with_hours)
            db.add(share)
            await db.flush()  # the journal needs its id
            journal.record(db, actor, "figure_share.opened", share.id)


@atomic
async def withdraw_share(db: AsyncSession, actor: Actor, share: FigureShare) -> None:
    """From now on nobody reads through it. Done twice, it stays so."""
    await queries.lock_figures(db, actor.person_id)
    fresh = await queries.get_share(db, actor, share.id)
    if fresh.withdrawn_at is None:
        fresh.withdrawn_at = clock.now()
        journal.record(db, actor, "figure_share.withdrawn", fresh.id)


@atomic
async def hide_month(db: AsyncSession, actor: Actor, month: dt.date) -> None:
    """Close one month to everybody; the others that were shared with it stay open."""
    await queries.lock_figures(db, actor.person_id)
    shares = await queries.list_shares(db, actor)
    for closed in await _carve(db, shares, Range(month, add_months(month, 1))):
        journal.record(db, actor, "figure_share.withdrawn", closed.id)


async def _carve(
    db: AsyncSession, shares: Sequence[FigureShare], during: Range[dt.date]
) -> list[FigureShare]:
    """Take some months out of shares that hold. Returns those that it closed."""
    touched = [one for one in shares if one.during.overlaps(during)]
    for one in touched:
        one.withdrawn_at = clock.now()
    await db.flush()  # what follows stands where they stood
    for one in touched:
        for part in _around(one.during, during):
            db.add(
                _share(one.person_id, one.reader_id, part, one.with_hours, shared_at=one.shared_at)
            )
    await db.flush()  # the caller adds what stands between
    return touched


def _around(whole: Range[dt.date], hole: Range[dt.date]) -> list[Range[dt.date]]:
    """What of ``whole`` lies before and after ``hole``."""
    parts: list[Range[dt.date]] = []
    if whole.lower and hole.lower and whole.lower < hole.lower:
        parts.append(Range(whole.lower, hole.lower))
    if hole.upper and (whole.upper is None or hole.upper < whole.upper):
        parts.append(Range(hole.upper, whole.upper))
    return parts


def _share(
    person_id: int,
    reader_id: int | None,
    during: Range[dt.date],
    with_hours: bool,
    shared_at: dt.datetime | None = None,
) -> FigureShare:
    return FigureShare(
        person_id=person_id,
        reader_id=reader_id,
        during=during,
        with_hours=with_hours,
        shared_at=shared_at or clock.now(),
    )


async def note_figures_reading(db: AsyncSession, actor: Actor, person_id: int) -> None:
    """Somebody opens figures that were shared with them: it is written down, once a day."""
    if actor.person_id != person_id and await queries.has_figures(db, actor, person_id):
        await readings.note_reading(db, actor, person_id, queries.FIGURES, person_id)
