"""Booking items: what it writes, what it refuses and what it tells."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Conflict, NotAllowed, Refused
from couveuse.core.journal import JournalLine
from couveuse.equipment import actions
from couveuse.equipment.forms import BookingForm
from couveuse.equipment.models import Booking, BookingState, ItemClaim, OnceReused
from tests import build
from tests.equipment.shed import Shed, asking, at, moment, reasons

# ---------------------------------------------------------------- booking


async def test_a_free_slot_is_confirmed_claimed_written_down_and_told(shed: Shed) -> None:
    item = await shed.item(name="Broyeur")
    booking = await shed.book("lea", item, purpose="Verger")
    assert (booking.state, booking.purpose) == (BookingState.CONFIRMED, "Verger")
    assert booking.person_id == booking.created_by_id == shed.cast.lea.id
    assert await shed.claims() == [(item.id, 1, at(8), at(10))]
    assert await shed.said(booking) == ["a réservé Broyeur : jeu. 26 nov., 08:00\u202f–\u202f10:00"]
    assert await shed.queued() == ["booking.made"]


async def test_the_claim_is_longer_by_the_buffers(shed: Shed) -> None:
    item = await shed.item(buffer_before_minutes=30, buffer_after_minutes=45)
    await shed.book("lea", item)
    assert await shed.claims() == [(item.id, 1, at(7.5), at(10.75))]
    assert await reasons(shed.book("tom", item, 11, 12)) == ["slot_taken"]
    await shed.book("tom", item, 11.25, 12)


async def test_every_reason_comes_at_once_and_nothing_is_left(shed: Shed) -> None:
    item = await shed.item(
        slot_minutes=30,
        min_minutes=60,
        notice_minutes=2 * 1440,
        open_days=[1, 2, 3],
        opens_at=dt.time(9),
        closes_at=dt.time(18),
        requirements=[shed.cast.tractor_training],
        max_open_bookings=1,
        check_done_on=dt.date(2025, 1, 1),
        check_months=12,
        retired_on=dt.date(2026, 11, 1),
    )
    await build.make_booking(shed.db, item, shed.cast.tom, at(12, 24), at(13, 24))
    await build.make_booking(shed.db, item, shed.cast.tom, at(12, 30), at(13, 30))
    await build.make_outage(shed.db, item, shed.cast.gaston, at(8), at(9))
    before = [await shed.count(one) for one in (Booking, ItemClaim, JournalLine)]
    assert set(await reasons(shed.book("tom", item, 8.25, 8.5))) == {
        *("off_grid", "too_short", "too_late", "closed_day", "closed_hour", "retired"),
        *("check_overdue", "paper_missing", "too_many", "slot_taken"),
    }
    assert [await shed.count(one) for one in (Booking, ItemClaim, JournalLine)] == before
    assert await shed.queued() == []


async def test_jobs_vanish_with_the_change_that_queued_them(shed: Shed) -> None:
    item = await shed.item()
    async with shed.db.begin_nested() as attempt:
        await shed.book("lea", item)
        assert await shed.queued() == ["booking.made"]
        await attempt.rollback()
    assert await shed.queued() == []
    assert await shed.count(JournalLine) == await shed.count(ItemClaim) == 0


async def test_the_constraint_speaks_when_the_rules_saw_nothing(
    shed: Shed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if two had looked at the same moment: the second is told, and nothing of it is left."""
    item = await shed.item()
    await shed.book("tom", item)

    async def nothing(*_args: Any, **_more: Any) -> dict[int, list[Any]]:
        return {item.id: []}

    monkeypatch.setattr("couveuse.equipment.claims.list_clashes", nothing)
    with pytest.raises(Conflict) as caught:
        await shed.book("lea", item, 9, 11)
    assert [reason.code for reason in caught.value.reasons] == ["slot_taken"]
    assert await shed.count(Booking) == await shed.count(ItemClaim) == 1
    assert await shed.queued() == ["booking.made"]


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [(10, 10, "end_before_start"), (10, 8, "end_before_start"), (-16, -14, "past")],
)
async def test_an_impossible_span_is_refused(
    shed: Shed, start: float, end: float, code: str
) -> None:
    item = await shed.item()
    assert code in await reasons(shed.book("ines", item, start, end, override_reason="quand même"))


async def test_a_slot_that_has_begun_may_still_be_taken(shed: Shed) -> None:
    item = await shed.item(slot_minutes=60)
    today = asking(starts_at=moment(11.5, 25), ends_at=moment(14, 25))
    assert await reasons(actions.book(shed.db, shed.cast.actors["lea"], item, today)) == [
        "off_grid"
    ]
    today = asking(starts_at=moment(11, 25), ends_at=moment(14, 25))
    assert await actions.book(shed.db, shed.cast.actors["lea"], item, today)


# --- capacity


