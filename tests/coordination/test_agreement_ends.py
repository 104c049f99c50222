"""The end of an agreement settles all that hangs on it, or nothing."""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Role
from couveuse.equipment.models import Booking, Item
from couveuse.occupancy.models import (
    ConditionReport,
    PeriodKind,
    PlotPeriod,
    SharedExpense,
    Stay,
    stay_person,
)
from couveuse.people.models import Membership, Paper, Person
from couveuse.trainees.models import Agreement, FollowUpMember, LegalNotice, Path
from couveuse.trainees.queries import get_agreement
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.html import Element, parse

TODAY = NOON.date()
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
LAST = dt.date(2027, 1, 31)
EARLY = dt.date(2026, 12, 15)


class Life(NamedTuple):
    """What lea has, and what her agreement is."""

    agreement: Agreement
    running: PlotPeriod
    to_come: PlotPeriod
    shared: PlotPeriod
    before: Booking
    after: Booking
    item: Item


async def claim(
    db: AsyncSession, cast: Cast, start: dt.date, end: dt.date, people: list[Person]
) -> PlotPeriod:
    plot, stay = await build.make_plot(db, cast.farm), Stay()
    db.add(stay)
    await db.flush()
    rows = [{"stay_id": stay.id, "person_id": one.id} for one in people]
    await db.execute(sa.insert(stay_person), rows)
    period = PlotPeriod(
        plot_id=plot.id,
        during=Range(start, end),
        kind=PeriodKind.STAY,
        stay_id=stay.id,
        created_by_id=cast.ines.id,
    )
    db.add(period)
    await db.flush()
    return period


@pytest_asyncio.fixture
async def life(db: AsyncSession, cast: Cast) -> Life:
    found = await db.scalar(sa.select(Agreement.id).where(Agreement.person_id == cast.lea.id))
    agreement = await get_agreement(db, cast.actors["ines"], found or 0)
    running = await claim(db, cast, dt.date(2026, 3, 1), dt.date(2027, 3, 1), [cast.lea])
    to_come = await claim(db, cast, dt.date(2027, 1, 1), dt.date(2027, 3, 1), [cast.lea])
    both = [cast.lea, cast.tom]
    shared = await claim(db, cast, dt.date(2026, 3, 1), dt.date(2027, 3, 1), both)
    db.add(
        ConditionReport(
            plot_id=running.plot_id,
            stay_id=running.stay_id,
            kind="entry",
            made_on=dt.date(2026, 3, 1),
            keys="deux clés du portail",
            created_by_id=cast.marc.id,
        )
    )
    item = await build.make_item(db, cast.farm, name="Herse", deputy_id=cast.lea.id)
    moments = [dt.datetime(2026, 12, day, 9, tzinfo=dt.UTC) for day in (10, 20)]
    before, after = [
        await build.make_booking(db, item, cast.lea, start, start + HOUR) for start in moments
    ]
    await db.commit()
    return Life(agreement, running, to_come, shared, before, after, item)


async def screen(browse: Callable[..., Any], life: Life, day: dt.date = EARLY) -> Element:
    ines: Browser = await browse("ines")
    return await ines.page(f"/conventions/{life.agreement.id}/fin?jour={day}")


def typed(page: Element, **changes: Any) -> dict[str, Any]:
    """The form as it is proposed, with some fields typed over."""
    form = page.one("form", method="post", class_="form wide")
    sent: dict[str, Any] = {}
    for one in form.all("input"):
        name, kind = one.attrs.get("name"), one.attrs.get("type")
        ticked = kind not in {"checkbox", "radio"} or "checked" in one.attrs
        if name and name != "_csrf_token" and ticked:
            sent.setdefault(name, []).append(one["value"])
    return sent | {"reason": "Elle a trouvé une ferme"} | changes


async def settle(browse: Callable[..., Any], life: Life, **changes: Any) -> Any:
    page = await screen(browse, life)
    ines: Browser = await browse("ines")
    return await ines.post(f"/conventions/{life.agreement.id}/fin", typed(page, **changes))


