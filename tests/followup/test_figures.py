"""Somebody's own figures: exact to the cent, kept when incomplete, theirs alone until shared."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import broken_promise
from couveuse.followup import queries
from couveuse.followup.accounts import Accounts, hours_in, spread
from couveuse.followup.drawing import BARS_HEIGHT, FOOT, HEAD, bars
from couveuse.followup.figure_forms import Hours, Money
from couveuse.followup.models import (
    FigureAmount,
    FigureHeading,
    FigureMonth,
    FigureShare,
    HeadingNameTaken,
    HoursPer,
    MonthMeanwhile,
    NotTheirHeading,
    PlannedAmount,
    SharedMeanwhile,
)
from couveuse.occupancy.season import Season, add_months
from tests import build
from tests.cast import Cast

OCTOBER = dt.date(2026, 10, 1)
SEASON = Season.between(dt.date(2025, 11, 1), None)


class Typed(BaseModel):
    money: Money | None = None
    hours: Hours | None = None


# ---------------------------------------------------------------- what people type


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1234,5", "1234.5"),
        ("1 234,50 €", "1234.50"),
        ("1\u202f234,50\u00a0€", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1'234,50", "1234.50"),
        ("1234.5", "1234.5"),
        ("12€50", "12.50"),
        ("€ 12", "12"),
        ("12 euros", "12"),
        ("0", "0"),
        (",5", "0.5"),
        ("9999999,99", "9999999.99"),
    ],
)
def test_an_amount_is_read_as_people_type_it(typed: str, read: str) -> None:
    assert Typed.model_validate({"money": typed}).money == Decimal(read)


@pytest.mark.parametrize(
    "typed",
    ["-5", "−5", "12,345", "1e5", "NaN", "inf", "douze", "1 2 x", "10000000", "١٢", "€", "1,2,3,4"],
)
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        Typed.model_validate({"money": typed})


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("152", "152"),
        ("152,5", "152.5"),
        ("38 h 30", "38.5"),
        ("38h", "38"),
        ("40h20 min", "40.33"),
    ],
)
def test_hours_are_read_as_people_type_them(typed: str, read: str) -> None:
    assert Typed.model_validate({"hours": typed}).hours == Decimal(read)


@pytest.mark.parametrize("typed", ["-1", "38h75", "beaucoup", "1e2"])
def test_what_is_no_hours_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        Typed.model_validate({"hours": typed})


# ---------------------------------------------------------------- sums


@pytest.mark.parametrize("cents", [0, 1, 11, 12, 13, 100000, 123457, 999999999])
@pytest.mark.parametrize("parts", [1, 3, 12])
def test_what_is_spread_adds_up_to_the_cent(cents: int, parts: int) -> None:
    total = Decimal(cents) / 100
    amounts = spread(total, parts)

    assert sum(amounts) == total
    assert max(amounts) - min(amounts) <= Decimal("0.01")
    assert amounts == sorted(amounts, reverse=True)


def test_the_hours_of_a_week_count_for_each_day_of_the_month() -> None:
    assert hours_in(dt.date(2027, 2, 1), Decimal(35), HoursPer.WEEK) == 140
    assert hours_in(OCTOBER, Decimal(35), HoursPer.WEEK) == Fraction(35 * 31, 7)
    assert hours_in(OCTOBER, Decimal("35.5"), HoursPer.MONTH) == Fraction(71, 2)


Counted = dict[tuple[str, dt.date], int]
"""Cents by kind and month."""


async def fill_at_random(
    db: AsyncSession, cast: Cast, dice: Random
) -> tuple[Counted, Counted, dict[dt.date, int]]:
    """Sixteen months around the year: what was real, what was planned, hundredths of hours."""
    headings = [
        await build.make_heading(db, cast.lea, f"{kind} {n}", kind, place=n)
        for kind in ("sale", "cost")
        for n in range(dice.randint(1, 4))
    ]
    real, plan, hours = Counted(), Counted(), dict[dt.date, int]()
    for month in (add_months(SEASON.start, number) for number in range(-2, 14)):
        hours[month] = dice.randint(0, 30000)
        amounts = {one: dice.randint(0, 999_999_99) for one in headings if dice.random() < 0.7}
        written = {one: f"{cents / 100:.2f}" for one, cents in amounts.items()}
        worked = Decimal(hours[month]) / 100
        await build.make_month(db, cast.lea, month, written, hours=worked)
        for one in headings:
            cents = dice.randint(0, 99_999)
            fields = {"person_id": cast.lea.id, "heading_id": one.id, "month": month}
            db.add(PlannedAmount(amount=Decimal(cents) / 100, **fields))
            key = (one.kind, month)
            real[key] = real.get(key, 0) + amounts.get(one, 0)
            plan[key] = plan.get(key, 0) + cents
    await db.flush()
    return real, plan, hours


@pytest.mark.parametrize("seed", range(6))
async def test_sums_equal_a_plain_count_in_cents(seed: int, db: AsyncSession, cast: Cast) -> None:
    """Amounts at random, inside and outside the year, added up here as whole cents."""
    other = await build.make_heading(db, cast.tom)
    await build.make_month(db, cast.tom, OCTOBER, {other: "77.77"}, hours=7)
    real, plan, hours = await fill_at_random(db, cast, Random(seed))
    told = await queries.read_accounts(db, cast.actors["lea"], cast.lea.id, SEASON)
    inside = set(told.months)

    for kind in ("sale", "cost"):
        for amounts, counted in ((told.real, real), (told.plan, plan)):
            for month in inside:
                assert told.total(amounts, kind, month) * 100 == counted.get((kind, month), 0)
            whole = sum(
                cents
                for (which, when), cents in counted.items()
                if which == kind and when in inside
            )
            assert told.total(amounts, kind) * 100 == whole
            assert sum(told.row_total(amounts, one) for one in told.of(kind)) * 100 == whole
    assert told.hours_total * 100 == sum(hours[month] for month in inside)
    assert told.left() == told.total(told.real, "sale") - told.total(told.real, "cost")


def accounts_of(**fields: Any) -> Accounts:
    heading = FigureHeading(id=1, person_id=1, kind="sale", name="Marché", place=1)
    defaults = {
        "season": SEASON,
        "headings": [heading],
        "filled": [SEASON.start],
        "real": {},
        "plan": {},
        "hours": {},
        "words": {},
    }
    return Accounts(**(defaults | fields))


def test_an_hour_counts_only_the_months_whose_hours_are_known() -> None:
    first, second = SEASON.start, add_months(SEASON.start, 1)
    told = accounts_of(
        filled=[first, second],
        real={(1, first): Decimal(100), (1, second): Decimal(9000)},
        hours={first: Fraction(30)},
    )

    assert told.per_hour() == Decimal("3.33")
    assert accounts_of().per_hour() is None


def test_a_month_that_was_not_written_is_empty_and_nothing_is_zero() -> None:
    first = SEASON.start
    table = accounts_of(real={(1, first): Decimal(0)}).by_month()

    assert table.rows[0][1] == 0
    assert table.rows[1][1] is None


# ---------------------------------------------------------------- drawing


def test_the_highest_bar_stays_under_the_upper_line() -> None:
    chart = bars([Decimal(130), None, Decimal(65)], [Decimal(10), Decimal(20), None])

    assert chart is not None
    floor, room = BARS_HEIGHT - FOOT, BARS_HEIGHT - FOOT - HEAD
    assert chart.top == 150
    assert chart.bars[1] is None
    first, last = chart.bars[0], chart.bars[2]
    assert first is not None
    assert last is not None
    assert first.height == pytest.approx(room * 130 / 150, abs=0.1)
    assert last.height == pytest.approx(first.height / 2, abs=0.1)
    assert first.y + first.height == pytest.approx(floor, abs=0.1)
    assert len(chart.planned.split()) == 4  # the plan ends with its second month


@pytest.mark.parametrize("amount", ["0.01", "0.5", "1", "1.01", "9.99", "10", "101", "99999.99"])
def test_the_scale_ends_above_what_it_shows(amount: str) -> None:
    chart = bars([Decimal(amount)], [None])

    assert chart is not None
    assert Decimal(amount) <= chart.top < 2 * Decimal(amount) + Decimal("0.01")


def test_nothing_is_not_drawn() -> None:
    assert bars([None, Decimal(0)], [None, None]) is None


# ---------------------------------------------------------------- promises of the database


async def refused(db: AsyncSession, row: Any) -> Any:
    savepoint = await db.begin_nested()
    db.add(row)
    with pytest.raises(IntegrityError) as caught:
        await db.flush()
    await savepoint.rollback()
    return broken_promise(caught.value) or caught.value


async def test_a_month_exists_once(db: AsyncSession, cast: Cast) -> None:
    await build.make_month(db, cast.lea, OCTOBER)
    now = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    twin = FigureMonth(person_id=cast.lea.id, month=OCTOBER, version=1, made_at=now, changed_at=now)

    assert isinstance(await refused(db, twin), MonthMeanwhile)


async def test_a_name_exists_once_for_each_kind(db: AsyncSession, cast: Cast) -> None:
    await build.make_heading(db, cast.lea, "Marché")
    await build.make_heading(db, cast.lea, "Marché", "cost")
    await build.make_heading(db, cast.tom, "Marché")
    twin = FigureHeading(person_id=cast.lea.id, kind="sale", name="MARCHÉ", place=2)

    assert isinstance(await refused(db, twin), HeadingNameTaken)


async def test_nobody_counts_on_the_lines_of_somebody_else(db: AsyncSession, cast: Cast) -> None:
    theirs = await build.make_heading(db, cast.tom)
    month = await build.make_month(db, cast.lea, OCTOBER)
    amount = FigureAmount(
        month_id=month.id, heading_id=theirs.id, person_id=cast.lea.id, amount=Decimal(1)
    )
    plan = PlannedAmount(
        heading_id=theirs.id, person_id=cast.lea.id, month=OCTOBER, amount=Decimal(1)
    )

    assert isinstance(await refused(db, amount), NotTheirHeading)
    assert isinstance(await refused(db, plan), NotTheirHeading)


@pytest.mark.parametrize(
    ("fields", "promise"),
    [
        ({"month": dt.date(2026, 10, 2)}, "figure_month_is_whole"),
        ({"hours": Decimal(745)}, "figure_month_hours_exist"),
        ({"hours": Decimal(169), "hours_per": "week"}, "figure_month_hours_exist"),
        ({"hours": Decimal(-1)}, "figure_month_hours_exist"),
        ({"hours_per": "day"}, "figure_month_hours_per_known"),
    ],
)
async def test_a_month_that_cannot_be_is_refused(
    db: AsyncSession, cast: Cast, fields: dict[str, Any], promise: str
) -> None:
    now = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    whole = {"month": OCTOBER, "hours_per": "month"} | fields
    row = FigureMonth(person_id=cast.lea.id, version=1, made_at=now, changed_at=now, **whole)

    assert promise in str(await refused(db, row))


async def test_an_amount_is_not_negative(db: AsyncSession, cast: Cast) -> None:
    heading = await build.make_heading(db, cast.lea)
    month = await build.make_month(db, cast.lea, OCTOBER)
    row = FigureAmount(
        month_id=month.id, heading_id=heading.id, person_id=cast.lea.id, amount=Decimal("-0.01")
    )

    assert "figure_amount_not_negative" in str(await refused(db, row))


async def test_the_same_months_are_shared_once_with_the_same_reader(
    db: AsyncSession, cast: Cast
) -> None:
    await build.make_figure_share(db, cast.lea, OCTOBER)
    await build.make_figure_share(db, cast.lea, OCTOBER, reader=cast.marc)
    again = FigureShare(
        person_id=cast.lea.id,
        during=Range(dt.date(2026, 12, 1), None),
        with_hours=True,
        shared_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    )

    assert isinstance(await refused(db, again), SharedMeanwhile)
