"""Taking items away, giving them back, leaving, and the words it is told in."""

import pytest

from couveuse.core import i18n, journal
from couveuse.core.errors import Refused
from couveuse.equipment import actions
from couveuse.equipment.actions.changing import Changed
from couveuse.equipment.models import BookingState, Outage
from couveuse.people.models import Person
from tests.conftest import NOON
from tests.equipment.shed import Shed, at, reasons


async def test_an_outage_holds_every_place(shed: Shed) -> None:
    item = await shed.item(capacity=3, buffer_after_minutes=30)
    outage = await shed.block("gaston", item, 8, 12, kind="maintenance")
    assert await shed.claims() == [(item.id, unit, at(8), at(12)) for unit in (1, 2, 3)]
    assert (outage.kind, outage.reason) == ("maintenance", "Révision")
    assert await shed.said(item) == [
        "a rendu le matériel indisponible : jeu. 26 nov., 08:00\u202f–\u202f12:00, Révision"
    ]
    assert await reasons(shed.book("lea", item, 7, 8)) == ["slot_taken"] * 3


async def test_bookings_in_the_way_are_named(shed: Shed) -> None:
    item = await shed.item(capacity=2)
    for who in ("lea", "tom"):
        await shed.book(who, item)
    with pytest.raises(Refused) as caught:
        await shed.block("gaston", item, 9, 12)
    assert "Lea Essai a réservé jeu. 26 nov." in str(caught.value.reasons[0])
    assert [one.code for one in caught.value.reasons] == ["booking_in_the_way"] * 2
    assert await shed.count(Outage) == 0


async def test_bookings_in_the_way_are_cancelled_and_told_when_asked_for(shed: Shed) -> None:
    tractor = await shed.item()
    tool = await shed.item(companions=[tractor])
    whole = await shed.book("lea", tool)
    alone = await shed.book("tom", tractor, 11, 13)
    later = await shed.book("tom", tractor, 13, 14)
    await shed.block("gaston", tractor, 9, 13, cancel_bookings="on")
    for booking in (whole, alone):
        assert ((await shed.again(booking)).state, booking.reason) == ("cancelled", "Révision")
        assert (await shed.said(booking))[-1] == "a annulé la réservation : Révision"
        assert await shed.claims(booking_id=booking.id) == []
    assert (await shed.again(later)).state == BookingState.CONFIRMED
    assert await shed.claims(item_id=tool.id) == []
    assert await shed.queued() == [*["booking.made"] * 3, *["booking.cancelled_because"] * 2]


async def test_an_item_is_not_taken_away_twice(shed: Shed) -> None:
    item = await shed.item()
    await shed.block("gaston", item, 8, 12)
    assert await reasons(shed.block("ines", item, 10, 14, cancel_bookings="on")) == ["slot_taken"]
    assert await shed.count(Outage) == 1


async def test_an_outage_is_lifted_once(shed: Shed) -> None:
    item = await shed.item(capacity=2)
    outage = await shed.block("gaston", item, 8, 12)
    gaston = shed.cast.actors["gaston"]
    await actions.lift_outage(shed.db, gaston, outage)
    assert await shed.claims() == []
    assert (await shed.said(item))[-1].startswith("a rendu le matériel de nouveau disponible")
    with pytest.raises(Changed):
        await actions.lift_outage(shed.db, gaston, outage)
    await shed.book("lea", item)


# ---------------------------------------------------------------- leaving


async def test_who_leaves_lets_bookings_go_whatever_the_cutoff(shed: Shed) -> None:
    item = await shed.item(cancel_cutoff_minutes=100_000)
    bookings = [await shed.book("lea", item, hour, hour + 1) for hour in (8, 10)]
    await shed.cancel("gaston", bookings[0])
    await actions.lock_for_departure(shed.db, bookings, [])
    await actions.cancel_for_departure(shed.db, shed.cast.actors["ines"], bookings)
    assert bookings[1].reason == "fin de l'appartenance au réseau"
    assert await shed.claims() == []
    assert [len(await shed.said(one)) for one in bookings] == [2, 2]


async def test_items_are_handed_over(shed: Shed) -> None:
    marc, rosa = shed.cast.marc.id, shed.cast.rosa.id
    first = await shed.item(manager_id=marc, deputy_id=rosa)
    second = await shed.item(manager_id=rosa, deputy_id=marc)
    ines = shed.cast.actors["ines"]
    await actions.hand_over_items(shed.db, ines, [first, second], marc, rosa)
    assert (first.manager_id, first.deputy_id) == (rosa, None)  # nobody stands in for themself
    assert (second.manager_id, second.deputy_id) == (rosa, None)
    assert await shed.said(first) == ["a changé la personne en charge"]


# ---------------------------------------------------------------- words


async def test_the_journal_reads_in_english_too(shed: Shed) -> None:
    item = await shed.item(name="Broyeur", needs_approval=True, max_minutes=120)
    booking = await shed.book("lea", item)
    await shed.approve("gaston", booking)
    await shed.move("gaston", booking, 8, 12, override_reason="Frost")
    await shed.cancel("lea", booking, "Rain")
    await shed.restore("gaston", booking, "Sun")
    outage = await shed.block("gaston", item, 14, 16)
    await actions.lift_outage(shed.db, shed.cast.actors["gaston"], outage)
    french = await shed.said(booking) + await shed.said(item)
    i18n.set_language("en")
    english = await shed.said(booking) + await shed.said(item)
    assert len(english) == len(french) == 9
    assert not set(french) & set(english)
    assert [n for n, one in enumerate(english) if "26 Nov" in one or "Nov 26" in one] == [
        0,
        2,
        5,
        7,
        8,
    ]
    assert not any("%(" in one for one in french + english)


async def test_lines_bear_who_did_it(shed: Shed) -> None:
    booking = await shed.book("lea", await shed.item(needs_approval=True))
    await actions.lapse_requests(shed.db)
    await shed.refuse("ines", booking)
    lines = await journal.lines_about(shed.db, "booking", booking.id)
    assert [line.actor_name for line in lines] == ["Ines Essai", "Lea Essai"]
    person = await shed.db.get(Person, lines[0].actor_id)
    assert person is not None
    assert lines[0].at == NOON
