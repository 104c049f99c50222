"""Items that people in test take under a signed agreement, whichever way the booking is written."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range

from couveuse.core.clock import PARIS
from couveuse.core.errors import Refused
from couveuse.equipment import queries
from couveuse.equipment.alternatives import find_alternatives
from couveuse.equipment.models import Booking, BookingState, Item
from couveuse.equipment.rules import Gap, gap_in, local_days
from couveuse.equipment.standing import list_uncovered_bookings
from couveuse.people.models import Membership
from couveuse.structures.models import Structure
from couveuse.trainees.models import Agreement, AgreementPeriod
from tests import build
from tests.equipment.shed import Shed, asking, at


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


def spans(*texts: str) -> list[tuple[dt.date, dt.date | None]]:
    """``"02-01 05-01"``: half-open; without a second day it goes on."""
    parts = [text.split() for text in texts]
    return [(day(one[0]), day(one[1]) if len(one) > 1 else None) for one in parts]


# ---------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("covered", "first", "last", "gap"),
    [
        ((), "03-01", "03-01", Gap(None)),
        (("02-01 05-01",), "02-01", "02-01", None),
        (("02-01 05-01",), "01-31", "02-01", Gap(None)),
        (("02-01 05-01",), "04-30", "04-30", None),
        (("02-01 05-01",), "04-30", "05-01", Gap(day("04-30"))),
        (("02-01 05-01",), "05-01", "05-01", Gap(day("04-30"))),
        (("02-01 05-01",), "09-01", "09-02", Gap(day("04-30"))),
        (("02-01 05-01", "05-01 09-01"), "04-30", "05-01", None),
        (("05-01 09-01", "02-01 05-01"), "02-01", "08-31", None),
        (("02-01 05-01", "05-02 09-01"), "04-30", "05-02", Gap(day("04-30"))),
        (("02-01 05-01", "03-01 04-01"), "03-15", "04-30", None),
        (("02-01", "03-01 04-01"), "12-31", "12-31", None),
        (("06-01 09-01",), "03-01", "03-02", Gap(None)),
    ],
)
def test_together_the_spans_cover_each_day(
    covered: tuple[str, ...], first: str, last: str, gap: Gap | None
) -> None:
    assert gap_in(spans(*covered), day(first), day(last)) == gap


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ((8, 26), (10, 26), ("11-26", "11-26")),
        ((20, 26), (24, 26), ("11-26", "11-26")),
        ((20, 26), (24.25, 26), ("11-26", "11-27")),
        ((0, 26), (48, 26), ("11-26", "11-27")),
    ],
)
def test_the_days_are_those_where_the_item_is(
    start: tuple[float, int], end: tuple[float, int], days: tuple[str, str]
) -> None:
    assert local_days(at(*start), at(*end), PARIS) == (day(days[0]), day(days[1]))


# ---------------------------------------------------------------- every way to write


async def ending(shed: Shed, last: str, who: str = "lea") -> None:
    """The person's agreement ends early, on that day."""
    whose = Agreement.person_id == shed.cast.person(who).id
    ended = {"ended_on": day(last), "end_reason": "Autre projet"}
    await shed.db.execute(sa.update(Agreement).where(whose).values(ended))
    until = day(last) + dt.timedelta(days=1)
    await shed.db.execute(
        sa.update(AgreementPeriod)
        .where(AgreementPeriod.person_id == shed.cast.person(who).id)
        .values(during=Range(dt.date(2026, 2, 1), until))
    )


async def tractor(shed: Shed, **fields: Any) -> Item:
    return await shed.item(name="Tracteur", needs_agreement=True, **fields)


