"""What a refusal offers would be accepted: the slots of the item, and the other items."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Refused
from couveuse.equipment import actions, queries
from couveuse.equipment.alternatives import Alternatives, find_alternatives
from couveuse.equipment.models import Item
from tests import build
from tests.cast import Cast
from tests.equipment.shed import Shed, asking, at
from tests.html import parse

PUMP = {"category": "irrigation"}


async def offered(shed: Shed, who: str, item: Item, *hours: float, **more: Any) -> Alternatives:
    """What the refusal offers; each offer is then booked, to see that it holds, and undone."""
    actor, asked, item_id = shed.cast.actors[who], asking(*hours, **more), item.id
    with pytest.raises(Refused) as refused:
        await actions.book(shed.db, actor, item, asked)
    whole = await queries.get_item_to_show(shed.db, actor, item_id)
    found = await find_alternatives(shed.db, actor, whole, asked, refused.value.reasons)
    assert found
    for slot in found.slots:
        await try_offer(shed, who, item_id, slot.start, slot.end, **more)
    for other in found.items:
        await try_offer(shed, who, other.id, other.start, other.end)
    return found


async def try_offer(
    shed: Shed, who: str, item_id: int, start: dt.datetime, end: dt.datetime, **more: Any
) -> None:
    actor = shed.cast.actors[who]
    ends = {"starts_at": start.replace(tzinfo=None), "ends_at": end.replace(tzinfo=None)}
    undone = await shed.db.begin_nested()
    item = await queries.get_item(shed.db, actor, item_id)
    await actions.book(shed.db, actor, item, asking(**more).model_copy(update=ends))
    await undone.rollback()


def names(found: Alternatives) -> list[str]:
    return [other.name for other in found.items]


@pytest.mark.parametrize(
    "rules",
    [
        {"opens_at": dt.time(14), "closes_at": dt.time(18)},
        {"open_days": [1, 2, 3]},
        {"slot_minutes": 60 * 4},
        {"min_minutes": 240},
        {"max_minutes": 30},
        {"notice_minutes": 2880},
        {"horizon_days": 1},
        {"check_done_on": dt.date(2025, 1, 1), "check_months": 12},
        {"max_week_minutes": 60},
    ],
    ids=lambda rules: next(iter(rules)),
)
async def test_an_item_whose_own_rules_say_no_is_not_offered(
    shed: Shed, rules: dict[str, Any]
) -> None:
    taken = await shed.item(name="Pompe A", **PUMP)
    await shed.item(name="Pompe B", **PUMP, **rules)
    await shed.item(name="Pompe C", **PUMP)
    await shed.book("tom", taken, 32, 34)  # Friday, 08:00
    assert names(await offered(shed, "lea", taken, 32, 34)) == ["Pompe C"]


async def test_the_buffers_of_another_item_count(shed: Shed) -> None:
    taken = await shed.item(name="Pompe A", **PUMP)
    wet = await shed.item(name="Pompe B", **PUMP, buffer_before_minutes=60)
    await shed.book("tom", taken, 8, 10)
    await shed.book("tom", wet, 6, 7.5)
    assert names(await offered(shed, "lea", taken, 8, 10)) == []


async def test_an_item_that_needs_another_is_offered_when_that_one_can_come(shed: Shed) -> None:
    tractor = await shed.item(name="Tracteur", requirements=[shed.cast.tractor_training])
    taken = await shed.item(name="Bineuse A", category="travail du sol")
    await shed.item(name="Bineuse B", category="travail du sol", companions=[tractor])
    await shed.book("marc", taken, 8, 10)
    assert names(await offered(shed, "lea", taken, 8, 10)) == ["Bineuse B"]
    assert names(await offered(shed, "tom", taken, 8, 10)) == []  # no tractor training
    await shed.block("gaston", tractor, 9, 12)
    assert names(await offered(shed, "lea", taken, 8, 10)) == []


async def test_another_item_is_offered_within_the_quota_of_the_person(shed: Shed) -> None:
    taken = await shed.item(name="Pompe A", **PUMP)
    wanted = await shed.item(name="Pompe B", **PUMP, max_open_bookings=1)
    await shed.book("tom", taken, 8, 10)
    await shed.book("lea", wanted, 14, 15)
    assert names(await offered(shed, "lea", taken, 8, 10)) == []
    assert names(await offered(shed, "marc", taken, 8, 10)) == ["Pompe B"]


async def test_another_item_is_offered_at_the_hour_of_its_own_site(
    shed: Shed, db: AsyncSession
) -> None:
    far = await build.make_site(db, shed.cast.home, name="Saint-Pierre", time_zone="Indian/Reunion")
    taken = await shed.item(name="Pompe A", **PUMP)
    await shed.item(name="Pompe B", **PUMP, site=far)
    await shed.book("tom", taken, 8, 10)
    found = await offered(shed, "lea", taken, 8, 10)
    assert found.items[0].asked == {"debut": "2026-11-26T11:00", "fin": "2026-11-26T13:00"}


async def test_no_slot_is_offered_to_somebody_who_holds_all_they_may(shed: Shed) -> None:
    item = await shed.item(max_open_bookings=1)
    await shed.book("lea", item, 14, 15)
    assert (await offered(shed, "lea", item, 8, 10)).slots == []


async def test_slots_wait_for_the_week_in_which_there_is_time_left(shed: Shed) -> None:
    item = await shed.item(max_week_minutes=180)
    await shed.book("lea", item, 14, 16)
    found = await offered(shed, "lea", item, 8, 10)
    assert found.slots[0].start == at(0, day=30)  # Monday


async def test_slots_end_with_the_paper_that_the_item_requires(
    shed: Shed, db: AsyncSession
) -> None:
    item = await shed.item(requirements=[shed.cast.tractor_training])
    training, first_without = shed.cast.tractor_training, dt.date(2026, 11, 27)
    await build.make_paper(db, shed.cast.tom, training, end=first_without)
    await shed.book("lea", item, 8, 12)
    await shed.block("gaston", item, 14, 48)
    found = await offered(shed, "tom", item, 8, 10)
    assert [slot.start for slot in found.slots] == [at(12)]


@pytest.mark.parametrize("wrong", ["person_id", "plot_id", "companion_id"])
async def test_nothing_is_offered_that_would_be_refused_for_the_same_reason(
    browse: Any, db: AsyncSession, cast: Cast, wrong: str
) -> None:
    item = await build.make_item(db, cast.farm, manager_id=cast.gaston.id)
    await build.make_item(db, cast.farm)
    await db.commit()
    sent = {"starts_at": "2026-11-26T08:00", "ends_at": "2026-11-26T10:00"}
    sent[wrong] = str(cast.zoe.id if wrong == "person_id" else 999999)
    answer = await (await browse("gaston")).post(f"/materiel/{item.id}/reservations", sent)
    assert answer.status_code == 422
    page = parse(answer.text)
    assert page.all("button", name="take") == []
    assert page.all("a", class_="chip") == []


async def test_another_item_is_proposed_with_what_was_typed(
    browse: Any, db: AsyncSession, cast: Cast
) -> None:
    item = await build.make_item(db, cast.farm, manager_id=cast.gaston.id)
    await build.make_item(db, cast.farm, name="Le même", manager_id=cast.gaston.id)
    start = dt.datetime(2026, 11, 26, 7, tzinfo=dt.UTC)
    await build.make_booking(db, item, cast.tom, start, start + dt.timedelta(hours=2))
    await db.commit()
    gaston = await browse("gaston")
    sent = {
        "starts_at": "2026-11-26T08:00",
        "ends_at": "2026-11-26T10:00",
        "person_id": str(cast.lea.id),
        "purpose": "Semis & buttage",
    }
    answer = await gaston.post(f"/materiel/{item.id}/reservations", sent)
    page = await gaston.page(parse(answer.text).one("a", class_="chip")["href"])
    assert page.one("input", name="starts_at")["value"] == "2026-11-26T08:00"
    assert page.one("input", name="purpose")["value"] == "Semis & buttage"
    assert page.one("select", name="person_id").one("option", selected="")["value"] == str(
        cast.lea.id
    )