async def state(db: AsyncSession, cast: Cast, life: Life) -> dict[str, Any]:
    """All that an end may change."""
    db.expunge_all()
    periods = await db.execute(sa.select(PlotPeriod.id, PlotPeriod.during))
    bookings = await db.execute(sa.select(Booking.id, Booking.state))
    row = (await db.execute(sa.select(Path).where(Path.person_id == cast.lea.id))).scalar_one()
    ends = sa.select(sa.func.upper(Membership.during)).where(Membership.person_id == cast.lea.id)
    places = sa.select(sa.func.upper(FollowUpMember.during))
    agreement = await db.get_one(Agreement, life.agreement.id, populate_existing=True)
    return {
        "claims": {id: during.upper for id, during in periods},
        "bookings": {row.id: row.state for row in bookings},
        "path": (row.state, row.next_step),
        "membership": await db.scalar(ends),
        "place": await db.scalar(places.where(FollowUpMember.person_id == cast.lea.id)),
        "deputy": (await db.get_one(Item, life.item.id, populate_existing=True)).deputy_id,
        "agreement": agreement.ended_on,
    }


# ---------------------------------------------------------------- what it touches


async def test_the_screen_lists_all_that_the_day_touches(
    browse: Callable[..., Any], life: Life
) -> None:
    page = await screen(browse, life)

    boxes = {
        (one["name"], int(one["value"])): "checked" in one.attrs
        for one in page.all("input", type="checkbox")
        if one["value"].isdecimal()
    }
    assert boxes[("ground", life.running.id)]
    assert boxes[("ground", life.to_come.id)]
    assert not boxes[("ground", life.shared.id)]  # tom holds it too
    assert boxes[("bookings", life.after.id)]
    assert ("bookings", life.before.id) not in boxes
    assert boxes[("items", life.item.id)]
    assert [name for (name, _), ticked in boxes.items() if name == "places" and ticked] == []
    assert "deux clés du portail" in page.text
    assert "pas d'état des lieux de sortie" in page.text


async def test_at_the_planned_end_no_reason_is_asked_for(
    browse: Callable[..., Any], life: Life
) -> None:
    page = await screen(browse, life, LAST)

    assert page.all("textarea", name="reason") == []
    assert {one["value"] for one in page.all("input", name="bookings")} == set()


@pytest.mark.parametrize("day", ["", "x", "2020-01-01", "2030-01-01"])
async def test_a_day_that_cannot_be_is_the_planned_one(
    browse: Callable[..., Any], life: Life, day: str
) -> None:
    ines: Browser = await browse("ines")

    page = await ines.page(f"/conventions/{life.agreement.id}/fin?jour={day}")

    assert page.one("input", name="ends_on")["value"] == str(LAST)


# ---------------------------------------------------------------- settled


async def test_it_settles_everything_at_once(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, life: Life
) -> None:
    answer = await settle(browse, life, successor_id=str(cast.gaston.id))

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/testeurs/{cast.lea.id}"
    assert await state(db, cast, life) == {
        "claims": {life.running.id: EARLY + DAY, life.shared.id: dt.date(2027, 3, 1)},
        "bookings": {life.before.id: "confirmed", life.after.id: "cancelled"},
        "path": ("leaving", "Faire l'état des lieux de sortie : clés et compteurs"),
        "membership": EARLY + DAY,
        "place": None,
        "deputy": cast.gaston.id,
        "agreement": EARLY,
    }
    opened = await db.scalars(
        sa.select(LegalNotice.recipient).where(
            LegalNotice.agreement_id == life.agreement.id, LegalNotice.event == "early_end"
        )
    )
    assert len(opened.all()) == 2


async def test_what_is_not_ticked_is_kept(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, life: Life
) -> None:
    before = await state(db, cast, life)
    names = ("ground", "bookings", "memberships", "items", "handback")
    nothing: dict[str, Any] = {name: [] for name in names}

    answer = await settle(browse, life, state="", **nothing)

    assert answer.status_code == 303
    assert await state(db, cast, life) == before | {"agreement": EARLY}


async def test_an_end_already_noted_is_settled_here(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, life: Life
) -> None:
    ines: Browser = await browse("ines")
    ended = {"ends_on": str(EARLY), "reason": "Elle a trouvé une ferme"}
    await ines.post(f"/conventions/{life.agreement.id}/rupture", ended)

    answer = await settle(browse, life)

    assert answer.status_code == 303
    after = await state(db, cast, life)
    assert (after["agreement"], after["claims"][life.running.id]) == (EARLY, EARLY + DAY)


async def test_who_leaves_the_network_keeps_no_booking(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, life: Life
) -> None:
    before = await state(db, cast, life)

    answer = await settle(browse, life, bookings=[])

    assert answer.status_code == 422
    assert "ses réservations à venir sont à annuler" in parse(answer.text).text
    assert await state(db, cast, life) == before


