"""Answering, moving, cancelling and restoring bookings."""

import datetime as dt
from collections.abc import Callable

import pytest

from couveuse.equipment import actions
from couveuse.equipment.actions.changing import Changed
from couveuse.equipment.actions.items import write_companions
from couveuse.equipment.models import BookingState
from couveuse.people.actions import withdraw_paper
from couveuse.people.queries import papers_of
from tests.conftest import NOON
from tests.equipment.shed import HOUR, Shed, at, reasons

# ---------------------------------------------------------------- approval


async def test_a_request_holds_the_slot_until_it_is_answered(shed: Shed) -> None:
    item = await shed.item(name="Pelle", needs_approval=True)
    booking = await shed.book("lea", item)
    assert booking.state == BookingState.REQUESTED
    assert await shed.said(booking) == ["a demandé Pelle : jeu. 26 nov., 08:00\u202f–\u202f10:00"]
    assert await reasons(shed.book("tom", item)) == ["slot_taken"]
    await shed.approve("gaston", booking)
    assert (booking.state, booking.decided_by_id) == (BookingState.CONFIRMED, shed.cast.gaston.id)
    assert booking.decided_at == NOON
    assert await shed.claims() == [(item.id, 1, at(8), at(10))]
    assert await shed.queued() == ["booking.requested", "booking.approved"]
    assert (await shed.said(booking))[1] == "a accepté la demande"


@pytest.mark.parametrize(
    ("hours", "start", "expected"),
    [(12, 8, NOON + 12 * HOUR), (48, 8, at(8)), (48, -12, NOON + HOUR / 4)],
)
async def test_a_request_waits_no_longer_than_its_slot(
    shed: Shed, hours: int, start: float, expected: dt.datetime
) -> None:
    item = await shed.item(needs_approval=True, answer_hours=hours)
    assert (await shed.book("lea", item, start, start + 1)).answer_by == expected


@pytest.mark.parametrize("who", ["gaston", "ines"])
async def test_who_is_in_charge_needs_no_approval(shed: Shed, who: str) -> None:
    item = await shed.item(needs_approval=True)
    assert (await shed.book(who, item)).state == BookingState.CONFIRMED


async def test_a_companion_may_need_approval_too(shed: Shed) -> None:
    tractor = await shed.item(needs_approval=True)
    tool = await shed.item(companions=[tractor])
    assert (await shed.book("lea", tool)).state == BookingState.REQUESTED


async def test_a_request_is_refused_with_a_reason(shed: Shed) -> None:
    booking = await shed.book("lea", await shed.item(needs_approval=True))
    await shed.refuse("gaston", booking, "Sol trop humide")
    assert (booking.state, booking.reason) == (BookingState.REFUSED, "Sol trop humide")
    assert await shed.claims() == []
    assert (await shed.said(booking))[1] == "a refusé la demande : Sol trop humide"
    assert await shed.queued() == ["booking.requested", "booking.refused"]


@pytest.mark.parametrize("who", ["lea", "marc", "paul"])
async def test_only_who_is_in_charge_of_the_item_answers(shed: Shed, who: str) -> None:
    booking = await shed.book("tom", await shed.item(needs_approval=True))
    with pytest.raises(Changed):
        await shed.approve(who, booking)
    with pytest.raises(Changed):
        await shed.refuse(who, booking)
    assert booking.state == BookingState.REQUESTED


@pytest.mark.parametrize("companion", [False, True])
async def test_a_request_is_not_approved_when_the_training_is_gone(
    shed: Shed, companion: bool
) -> None:
    needs = [shed.cast.tractor_training]
    tractor = await shed.item(name="Tracteur", needs_approval=True, requirements=needs)
    item = await shed.item(companions=[tractor]) if companion else tractor
    booking = await shed.book("lea", item)
    (paper,) = await papers_of(shed.db, shed.cast.lea.id)
    await withdraw_paper(shed.db, shed.cast.actors["gaston"], paper)
    assert await reasons(shed.approve("gaston", booking)) == ["paper_missing"]
    booking = await shed.again(booking)
    assert booking.state == BookingState.REQUESTED
    await shed.refuse("gaston", booking, "Formation à refaire")


@pytest.mark.parametrize("answer", ["approve", "refuse"])
async def test_a_request_is_answered_once(shed: Shed, answer: str) -> None:
    booking = await shed.book("lea", await shed.item(needs_approval=True))
    await shed.approve("gaston", booking)
    with pytest.raises(Changed):
        await getattr(shed, answer)("ines", booking)
    assert booking.state == BookingState.CONFIRMED


