"""What people do with shared items: what it writes, what it refuses and what it tells.

Now is Wednesday 25 November 2026, noon; hours are those of the next day unless a test says so.
"""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import i18n, journal
from couveuse.core.clock import PARIS
from couveuse.core.errors import Conflict, NotAllowed, Refused
from couveuse.core.journal import JournalLine
from couveuse.equipment import actions, queries
from couveuse.equipment.actions.changing import Changed
from couveuse.equipment.actions.items import write_companions
from couveuse.equipment.forms import BookingForm, MoveForm, OutageForm
from couveuse.equipment.models import Booking, BookingState, Item, ItemClaim, OnceReused, Outage
from couveuse.people.models import Person
from tests import build
from tests.cast import Cast
from tests.conftest import NOON

TOMORROW = "2026-11-26"
HOUR = dt.timedelta(hours=1)


def at(hour: float, day: int = 26) -> dt.datetime:
    """That hour of a November day in Paris, as an instant."""
    midnight = dt.datetime(2026, 11, day, tzinfo=PARIS).astimezone(dt.UTC)
    return midnight + dt.timedelta(hours=hour)


def moment(hour: float, day: int = 26) -> str:
    return at(hour, day).astimezone(PARIS).replace(tzinfo=None).isoformat(timespec="minutes")


def asking(start: float = 8, end: float = 10, **more: Any) -> BookingForm:
    sent = {"starts_at": moment(start), "ends_at": moment(end)} | more
    return BookingForm.model_validate(sent)


def moving(start: float, end: float, **more: Any) -> MoveForm:
    sent = {"starts_at": moment(start), "ends_at": moment(end)} | more
    return MoveForm.model_validate(sent)


def blocking(start: float, end: float, **more: Any) -> OutageForm:
    sent = {"starts_at": moment(start), "ends_at": moment(end), "reason": "Révision"} | more
    return OutageForm.model_validate(sent)


class Shed:
    """The items of the farm and what people do with them, each name standing for its actor."""

    def __init__(self, db: AsyncSession, cast: Cast) -> None:
        self.db = db
        self.cast = cast

    async def item(self, **fields: Any) -> Item:
        site = fields.pop("site", self.cast.farm)
        companions = [one.id for one in fields.pop("companions", [])]
        made = await build.make_item(self.db, site, **fields)
        await write_companions(self.db, made.id, companions)
        return await queries.get_item(self.db, self.cast.actors["ines"], made.id)

    async def book(self, who: str, item: Item, *hours: float, **more: Any) -> Booking:
        made = await actions.book(self.db, self.cast.actors[who], item, asking(*hours, **more))
        return await self.again(made)

    async def again(self, booking: Booking) -> Booking:
        """The booking as its page would read it; a refusal before may have emptied it."""
        await self.db.flush()
        key = sa.inspect(booking).identity
        assert key
        return await queries.get_booking(self.db, self.cast.actors["ines"], key[0])

    async def move(self, who: str, booking: Booking, *hours: float, **more: Any) -> None:
        await actions.move_booking(self.db, self.cast.actors[who], booking, moving(*hours, **more))
        await self.db.flush()

    async def cancel(self, who: str, booking: Booking, reason: str | None = None) -> None:
        await actions.cancel_booking(self.db, self.cast.actors[who], booking, reason)

    async def approve(self, who: str, booking: Booking) -> None:
        await actions.approve_booking(self.db, self.cast.actors[who], booking)

    async def refuse(self, who: str, booking: Booking, reason: str = "Trop humide") -> None:
        await actions.refuse_booking(self.db, self.cast.actors[who], booking, reason)

    async def restore(self, who: str, booking: Booking, reason: str | None = None) -> None:
        await actions.restore_booking(self.db, self.cast.actors[who], booking, reason)

    async def block(self, who: str, item: Item, *hours: float, **more: Any) -> Outage:
        actor = self.cast.actors[who]
        made = await actions.block_item(self.db, actor, item, blocking(*hours, **more))
        return await queries.get_outage(self.db, actor, made.id)

    async def claims(self, **chosen: Any) -> list[tuple[Any, ...]]:
        """Item, unit, start and end of every claim."""
        found = await self.db.scalars(
            sa.select(ItemClaim).filter_by(**chosen).order_by(ItemClaim.item_id, ItemClaim.unit)
        )
        return [(one.item_id, one.unit, one.during.lower, one.during.upper) for one in found]

    async def said(self, subject: Booking | Item) -> list[str]:
        """The journal of a booking or an item in words, oldest first."""
        kind = "booking" if isinstance(subject, Booking) else "item"
        await self.db.flush()
        lines = await journal.lines_about(self.db, kind, subject.id)
        return [journal.sentence(line) for line in reversed(lines)]

    async def queued(self) -> list[str]:
        """What the worker will tell about bookings, oldest first."""
        rows = await self.db.execute(sa.text("SELECT payload FROM pgqueuer ORDER BY id"))
        return [json.loads(bytes(row.payload))["what"] for row in rows]

    async def count(self, table: Any) -> int:
        return await self.db.scalar(sa.select(sa.func.count()).select_from(table)) or 0


@pytest.fixture
def shed(db: AsyncSession, cast: Cast) -> Shed:
    return Shed(db, cast)


async def reasons(run: Any) -> list[str]:
    """The codes of a refusal; every reason reads as a sentence in both languages."""
    with pytest.raises(Refused) as caught:
        await run
    for language in ("fr", "en"):
        i18n.set_language(language)
        for reason in caught.value.reasons:
            assert str(reason)[-1] in ".!»", str(reason)
            assert "%(" not in str(reason)
    i18n.set_language("fr")
    return [reason.code for reason in caught.value.reasons]


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


# ---------------------------------------------------------------- outages


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
    assert (first.manager_id, first.deputy_id) == (rosa, rosa)
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
