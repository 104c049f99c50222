"""Finds out whether a wish fits, and keeps what does. No database.

Every draft passes the rules of its item as of the day on which it is supposed to have been made.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

from sqlalchemy.dialects.postgresql import Range

from couveuse.core.clock import PARIS, Week, day_start
from couveuse.core.db import ends
from couveuse.equipment.claims import claimed
from couveuse.equipment.rules import Days, Facts, booking_problems, gap_in, local_days
from couveuse.seeds.calendar import Calendar, Span
from couveuse.seeds.demo_items import Fault
from couveuse.seeds.drafts import DAY, MINUTE, Draft, OutageDraft, Wish, span
from couveuse.seeds.reading import Holder, Machine, Network


@dataclass
class Planner:
    network: Network
    calendar: Calendar
    today: dt.date
    covered: Mapping[int, Sequence[Days]]
    """By person, the days on which she may hold what asks for an agreement."""
    drafts: list[Draft] = field(default_factory=list[Draft])
    outages: list[OutageDraft] = field(default_factory=list[OutageDraft])

    def __post_init__(self) -> None:
        self._minutes: defaultdict[tuple[int, int, Week], float] = defaultdict(float)
        self._open: defaultdict[tuple[int, int], int] = defaultdict(int)

    @cached_property
    def midnight(self) -> dt.datetime:
        """When today began."""
        return day_start(self.today, PARIS)

    @cached_property
    def monday(self) -> dt.datetime:
        """When the present week began: what lies before it is history."""
        return day_start(Week.of(self.today).monday, PARIS)

    def made_at(self, machine: Machine, start: dt.datetime, dice: Random) -> dt.datetime:
        """When a booking may have been made: as early as the notice asks, and never today."""
        latest = start - machine.item.notice_minutes * MINUTE - DAY
        day = min(latest.astimezone(machine.zone).date(), self.today - DAY)
        day -= dice.choice((0, 0, 0, 1, 1, 2, 3, 5)) * DAY
        return span(machine, day, dice.randrange(7 * 60, 21 * 60), 0)[0]

    # ------------------------------------------------------------ bookings

    def place(self, wish: Wish) -> Draft | None:
        """With the units it takes and the first companion that can come; None when it cannot be."""
        day = wish.start.astimezone(wish.machine.zone).date()
        if not wish.holder.is_member(day) or not self.calendar.is_free(
            _own(wish), wish.start, wish.end
        ):
            return None
        wanted: list[list[Machine]] = [[wish.machine]]
        if wish.machine.item.companions:
            wanted.append(wish.machine.companions)
        held: list[tuple[Machine, int]] = []
        for choice in wanted:
            found = next(((one, unit) for one in choice if (unit := self._unit(one, wish))), None)
            if found is None:
                return None
            held.append(found)
        return Draft(wish, held, self._creator(wish, day))

    def _unit(self, machine: Machine, wish: Wish) -> int | None:
        """The unit that is free, when the rules agree."""
        start, end = _around(machine, wish)
        for unit in range(1, machine.item.capacity + 1):
            if self.calendar.is_free((machine.item.id, unit), start, end):
                return None if booking_problems(self._facts(machine, wish)) else unit
        return None

    def _facts(self, machine: Machine, wish: Wish) -> Facts:
        item, holder = machine.item, wish.holder
        first, last = local_days(wish.start, wish.end, wish.machine.zone)
        return Facts(
            now=wish.made_at,
            zone=wish.machine.zone,
            start=wish.start,
            end=wish.end,
            item=item,
            is_companion=machine is not wish.machine,
            missing=machine.missing_of(holder, first),
            gap=gap_in(self.covered.get(holder.id, ()), first, last),
            open_bookings=self._open[item.id, holder.id],
            week_minutes=int(self._minutes[item.id, holder.id, Week.of(first)]),
        )

    def _creator(self, wish: Wish, day: dt.date) -> Holder:
        """Those without an address have somebody book for them."""
        if wish.holder.facts.email:
            return wish.holder
        return self.steward(wish.machine, day, besides=wish.holder) or wish.holder

    def steward(
        self, machine: Machine, day: dt.date, *, besides: Holder | None = None
    ) -> Holder | None:
        """Who answers for the item: the person in charge, else the deputy."""
        for person_id in (machine.item.manager_id, machine.item.deputy_id):
            found = self.network.holder_of(person_id)
            if found and found is not besides and found.is_member(day):
                return found
        return None

    def keep(self, draft: Draft) -> None:
        self.drafts.append(draft)
        if not draft.is_holding:
            return
        wish = draft.wish
        for machine, unit in draft.held:
            self.calendar.hold((machine.item.id, unit), *_around(machine, wish))
        self.calendar.hold(_own(wish), wish.start, wish.end)
        self.count_use(wish.machine.item.id, wish.holder.id, wish.start, wish.end)

    def count_use(self, item_id: int, person_id: int, start: dt.datetime, end: dt.datetime) -> None:
        """Remember what people have of an item: some of them have limits."""
        week = Week.of(start.astimezone(PARIS).date())
        self._minutes[item_id, person_id, week] += (end - start) / MINUTE
        self._open[item_id, person_id] += end > self.midnight

    # ------------------------------------------------------------ outages

    def block(
        self, fault: Fault, day: dt.date, minute: int, *, days_before: int = 0
    ) -> OutageDraft | None:
        """Take an item out of service when nobody holds it; None otherwise."""
        machine = self.network.machines.get(fault.code)
        creator = self.steward(machine, day) if machine else None
        if machine is None or creator is None:
            return None
        start, end = span(machine, day, minute, fault.hours * 60)
        units = [(machine.item.id, n) for n in range(1, machine.item.capacity + 1)]
        if not all(self.calendar.is_free(unit, start, end) for unit in units):
            return None
        for unit in units:
            self.calendar.hold(unit, start, end)
        outage = OutageDraft(machine, fault, start, end, creator, start - days_before * DAY)
        self.outages.append(outage)
        return outage


def _own(wish: Wish) -> tuple[str, int, str]:
    """Nobody drives two tractors at once."""
    return "person", wish.holder.id, wish.machine.item.category


def _around(machine: Machine, wish: Wish) -> Span:
    """The span with the buffers of the item."""
    return ends(claimed(machine.item, Range(wish.start, wish.end)))