async def codes(booking: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        await booking
    return [reason.code for reason in refused.value.reasons]


@pytest.mark.parametrize(
    ("last", "answer"), [("11-26", None), ("11-25", "agreement_ends"), ("12-31", None)]
)
async def test_a_booking_is_covered_to_its_last_day(
    shed: Shed, last: str, answer: str | None
) -> None:
    item = await tractor(shed)
    await ending(shed, last)

    if answer:
        assert await codes(shed.book("lea", item)) == [answer]
    else:
        assert (await shed.book("lea", item)).state == BookingState.CONFIRMED


async def test_a_slot_over_midnight_needs_both_days(shed: Shed) -> None:
    item = await tractor(shed)
    await ending(shed, "11-26")

    assert await codes(shed.book("lea", item, 20, 26)) == ["agreement_ends"]
    assert await shed.book("lea", item, 20, 24)


async def test_two_periods_that_touch_cover_a_slot_over_their_seam(shed: Shed) -> None:
    item = await tractor(shed)
    await ending(shed, "11-26")
    start, end = day("11-27"), dt.date(2027, 11, 27)
    await build.make_agreement(shed.db, shed.cast.lea, shed.cast.home, start, end)

    assert await shed.book("lea", item, 20, 26)


async def test_an_agreement_without_its_signed_document_carries_nothing(shed: Shed) -> None:
    item = await tractor(shed)
    await ending(shed, "11-20")
    whose = (shed.cast.lea, shed.cast.home, day("11-21"), day("12-31"))
    await build.make_agreement(shed.db, *whose, document=None)

    assert await codes(shed.book("lea", item)) == ["agreement_ends"]


async def test_before_the_first_agreement_there_is_none(shed: Shed) -> None:
    item, jo = await tractor(shed), await build.make_person(shed.db)
    await build.make_membership(shed.db, jo, shed.cast.home)
    await build.make_agreement(shed.db, jo, shed.cast.home, day("11-27"), day("12-31"))

    assert await codes(shed.book("ines", item, 8, 10, person_id=jo.id)) == ["no_agreement"]


@pytest.mark.parametrize("who", ["ines", "marc", "rosa", "gaston"])
async def test_who_accompanies_manages_or_coordinates_needs_none(shed: Shed, who: str) -> None:
    assert await shed.book(who, await tractor(shed))


async def test_an_item_that_does_not_ask_is_taken_without(shed: Shed) -> None:
    await ending(shed, "11-20")

    assert await shed.book("lea", await shed.item())


@pytest.mark.parametrize("who", ["ines", "gaston"])
async def test_nobody_passes_over_it_for_somebody_in_test(shed: Shed, who: str) -> None:
    item = await tractor(shed, manager_id=shed.cast.gaston.id)
    await ending(shed, "11-20")
    hers = {"person_id": shed.cast.lea.id, "override_reason": "Accord oral"}

    assert await codes(shed.book(who, item, 8, 10, **hers)) == ["agreement_ends"]


async def test_what_it_goes_with_may_ask_for_it(shed: Shed) -> None:
    plough = await shed.item(companions=[await tractor(shed)])
    await ending(shed, "11-20")

    assert await codes(shed.book("lea", plough)) == ["agreement_ends"]


async def test_the_companion_that_asks_for_none_is_taken(shed: Shed) -> None:
    free = await shed.item()
    plough = await shed.item(companions=[await tractor(shed), free])
    await ending(shed, "11-20")

    assert (await shed.book("lea", plough)).companion_id == free.id


async def test_a_booking_does_not_move_or_grow_beyond_it(shed: Shed) -> None:
    booking = await shed.book("lea", await tractor(shed), 20, 23)
    await ending(shed, "11-26")

    assert await codes(shed.move("lea", booking, 20, 25)) == ["agreement_ends"]
    booking = await shed.again(booking)
    assert await codes(shed.move("lea", booking, 32, 34)) == ["agreement_ends"]
    await shed.move("lea", await shed.again(booking), 18, 23.5)


async def test_one_beyond_an_agreement_that_ended_may_be_shortened(shed: Shed) -> None:
    booking = await shed.book("lea", await tractor(shed), 20, 26)
    await ending(shed, "11-26")

    await shed.move("lea", booking, 20, 25)


async def test_a_request_is_not_approved_beyond_it(shed: Shed) -> None:
    booking = await shed.book("lea", await tractor(shed, needs_approval=True))
    other = await shed.book("lea", await tractor(shed, needs_approval=True), 32, 34)
    await ending(shed, "11-26")

    assert await codes(shed.approve("ines", other)) == ["agreement_ends"]
    await shed.approve("ines", await shed.again(booking))
    assert (await shed.again(booking)).state == BookingState.CONFIRMED


async def test_a_cancelled_booking_is_not_taken_again_beyond_it(shed: Shed) -> None:
    booking = await shed.book("lea", await tractor(shed))
    await shed.cancel("lea", booking)
    await ending(shed, "11-25")

    assert await codes(shed.restore("lea", await shed.again(booking))) == ["agreement_ends"]
    assert await codes(shed.restore("ines", await shed.again(booking), "Oui")) == ["agreement_ends"]


# ---------------------------------------------------------------- what is said


async def test_the_refusal_says_until_when_and_whom_to_call(shed: Shed) -> None:
    item = await tractor(shed)
    await ending(shed, "11-20")
    home = sa.update(Structure).where(Structure.id == shed.cast.home.id)
    await shed.db.execute(home.values(phone="+33254000001"))

    with pytest.raises(Refused) as refused:
        await shed.book("lea", item)

    said = str(refused.value.reasons[0])
    assert "20 nov." in said
    assert "CIVAM (02 54 00 00 01)" in said


async def test_what_is_offered_instead_lies_within_the_agreement(shed: Shed) -> None:
    item = await tractor(shed)
    await shed.item(name="Autre", category=item.category, needs_agreement=True)
    free = await shed.item(name="Libre", category=item.category)
    await ending(shed, "11-26")
    shown = await queries.get_item_to_show(shed.db, shed.cast.actors["lea"], item.id)
    asked = asking(32, 34)

    found = await find_alternatives(shed.db, shed.cast.actors["lea"], shown, asked, [])

    assert found
    assert [slot.start for slot in found.slots] == []
    assert [one.id for one in found.items] == [free.id]


async def leaving(shed: Shed, last: str) -> None:
    """The membership of lea ends on a day of 2026."""
    until = day(last) + dt.timedelta(days=1)
    await shed.db.execute(
        sa.update(Membership)
        .where(Membership.person_id == shed.cast.lea.id)
        .values(during=Range(dt.date(2025, 1, 1), until))
    )


@pytest.mark.parametrize(("last", "against"), [("11-26", []), ("11-25", ["membership_over"])])
async def test_nothing_is_taken_for_after_the_membership(
    shed: Shed, last: str, against: list[str]
) -> None:
    """Whoever books, and with whatever reason."""
    item = await shed.item()
    await leaving(shed, last)
    hers = {"person_id": shed.cast.lea.id, "override_reason": "Accord oral"}

    if against:
        assert await codes(shed.book("lea", item, 8, 10)) == against
        assert await codes(shed.book("ines", item, 8, 10, **hers)) == ["not_a_member"]
    else:
        booking = await shed.book("lea", item, 8, 10)
        assert await codes(shed.move("ines", booking, 32, 34)) == ["membership_over"]


async def test_what_is_offered_instead_lies_within_the_membership(shed: Shed) -> None:
    item = await shed.item()
    await shed.item(name="Libre", category=item.category)
    await leaving(shed, "11-26")
    lea = shed.cast.actors["lea"]
    shown = await queries.get_item_to_show(shed.db, lea, item.id)
    later = await find_alternatives(shed.db, lea, shown, asking(32, 34), [])
    sooner = await find_alternatives(shed.db, lea, shown, asking(8, 10), [])

    assert later
    assert sooner
    assert (later.slots, later.items) == ([], [])
    assert {slot.start.date() for slot in sooner.slots} == {day("11-26")}
    assert len(sooner.items) == 1


async def test_the_page_says_it_before_a_form_is_filled_in(
    browse: Callable[..., Any], shed: Shed
) -> None:
    item = await tractor(shed)
    await ending(shed, "11-20")
    await shed.db.commit()

    lea, marc = await browse("lea"), await browse("marc")

    assert "sous convention signée" in (await lea.page(f"/materiel/{item.id}")).text
    assert "elle s'arrête" not in (await marc.page(f"/materiel/{item.id}")).text


async def test_bookings_that_nothing_covers_any_more_are_listed_to_who_is_in_charge(
    browse: Callable[..., Any], shed: Shed
) -> None:
    item = await tractor(shed, manager_id=shed.cast.gaston.id)
    other = await shed.item()
    plough = await shed.item(companions=[item])
    within = await shed.book("lea", item, 8, 10)
    beyond = await shed.book("lea", item, 20, 26)
    carried = await shed.book("lea", plough, 32, 34)
    await shed.book("lea", other, 32, 34)
    await shed.book("marc", item, 36, 38)
    cancelled = await shed.book("lea", item, 40, 41)
    await shed.cancel("lea", cancelled)
    await ending(shed, "11-26")
    await shed.db.commit()

    found = await list_uncovered_bookings(shed.db, shed.cast.actors["ines"])
    gaston = await (await browse("gaston")).page("/")
    lea = await (await browse("lea")).page("/")

    assert [one.id for one in found] == [beyond.id, carried.id]
    assert within.id not in {one.id for one in found}
    assert gaston.one(data_uncovered=str(beyond.id))
    assert lea.all(data_uncovered=None) == []


async def test_an_item_that_asks_for_it_costs_one_statement_more(
    browse: Callable[..., Any], shed: Shed, statements: list[str]
) -> None:
    counts: list[int] = []
    for asks in (False, True):
        item = await shed.item(needs_agreement=asks)
        await shed.db.commit()
        lea = await browse("lea")
        before = len(statements)
        sent = {"starts_at": "2026-11-27T08:00", "ends_at": "2026-11-27T10:00"}
        answer = await lea.post(f"/materiel/{item.id}/reservations", sent)
        assert answer.status_code == 303
        counts.append(len(statements) - before)

    assert counts[1] == counts[0] + 1
    assert counts[1] <= 10
    assert await shed.count(Booking) == 2
