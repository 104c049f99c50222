"""Writes the grants of the demonstration and charges to them what took place some weeks ago.

Done again, it charges what became old enough meanwhile. The latest sessions wait to be charged.
"""

import datetime as dt
from collections import Counter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.followup.models import Attendance, Presence, Visit, VisitState, WorkshopSlot
from couveuse.network.models import FundedAction, Grant, GrantShare, SupportCharge
from couveuse.people.models import Person
from couveuse.seeds.almanac import DAY, Almanac, months_later
from couveuse.seeds.demo_grants import GRANTS, ActionFacts
from couveuse.seeds.network import Placed
from couveuse.seeds.rows import add_rows
from couveuse.seeds.telling import Author, entry, noon
from couveuse.trainees.models import FollowUpKind

OLD_ENOUGH = 25 * DAY
FIRST_WEEKS = 12 * DAY
"""What Marc charged at once: it still waits for Léa's signature."""


async def add_grants(db: AsyncSession, placed: Placed, today: dt.date) -> list[dict[str, Any]]:
    """Lines for the journal come back."""
    ines = Author(placed.people["Inès"], "Inès Moreau")
    told: list[dict[str, Any]] = []
    for facts in GRANTS:
        begins = Almanac(today).month(facts.begins)
        (grant_id,) = await add_rows(
            db,
            Grant,
            [
                {
                    "funder": facts.funder,
                    "name": facts.name,
                    "reference": facts.reference,
                    "during": Range(begins, months_later(begins, facts.months)),
                    "created_by_id": ines.id,
                    "created_at": noon(begins),
                }
            ],
        )
        shares = [
            {"grant_id": grant_id, "structure_id": placed.structures[name], "percent": percent}
            for name, percent in facts.shares.items()
        ]
        await add_rows(db, GrantShare, shares)
        await add_rows(db, FundedAction, [_row(grant_id, one) for one in facts.actions])
        told.append(entry("grant", grant_id, "grant.made", noon(begins), ines, {}))
    return told + await charge_what_went_by(db, today)


def _row(grant_id: int, facts: ActionFacts) -> dict[str, Any]:
    return {
        "grant_id": grant_id,
        "label": facts.label,
        "mode": facts.mode,
        "person_minutes": facts.person_hours and facts.person_hours * 60,
        "total_minutes": facts.total_hours and facts.total_hours * 60,
        "person_half_days": facts.person_half_days,
        "total_half_days": facts.total_half_days,
    }


class Paying(NamedTuple):
    action: FundedAction
    facts: ActionFacts
    during: Range[dt.date]
    holders: set[int]


async def charge_what_went_by(db: AsyncSession, today: dt.date) -> list[dict[str, Any]]:
    """As long as the ceilings allow it; the sessions of the last weeks are left to be charged."""
    told: list[dict[str, Any]] = []
    for paying in await _list_paying(db):
        if paying.facts.pays:
            told += await _charge_visits(db, paying, paying.facts.pays, today)
        else:
            await _charge_slots(db, paying, today)
    return told


async def _list_paying(db: AsyncSession) -> list[Paying]:
    known = {one.label: one for grant in GRANTS for one in grant.actions}
    shares: dict[int, set[int]] = {}
    for grant_id, holder in await db.execute(
        sa.select(GrantShare.grant_id, GrantShare.structure_id)
    ):
        shares.setdefault(grant_id, set()).add(holder)
    rows = await db.execute(
        sa.select(FundedAction, Grant.during)
        .join(Grant, Grant.id == FundedAction.grant_id)
        .where(Grant.closed_on.is_(None), FundedAction.label.in_(known))
        .order_by(FundedAction.id)
    )
    return [
        Paying(action, known[action.label], during, shares[action.grant_id])
        for action, during in rows
    ]


async def _charge_visits(
    db: AsyncSession, paying: Paying, kind: FollowUpKind, today: dt.date
) -> list[dict[str, Any]]:
    rows = await db.execute(
        sa.select(Visit, Person, SupportCharge.action_id)
        .join(Person, Person.id == Visit.mentor_id)
        .outerjoin(SupportCharge, SupportCharge.visit_id == Visit.id)
        .where(
            Visit.state == VisitState.HELD,
            Visit.kind == kind,
            Visit.structure_id.in_(paying.holders),
            sa.or_(SupportCharge.id.is_(None), SupportCharge.action_id == paying.action.id),
        )
        .order_by(Visit.starts_at)
    )
    everything = list(rows)
    charged = [visit for visit, _, action_id in everything if action_id]
    used = Counter[int]()
    for visit in charged:
        used[visit.person_id] += visit.duration_minutes
    told: list[dict[str, Any]] = []
    made: list[dict[str, Any]] = []
    for visit, mentor, action_id in everything:
        day = visit.starts_at.astimezone(clock.PARIS).date()
        old = day <= today - OLD_ENOUGH or today - FIRST_WEEKS <= day < today - 8 * DAY
        room = (paying.action.person_minutes or 0) - used[visit.person_id]
        if action_id or not old or day not in paying.during or room < visit.duration_minutes:
            continue
        used[visit.person_id] += visit.duration_minutes
        at = noon(min(day + 7 * DAY, today - DAY))
        made.append(_charge(paying, mentor.id, at) | {"visit_id": visit.id})
        author = Author(mentor.id, mentor.name)
        details = {"action": paying.action.label}
        told.append(entry("visit", visit.id, "visit.charged", at, author, details))
    await add_rows(db, SupportCharge, made)
    return told


async def _charge_slots(db: AsyncSession, paying: Paying, today: dt.date) -> None:
    came = sa.exists().where(
        Attendance.slot_id == WorkshopSlot.id, Attendance.presence == Presence.PRESENT
    )
    slots = await db.scalars(
        sa.select(WorkshopSlot).where(
            WorkshopSlot.closed_at.is_not(None),
            WorkshopSlot.structure_id.in_(paying.holders),
            came,
            ~sa.exists().where(SupportCharge.slot_id == WorkshopSlot.id),
        )
    )
    made = [
        _charge(paying, slot.closed_by_id, slot.closed_at) | {"slot_id": slot.id}
        for slot in slots
        if (day := slot.starts_at.astimezone(clock.PARIS).date()) <= today - OLD_ENOUGH
        and day in paying.during
    ]
    await add_rows(db, SupportCharge, made)


def _charge(paying: Paying, by: int | None, at: dt.datetime | None) -> dict[str, Any]:
    return {
        "action_id": paying.action.id,
        "visit_id": None,
        "slot_id": None,
        "charged_by_id": by,
        "charged_at": at,
    }