async def test_an_answer_that_comes_too_late_is_refused(
    shed: Shed, fixed_clock: Callable[[dt.datetime], None]
) -> None:
    booking = await shed.book("lea", await shed.item(needs_approval=True, answer_hours=1))
    fixed_clock(NOON + HOUR)
    assert await reasons(shed.approve("gaston", booking)) == ["lapsed"]
    assert await reasons(shed.refuse("gaston", booking)) == ["lapsed"]


async def test_requests_lapse_when_nobody_answers_and_both_sides_are_told(
    shed: Shed, fixed_clock: Callable[[dt.datetime], None]
) -> None:
    item = await shed.item(needs_approval=True, answer_hours=1, capacity=2)
    late = await shed.book("lea", item)
    answered = await shed.book("tom", item)
    await shed.approve("gaston", answered)
    early = await shed.book("rosa", await shed.item(needs_approval=True, answer_hours=2))
    assert await actions.lapse_requests(shed.db) == 0
    fixed_clock(NOON + HOUR)
    assert await actions.lapse_requests(shed.db) == 1
    assert await actions.lapse_requests(shed.db) == 0
    states = [(await shed.again(one)).state for one in (late, answered, early)]
    assert states == ["lapsed", "confirmed", "requested"]
    assert await shed.claims(booking_id=late.id) == []
    assert (await shed.said(late))[1].startswith("La demande est devenue caduque")
    assert (await shed.queued())[-1] == "booking.lapsed"


async def test_a_slot_held_by_an_overdue_request_is_free(
    shed: Shed, fixed_clock: Callable[[dt.datetime], None]
) -> None:
    item = await shed.item(needs_approval=True, answer_hours=1)
    overdue = await shed.book("lea", item)
    fixed_clock(NOON + HOUR)
    booking = await shed.book("gaston", item, 9, 11)
    assert (await shed.again(overdue)).state == BookingState.LAPSED
    assert await shed.claims() == [(item.id, 1, at(9), at(11))]
    assert await shed.queued() == ["booking.requested", "booking.lapsed", "booking.made"]
    assert booking.state == BookingState.CONFIRMED


async def test_a_refused_booking_lets_nothing_lapse(
    shed: Shed, fixed_clock: Callable[[dt.datetime], None]
) -> None:
    item = await shed.item(needs_approval=True, answer_hours=1, capacity=1)
    overdue = await shed.book("lea", item)
    await shed.book("gaston", item, 10, 11)
    fixed_clock(NOON + HOUR)
    assert await reasons(shed.book("tom", item, 9, 11)) == ["slot_taken"]
    assert (await shed.again(overdue)).state == BookingState.REQUESTED


# ---------------------------------------------------------------- moving


async def test_a_booking_is_moved_to_a_free_time(shed: Shed) -> None:
    item = await shed.item(buffer_after_minutes=30)
    booking = await shed.book("lea", item)
    await shed.move("lea", booking, 14, 16)
    assert await shed.claims() == [(item.id, 1, at(14), at(16.5))]
    assert (await shed.said(booking))[1] == (
        "a déplacé la réservation : jeu. 26 nov., 14:00\u202f–\u202f16:00 "
        "(avant : jeu. 26 nov., 08:00\u202f–\u202f10:00)"
    )
    assert await shed.queued() == ["booking.made", "booking.moved"]


@pytest.mark.parametrize("hours", [(8, 12), (7, 10), (9, 11), (8, 9), (8.5, 9.5)])
async def test_a_booking_is_not_in_its_own_way(shed: Shed, hours: tuple[float, float]) -> None:
    item = await shed.item(buffer_before_minutes=60, buffer_after_minutes=60)
    booking = await shed.book("lea", item)
    await shed.move("lea", booking, *hours)
    assert await shed.claims() == [(item.id, 1, at(hours[0] - 1), at(hours[1] + 1))]


async def test_a_move_into_a_taken_time_is_refused_and_changes_nothing(shed: Shed) -> None:
    item = await shed.item(max_minutes=180)
    booking = await shed.book("lea", item)
    await shed.book("tom", item, 12, 13)
    assert await reasons(shed.move("lea", booking, 9, 12.5)) == ["too_long", "slot_taken"]
    assert (item.id, 1, at(8), at(10)) in await shed.claims()
    assert len(await shed.said(booking)) == 1


async def test_shortening_asks_for_nothing(shed: Shed) -> None:
    """Not for a minimum, not for a notice: less is always welcome."""
    item = await shed.item(min_minutes=120, notice_minutes=60)
    booking = await shed.book("lea", item)
    item.notice_minutes, item.retired_on = 10000, dt.date(2026, 11, 24)
    await shed.move("lea", booking, 8, 9)
    assert await shed.claims() == [(item.id, 1, at(8), at(9))]


