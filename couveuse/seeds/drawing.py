"""Draws the bookings of a usual week: who takes what, when, what for, and how it went."""

import datetime as dt
from random import Random

from couveuse.core.clock import Week
from couveuse.equipment.models import BookingState
from couveuse.seeds.demo_items import CANCELLED, PAST_OUTAGES, REFUSED, SEASONS
from couveuse.seeds.drafts import DAY, HOUR, MINUTE, Draft, Wish, span
from couveuse.seeds.planner import Planner
from couveuse.seeds.reading import Holder, Machine

TRIES = 14
PAST, LIVELY = 0.9, 1.1
"""How full weeks are: by season in the past, whatever the season from the present week on."""
WEEKDAYS = (10, 10, 10, 10, 10, 6, 1)
"""How often each day of the week is chosen, Monday first."""
USUAL_STARTS = (480, 510, 540, 600, 810, 840, 900)
DAYLIGHT = (480, 1050)
"""From November to February people work by daylight: 8:00 to 17:30."""
AWAY = 0.12
"""How much less often people book what stands at another site than theirs."""

Chances = tuple[list[Holder], list[float]]


def fill(planner: Planner, week: Week) -> None:
    """Add what happens in a week, around what is planned already."""
    dice = Random(f"couveuse {week}")  # noqa: S311, chosen to be the same each time
    is_lively = week >= Week.of(planner.today)
    if not is_lively and dice.random() < 0.18:
        day = week.monday + dice.randrange(4) * DAY
        planner.block(dice.choice(PAST_OUTAGES), day, dice.choice((480, 540, 840)))
    for machine in planner.network.machines.values():
        chances = _who(planner, machine, week)
        if not chances[0]:
            continue
        season = SEASONS[machine.use.season][week.monday.month - 1]
        wanted = machine.use.per_week * (LIVELY if is_lively else PAST * season)
        for _ in range(int(wanted + dice.random())):
            _add_one(planner, machine, week, chances, dice)


def _who(planner: Planner, machine: Machine, week: Week) -> Chances:
    """Those who may take it in that week, and how likely each is to."""
    people = [
        one
        for name, one in planner.network.holders.items()
        if (not machine.use.only or name in machine.use.only)
        and one.is_member(week.monday)
        and machine.may_be_taken_by(one, week.monday)
    ]
    return people, [_likeliness(machine, one) for one in people]


def _likeliness(machine: Machine, holder: Holder) -> float:
    is_near = machine.use.from_anywhere or holder.facts.home == machine.item.site.name
    return holder.facts.takes * (1 if is_near else AWAY)


def _add_one(
    planner: Planner, machine: Machine, week: Week, chances: Chances, dice: Random
) -> None:
    for _ in range(TRIES):
        wish = _draw(planner, machine, week, chances, dice)
        if wish and (draft := planner.place(wish)):
            _settle(planner, draft, dice)
            planner.keep(draft)
            return


def _draw(
    planner: Planner, machine: Machine, week: Week, chances: Chances, dice: Random
) -> Wish | None:
    day = week.monday + dice.choices(range(7), WEEKDAYS)[0] * DAY
    length = dice.choice(machine.use.lengths)
    minute = _start_minute(machine, day, length, dice)
    if minute is None:
        return None
    start, end = span(machine, day, minute, length)
    return Wish(
        machine,
        dice.choices(*chances)[0],
        start,
        end,
        dice.choice((*machine.use.purposes, None)),
        planner.made_at(machine, start, dice),
    )


def _start_minute(machine: Machine, day: dt.date, length: int, dice: Random) -> int | None:
    opens, closes = (60 * hour for hour in machine.use.hours)
    if day.month in {11, 12, 1, 2} and machine.use.season != "all year":
        opens, closes = max(opens, DAYLIGHT[0]), min(closes, DAYLIGHT[1])
    latest = closes - (length if length < 1440 else 60)
    if latest < opens:
        return None
    minute = dice.choice(USUAL_STARTS)
    if dice.random() < 0.6 and opens <= minute <= latest:
        return minute
    return dice.randrange(opens, latest + 1, 30)


# ---------------------------------------------------------------- how it went


def _settle(planner: Planner, draft: Draft, dice: Random) -> None:
    """Most bookings hold; some were cancelled or moved, requests refused or forgotten."""
    luck = dice.random()
    is_over = draft.wish.start < planner.monday
    needs_answer = bool(draft.in_question)
    if needs_answer and is_over and luck < 0.05:
        draft.state, draft.reason = BookingState.REFUSED, dice.choice(REFUSED)
        _decide(planner, draft, dice)
    elif needs_answer and is_over and luck < 0.08:
        draft.state = BookingState.LAPSED
        draft.answer_by = draft.decided_at = draft.last_answer()
    elif luck < (0.14 if is_over else 0.04):
        _cancel(planner, draft, dice)
    elif needs_answer:
        _decide(planner, draft, dice)
    elif luck > 0.95:
        draft.before = draft.wish.start - DAY, draft.wish.end - DAY


def _decide(planner: Planner, draft: Draft, dice: Random) -> None:
    made_at, machine = draft.wish.made_at, draft.in_question[0]
    draft.answer_by = draft.last_answer()
    draft.decided_at = made_at + dice.randrange(5, 170) * MINUTE
    day = made_at.astimezone(machine.zone).date()
    draft.decided_by = planner.steward(machine, day, besides=draft.creator)


def _cancel(planner: Planner, draft: Draft, dice: Random) -> None:
    later = draft.wish.made_at + dice.randrange(30, 3000) * MINUTE
    draft.state, draft.reason = BookingState.CANCELLED, dice.choice(CANCELLED)
    draft.decided_at = min(later, draft.wish.start - HOUR / 2, planner.midnight)
    draft.decided_by = draft.creator
