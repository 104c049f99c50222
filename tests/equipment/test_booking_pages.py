"""Booking through the pages, as a browser does it."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.equipment.models import Booking, BookingState, ItemClaim
from tests import build
from tests.cast import Cast
from tests.html import parse

TOMORROW = "2026-11-26"


def slot(start: str = "08:00", end: str = "10:00", **more: str) -> dict[str, str]:
    return {"starts_at": f"{TOMORROW}T{start}", "ends_at": f"{TOMORROW}T{end}", **more}


def instant(hour: int, minute: int = 0) -> dt.datetime:
    """Tomorrow at that hour in Paris (UTC+1 in November)."""
    return dt.datetime(2026, 11, 26, hour - 1, minute, tzinfo=dt.UTC)


async def test_a_free_slot_is_booked(browse, db: AsyncSession, cast: Cast) -> None:
    item = await build.make_item(db, cast.farm)
    await db.commit()
    lea = await browse("lea")
    answer = await lea.post(f"/materiel/{item.id}/reservations", slot(purpose="Labour"))
    assert answer.status_code == 303, answer.text
    booking = await db.scalar(sa.select(Booking))
    assert booking is not None
    assert answer.headers["location"] == f"/reservations/{booking.id}"
    assert (booking.during.lower, booking.during.upper) == (instant(8), instant(10))
    page = await lea.page(answer.headers["location"])
    assert "Labour" in page.text
    board = await lea.page("/materiel?semaine=2026-W48")
    assert "moi" in board.one(data_booking=str(booking.id)).text
    assert "moi" in (await lea.page(f"/materiel/{item.id}")).one(data_booking=str(booking.id)).text
    assert item.name in (await lea.page("/mes-reservations")).text


async def test_who_books_for_somebody_finds_it_again(browse, db: AsyncSession, cast: Cast) -> None:
    item = await build.make_item(db, cast.farm, manager_id=cast.gaston.id)
    await db.commit()
    gaston = await browse("gaston")
    sent = slot(purpose="Labour", person_id=str(cast.lea.id))
    answer = await gaston.post(f"/materiel/{item.id}/reservations", sent)
    assert answer.status_code == 303, answer.text

    listed = await gaston.page("/mes-reservations")
    assert "Faites pour d'autres" in listed.text
    assert cast.lea.name in listed.one(data_booking=answer.headers["location"].split("/")[-1]).text
    assert (
        "Faites pour d'autres" not in (await (await browse("lea")).page("/mes-reservations")).text
    )


async def test_a_second_booking_of_the_same_hour_is_refused(
    browse, db: AsyncSession, cast: Cast
) -> None:
    item = await build.make_item(db, cast.farm)
    other = await build.make_item(db, cast.farm)
    await build.make_booking(db, item, cast.tom, instant(8), instant(10))
    await db.commit()
    lea = await browse("lea")
    answer = await lea.post(
        f"/materiel/{item.id}/reservations", slot("09:00", "11:00", purpose="Labour")
    )
    assert answer.status_code == 422
    page = parse(answer.text)
    assert "Tom Essai" in page.text
    assert page.one("input", name="purpose")["value"] == "Labour"
    assert "10:00" in page.text  # the next free slots begin when tom brings it back
    assert other.name in page.text
    assert await db.scalar(sa.select(sa.func.count()).select_from(Booking)) == 1


async def test_the_same_form_sent_twice_finds_the_first_result(
    browse, db: AsyncSession, cast: Cast
) -> None:
    item = await build.make_item(db, cast.farm)
    await db.commit()
    lea = await browse("lea")
    path = f"/materiel/{item.id}/reservations"
    first = await lea.post(path, slot(once="abc"))
    again = await lea.post(path, slot(once="abc"))
    assert again.status_code == 303
    assert again.headers["location"] == first.headers["location"]
    changed = await lea.post(path, slot("14:00", "15:00", once="abc"))
    assert changed.status_code == 422
    assert "déjà servi" in changed.text


async def test_htmx_receives_a_fresh_form_and_a_notice(
    browse, db: AsyncSession, cast: Cast
) -> None:
    item = await build.make_item(db, cast.farm)
    await db.commit()
    lea = await browse("lea")
    path = f"/materiel/{item.id}/reservations"
    answer = await lea.post(path, slot(once="one"), htmx=True)
    assert answer.status_code == 201, answer.text
    page = parse(answer.text)
    assert page.one("form", id="booking-form")
    assert page.one("input", name="once")["value"] != "one"
    assert "C'est réservé" in page.one("hx-partial").text
    refused = await lea.post(path, slot(once="two"), htmx=True)
    assert refused.status_code == 422
    assert parse(refused.text).one("form", id="booking-form")


async def test_cancelling_frees_the_slot(browse, db: AsyncSession, cast: Cast) -> None:
    item = await build.make_item(db, cast.farm)
    booking = await build.make_booking(db, item, cast.lea, instant(8), instant(10))
    await db.commit()
    lea = await browse("lea")
    answer = await lea.post(f"/reservations/{booking.id}/annulation", {"reason": "pluie"})
    assert answer.status_code == 303
    await db.refresh(booking)
    assert booking.state == BookingState.CANCELLED
    assert await db.scalar(sa.select(sa.func.count()).select_from(ItemClaim)) == 0
    assert "pluie" in (await lea.page(f"/reservations/{booking.id}")).text


@pytest.mark.parametrize(
    ("name", "status"), [("lea", 200), ("tom", 200), ("ines", 200), ("zoe", 403), (None, 303)]
)
async def test_the_board_opens_for_members_only(browse, name: str | None, status: int) -> None:
    assert (await (await browse(name)).get("/materiel")).status_code == status


async def test_a_booking_names_the_plot_it_is_for(browse, db: AsyncSession, cast: Cast) -> None:
    item = await build.make_item(db, cast.farm)
    plot = await build.make_plot(db, cast.farm, code="LC-9")
    await db.commit()
    lea = await browse("lea")
    path = f"/materiel/{item.id}/reservations"
    answer = await lea.post(path, slot(plot_id=str(plot.id)))
    assert answer.status_code == 303, answer.text
    assert "LC-9" in (await lea.page(answer.headers["location"])).text
    unknown = await lea.post(path, slot("14:00", "15:00", plot_id="999999"))
    assert unknown.status_code == 422
    assert "n'est plus en service" in parse(unknown.text).text


async def test_a_move_into_a_taken_hour_offers_the_next_free_ones(
    browse, db: AsyncSession, cast: Cast
) -> None:
    item = await build.make_item(db, cast.farm, manager_id=cast.gaston.id)
    booking = await build.make_booking(db, item, cast.lea, instant(8), instant(10))
    await build.make_booking(db, item, cast.tom, instant(6), instant(8))
    await build.make_booking(db, item, cast.tom, instant(10), instant(12))
    await db.commit()
    lea = await browse("lea")
    path = f"/reservations/{booking.id}/deplacement"
    answer = await lea.post(path, slot("07:00", "09:00"))
    assert answer.status_code == 422
    page = parse(answer.text)
    assert "Gaston" in page.text
    offered = [one["value"] for one in page.all("button", name="take")]
    assert offered[0] == f"{TOMORROW}T12:00/{TOMORROW}T14:00"  # not where it is already
    assert len(offered) == 3
    taken = await lea.post(path, slot("07:00", "09:00", take=offered[0]))
    assert taken.status_code == 303, taken.text
    await db.refresh(booking)
    assert (booking.during.lower, booking.during.upper) == (instant(12), instant(14))


async def test_a_booking_is_not_in_the_way_of_the_slots_offered_to_it(
    browse, db: AsyncSession, cast: Cast
) -> None:
    item = await build.make_item(db, cast.farm)
    booking = await build.make_booking(db, item, cast.lea, instant(9), instant(11))
    await build.make_booking(db, item, cast.tom, instant(6), instant(8))
    await db.commit()
    lea = await browse("lea")
    path = f"/reservations/{booking.id}/deplacement"
    page = parse((await lea.post(path, slot("07:00", "09:00"))).text)
    offered = page.all("button", name="take")
    assert offered[0]["value"] == f"{TOMORROW}T08:00/{TOMORROW}T10:00"


async def test_no_slot_is_offered_where_no_hour_helps(browse, db: AsyncSession, cast: Cast) -> None:
    item = await build.make_item(db, cast.farm, cancel_cutoff_minutes=48 * 60)
    booking = await build.make_booking(db, item, cast.lea, instant(8), instant(10))
    await build.make_booking(db, item, cast.tom, instant(10), instant(12))
    await db.commit()
    lea = await browse("lea")
    answer = await lea.post(f"/reservations/{booking.id}/deplacement", slot("09:00", "11:00"))
    assert answer.status_code == 422
    assert parse(answer.text).all("button", name="take") == []


@pytest.mark.parametrize(
    ("who", "until", "offered"),
    [
        ("gaston", "16:00", True),  # too long
        ("gaston", "10:00", False),  # somebody has it
        ("lea", "16:00", False),
    ],
)
async def test_only_who_may_pass_over_a_rule_is_asked_why(
    browse, db: AsyncSession, cast: Cast, who: str, until: str, offered: bool
) -> None:
    item = await build.make_item(db, cast.farm, manager_id=cast.gaston.id, max_minutes=120)
    tomorrow = dt.datetime(2026, 11, 26, 8, tzinfo=dt.UTC)
    await build.make_booking(db, item, cast.tom, tomorrow, tomorrow + dt.timedelta(minutes=30))
    mine = await build.make_booking(
        *(db, item, getattr(cast, who), tomorrow + dt.timedelta(hours=9)),
        tomorrow + dt.timedelta(hours=10),
    )
    await db.commit()
    person = await browse(who)
    start = "13:00" if until == "16:00" else "09:00"
    sent = slot(start, until)
    for path, more in (
        (f"/materiel/{item.id}/reservations", {}),
        ("/reservations", {"item_id": str(item.id)}),
        (f"/reservations/{mine.id}/deplacement", {}),
    ):
        answer = await person.post(path, sent | more)
        assert answer.status_code == 422, path
        fields = parse(answer.text).all("input", name="override_reason")
        assert bool(fields) is offered, path


async def test_a_restoration_that_a_rule_stands_against_may_be_passed_over_with_a_reason(
    browse, db: AsyncSession, cast: Cast
) -> None:
    item = await build.make_item(db, cast.farm, manager_id=cast.gaston.id, notice_minutes=2880)
    booking = await build.make_booking(
        db, item, cast.lea, instant(8), instant(10), state=BookingState.CANCELLED
    )
    await db.commit()
    gaston = await browse("gaston")
    address = f"/reservations/{booking.id}/retablissement"

    refused = await gaston.post(address, {})
    assert refused.status_code == 422
    page = parse(refused.text)
    assert "à l'avance" in page.text
    assert page.one("input", name="override_reason")
    assert page.one("a", href=f"/materiel/{item.id}/reservations/nouvelle?motif=")

    answer = await gaston.post(address, {"override_reason": "vu ensemble"})
    assert answer.status_code == 303
    assert "vu ensemble" in (await gaston.page(f"/reservations/{booking.id}")).text


async def test_a_refusal_above_the_board_shows_the_week_asked_for(
    browse, db: AsyncSession, cast: Cast
) -> None:
    item = await build.make_item(db, cast.farm)
    await db.commit()
    lea = await browse("lea")
    asked = {
        "item_id": str(item.id),
        "starts_at": "2026-12-09T10:00",
        "ends_at": "2026-12-09T09:00",
    }
    answer = await lea.post("/reservations", asked)
    assert answer.status_code == 422
    assert "7 – 13 déc. 2026" in parse(answer.text).text

    answer = await lea.post("/reservations", asked | {"starts_at": "0"})
    assert answer.status_code == 422
    assert "23 – 29 nov. 2026" in parse(answer.text).text