async def test_each_booking_takes_the_lowest_place_that_is_free(shed: Shed) -> None:
    item = await shed.item(capacity=3)
    first = await shed.book("lea", item)
    await shed.book("tom", item, 9, 11)
    await shed.cancel("lea", first)
    await shed.book("marc", item)
    await shed.book("rosa", item, 8, 9)
    await shed.book("paul", item, 8.5, 12)
    taken = {(unit, start) for _, unit, start, _ in await shed.claims()}
    assert taken == {(1, at(8)), (2, at(8)), (2, at(9)), (3, at(8.5))}
    assert await reasons(shed.book("lea", item, 8, 9)) == ["slot_taken"] * 3


# --- sets


async def test_a_set_is_booked_whole_with_the_first_companion_that_can_come(shed: Shed) -> None:
    first, second = await shed.item(name="Tracteur A"), await shed.item(name="Tracteur B")
    tool = await shed.item(companions=[second, first])
    one = await shed.book("lea", tool)
    assert one.companion_id == second.id
    assert [claim[:2] for claim in await shed.claims()] == [(second.id, 1), (tool.id, 1)]
    other = await shed.item(companions=[second, first])
    assert (await shed.book("tom", other)).companion_id == first.id


async def test_a_set_with_no_companion_left_takes_nothing(shed: Shed) -> None:
    tractor = await shed.item(name="Tracteur")
    tool = await shed.item(companions=[tractor])
    await shed.book("tom", tractor, 9, 11)
    assert await reasons(shed.book("lea", tool)) == ["slot_taken"]
    assert await shed.claims(item_id=tool.id) == []


async def test_the_companion_one_chose_or_none(shed: Shed) -> None:
    first, second = await shed.item(), await shed.item()
    tool = await shed.item(companions=[first, second])
    await shed.book("tom", second, 9, 11)
    assert await reasons(shed.book("lea", tool, companion_id=second.id)) == ["slot_taken"]
    assert (await shed.book("lea", tool, companion_id=first.id)).companion_id == first.id


async def test_who_may_not_drive_the_first_tractor_gets_the_other(shed: Shed) -> None:
    trained = await shed.item(requirements=[shed.cast.tractor_training])
    free_for_all = await shed.item()
    tool = await shed.item(companions=[trained, free_for_all])
    assert (await shed.book("tom", tool)).companion_id == free_for_all.id
    assert await reasons(shed.book("tom", tool, 12, 13, companion_id=trained.id)) == [
        "paper_missing"
    ]


async def test_items_that_do_not_go_together_are_refused(shed: Shed) -> None:
    stranger = await shed.item()
    tool = await shed.item(companions=[await shed.item()])
    assert await reasons(shed.book("lea", tool, companion_id=stranger.id)) == ["companion_gone"]


# --- for whom


async def test_mentors_book_for_others_whose_papers_count(shed: Shed) -> None:
    item = await shed.item(requirements=[shed.cast.tractor_training])
    booking = await shed.book("marc", item, person_id=shed.cast.lea.id)
    assert (booking.person_id, booking.created_by_id) == (shed.cast.lea.id, shed.cast.marc.id)
    assert await reasons(shed.book("marc", item, 12, 13, person_id=shed.cast.tom.id)) == [
        "paper_missing"
    ]


@pytest.mark.parametrize(
    ("papers", "told"),
    [
        ([(None, dt.date(2026, 11, 28))], []),
        ([(None, dt.date(2026, 11, 27))], ["paper_missing"]),
        ([(None, dt.date(2026, 11, 27)), (dt.date(2026, 11, 27), None)], []),
        ([(None, dt.date(2026, 11, 26)), (dt.date(2026, 11, 27), None)], ["paper_missing"]),
    ],
)
async def test_a_paper_has_to_cover_every_day_of_the_slot(
    shed: Shed,
    db: AsyncSession,
    papers: list[tuple[dt.date | None, dt.date | None]],
    told: list[str],
) -> None:
    training = await build.make_qualification(db)
    item = await shed.item(requirements=[training])
    for start, end in papers:
        begins = {} if start is None else {"start": start}
        await build.make_paper(db, shed.cast.lea, training, end=end, **begins)
    asked = shed.book("lea", item, 18, 42)  # from Thursday evening to Friday evening
    if told:
        assert await reasons(asked) == told
    else:
        assert await asked


async def test_trainees_book_for_themselves_only(shed: Shed) -> None:
    item = await shed.item()
    with pytest.raises(NotAllowed):
        await shed.book("lea", item, person_id=shed.cast.tom.id)
    assert await shed.book("lea", item, person_id=shed.cast.lea.id)


async def test_nobody_books_for_who_left(shed: Shed) -> None:
    item = await shed.item()
    assert await reasons(shed.book("ines", item, person_id=shed.cast.zoe.id)) == ["not_a_member"]
    assert await reasons(shed.book("ines", item, person_id=2**62)) == ["not_a_member"]


# --- overriding


async def test_who_is_in_charge_passes_over_a_rule_and_the_reason_is_kept(shed: Shed) -> None:
    item = await shed.item(max_minutes=60, notice_minutes=2 * 1440)
    assert await reasons(shed.book("gaston", item)) == ["too_long", "too_late"]
    booking = await shed.book("gaston", item, override_reason="Gel annoncé")
    assert booking.override_reason == "Gel annoncé"
    assert (await shed.said(booking))[1] == "a passé outre une règle : Gel annoncé"


