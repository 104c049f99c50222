"""Somebody's own figures: whole for the person, the months shared for who follows them."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.followup import policy
from couveuse.followup.accounts import Accounts, first_of, hours_in
from couveuse.followup.models import (
    FigureAmount,
    FigureHeading,
    FigureMonth,
    FigureReminder,
    FigureShare,
    HeadingKind,
    PlannedAmount,
)
from couveuse.occupancy.season import Season, add_months
from couveuse.people.models import Person
from couveuse.trainees.models import FileReading

FIGURES = "figures"
"""What the log of readings calls them."""
DUE_AFTER = 10
"""The day of a month after which the one before should be filled in."""
IN_ORDER = (
    FigureHeading.kind != HeadingKind.SALE,
    FigureHeading.place,
    FigureHeading.id,
)


async def list_headings(db: AsyncSession, person_id: int) -> Sequence[FigureHeading]:
    """Every one, ended ones too: outlets, then costs, in the person's order."""
    found = await db.scalars(
        sa.select(FigureHeading).where(FigureHeading.person_id == person_id).order_by(*IN_ORDER)
    )
    return found.all()


async def get_heading(db: AsyncSession, actor: Actor, heading_id: int) -> FigureHeading:
    """One's own."""
    found = await db.scalar(
        sa.select(FigureHeading)
        .where(FigureHeading.id == heading_id, FigureHeading.person_id == actor.person_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


async def lock_figures(db: AsyncSession, person_id: int) -> None:
    """One device at a time writes the figures of somebody."""
    await db.execute(
        sa.select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)
    )


async def find_month(db: AsyncSession, actor: Actor, month: dt.date) -> FigureMonth | None:
    """One's own, with its amounts."""
    return await db.scalar(
        sa.select(FigureMonth)
        .where(FigureMonth.person_id == actor.person_id, FigureMonth.month == month)
        .options(selectinload(FigureMonth.amounts))
        .execution_options(populate_existing=True)
    )


async def has_figures(db: AsyncSession, actor: Actor, person_id: int) -> bool:
    """Whether there is a month of this person that the actor may read."""
    query = (
        sa.select(FigureMonth.id)
        .join(FigureMonth.person)
        .where(FigureMonth.person_id == person_id, policy.visible_figures(actor))
    )
    return bool(await db.scalar(sa.select(query.exists())))


async def may_open_own(db: AsyncSession, actor: Actor) -> bool:
    """Who keeps figures; and who kept some, for they stay theirs."""
    return policy.can_keep_figures(actor) or await has_figures(db, actor, actor.person_id)


async def read_accounts(db: AsyncSession, actor: Actor, person_id: int, season: Season) -> Accounts:
    """The months of a period that the actor may read, and of those the plan.

    Whoever is not the person sees the headings of those months alone.
    """
    months = await _visible_months(db, actor, person_id, season)
    own = actor.person_id == person_id
    filled = [month.month for month, _ in months]
    real = {
        (amount.heading_id, month.month): amount.amount
        for month, _ in months
        for amount in month.amounts
    }
    plan = {
        (one.heading_id, one.month): one.amount
        for one in await _list_planned(db, person_id, season)
        if own or one.month in filled
    }
    used = {heading for heading, _ in (*real, *plan)}
    return Accounts(
        season=season,
        headings=[
            one
            for one in await list_headings(db, person_id)
            if one.id in used or (own and one.ended_on is None)
        ],
        filled=filled,
        real=real,
        plan=plan,
        hours={
            month.month: hours_in(month.month, month.hours, month.hours_per)
            for month, hours_too in months
            if month.hours is not None and hours_too
        },
        words={month.month: month.words for month, _ in months if month.words},
    )


async def _visible_months(
    db: AsyncSession, actor: Actor, person_id: int, season: Season
) -> list[tuple[FigureMonth, bool]]:
    """In order, each with whether its hours may be read."""
    rows = await db.execute(
        sa.select(FigureMonth, policy.visible_hours(actor))
        .join(FigureMonth.person)
        .where(
            FigureMonth.person_id == person_id,
            FigureMonth.month >= season.start,
            FigureMonth.month < season.end,
            policy.visible_figures(actor),
        )
        .options(selectinload(FigureMonth.amounts))
        .order_by(FigureMonth.month)
        .execution_options(populate_existing=True)
    )
    return [(month, hours_too) for month, hours_too in rows]


async def _list_planned(
    db: AsyncSession, person_id: int, season: Season
) -> Sequence[PlannedAmount]:
    found = await db.scalars(
        sa.select(PlannedAmount)
        .where(
            PlannedAmount.person_id == person_id,
            PlannedAmount.month >= season.start,
            PlannedAmount.month < season.end,
        )
        .execution_options(populate_existing=True)
    )
    return found.all()


async def newest_visible_month(db: AsyncSession, actor: Actor, person_id: int) -> dt.date | None:
    return await db.scalar(
        sa.select(sa.func.max(FigureMonth.month))
        .join(FigureMonth.person)
        .where(FigureMonth.person_id == person_id, policy.visible_figures(actor))
    )


async def list_shares(db: AsyncSession, actor: Actor) -> Sequence[FigureShare]:
    """One's own that hold, with their readers."""
    found = await db.scalars(
        sa.select(FigureShare)
        .where(FigureShare.person_id == actor.person_id, FigureShare.withdrawn_at.is_(None))
        .options(joinedload(FigureShare.reader))
        .order_by(sa.func.lower(FigureShare.during), FigureShare.id)
        .execution_options(populate_existing=True)
    )
    return found.all()


async def get_share(db: AsyncSession, actor: Actor, share_id: int) -> FigureShare:
    """One's own, whether it still holds or not."""
    found = await db.scalar(
        sa.select(FigureShare)
        .where(FigureShare.id == share_id, FigureShare.person_id == actor.person_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


async def list_figure_readings(db: AsyncSession, person_id: int) -> Sequence[FileReading]:
    """Who read them, latest first; the log keeps a year. For the person alone."""
    found = await db.scalars(
        sa.select(FileReading)
        .where(FileReading.person_id == person_id, FileReading.what == FIGURES)
        .options(joinedload(FileReading.reader))
        .order_by(FileReading.read_at.desc())
        .limit(30)
    )
    return found.all()


async def wants_reminder(db: AsyncSession, person_id: int) -> bool:
    wanted = sa.select(FigureReminder.id).where(FigureReminder.person_id == person_id)
    return bool(await db.scalar(sa.select(wanted.exists())))


def month_due() -> dt.date | None:
    """The month that should be filled in by now: the one before, after the tenth."""
    today = clock.today()
    return add_months(first_of(today), -1) if today.day > DUE_AFTER else None


def _is_empty(month: dt.date) -> sa.ColumnElement[bool]:
    """The condition on ``Person``: nothing is kept of the month."""
    amount = sa.exists().where(FigureAmount.month_id == FigureMonth.id).correlate(FigureMonth)
    said = sa.or_(FigureMonth.hours.is_not(None), FigureMonth.words.is_not(None), amount)
    kept = sa.exists().where(FigureMonth.person_id == Person.id, FigureMonth.month == month, said)
    return ~kept.correlate(Person)


async def find_figures_due(db: AsyncSession, actor: Actor) -> dt.date | None:
    """The month before, when somebody who keeps figures left it empty and the tenth is past."""
    month = month_due()
    if month is None or not policy.can_keep_figures(actor):
        return None
    keeps = sa.exists().where(FigureHeading.person_id == Person.id).correlate(Person)
    due = sa.select(Person.id).where(Person.id == actor.person_id, keeps, _is_empty(month))
    return month if await db.scalar(due) else None


async def list_to_remind(db: AsyncSession, month: dt.date) -> Sequence[Person]:
    """Who asked for a mail, has an address and left the month empty."""
    found = await db.scalars(
        sa.select(Person)
        .join(FigureReminder, FigureReminder.person_id == Person.id)
        .where(Person.email.is_not(None), _is_empty(month))
        .order_by(Person.id)
    )
    return found.all()