@pytest.mark.parametrize(
    "changes",
    [{"reason": ""}, {"successor_id": "999999"}, {"seen": "t1"}, {"ends_on": "2027-06-01"}],
)
async def test_one_refusal_leaves_nothing_behind(
    browse: Callable[..., Any],
    db: AsyncSession,
    cast: Cast,
    life: Life,
    changes: dict[str, str],
) -> None:
    before = await state(db, cast, life)

    answer = await settle(browse, life, **changes)

    assert answer.status_code == 422
    assert await state(db, cast, life) == before


async def test_a_part_that_fails_last_leaves_nothing_behind(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, life: Life
) -> None:
    """The path cannot be put where it may not go: ground and bookings are as they were."""
    before = await state(db, cast, life)

    answer = await settle(browse, life, state="contact")

    assert answer.status_code == 422
    assert await state(db, cast, life) == before


async def test_a_booking_made_meanwhile_is_shown_before_anything_is_settled(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, life: Life
) -> None:
    page = await screen(browse, life)
    start = NOON + 40 * DAY
    made = await build.make_booking(db, life.item, cast.lea, start, start + HOUR)
    await db.commit()
    before = await state(db, cast, life)

    ines: Browser = await browse("ines")
    answer = await ines.post(f"/conventions/{life.agreement.id}/fin", typed(page))

    assert answer.status_code == 422
    again = parse(answer.text)
    assert "a changé entre-temps" in again.text
    assert again.one("input", name="bookings", value=str(made.id))
    assert await state(db, cast, life) == before
    sent = typed(again, bookings=[str(life.after.id), str(made.id)])
    assert (await ines.post(f"/conventions/{life.agreement.id}/fin", sent)).status_code == 303


async def test_shared_expenses_are_paid_given_up_or_still_owed(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, life: Life
) -> None:
    paid, waived, left = [
        await build.make_expense(db, life.agreement, cast.ines, label=label)
        for label in ("Eau", "Carburant", "Assurance")
    ]
    other = await build.make_agreement(
        db, cast.tom, cast.home, dt.date(2027, 3, 1), dt.date(2027, 9, 1)
    )
    await build.make_expense(db, other, cast.ines, label="Eau de Tom")
    await db.commit()
    shown = (await screen(browse, life)).one("section", aria_labelledby="expenses-title")
    assert len(shown.all("li")) == 3
    choices = {"paid": str(paid.id), "waived": [str(paid.id), str(waived.id)]}
    answer = await settle(browse, life, **choices)
    assert answer.status_code == 422
    errors = [one.text for one in parse(answer.text).all("p", class_="error")]
    assert len(errors) == 2  # both at once, and no reason given

    choices |= {"waived": str(waived.id), "waiver": "Compteur en panne"}
    assert (await settle(browse, life, **choices)).status_code == 303
    db.expunge_all()
    found = await db.scalars(
        sa.select(SharedExpense).where(SharedExpense.agreement_id == life.agreement.id)
    )
    assert {one.id: (one.outcome, one.settlement_note, one.carried_on) for one in found} == {
        paid.id: ("paid", None, None),
        waived.id: ("waived", "Compteur en panne", None),
        left.id: (None, None, EARLY),
    }


async def test_an_expense_noted_meanwhile_is_shown_first(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, life: Life
) -> None:
    page = await screen(browse, life)
    await build.make_expense(db, life.agreement, cast.ines)
    await db.commit()
    ines: Browser = await browse("ines")
    answer = await ines.post(f"/conventions/{life.agreement.id}/fin", typed(page))

    assert answer.status_code == 422
    assert "a changé entre-temps" in parse(answer.text).text


async def test_papers_of_the_structure_end_with_the_agreement(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, life: Life
) -> None:
    given, hers = [
        await build.make_paper(db, cast.lea, await build.make_qualification(db)) for _ in range(2)
    ]
    await db.commit()
    until = hers.during
    assert (await settle(browse, life, papers=str(given.id))).status_code == 303
    db.expunge_all()
    assert (await db.get_one(Paper, given.id)).during.upper == EARLY + DAY
    assert (await db.get_one(Paper, hers.id)).during == until


async def test_who_stays_a_member_otherwise_is_not_asked_to_hand_items_over(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, life: Life
) -> None:
    assert "items" in typed(await screen(browse, life))
    await build.make_membership(db, cast.lea, cast.partner, Role.MENTOR)
    await db.commit()

    assert "items" not in typed(await screen(browse, life))