async def test_shortening_works_when_the_buffers_have_grown(shed: Shed) -> None:
    """What the booking held is its own: a longer buffer would reach into its neighbours."""
    tractor = await shed.item(capacity=2)
    item = await shed.item(companions=[tractor])
    booking = await shed.book("lea", item)
    await shed.book("tom", item, 10, 12)
    await shed.book("tom", tractor, 6, 8)
    item.buffer_after_minutes = tractor.buffer_before_minutes = 60
    await shed.move("lea", booking, 8, 9.5)
    assert await shed.claims(booking_id=booking.id) == [
        (tractor.id, 1, at(8), at(9.5)),
        (item.id, 1, at(8), at(10)),
    ]


async def test_shortening_keeps_the_place(shed: Shed) -> None:
    item = await shed.item(capacity=2)
    first = await shed.book("tom", item)
    booking = await shed.book("lea", item)
    await shed.cancel("tom", first)
    await shed.move("lea", booking, 8, 9)
    assert await shed.claims() == [(item.id, 2, at(8), at(9))]


async def test_what_needs_approval_needs_it_again_when_it_grows(shed: Shed) -> None:
    booking = await shed.book("lea", await shed.item(needs_approval=True))
    await shed.approve("gaston", booking)
    await shed.move("lea", booking, 8, 9.5)
    assert booking.state == BookingState.CONFIRMED
    await shed.move("lea", booking, 8, 11)
    assert booking.state == BookingState.REQUESTED
    await shed.move("gaston", booking, 8, 12)
    assert booking.state == BookingState.CONFIRMED


async def test_a_set_is_moved_whole(shed: Shed) -> None:
    tractor, other = await shed.item(), await shed.item()
    tool = await shed.item(companions=[tractor, other])
    booking = await shed.book("lea", tool)
    await shed.book("tom", tractor, 12, 13)
    assert await reasons(shed.move("lea", booking, 11, 13)) == ["slot_taken"]
    await shed.move("lea", booking, 14, 16)
    assert booking.companion_id == tractor.id
    assert (tractor.id, 1, at(14), at(16)) in await shed.claims()


async def test_an_item_that_has_a_companion_since_is_moved_with_it(shed: Shed) -> None:
    tractor, tool = await shed.item(), await shed.item()
    booking = await shed.book("lea", tool)
    await write_companions(shed.db, tool.id, [tractor.id])
    await shed.move("lea", booking, 8, 9)
    assert booking.companion_id is None
    await shed.move("lea", booking, 12, 14)
    assert booking.companion_id == tractor.id
    assert len(await shed.claims()) == 2


async def test_an_override_of_a_move_is_kept(shed: Shed) -> None:
    booking = await shed.book("lea", await shed.item(max_minutes=120))
    assert await reasons(shed.move("lea", booking, 8, 14, override_reason="Gel")) == ["too_long"]
    await shed.move("gaston", booking, 8, 14, override_reason="Gel")
    assert booking.override_reason == "Gel"
    assert (await shed.said(booking))[-1] == "a passé outre une règle : Gel"


@pytest.mark.parametrize("who", ["tom", "paul", "marc"])
async def test_strangers_do_not_move_or_cancel(shed: Shed, who: str) -> None:
    booking = await shed.book("lea", await shed.item())
    with pytest.raises(Changed):
        await shed.move(who, booking, 12, 13)
    with pytest.raises(Changed):
        await shed.cancel(who, booking)


async def test_who_booked_for_somebody_may_change_it(shed: Shed) -> None:
    booking = await shed.book("marc", await shed.item(), person_id=shed.cast.lea.id)
    await shed.move("marc", booking, 12, 13)
    await shed.move("lea", booking, 14, 15)
    await shed.cancel("marc", booking)


# --- cut-off and early return


async def test_after_the_cutoff_only_who_is_in_charge_changes_it(shed: Shed) -> None:
    item = await shed.item(cancel_cutoff_minutes=24 * 60, max_minutes=180)
    booking = await shed.book("lea", item)  # tomorrow at 8 is in twenty hours
    assert await reasons(shed.cancel("lea", booking)) == ["past_cutoff"]
    assert await reasons(shed.move("lea", booking, 8, 12)) == ["too_long", "past_cutoff"]
    await shed.move("lea", booking, 8, 9)
    await shed.move("gaston", booking, 8, 11)
    await shed.cancel("gaston", booking)


async def test_bringing_back_early_frees_the_rest(
    shed: Shed, fixed_clock: Callable[[dt.datetime], None]
) -> None:
    item = await shed.item()
    booking = await shed.book("lea", item)
    fixed_clock(at(8.75))
    assert await reasons(shed.cancel("lea", booking)) == ["past_cutoff"]
    assert await reasons(shed.move("lea", booking, 8, 8.5)) == ["past_cutoff"]
    assert await reasons(shed.move("lea", booking, 9, 10)) == ["past_cutoff"]
    await shed.move("lea", booking, 8, 9)
    assert await shed.claims() == [(item.id, 1, at(8), at(9))]


