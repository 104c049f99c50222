"""What each side of an agreement owes the other: noted, seen by both, settled once; no fee for land
that is lent for free."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination.timeline import read_timeline
from couveuse.core.errors import Refused
from couveuse.core.journal import JournalLine
from couveuse.occupancy import actions
from couveuse.occupancy.expenses import owed_by_each
from couveuse.occupancy.forms import ExpenseForm, SettlementForm
from couveuse.occupancy.models import (
    ExpenseSettled,
    HasExpenses,
    LandIsLent,
    LentForAFee,
    OnceReusedForExpense,
    SharedExpense,
)
from couveuse.plots.models import Plot
from couveuse.structures import actions as structures
from couveuse.structures.forms import LandRightForm
from couveuse.structures.models import LandRight
from couveuse.trainees.actions import withdraw
from couveuse.trainees.models import Agreement
from couveuse.trainees.queries import get_agreement
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.html import parse
from tests.occupancy.building import make_claim, make_plot, make_right

TODAY = NOON.date()
BEGUN = dt.date(2025, 1, 1)


def asked(**fields: Any) -> ExpenseForm:
    said = {
        "kind": "water",
        "label": "Eau",
        "amount": "42,35",
        "owed_by": "trainee",
        "spent_on": "2026-11-02",
    }
    return ExpenseForm.model_validate(said | fields)


@pytest_asyncio.fixture
async def agreement(db: AsyncSession, cast: Cast) -> Agreement:
    found = await db.scalar(sa.select(Agreement.id).where(Agreement.person_id == cast.lea.id))
    return await get_agreement(db, cast.actors["ines"], found or 0)


async def held(db: AsyncSession, cast: Cast, *rights: LandRight) -> Plot:
    plot = await make_plot(db, cast.farm, rights=rights)
    await make_claim(db, plot, cast.ines, BEGUN, None, cast.lea)
    return plot


# ---------------------------------------------------------------- noted and settled


@pytest.mark.parametrize(
    ("typed", "cents"), [("42,35", 4235), ("0,01", 1), ("1 234,5 €", 123450), ("19.99", 1999)]
)
def test_amounts_are_whole_cents(typed: str, cents: int) -> None:
    assert asked(amount=typed).cents == cents


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "0"},
        {"amount": "-3"},
        {"amount": "1,234"},
        {"kind": "rent"},
        {"kind": "land_fee"},
        {"spent_on": "2026-11-26"},
        {"owed_by": "nobody"},
    ],
)
def test_what_cannot_be_noted(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        asked(**wrong)


async def test_an_expense_sent_twice_is_one(
    db: AsyncSession, cast: Cast, agreement: Agreement
) -> None:
    ines = cast.actors["ines"]
    first = await actions.add_expense(db, ines, agreement, asked(once="x"))
    again = await actions.add_expense(db, ines, agreement, asked(once="x"))
    assert (first.id, first.amount_cents) == (again.id, 4235)
    with pytest.raises(OnceReusedForExpense):
        await actions.add_expense(db, ines, agreement, asked(once="x", amount="43"))


async def test_nothing_is_owed_under_an_agreement_that_waits(
    db: AsyncSession, cast: Cast, browse: Callable[..., Any]
) -> None:
    """It may still be withdrawn; the database keeps the money should both happen at once."""
    ines = cast.actors["ines"]
    days = (dt.date(2027, 6, 1), dt.date(2027, 9, 1))
    kind = {"kind": "training_placement", "document": None}
    waiting = await build.make_agreement(db, cast.lea, cast.home, *days, **kind)
    await db.commit()
    found = await get_agreement(db, ines, waiting.id)
    with pytest.raises(Refused):
        await actions.add_expense(db, ines, found, asked())
    page = await (await browse("ines")).page(f"/conventions/{waiting.id}/frais")
    assert not page.all("input", name="amount")
    await build.make_expense(db, waiting, cast.ines)
    with pytest.raises(HasExpenses):
        await withdraw(db, ines, waiting)


async def test_it_is_settled_once(db: AsyncSession, cast: Cast, agreement: Agreement) -> None:
    ines = cast.actors["ines"]
    one = await actions.add_expense(db, ines, agreement, asked())
    await db.flush()
    paid = SettlementForm.model_validate({"outcome": "paid", "settled_on": str(TODAY)})
    for _ in range(2):
        await actions.settle_expense(db, ines, one, paid)
    waived = {"outcome": "waived", "settled_on": str(TODAY), "settlement_note": "Erreur"}
    with pytest.raises(ExpenseSettled):
        await actions.settle_expense(db, ines, one, SettlementForm.model_validate(waived))
    assert (one.outcome, one.settled_on) == ("paid", TODAY)
    told = sa.select(JournalLine).where(JournalLine.verb == "agreement.expense_paid")
    assert len((await db.scalars(told)).all()) == 1


async def test_sums_are_apart_for_each_side(
    db: AsyncSession, cast: Cast, agreement: Agreement
) -> None:
    settled = {"outcome": "paid", "settled_on": TODAY}
    rows = [
        await build.make_expense(db, agreement, cast.ines, **fields)
        for fields in (
            {"amount_cents": 10},
            {"amount_cents": 20},
            {"amount_cents": 5, "owed_by": "structure"},
            {"amount_cents": 1000, **settled},
        )
    ]
    assert {key.value: str(sum_) for key, sum_ in owed_by_each(rows).items()} == {
        "trainee": "0.3",
        "structure": "0.05",
    }


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"amount_cents": 0}, "shared_expense_amount_positive"),
        ({"kind": "rent"}, "shared_expense_kind_known"),
        ({"kind": "land_fee"}, "shared_expense_land_fee_has_a_plot"),
        ({"outcome": "paid"}, "shared_expense_settled_on_a_day"),
        ({"outcome": "waived", "settled_on": TODAY}, "shared_expense_waived_for_a_reason"),
    ],
)
async def test_the_database_refuses(
    db: AsyncSession, cast: Cast, agreement: Agreement, wrong: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        await build.make_expense(db, agreement, cast.ines, **wrong)


# ---------------------------------------------------------------- land that is lent for free


@pytest.mark.parametrize(
    ("form", "first", "last", "refused"),
    [
        ("free_loan", BEGUN, None, True),
        ("rural_lease", BEGUN, None, False),
        ("free_loan", BEGUN, dt.date(2026, 11, 2), False),
        ("free_loan", BEGUN, dt.date(2026, 11, 3), True),
        ("free_loan", dt.date(2026, 11, 3), None, False),
    ],
    ids=["lent", "leased", "lent until the day before", "lent that day", "lent from the day after"],
)
async def test_no_land_fee_on_a_free_loan(
    db: AsyncSession,
    cast: Cast,
    agreement: Agreement,
    form: str,
    first: dt.date,
    last: dt.date | None,
    refused: bool,
) -> None:
    """Services are paid all the same; the day is the day of the fee."""
    ines = cast.actors["ines"]
    always = await make_right(db, cast.farm, BEGUN, None)
    right = await build.make_land_right(db, cast.farm, start=first, end=last, form=form)
    plot = await held(db, cast, always, right)
    await actions.add_expense(db, ines, agreement, asked(plot_id=plot.id))
    fee = asked(kind="land_fee", plot_id=plot.id)
    if refused:
        with pytest.raises(LandIsLent):
            await actions.add_expense(db, ines, agreement, fee)
    else:
        await actions.add_expense(db, ines, agreement, fee)
    await db.flush()


async def test_land_that_a_fee_is_asked_for_is_not_lent_for_free(
    db: AsyncSession, cast: Cast, agreement: Agreement
) -> None:
    ines = cast.actors["ines"]
    right = await build.make_land_right(db, cast.farm, start=BEGUN)
    plot = await held(db, cast, right)
    fee = asked(kind="land_fee", plot_id=plot.id)
    await actions.add_expense(db, ines, agreement, fee)
    await db.flush()
    lent = LandRightForm.model_validate({"form": "free_loan", "starts_on": "2025-01-01"})
    with pytest.raises(LentForAFee):
        await structures.edit_land_right(db, ines, right, lent)


async def test_a_fee_for_the_plot_of_somebody_else_is_refused(
    db: AsyncSession, cast: Cast, browse: Callable[..., Any], agreement: Agreement
) -> None:
    plot = await make_plot(db, cast.farm)
    await db.commit()
    ines = await browse("ines")
    fields = asked().model_dump(mode="json") | {"plot_id": plot.id}
    answer = await ines.post(f"/conventions/{agreement.id}/frais", fields)
    assert answer.status_code == 422
    assert "que cette personne tient ou a tenue" in parse(answer.text).text


# ---------------------------------------------------------------- pages


async def test_both_sides_see_it_and_one_settles(
    db: AsyncSession, cast: Cast, browse: Callable[..., Any], agreement: Agreement
) -> None:
    await db.commit()
    ines, lea, marc = [await browse(name) for name in ("ines", "lea", "marc")]
    page = f"/conventions/{agreement.id}/frais"
    fields = {"kind": "fuel", "label": "Gazole", "amount": "18,60", "owed_by": "trainee"}
    sent = await ines.post(page, fields | {"spent_on": "2026-11-02"})
    assert (sent.status_code, sent.headers["location"]) == (303, page)
    expense = (await db.scalars(sa.select(SharedExpense))).one()

    shown = (await lea.page(page)).text
    assert "Gazole, 18,60 €" in shown.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Noter un frais" not in shown
    assert (await marc.get(page)).status_code == 403
    settle = f"/frais/{expense.id}/reglement"
    assert (await lea.post(settle, {"outcome": "paid"})).status_code == 403
    waived = {"outcome": "waived", "settled_on": "2026-11-20"}
    refused = await ines.post(settle, waived)
    assert refused.status_code == 422
    again = parse(refused.text)
    assert "Dites pourquoi" in again.text
    assert again.one("input", name="settled_on")["value"] == "2026-11-20"
    done = await ines.post(settle, waived | {"settlement_note": "Machine en panne"})
    assert (done.status_code, done.headers["location"]) == (303, page)
    assert "Machine en panne" in (await lea.page(page)).text
    late = await ines.post(settle, {"outcome": "paid", "settled_on": "2026-11-21"})
    assert late.status_code == 409


async def test_the_timeline_tells_both_sides_and_no_other(
    db: AsyncSession, cast: Cast, agreement: Agreement
) -> None:
    await build.make_expense(db, agreement, cast.ines, outcome="paid", settled_on=TODAY)
    told: dict[str, int] = {}
    for name in ("ines", "lea", "marc"):
        events = (await read_timeline(db, cast.actors[name], cast.lea.id)).events
        told[name] = sum("Eau d'octobre" in one.sentence for one in events)
    assert told == {"ines": 2, "lea": 2, "marc": 0}
