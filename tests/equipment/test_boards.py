"""What the boards show, and that the quick way of making them is as careful as the usual one."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.clock import PARIS, Week
from couveuse.equipment.models import BookingState, ItemClaim
from couveuse.equipment.week import Claimed, Wall, fill_rows, row_of
from tests import build
from tests.cast import Cast
from tests.html import parse

NASTY = '<img src=x onerror="x">&'


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour - 1, minute, tzinfo=dt.UTC)


async def test_what_people_wrote_is_escaped_on_the_boards(
    browse, db: AsyncSession, cast: Cast
) -> None:
    item = await build.make_item(db, cast.farm, name=f"Tracteur {NASTY}")
    person = await build.make_person(db, f"Ada {NASTY}", family_name="L'Été")
    booking = await build.make_booking(db, item, person, at(26, 8), at(26, 8, 30))
    outage = await build.make_outage(db, item, person, at(27, 8), at(27, 9))
    outage.reason = f"Panne {NASTY}"
    await db.commit()
    lea = await browse("lea")
    for address in ("/materiel", f"/materiel/{item.id}"):
        answer = await lea.get(f"{address}?semaine=2026-W48")
        assert "<img" not in answer.text
        page = parse(answer.text)
        row = page.one(data_item=str(item.id))
        assert f"Ada {NASTY} L'Été" in page.one(data_booking=str(booking.id)).text
        assert f"Tracteur {NASTY}" in row.text
        assert f"Panne {NASTY}" in row.text


async def test_a_board_costs_the_same_statements_however_full(
    browse, db: AsyncSession, cast: Cast, statements: list[str]
) -> None:
    item = await build.make_item(db, cast.farm)
    await db.commit()
    lea = await browse("lea")

    async def cost(address: str) -> int:
        before = len(statements)
        assert (await lea.get(address)).status_code == 200
        return len(statements) - before

    await lea.get("/materiel")  # marks the session as seen, once an hour
    boards = ("/materiel?semaine=2026-W48", f"/materiel/{item.id}?semaine=2026-W48")
    of_few = [await cost(address) for address in boards]
    for day in range(23, 30):
        for hour in range(8, 18):
            await build.make_booking(db, item, cast.tom, at(day, hour), at(day, hour + 1))
    await db.commit()
    assert [await cost(address) for address in boards] == of_few
    assert max(of_few) <= 1 + 5  # who asks, and five


async def test_a_booking_stands_once_on_the_board(browse, db: AsyncSession, cast: Cast) -> None:
    tractor = await build.make_item(db, cast.farm)
    tiller = await build.make_item(db, cast.farm, companions=[tractor])
    booking = await build.make_booking(db, tiller, cast.lea, at(24, 8), at(26, 10))
    db.add(ItemClaim(item_id=tractor.id, during=booking.during, kind="booking",
                           booking_id=booking.id))  # fmt: skip
    asked = await build.make_booking(
        db, tiller, cast.tom, at(28, 8), at(28, 9), state=BookingState.REQUESTED
    )
    await db.commit()
    lea = await browse("lea")
    page = parse((await lea.get("/materiel?semaine=2026-W48")).text)
    for one in (booking, asked):
        assert len(page.all(data_booking=str(one.id))) == 1
    of_tractor = parse((await lea.get(f"/materiel/{tractor.id}?semaine=2026-W48")).text)
    assert len(of_tractor.all(data_booking=str(booking.id))) == 1


def claim(start: dt.datetime, end: dt.datetime) -> Claimed:
    return Claimed(1, 1, start, end, None, 7, False, False, 2, "Ada", None)


def test_the_wall_clock_is_read_right_when_the_hour_changes() -> None:
    for monday in (dt.date(2026, 3, 23), dt.date(2026, 10, 19), dt.date(2026, 11, 23)):
        week = Week.of(monday)
        wall = Wall(PARIS, week)
        start, end = week.bounds(PARIS)
        moment = start
        while moment <= end:
            local = moment.astimezone(PARIS)
            passed = (local.date() - monday).days
            assert wall.read(moment) == (passed, local.hour * 60 + local.minute)
            moment += dt.timedelta(minutes=30)


def test_a_booking_over_several_weeks_shows_its_part_of_this_one() -> None:
    row = row_of(1, "Tracteur", "T", 1, "Ferme", 1, "tracteur", 1, "Europe/Paris")
    spans = [claim(at(20, 9), at(24, 12)), claim(at(28, 9), at(30, 1) + dt.timedelta(days=30))]
    fill_rows([row], spans, Week.of(dt.date(2026, 11, 23)), me=None)
    assert {day: [bar.place for bar in bars] for day, bars in row.days.items()} == {
        1: ["b s0 w96"],
        2: ["b s0 w48"],
        6: ["b s36 w60"],
        7: ["b s0 w96"],
    }
    assert [bar.is_first for bars in row.days.values() for bar in bars] == [
        True, False, True, False,
    ]  # fmt: skip


async def test_the_board_of_one_place_stays_there_when_it_lives_on(
    browse, db: AsyncSession, cast: Cast
) -> None:
    here = await build.make_item(db, cast.farm)
    there = await build.make_item(db, cast.neuvy)
    lent = await build.make_item(db, cast.neuvy, structure_id=cast.home.id)
    await db.commit()
    lea = await browse("lea")

    async def shown(address: str) -> set[int]:
        page = await lea.page(address)
        return {int(one["data-item"]) for one in page.all(data_item=None)}

    assert await shown("/materiel") == {here.id, there.id, lent.id}
    assert await shown(f"/materiel?structure={cast.home.id}") == {here.id, lent.id}
    page = await lea.page(f"/materiel?lieu={cast.neuvy.id}&semaine=2026-W48")
    assert page.one("select", name="lieu").one("option", selected="").text == "Lieu-test Neuvy"
    board = page.one(id="week-board")
    links = [page.one("a", rel="next")["href"], *(a["href"] for a in board.all("a", data_day=None))]
    for address in (board["hx-get"], *links):
        assert await shown(address) == {there.id, lent.id}
    sheet = f"/materiel/feuille?semaine=2026-W48&papier=a4&lieu={cast.neuvy.id}"
    assert page.all("a", href=sheet)
    assert await shown(sheet) == {there.id, lent.id}


async def test_site_and_structure_lead_to_their_equipment(browse, cast: Cast) -> None:
    lea = await browse("lea")
    for page, address in (
        (f"/sites/{cast.farm.id}", f"/materiel?lieu={cast.farm.id}"),
        (f"/structures/{cast.home.id}", f"/materiel?structure={cast.home.id}"),
    ):
        assert (await lea.page(page)).all("a", href=address)
        assert (await lea.get(address)).status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("lieu=999999", 404),
        ("structure=999999", 404),
        ("lieu=abc", 400),
        ("lieu=%C2%B2", 400),
        ("structure=99999999999999999999", 400),
        ("jour=%C2%B2", 200),
        ("jour=8", 200),
    ],
)
async def test_an_address_that_makes_no_sense_is_answered_plainly(
    browse, query: str, status: int
) -> None:
    assert (await (await browse("lea")).get(f"/materiel?{query}")).status_code == status


@pytest.mark.parametrize(
    ("rules", "said", "tone"),
    [
        ({}, "libre", "ok"),
        ({"opens_at": dt.time(13), "closes_at": dt.time(19)}, "fermé · ouvre à 13:00", "busy"),
        (
            {"opens_at": dt.time(7), "closes_at": dt.time(12)},
            "fermé · ouvre jeu. 26 nov. à 07:00",
            "busy",
        ),
        ({"open_days": [1, 5]}, "fermé · ouvre ven. 27 nov. à 00:00", "busy"),  # a Wednesday
        (
            {"check_done_on": dt.date(2025, 11, 24), "check_months": 12},
            "contrôle périodique à faire",
            "out",
        ),
        ({"check_done_on": dt.date(2025, 11, 25), "check_months": 12}, "libre", "ok"),
    ],
)
async def test_what_nobody_may_take_now_is_not_said_to_be_free(
    browse, db: AsyncSession, cast: Cast, rules: dict[str, Any], said: str, tone: str
) -> None:
    item = await build.make_item(db, cast.farm, **rules)
    await db.commit()
    lea = await browse("lea")
    board, own = await lea.page("/materiel"), await lea.page(f"/materiel/{item.id}")
    assert said in board.one(**{"class": f"free {tone}"}).text.lower()
    assert said in own.one(**{"class": f"answer {tone}"}).text.lower()
