"""Writes Léa's own figures: the year behind but last month, which waits for her; partly shared."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.followup.accounts import first_of, months_of, spread
from couveuse.followup.models import (
    FigureAmount,
    FigureHeading,
    FigureMonth,
    FigureShare,
    HeadingKind,
    HoursPer,
    PlannedAmount,
)
from couveuse.occupancy.season import Season, add_months
from couveuse.people.models import Person
from couveuse.seeds.almanac import DAY
from couveuse.seeds.demo_figures import HOURS, LINES, WORDS, LineFacts
from couveuse.seeds.network import Placed
from couveuse.seeds.rows import add_rows
from couveuse.seeds.telling import noon

BEHIND = 13
"""Months kept: last year's season is whole, or nearly."""
SHARED = 7
"""Months ago from which on Marc reads."""


async def add_figures(db: AsyncSession, placed: Placed, today: dt.date) -> None:
    lea = placed.people["Léa"]
    rows = [
        {"person_id": lea, "kind": one.kind, "name": one.name, "place": place}
        for place, one in enumerate(LINES, 1)
    ]
    headings = await add_rows(db, FigureHeading, rows)
    this_month = first_of(today)
    months = [add_months(this_month, -number) for number in range(BEHIND + 1, 1, -1)]
    await _add_months(db, lea, headings, months)
    season = Season.around(today)
    for planned in (season.shifted(-1), season):
        await _add_plan(db, lea, headings, planned)
    first = add_months(this_month, -SHARED)
    share = {"person_id": lea, "reader_id": placed.people["Marc"], "with_hours": False}
    shared_at = noon(today - 20 * DAY)
    await add_rows(
        db, FigureShare, [share | {"during": Range(first, None), "shared_at": shared_at}]
    )


async def keep_figures(db: AsyncSession, today: dt.date) -> None:
    """The months since, up to the one before last, while she has the headings of the start."""
    lea = await db.scalar(sa.select(Person.id).where(Person.email == "lea@couveuse.example"))
    found = await db.execute(
        sa.select(FigureHeading.name, FigureHeading.id).where(FigureHeading.person_id == lea)
    )
    known = {row.name: row.id for row in found}
    newest = await db.scalar(
        sa.select(sa.func.max(FigureMonth.month)).where(FigureMonth.person_id == lea)
    )
    if lea is None or newest is None or not all(one.name in known for one in LINES):
        return
    last = add_months(first_of(today), -2)
    months: list[dt.date] = []
    while (month := add_months(newest, len(months) + 1)) <= last:
        months.append(month)
    headings = [known[one.name] for one in LINES]
    await _add_months(db, lea, headings, months)
    season = Season.around(today)
    planned = sa.select(PlannedAmount.id).where(
        PlannedAmount.person_id == lea, PlannedAmount.month >= season.start
    )
    if not await db.scalar(sa.select(planned.exists())):
        await _add_plan(db, lea, headings, season)


async def _add_months(
    db: AsyncSession, lea: int, headings: Sequence[int], months: Sequence[dt.date]
) -> None:
    """Each written down on the sixth of the next month."""
    rows = [
        {
            "person_id": lea,
            "month": month,
            "hours": Decimal(HOURS[month.month]),
            "hours_per": HoursPer.MONTH,
            "words": WORDS.get(month.month),
            "version": 1,
            "made_at": noon(add_months(month, 1) + 5 * DAY),
            "changed_at": noon(add_months(month, 1) + 5 * DAY),
        }
        for month in months
    ]
    ids = await add_rows(db, FigureMonth, rows)
    amounts = [
        {
            "month_id": month_id,
            "heading_id": heading_id,
            "person_id": lea,
            "amount": Decimal(line.months[month.month]),
        }
        for month_id, month in zip(ids, months, strict=True)
        for heading_id, line in zip(headings, LINES, strict=True)
        if month.month in line.months
    ]
    await add_rows(db, FigureAmount, amounts)


async def _add_plan(db: AsyncSession, lea: int, headings: Sequence[int], season: Season) -> None:
    rows = [
        {"person_id": lea, "heading_id": heading_id, "month": month, "amount": amount}
        for heading_id, line in zip(headings, LINES, strict=True)
        for month, amount in zip(months_of(season), _planned(line, season), strict=True)
    ]
    await add_rows(db, PlannedAmount, rows)


def _planned(line: LineFacts, season: Season) -> list[Decimal]:
    """Sales follow the year, to the ten euros; costs are spread over it."""
    total = Decimal(line.planned)
    if line.kind == HeadingKind.COST:
        return spread(total, 12)
    brought = [Decimal(line.months.get(month.month, "0")) for month in months_of(season)]
    return [(one * total / sum(brought) / 10).quantize(Decimal(1)) * 10 for one in brought]
