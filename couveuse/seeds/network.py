"""Writes the demonstration's structures, sites, persons and items, and keeps their papers valid."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.clock import Week
from couveuse.equipment.models import Item, item_companion, item_requirement
from couveuse.people.models import Membership, Paper, Person, Qualification, days
from couveuse.seeds.demo_items import ITEMS, ItemFacts
from couveuse.seeds.demo_people import (
    PAPER_REFERENCE,
    PEOPLE,
    QUALIFICATIONS,
    SITES,
    STRUCTURES,
    PersonFacts,
)
from couveuse.seeds.reading import Network
from couveuse.seeds.rows import add_rows
from couveuse.seeds.telling import Author
from couveuse.structures.models import Site, Structure

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where everything is, by key, name and given name."""

    structures: dict[str, int]
    sites: dict[str, int]
    people: dict[str, int]
    names: dict[str, str]
    """In full, by given name."""

    def author(self, given_name: str) -> Author:
        return Author(self.people[given_name], self.names[given_name])


async def add_network(
    db: AsyncSession, today: dt.date, former: Sequence[PersonFacts] = ()
) -> Placed:
    """``former`` are those who left before there was anything to book."""
    everyone = (*PEOPLE, *former)
    structures = await _add_structures(db)
    sites = await _add_sites(db, structures)
    named = [{"name": name, "kind": kind} for name, kind in QUALIFICATIONS.items()]
    qualifications = await add_rows(db, Qualification, named)
    trainings: dict[str, int] = dict(zip(QUALIFICATIONS, qualifications, strict=True))
    people = await _add_people(db, everyone, structures, trainings, today)
    items = await _add_items(db, structures, sites, people, today)
    await _link_items(db, items, trainings)
    names = {one.given_name: f"{one.given_name} {one.family_name}" for one in everyone}
    return Placed(structures, sites, people, names)


async def _add_structures(db: AsyncSession) -> dict[str, int]:
    rows = [
        {
            "name": one.name,
            "short_name": one.short_name,
            "kind": one.kind,
            "commune": one.commune,
            "insee_code": one.insee_code,
            "joined_on": dt.date(one.joined_year, 1, 1),
            "phone": one.phone,
            "notes": one.notes,
        }
        for one in STRUCTURES
    ]
    ids = await add_rows(db, Structure, rows)
    return {one.key: id for one, id in zip(STRUCTURES, ids, strict=True)}


async def _add_sites(db: AsyncSession, structures: dict[str, int]) -> dict[str, int]:
    rows = [
        one._asdict() | {"structure_id": structures[one.owner], "time_zone": "Europe/Paris"}
        for one in SITES
    ]
    for row in rows:
        del row["owner"]
    ids = await add_rows(db, Site, rows)
    return {one.name: id for one, id in zip(SITES, ids, strict=True)}


async def _add_people(
    db: AsyncSession,
    everyone: Sequence[PersonFacts],
    structures: dict[str, int],
    trainings: dict[str, int],
    today: dt.date,
) -> dict[str, int]:
    rows = [
        {
            "given_name": one.given_name,
            "family_name": one.family_name,
            "email": one.email,
            "phone": one.phone,
            "phone_shared": one.phone_shared,
            "language": one.language,
        }
        for one in everyone
    ]
    ids = await add_rows(db, Person, rows)
    await db.execute(
        sa.insert(Membership),
        [
            {
                "person_id": id,
                "structure_id": structures[seat.structure],
                "role": seat.role,
                "salaried": seat.salaried,
                "during": days(
                    today + seat.since * DAY,
                    None if seat.until is None else today + seat.until * DAY,
                ),
            }
            for one, id in zip(everyone, ids, strict=True)
            for seat in one.seats
        ],
    )
    await db.execute(
        sa.insert(Paper),
        [
            {
                "person_id": id,
                "qualification_id": trainings[held.qualification],
                "during": days(today + held.since * DAY, _last_day(held.days_left, today)),
                "reference": PAPER_REFERENCE,
                "issuer": held.issuer,
                "scope": held.scope,
                "is_to_check": held.is_to_check,
            }
            for one, id in zip(everyone, ids, strict=True)
            for held in one.papers
        ],
    )
    return {one.given_name: id for one, id in zip(everyone, ids, strict=True)}


def _last_day(days_left: int | None, today: dt.date) -> dt.date | None:
    return None if days_left is None else today + days_left * DAY


async def _add_items(
    db: AsyncSession,
    structures: dict[str, int],
    sites: dict[str, int],
    people: dict[str, int],
    today: dt.date,
) -> dict[str, int]:
    defaults: dict[str, Any] = {
        column.key: None
        for column in sa.inspect(Item).column_attrs
        if column.columns[0].nullable  # the others have a value of the table's own
    } | _RULES
    rows = [
        defaults
        | {
            "structure_id": structures[one.owner],
            "site_id": sites[one.site],
            "code": one.code,
            "name": one.name,
            "category": one.category,
            "manager_id": people[one.in_charge[0]],
            "deputy_id": people[one.in_charge[1]],
            "min_minutes": one.lengths[0],
            "max_minutes": one.lengths[1],
            "notice_minutes": one.notice_hours * 60,
            "needs_approval": one.needs_approval,
            "tariff": Decimal(one.tariff[0]),
            "tariff_unit": one.tariff[1],
            "check_months": one.check[1] if one.check else None,
            "check_done_on": check_day(one, today),
        }
        | one.more
        for one in ITEMS
    ]
    ids = await add_rows(db, Item, rows)
    return {one.code: id for one, id in zip(ITEMS, ids, strict=True)}


_RULES: dict[str, Any] = {
    "needs_agreement": False,
    "audience": "network",
    "capacity": 1,
    "slot_minutes": 30,
    "horizon_days": 90,
    "cancel_cutoff_minutes": 0,
    "open_days": [1, 2, 3, 4, 5, 6, 7],
    "answer_hours": 48,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
}


def check_day(facts: ItemFacts, today: dt.date) -> dt.date | None:
    """When the periodic check was done, for it to be due when the demonstration wants it."""
    if facts.check is None:
        return None
    days_left, months = facts.check
    return Week.of(today).sunday + days_left * DAY - relativedelta(months=months)


async def _link_items(db: AsyncSession, items: dict[str, int], trainings: dict[str, int]) -> None:
    await db.execute(
        sa.insert(item_companion),
        [
            {"item_id": items[one.code], "companion_id": items[code], "position": position}
            for one in ITEMS
            for position, code in enumerate(one.companions)
        ],
    )
    await db.execute(
        sa.insert(item_requirement),
        [
            {"item_id": items[one.code], "qualification_id": trainings[name]}
            for one in ITEMS
            for name in one.papers
        ],
    )


def keep_valid(network: Network, today: dt.date) -> None:
    """Move the dates that time has caught up with: periodic checks, and the papers made here."""
    soon = today + 14 * DAY
    checks = {one.code: check_day(one, today) for one in ITEMS}
    for code, machine in network.machines.items():
        due = machine.item.check_due_on
        if due and due < soon and checks[code]:
            machine.item.check_done_on = checks[code]
    for holder in network.holders.values():
        lasting = {held.qualification: held.days_left for held in holder.facts.papers}
        for paper in holder.papers:
            until = _last_day(lasting.get(paper.qualification.name), today)
            ends = paper.during.upper
            if paper.reference == PAPER_REFERENCE and until and ends and ends < soon:
                paper.during = days(paper.during.lower or today, until)