async def test_a_reason_given_for_nothing_is_not_kept(shed: Shed) -> None:
    item = await shed.item()
    booking = await shed.book("gaston", item, override_reason="au cas où")
    assert booking.override_reason is None
    assert len(await shed.said(booking)) == 1


@pytest.mark.parametrize("who", ["lea", "marc", "paul"])
async def test_others_do_not_pass_over_rules(shed: Shed, who: str) -> None:
    item = await shed.item(max_minutes=60)
    assert await reasons(shed.book(who, item, override_reason="Gel")) == ["too_long"]


async def test_some_rules_nobody_passes_over(shed: Shed) -> None:
    item = await shed.item(max_minutes=60, requirements=[shed.cast.tractor_training])
    await shed.book("gaston", await shed.item())
    said = await reasons(shed.book("ines", item, override_reason="Gel"))
    assert said == ["too_long", "paper_missing"]
    taken = await shed.item()
    await shed.book("lea", taken)
    assert await reasons(shed.book("ines", taken, override_reason="Gel")) == ["slot_taken"]


# --- the same form again


async def test_the_same_form_finds_its_first_result(shed: Shed) -> None:
    item = await shed.item(capacity=3)
    first = await shed.book("lea", item, once="a", purpose="Semis")
    assert (await shed.book("lea", item, once="a", purpose="Semis")).id == first.id
    assert await shed.count(Booking) == await shed.count(ItemClaim) == 1
    assert await shed.queued() == ["booking.made"]
    assert (await shed.book("tom", item, once="a", purpose="Semis")).id != first.id


@pytest.mark.parametrize("other", [{"purpose": "Labour"}, {"ends_at": moment(11)}])
async def test_the_same_form_with_other_content_is_refused(
    shed: Shed, other: dict[str, str]
) -> None:
    for capacity in (1, 3):
        item = await shed.item(capacity=capacity)
        await shed.book("lea", item, once=f"a{capacity}")
        with pytest.raises(OnceReused):
            await shed.book("lea", item, once=f"a{capacity}", **other)
    assert await shed.count(Booking) == 2


async def test_the_same_form_on_another_item_is_refused(shed: Shed) -> None:
    await shed.book("lea", await shed.item(), once="a")
    with pytest.raises(OnceReused):
        await shed.book("lea", await shed.item(), once="a")


async def test_a_form_that_was_refused_may_be_sent_again(shed: Shed) -> None:
    item = await shed.item()
    in_the_way = await shed.book("tom", item)
    assert await reasons(shed.book("lea", item, once="a")) == ["slot_taken"]
    await shed.cancel("tom", in_the_way)
    assert (await shed.book("lea", item, once="a")).state == BookingState.CONFIRMED


# --- clock changes


async def test_the_missing_hour_is_refused_and_the_doubled_one_asked(shed: Shed) -> None:
    item = await shed.item(horizon_days=400)
    spring = asking(starts_at="2027-03-28T02:30", ends_at="2027-03-28T04:00")
    lea = shed.cast.actors["lea"]
    assert await reasons(actions.book(shed.db, lea, item, spring)) == ["missing_hour"]
    autumn = {"starts_at": "2027-10-31T02:30", "ends_at": "2027-10-31T02:45"}
    assert await reasons(actions.book(shed.db, lea, item, BookingForm.model_validate(autumn))) == [
        "doubled_hour",
        "doubled_hour",
    ]
    for hour, fold in enumerate("01"):
        asked = BookingForm.model_validate(autumn | {"starts_fold": fold, "ends_fold": fold})
        booking = await actions.book(shed.db, lea, item, asked)
        assert booking.during.lower == dt.datetime(2027, 10, 31, hour, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
async def test_a_day_of_23_or_25_hours_is_a_day(shed: Shed, day: str) -> None:
    item = await shed.item(min_minutes=1440, max_minutes=1440)
    next_day = (dt.date.fromisoformat(day) + dt.timedelta(days=1)).isoformat()
    asked = asking(starts_at=f"{day}T00:00", ends_at=f"{next_day}T00:00")
    assert await actions.book(shed.db, shed.cast.actors["lea"], item, asked)


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ((10, 11), "10:00, puis 45 min de battement)."),
        ((7, 8), "10:00, et 45 min de battement avant)."),
        ((9, 11), "10:00)."),
    ],
)
async def test_a_clash_with_the_time_kept_around_a_booking_says_so(
    shed: Shed, hours: tuple[float, float], said: str
) -> None:
    item = await shed.item(buffer_before_minutes=15, buffer_after_minutes=30)
    await shed.book("tom", item)
    with pytest.raises(Refused) as caught:
        await shed.book("lea", item, *hours)
    (reason,) = caught.value.reasons
    assert said in str(reason)


async def test_no_time_is_kept_around_an_outage_but_ones_own(shed: Shed) -> None:
    item = await shed.item(buffer_before_minutes=15, buffer_after_minutes=30)
    await shed.block("gaston", item, 8, 10)
    with pytest.raises(Refused) as caught:
        await shed.book("lea", item, 10, 11)
    assert "10:00, puis 15 min de battement)" in str(caught.value.reasons[0])
