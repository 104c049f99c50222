"""Writes what was planned: bookings, outages, the claims both stand on, and the journal."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.journal import JournalLine
from couveuse.equipment.actions.telling import span
from couveuse.equipment.claims import claimed
from couveuse.equipment.models import Booking, BookingState, ClaimKind, ItemClaim, Outage
from couveuse.seeds.calendar import Span
from couveuse.seeds.drafts import DAY, HOUR, Draft, OutageDraft
from couveuse.seeds.planner import Planner
from couveuse.seeds.reading import Holder, Machine
from couveuse.seeds.rows import add_rows
from couveuse.seeds.telling import entry

TOLD = 28 * DAY
"""Older bookings have no journal: nobody reads it, and it would double what is written."""

VERBS = {
    BookingState.REFUSED: "booking.refused",
    BookingState.LAPSED: "booking.lapsed",
    BookingState.CONFIRMED: "booking.approved",
}


async def write(db: AsyncSession, planner: Planner, told: Sequence[dict[str, Any]] = ()) -> None:
    """In the order in which people would have done it; ``told`` are lines about other things."""
    drafts = sorted(planner.drafts, key=lambda draft: draft.wish.made_at)
    outages = sorted(planner.outages, key=lambda outage: outage.made_at)
    booking_ids = await add_rows(db, Booking, [_booking(draft) for draft in drafts])
    outage_ids = await add_rows(db, Outage, [_outage(one) for one in outages])
    bookings = list(zip(drafts, booking_ids, strict=True))
    blocked = list(zip(outages, outage_ids, strict=True))
    claims = [row for draft, id in bookings for row in _booking_claims(draft, id)]
    claims += [row for one, id in blocked for row in _outage_claims(one, id)]
    await add_rows(db, ItemClaim, claims)
    since = planner.midnight - TOLD
    lines = [*told, *(line for draft, id in bookings for line in _told(draft, id, since))]
    lines += [_blocked(one) for one in outages if one.start >= since]
    await add_rows(db, JournalLine, sorted(lines, key=lambda line: line["at"]))


def _booking(draft: Draft) -> dict[str, Any]:
    wish = draft.wish
    return {
        "item_id": wish.machine.item.id,
        "companion_id": draft.held[1][0].item.id if len(draft.held) > 1 else None,
        "person_id": wish.holder.id,
        "created_by_id": draft.creator.id,
        "during": Range(wish.start, wish.end),
        "purpose": wish.purpose,
        "state": draft.state,
        "answer_by": draft.answer_by,
        "awaits": [machine.item.id for machine in draft.awaited],
        "reason": draft.reason,
        "created_at": wish.made_at,
        "decided_at": draft.decided_at,
        "decided_by_id": draft.decided_by.id if draft.decided_by else None,
    }


def _outage(outage: OutageDraft) -> dict[str, Any]:
    return {
        "item_id": outage.machine.item.id,
        "during": Range(outage.start, outage.end),
        "kind": outage.fault.kind,
        "reason": outage.fault.reason,
        "created_by_id": outage.creator.id,
        "created_at": outage.made_at,
    }


def _booking_claims(draft: Draft, booking_id: int) -> list[dict[str, Any]]:
    if not draft.is_holding:
        return []
    during = Range(draft.wish.start, draft.wish.end)
    return [
        {
            "item_id": machine.item.id,
            "unit": unit,
            "during": claimed(machine.item, during),
            "kind": ClaimKind.BOOKING,
            "booking_id": booking_id,
            "outage_id": None,
        }
        for machine, unit in draft.held
    ]


def _outage_claims(outage: OutageDraft, outage_id: int) -> list[dict[str, Any]]:
    item = outage.machine.item
    return [
        {
            "item_id": item.id,
            "unit": unit,
            "during": Range(outage.start, outage.end),
            "kind": outage.fault.kind,
            "booking_id": None,
            "outage_id": outage_id,
        }
        for unit in range(1, item.capacity + 1)
    ]


# ---------------------------------------------------------------- the journal


def _told(draft: Draft, booking_id: int, since: dt.datetime) -> list[dict[str, Any]]:
    """What was done with a booking, as the pages would have told it."""
    wish = draft.wish
    if wish.start < since:
        return []
    now: Span = (wish.start, wish.end)
    opening = "booking.requested" if draft.answer_by else "booking.made"
    lines = [_line(draft, booking_id, opening, wish.made_at, draft.creator, draft.before or now)]
    if draft.before:
        moved = _line(draft, booking_id, "booking.moved", wish.made_at + HOUR, draft.creator, now)
        moved["details"]["before"] = span(Range(*draft.before))
        lines.append(moved)
    if draft.decided_at:
        verb = VERBS.get(draft.state, "booking.cancelled")
        if verb == "booking.cancelled" and draft.reason:
            verb = "booking.cancelled_because"
        closing = _line(draft, booking_id, verb, draft.decided_at, draft.decided_by, now)
        lines.append(closing)
        if draft.reason:
            closing["details"]["reason"] = draft.reason
    return lines


def _line(
    draft: Draft, booking_id: int, verb: str, at: dt.datetime, actor: Holder | None, slot: Span
) -> dict[str, Any]:
    machine = draft.wish.machine
    details = _slot(slot, machine) | {"item": machine.item.name}
    return entry("booking", booking_id, verb, at, actor, details)


def _blocked(outage: OutageDraft) -> dict[str, Any]:
    details = _slot((outage.start, outage.end), outage.machine) | {"reason": outage.fault.reason}
    item_id = outage.machine.item.id
    return entry("item", item_id, "item.blocked", outage.made_at, outage.creator, details)


def _slot(slot: Span, machine: Machine) -> dict[str, Any]:
    return {"slot": span(Range(*slot)), "zone": machine.zone.key}
