"""What the planner hands over to be written."""

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from couveuse.core.clock import UTC
from couveuse.equipment.models import HOLDING, BookingState
from couveuse.seeds.calendar import Span
from couveuse.seeds.demo_items import Fault
from couveuse.seeds.reading import Holder, Machine

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


class Wish(NamedTuple):
    """What somebody would like to have, before it is known whether it fits."""

    machine: Machine
    holder: Holder
    start: dt.datetime
    end: dt.datetime
    purpose: str | None
    made_at: dt.datetime


@dataclass(slots=True)
class Draft:
    """A booking to be written."""

    wish: Wish
    held: list[tuple[Machine, int]]
    """The item and its companion, each with the unit taken."""
    creator: Holder
    state: BookingState = BookingState.CONFIRMED
    answer_by: dt.datetime | None = None
    decided_at: dt.datetime | None = None
    decided_by: Holder | None = None
    reason: str | None = None
    before: Span | None = None
    """Where it stood until it was moved."""

    @property
    def is_holding(self) -> bool:
        return self.state in HOLDING

    @property
    def in_question(self) -> list[Machine]:
        """What needs somebody's agreement before the booking is confirmed."""
        day = self.wish.made_at.astimezone(self.wish.machine.zone).date()
        return [
            machine
            for machine, _ in self.held
            if machine.item.needs_approval and not machine.is_run_by(self.creator, day)
        ]

    @property
    def awaited(self) -> list[Machine]:
        """What still waits for that agreement."""
        return self.in_question if self.state == BookingState.REQUESTED else []

    def last_answer(self) -> dt.datetime:
        """When it lapses without an answer."""
        hours = min(machine.item.answer_hours for machine in self.in_question)
        return min(self.wish.made_at + hours * HOUR, self.wish.start)


@dataclass(frozen=True, slots=True)
class OutageDraft:
    machine: Machine
    fault: Fault
    start: dt.datetime
    end: dt.datetime
    creator: Holder
    made_at: dt.datetime


def span(machine: Machine, day: dt.date, minute: int, length: int) -> Span:
    """A span of local time as instants; whole days are counted by the clock on the wall."""
    local = dt.datetime.combine(day, dt.time(), machine.zone) + minute * MINUTE
    start = local.astimezone(UTC)
    if length % 1440 == 0:
        return start, (local + length * MINUTE).astimezone(UTC)
    return start, start + length * MINUTE
