"""Everything that is kept of a person, for herself: rows by table, in plain values."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination.retention.parts import FOLLOW_UP, HERS, PARTS, Part
from couveuse.coordination.timeline import read_timeline
from couveuse.core import i18n, journal
from couveuse.core.actor import Actor
from couveuse.core.db import Base
from couveuse.core.journal import JournalLine
from couveuse.equipment.models import Item
from couveuse.followup.models import Level, Report, Visit
from couveuse.people.models import Person, Qualification
from couveuse.plots.models import Plot
from couveuse.structures.models import Site, Structure

Rows = list[dict[str, Any]]
SHOWN = f" AND level <> '{Level.DRAFT}'"
"""A draft is its author's until it is shown; that there is one is told."""
ALSO = (Part("visit_person", HERS, FOLLOW_UP),)
NAMED: dict[str, Any] = {
    "person": Person.given_name + " " + Person.family_name,
    "structure": Structure.name,
    "site": Site.name,
    "item": Item.name,
    "plot": Plot.code,
    "qualification": Qualification.name,
}
"""What a reference is called, for who reads it outside of the product."""


async def read_own_rows(db: AsyncSession, person_id: int) -> dict[str, dict[str, Rows]]:
    """By what it is, then by table; references with the name of what they lead to."""
    names = {table: await _names(db, table, label) for table, label in NAMED.items()}
    found: dict[str, dict[str, Rows]] = {}
    for part in (*PARTS, *ALSO):
        if part.shown and (rows := await _rows(db, part, person_id)):
            told = [_told(part, row, names) for row in rows]
            found.setdefault(i18n.gettext(part.label), {})[part.table] = told
    return found


async def _names(db: AsyncSession, table: str, label: Any) -> dict[int, str]:
    key = Base.metadata.tables[table].c.id
    rows = await db.execute(sa.select(key, label))
    return {row[0]: row[1] for row in rows}


async def _rows(db: AsyncSession, part: Part, person_id: int) -> Rows:
    mine = part.mine + (SHOWN if part.table == Report.__tablename__ else "")
    statement = sa.text(f"SELECT to_jsonb({part.table}) FROM {part.table} WHERE {mine}")  # noqa: S608
    rows = (await db.scalars(statement, {"person": person_id})).all()
    return sorted(rows, key=lambda row: row.get("id", 0))


def _told(part: Part, row: dict[str, Any], names: dict[str, dict[int, str]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for column in part.columns:
        if column.name not in part.hides:
            value = row[column.name]
            table = next((key.column.table.name for key in column.foreign_keys), "")
            told[column.name] = names[table].get(value, value) if table in names else value
    return told


async def read_self(db: AsyncSession, person_id: int) -> dict[str, Any]:
    person = await db.get_one(Person, person_id)
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
        "phone": person.phone,
        "phone_shared": person.phone_shared,
        "language": person.language,
        "has_password": person.password_hash is not None,
        "created_at": person.created_at.isoformat(),
    }


async def list_own_acts(db: AsyncSession, person_id: int) -> Rows:
    """What she did in the product, as its journal tells it."""
    lines = await db.scalars(
        sa.select(JournalLine).where(JournalLine.actor_id == person_id).order_by(JournalLine.id)
    )
    return [{"at": one.at.isoformat(), "what": journal.sentence(one)} for one in lines]


async def list_drafts_about(db: AsyncSession, person_id: int) -> Rows:
    """Reports that nobody but their author reads yet."""
    rows = await db.execute(
        sa.select(Visit.starts_at, Person.given_name + " " + Person.family_name)
        .join(Report, Report.visit_id == Visit.id)
        .join(Person, Person.id == Report.author_id)
        .where(Visit.person_id == person_id, Report.level == Level.DRAFT)
        .order_by(Visit.starts_at)
    )
    return [{"visit": row[0].isoformat(), "author": row[1]} for row in rows]


async def list_own_files(db: AsyncSession, person_id: int) -> list[str]:
    """Names of the stored files behind what she is shown."""
    names = sa.text(" UNION ".join(_of_shown_parts()))
    found = await db.scalars(names, {"person": person_id})
    return sorted({name for name in found if name})


def _of_shown_parts() -> Iterator[str]:
    for part in PARTS:
        if part.shown:
            drafts = SHOWN if part.table == Report.__tablename__ else ""
            for statement in part.names_of_files():
                yield statement + drafts


async def list_own_days(db: AsyncSession, actor: Actor) -> list[tuple[dt.date, str, str | None]]:
    """Her whole timeline, newest first."""
    days: list[tuple[dt.date, str, str | None]] = []
    before: dt.date | None = None
    while True:
        read = await read_timeline(db, actor, actor.person_id, before=before)
        days += [(one.on, one.sentence, one.note) for one in read.events]
        if read.goes_on_before is None:
            return days
        before = read.goes_on_before