async def test_a_running_booking_is_extended_by_who_is_in_charge(
    shed: Shed, fixed_clock: Callable[[dt.datetime], None]
) -> None:
    item = await shed.item()
    booking = await shed.book("lea", item)
    fixed_clock(at(9))
    assert await reasons(shed.move("lea", booking, 8, 12)) == ["past_cutoff"]
    assert await reasons(shed.move("gaston", booking, 8.5, 12)) == ["past"]
    await shed.move("gaston", booking, 8, 12)
    assert await shed.claims() == [(item.id, 1, at(8), at(12))]


async def test_what_is_over_is_not_changed(
    shed: Shed, fixed_clock: Callable[[dt.datetime], None]
) -> None:
    booking = await shed.book("lea", await shed.item())
    fixed_clock(at(10))
    for who in ("lea", "ines"):
        with pytest.raises(Changed):
            await shed.cancel(who, booking)
        with pytest.raises(Changed):
            await shed.move(who, booking, 12, 13)


# ---------------------------------------------------------------- cancelling and restoring


async def test_cancelling_frees_the_slot_and_says_why(shed: Shed) -> None:
    item = await shed.item()
    booking = await shed.book("lea", item)
    await shed.cancel("lea", booking, "Pluie")
    assert (booking.state, booking.reason) == (BookingState.CANCELLED, "Pluie")
    assert booking.decided_by_id == shed.cast.lea.id
    assert await shed.claims() == []
    assert (await shed.said(booking))[1] == "a annulé la réservation : Pluie"
    with pytest.raises(Changed):
        await shed.cancel("lea", booking)
    await shed.book("tom", item)


async def test_ones_own_cancellation_is_taken_back(shed: Shed) -> None:
    tractor = await shed.item()
    booking = await shed.book("lea", await shed.item(companions=[tractor]))
    await shed.cancel("lea", booking, "Pluie")
    await shed.restore("lea", booking)
    assert (booking.state, booking.reason) == (BookingState.CONFIRMED, None)
    assert booking.decided_at is None
    assert len(await shed.claims(booking_id=booking.id)) == 2
    assert (await shed.said(booking))[-1].startswith("a rétabli la réservation : jeu. 26 nov.")
    assert (await shed.queued())[-1] == "booking.restored"


async def test_a_slot_taken_meanwhile_is_not_given_back(shed: Shed) -> None:
    item = await shed.item()
    booking = await shed.book("lea", item)
    await shed.cancel("lea", booking)
    await shed.book("tom", item, 9, 11)
    assert await reasons(shed.restore("lea", booking)) == ["slot_taken"]
    assert (await shed.again(booking)).state == BookingState.CANCELLED


async def test_what_others_cancelled_or_refused_is_theirs_to_restore(shed: Shed) -> None:
    cancelled = await shed.book("lea", await shed.item())
    await shed.cancel("gaston", cancelled)
    refused = await shed.book("lea", await shed.item(needs_approval=True))
    await shed.refuse("gaston", refused)
    for booking in (cancelled, refused):
        with pytest.raises(Changed):
            await shed.restore("lea", booking)
        await shed.restore("gaston", booking)
        assert (await shed.again(booking)).state == BookingState.CONFIRMED
        with pytest.raises(Changed):
            await shed.restore("gaston", booking)


async def test_a_restored_request_is_a_request_again(shed: Shed) -> None:
    booking = await shed.book("lea", await shed.item(needs_approval=True))
    await shed.cancel("lea", booking)
    await shed.restore("lea", booking)
    assert (booking.state, booking.answer_by) == (BookingState.REQUESTED, at(8))


async def test_an_override_of_a_restoration_is_kept(shed: Shed) -> None:
    item = await shed.item()
    booking = await shed.book("lea", item)
    await shed.cancel("gaston", booking)
    item.max_minutes = 60
    assert await reasons(shed.restore("gaston", booking)) == ["too_long"]
    await shed.restore("gaston", booking, "C'était convenu")
    assert booking.override_reason == "C'était convenu"
    assert (await shed.said(booking))[-1] == "a passé outre une règle : C'était convenu"


async def test_a_set_that_was_taken_apart_says_so(shed: Shed) -> None:
    tractor, other = await shed.item(), await shed.item()
    tool = await shed.item(companions=[tractor])
    booking = await shed.book("lea", tool)
    await shed.cancel("lea", booking)
    await write_companions(shed.db, tool.id, [other.id])
    assert await reasons(shed.restore("lea", booking)) == ["companion_gone"]
