"""The shed kept on paper: who holds what, worked out again without the product's code.

Plain lists and dictionaries, slow and obvious. The generated sequences of test_state_machine.py do
everything twice, here and in the database, and compare.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
MINUTE = dt.timedelta(minutes=1)
HOLDING = ("requested", "confirmed")
OVERRIDABLE = {
    *("off_grid", "too_short", "too_long", "too_late", "too_early", "closed_day", "closed_hour"),
    *("too_many", "too_much_in_week"),
}
BOSS = "gaston"
TRAINED = ("lea",)

Span = tuple[dt.datetime, dt.datetime]
Codes = set[str]


class No(Exception):
    """Refused, with the codes of every reason."""

    def __init__(self, *codes: str) -> None:
        super().__init__(", ".join(sorted(codes)))
        self.codes = set(codes)


@dataclass(frozen=True)
class Thing:
    """The rules of an item; ``companions`` are names of others."""

    name: str
    rules: dict[str, Any] = field(default_factory=dict[str, Any])
    companions: Sequence[str] = ()
    training: bool = False

    def __getattr__(self, rule: str) -> Any:
        usual: dict[str, Any] = {
            "capacity": 1,
            "slot_minutes": 15,
            "min_minutes": 15,
            "max_minutes": 2880,
            "notice_minutes": 0,
            "horizon_days": 400,
            "cancel_cutoff_minutes": 0,
            "opens_at": None,
            "closes_at": None,
            "open_days": [1, 2, 3, 4, 5, 6, 7],
            "needs_approval": False,
            "answer_hours": 48,
            "buffer_before_minutes": 0,
            "buffer_after_minutes": 0,
            "max_open_bookings": None,
            "max_week_minutes": None,
        }
        return self.rules.get(rule, usual[rule])


@dataclass
class Entry:
    """A booking on paper."""

    item: str
    companion: str | None
    who: str
    span: Span
    state: str
    answer_by: dt.datetime | None
    units: dict[str, int]
    decided_by: str | None = None
    verbs: list[str] = field(default_factory=list[str])

    @property
    def is_holding(self) -> bool:
        return self.state in HOLDING


@dataclass
class Gap:
    """An outage on paper."""

    item: str
    span: Span
    lifted: bool = False


class Opening(NamedTuple):
    state: str
    answer_by: dt.datetime | None


@dataclass
class Place:
    units: dict[str, int]
    companion: str | None
    codes: Codes
    overdue: list[int]


def instants(local: dt.datetime) -> list[dt.datetime]:
    """The instants at which clocks in Paris show a time: none, one, or two."""
    found = [(local - dt.timedelta(hours=ahead)).replace(tzinfo=dt.UTC) for ahead in (2, 1)]
    return [one for one in found if one.astimezone(PARIS).replace(tzinfo=None) == local]


def read_span(start: dt.datetime, end: dt.datetime, fold: int | None) -> Span:
    read: list[dt.datetime] = []
    codes: list[str] = []
    for local in (start, end):
        match instants(local):
            case []:
                codes.append("missing_hour")
            case [only]:
                read.append(only)
            case both:
                if fold is None:
                    codes.append("doubled_hour")
                else:
                    read.append(both[fold])
    if len(read) == 2 and read[1] <= read[0]:
        codes.append("end_before_start")
    if codes:
        raise No(*codes)
    return read[0], read[1]


def meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


class Paper:
    """The whole shed: what is booked, what is out of service, and what time it is."""

    def __init__(self, things: Sequence[Thing], now: dt.datetime) -> None:
        self.things = {thing.name: thing for thing in things}
        self.now = now
        self.entries: dict[int, Entry] = {}
        self.gaps: dict[int, Gap] = {}

    # ------------------------------------------------------------ what is held

    def around(self, name: str, span: Span) -> Span:
        thing = self.things[name]
        return (
            span[0] - thing.buffer_before_minutes * MINUTE,
            span[1] + thing.buffer_after_minutes * MINUTE,
        )

    def claims(self) -> Iterator[tuple[str, int, Span, int | None, int | None]]:
        """Item, unit, span, and the booking or the outage that holds it."""
        for key, entry in self.entries.items():
            if entry.is_holding:
                for name, unit in entry.units.items():
                    yield name, unit, self.around(name, entry.span), key, None
        for key, gap in self.gaps.items():
            if not gap.lifted:
                for unit in range(1, self.things[gap.item].capacity + 1):
                    yield gap.item, unit, gap.span, None, key

    def in_the_way(self, name: str, span: Span, besides: Sequence[int] = ()) -> list[Any]:
        return [
            claim
            for claim in self.claims()
            if claim[0] == name and meet(claim[2], span) and claim[3] not in besides
        ]

    # ------------------------------------------------------------ the rules

    def against(
        self, thing: Thing, who: str, span: Span, besides: Sequence[int], *, goes_along: bool
    ) -> Codes:
        codes = set(self._of_the_person(thing, who)) | set(self._of_the_day(thing, span))
        if not goes_along:
            codes |= set(self._of_the_length(thing, span)) | set(self._of_the_time(thing, span))
            codes |= set(self._of_the_limits(thing, who, span, besides))
        taken = {
            claim[1]
            for claim in self.in_the_way(thing.name, self.around(thing.name, span), besides)
        }
        return codes | ({"slot_taken"} if len(taken) == thing.capacity else set())

    @staticmethod
    def _of_the_person(thing: Thing, who: str) -> Iterator[str]:
        if thing.training and who not in TRAINED:
            yield "paper_missing"

    @staticmethod
    def _of_the_day(thing: Thing, span: Span) -> Iterator[str]:
        first, end = (one.astimezone(PARIS).replace(tzinfo=None) for one in span)
        last = end - dt.timedelta(seconds=1)
        if not {first.isoweekday(), last.isoweekday()} <= set(thing.open_days):
            yield "closed_day"
        if thing.opens_at and not (
            thing.opens_at <= first.time() < thing.closes_at
            and thing.opens_at < end.time() <= thing.closes_at
        ):
            yield "closed_hour"

    @staticmethod
    def _of_the_length(thing: Thing, span: Span) -> Iterator[str]:
        first, end = (one.astimezone(PARIS).replace(tzinfo=None) for one in span)
        for limit, code, sign in (
            (thing.min_minutes, "too_short", 1),
            (thing.max_minutes, "too_long", -1),
        ):
            length = end - first if limit % 1440 == 0 else span[1] - span[0]
            if (limit * MINUTE - length) * sign > dt.timedelta():
                yield code
        if any((one.hour * 60 + one.minute) % thing.slot_minutes for one in (first, end)):
            yield "off_grid"

    def _of_the_time(self, thing: Thing, span: Span) -> Iterator[str]:
        ahead = span[0] - self.now
        if ahead < -thing.slot_minutes * MINUTE:
            yield "past"
        if thing.notice_minutes and ahead < thing.notice_minutes * MINUTE:
            yield "too_late"
        if ahead > dt.timedelta(days=thing.horizon_days):
            yield "too_early"

    def _of_the_limits(
        self, thing: Thing, who: str, span: Span, besides: Sequence[int]
    ) -> Iterator[str]:
        mine = [
            entry.span
            for key, entry in self.entries.items()
            if entry.item == thing.name
            and entry.who == who
            and entry.is_holding
            and key not in besides
        ]
        most, week = thing.max_open_bookings, thing.max_week_minutes
        if most is not None and sum(one[1] > self.now for one in mine) >= most:
            yield "too_many"
        if week is not None:
            used = [one for one in [*mine, span] if one == span or meet(one, _week_of(span[0]))]
            if sum((end - start for start, end in used), dt.timedelta()) > week * MINUTE:
                yield "too_much_in_week"

    def place(
        self, name: str, who: str, span: Span, companion: str | None, moving: int | None = None
    ) -> Place:
        """Where it would go: requests in the way that are overdue make room."""
        thing = self.things[name]
        choice = [companion] if companion else list(thing.companions)
        own = [] if moving is None else [moving]
        overdue = sorted(
            {
                claim[3]
                for one in [name, *choice]
                for claim in self.in_the_way(one, self.around(one, span), own)
                if claim[3] is not None and self.is_overdue(self.entries[claim[3]])
            }
        )
        gone = [*own, *overdue]
        codes = self.against(thing, who, span, gone, goes_along=False)
        units = {name: self._unit(thing, span, gone)}
        chosen = None
        if choice:
            tried = {
                one: self.against(self.things[one], who, span, gone, goes_along=True)
                for one in choice
            }
            chosen = next((one for one in choice if not tried[one]), choice[0])
            codes |= tried[chosen]
            units[chosen] = self._unit(self.things[chosen], span, gone)
        return Place(units, chosen, codes, overdue)

    def _unit(self, thing: Thing, span: Span, besides: Sequence[int]) -> int:
        around = self.around(thing.name, span)
        taken = {claim[1] for claim in self.in_the_way(thing.name, around, besides)}
        return min(set(range(1, thing.capacity + 2)) - taken)

    def is_overdue(self, entry: Entry) -> bool:
        return entry.state == "requested" and (entry.answer_by or self.now) <= self.now

    def opening(self, who: str, units: dict[str, int], span: Span) -> Opening:
        asked = [self.things[one] for one in units if self.things[one].needs_approval]
        if not asked or who == BOSS:
            return Opening("confirmed", None)
        limit = self.now + dt.timedelta(hours=min(one.answer_hours for one in asked))
        return Opening("requested", max(min(limit, span[0]), self.now + 15 * MINUTE))

    # ------------------------------------------------------------ what people do

    def book(
        self, key: int, who: str, name: str, span: Span, companion: str | None, why: str | None
    ) -> None:
        place = self.place(name, who, span, companion)
        overridden = _weigh(who, place.codes, why)
        self._lapse(place.overdue)
        opening = self.opening(who, place.units, span)
        entry = Entry(name, place.companion, who, span, *opening, place.units)
        entry.verbs.append("booking.made" if entry.state == "confirmed" else "booking.requested")
        entry.verbs += overridden
        self.entries[key] = entry

    def move(self, key: int, who: str, span: Span, why: str | None) -> None:
        entry = self.entries[key]
        place = self.place(entry.item, entry.who, span, entry.companion, moving=key)
        self._require_open(entry, who)
        old = entry.span
        shrinks = old[0] <= span[0] and span[1] <= old[1]
        codes = set[str]() if shrinks else place.codes - ({"past"} if old[0] == span[0] else set())
        back_early = span[0] == old[0] and self.now <= span[1] <= old[1]
        codes |= set() if back_early else self._cutoff(entry, who)
        overridden = _weigh(who, codes, why)
        self._lapse(place.overdue)
        entry.span = span
        if entry.state == "requested" or not shrinks:
            entry.state, entry.answer_by = self.opening(who, place.units, span)
        if not shrinks:
            entry.units, entry.companion = place.units, place.companion
        entry.verbs += ["booking.moved", *overridden]

    def cancel(self, key: int, who: str, why: str | None) -> None:
        entry = self.entries[key]
        self._require_open(entry, who)
        if late := self._cutoff(entry, who):
            raise No(*late)
        entry.state, entry.decided_by = "cancelled", who
        entry.verbs.append("booking.cancelled_because" if why else "booking.cancelled")

    def answer(self, key: int, who: str, *, yes: bool) -> None:
        entry = self.entries[key]
        if entry.state != "requested" or who != BOSS:
            raise No("changed")
        if self.is_overdue(entry):
            raise No("lapsed")
        entry.state, entry.decided_by = "confirmed" if yes else "refused", who
        entry.verbs.append("booking.approved" if yes else "booking.refused")

    def restore(self, key: int, who: str, why: str | None) -> None:
        entry = self.entries[key]
        place = self.place(entry.item, entry.who, entry.span, entry.companion, moving=key)
        own = entry.who == who and entry.decided_by == who and entry.state == "cancelled"
        if entry.is_holding or entry.span[0] <= self.now or not (own or who == BOSS):
            raise No("changed")
        overridden = _weigh(who, place.codes, why)
        self._lapse(place.overdue)
        entry.state, entry.answer_by = self.opening(who, place.units, entry.span)
        entry.decided_by = None
        entry.units, entry.companion = place.units, place.companion
        entry.verbs += ["booking.restored", *overridden]

    def lapse(self) -> int:
        due = [key for key, entry in self.entries.items() if self.is_overdue(entry)]
        self._lapse(due)
        return len(due)

    def block(self, key: int, name: str, span: Span, *, clear: bool) -> None:
        held = self.in_the_way(name, span)
        booked = sorted({claim[3] for claim in held if claim[3] is not None})
        if booked and not clear:
            raise No("booking_in_the_way")
        if any(claim[4] is not None for claim in held):
            raise No("slot_taken")
        for one in booked:
            self.entries[one].state, self.entries[one].decided_by = "cancelled", BOSS
            self.entries[one].verbs.append("booking.cancelled_because")
        self.gaps[key] = Gap(name, span)

    def lift(self, key: int) -> None:
        if self.gaps[key].lifted:
            raise No("changed")
        self.gaps[key].lifted = True

    def _lapse(self, keys: Sequence[int]) -> None:
        for key in keys:
            self.entries[key].state = "lapsed"
            self.entries[key].verbs.append("booking.lapsed")

    def _require_open(self, entry: Entry, who: str) -> None:
        if not entry.is_holding or entry.span[1] <= self.now or who not in (entry.who, BOSS):
            raise No("changed")

    def _cutoff(self, entry: Entry, who: str) -> Codes:
        limit = entry.span[0] - self.things[entry.item].cancel_cutoff_minutes * MINUTE
        return {"past_cutoff"} if who != BOSS and self.now > limit else set()


def _weigh(who: str, codes: Codes, why: str | None) -> list[str]:
    """The verb of an override where one is needed and allowed; No otherwise."""
    if not codes:
        return []
    if who != BOSS or not why or not codes <= OVERRIDABLE:
        raise No(*codes)
    return ["booking.overridden"]


def _week_of(moment: dt.datetime) -> Span:
    day = moment.astimezone(PARIS).date()
    monday = day - dt.timedelta(days=day.isoweekday() - 1)
    first, last = (
        dt.datetime.combine(monday + dt.timedelta(days=n), dt.time(), PARIS) for n in (0, 7)
    )
    return first.astimezone(dt.UTC), last.astimezone(dt.UTC)
