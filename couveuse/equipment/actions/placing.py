"""Finding where a booking fits: lock, look at every rule, choose the units and the companion."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.clock import zone_named
from couveuse.core.db import ends
from couveuse.core.errors import Reason, Refused
from couveuse.equipment import claims, policy, queries
from couveuse.equipment.actions.lapsing import lapse
from couveuse.equipment.models import Booking, BookingState, Item
from couveuse.equipment.rules import Clash, Facts, booking_problems, free_unit, local_days
from couveuse.equipment.standing import find_gap


class Place(NamedTuple):
    """Where a booking goes: the item and its companion, each with the unit found free."""

    held: list[tuple[Item, int]]
    problems: list[Reason]

    @property
    def companion(self) -> Item | None:
        return self.held[1][0] if len(self.held) > 1 else None


async def find_place(
    db: AsyncSession,
    item: Item,
    during: Range[dt.datetime],
    person_id: int,
    companion_id: int | None,
    *,
    moving: Booking | None = None,
) -> Place:
    """Lock the item and its companions, and see which units are free and which rules say no.

    An item with companions goes with one of them: the one chosen, or the first that can come.
    """
    asked = _Asked(
        during, person_id, zone_named(item.site.time_zone), moving.id if moving else None
    )
    members = await _set(db, item, companion_id, asked, locked=True)
    facts = await _facts(db, members, asked, locked=True)
    if await _lapse_overdue(db, facts):
        facts = await _facts(db, members, asked, locked=True)
    return _place(facts)


async def look_at_place(
    db: AsyncSession,
    item: Item,
    during: Range[dt.datetime],
    person_id: int,
    companion_id: int | None,
) -> Place:
    """What ``find_place`` would find, with nothing locked: good for refusing, not for writing.

    Requests that nobody answered in time hold nothing here.
    """
    asked = _Asked(during, person_id, zone_named(item.site.time_zone), None)
    members = await _set(db, item, companion_id, asked, locked=False)
    facts = await _facts(db, members, asked, locked=False)
    return _place(
        [replace(one, clashes=[c for c in one.clashes if not _is_overdue(one, c)]) for one in facts]
    )


class _Asked(NamedTuple):
    during: Range[dt.datetime]
    person_id: int
    zone: ZoneInfo
    besides: int | None
    """The booking being moved, which is not in its own way."""


def _place(facts: Sequence[Facts]) -> Place:
    main, *companions = facts
    problems = booking_problems(main)
    held = [(main.item, free_unit(main.item, main.clashes) or 0)]
    if companions:
        tried = [(one, booking_problems(one)) for one in companions]
        chosen, against = next((pair for pair in tried if not pair[1]), tried[0])
        problems += against if all(pair[1] for pair in tried) else []
        held.append((chosen.item, free_unit(chosen.item, chosen.clashes) or 0))
    return Place(held, problems)


async def _set(
    db: AsyncSession, item: Item, companion_id: int | None, asked: _Asked, *, locked: bool
) -> list[claims.Member]:
    days = local_days(*ends(asked.during), asked.zone)
    return await claims.read_set(db, item.id, companion_id, asked.person_id, days, locked=locked)


async def _facts(
    db: AsyncSession, members: Sequence[claims.Member], asked: _Asked, *, locked: bool
) -> list[Facts]:
    """All that the rules look at, for each item of the set, the main one first."""
    start, end = ends(asked.during)
    items = [one.item for one in members]
    gap = await find_gap(db, items, asked.person_id, start, end, asked.zone, kept=locked)
    clashes = await claims.list_clashes(db, items, asked.during, besides=asked.besides)
    facts = [
        Facts(
            now=clock.now(),
            zone=asked.zone,
            start=start,
            end=end,
            item=one.item,
            is_companion=one is not members[0],
            person_id=asked.person_id,
            is_member=one.is_member,
            missing=one.missing,
            gap=gap,
            clashes=clashes[one.item.id],
        )
        for one in members
    ]
    facts[0] = await _with_use(db, facts[0], asked)
    return facts


async def _with_use(db: AsyncSession, facts: Facts, asked: _Asked) -> Facts:
    """What the person uses already, counted only where the item has a limit."""
    item = facts.item
    if item.max_open_bookings is None and item.max_week_minutes is None:
        return facts
    week = clock.Week.of(facts.start.astimezone(facts.zone).date()).bounds(facts.zone)
    bookings, minutes = await queries.count_use(
        db, item.id, asked.person_id, Range(*week), besides=asked.besides
    )
    return replace(facts, open_bookings=bookings, week_minutes=minutes)


async def _lapse_overdue(db: AsyncSession, facts: Sequence[Facts]) -> bool:
    """Requests in the way that nobody answered in time lapse at once, not at the next round."""
    overdue = {
        clash.booking_id
        for one in facts
        for clash in one.clashes
        if clash.booking_id and _is_overdue(one, clash)
    }
    for booking_id in sorted(overdue):
        await lapse(db, booking_id)
    return bool(overdue)


def _is_overdue(facts: Facts, clash: Clash) -> bool:
    return clash.lapses_at is not None and clash.lapses_at <= facts.now


def refuse_unless_overridden(
    actor: Actor, place: Place, problems: Sequence[Reason], override_reason: str | None
) -> None:
    if not problems:
        return
    taken = [item for item, _ in place.held]
    if not (override_reason and policy.can_override(actor, taken, problems)):
        raise Refused(*problems)


def opening_state(
    actor: Actor, held: Sequence[tuple[Item, int]], during: Range[dt.datetime]
) -> dict[str, object]:
    """Confirmed at once, or a request that lapses when nobody answers before the slot begins.

    It waits for the items that need approval and that the actor is not in charge of.
    """
    asked = [
        item for item, _ in held if item.needs_approval and not policy.is_in_charge(actor, item)
    ]
    if not asked:
        return {"state": BookingState.CONFIRMED, "awaits": []}
    limit = clock.now() + dt.timedelta(hours=min(item.answer_hours for item in asked))
    soonest = clock.now() + dt.timedelta(minutes=15)
    return {
        "state": BookingState.REQUESTED,
        "answer_by": max(min(limit, ends(during)[0]), soonest),
        "awaits": [item.id for item in asked],
    }
