"""Which databases the seeds may fill."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.core.marks import DemoMark
from couveuse.equipment.models import Item
from couveuse.people.models import Person
from couveuse.structures.models import Structure

SEED_LOCK = 0x73656564
"""One process fills the database, another waits and finds it filled."""


async def is_demo(db: AsyncSession) -> bool:
    """Whether the demonstration made this database."""
    return await _has_table(db, DemoMark) and await _has_row(db, DemoMark)


async def is_empty(db: AsyncSession) -> bool:
    """Whether the database is migrated and holds neither structure, person nor item."""
    return await _has_table(db, Structure) and not any(
        [await _has_row(db, table) for table in (Structure, Person, Item)]
    )


async def _has_table(db: AsyncSession, table: type) -> bool:
    name: str = table.__tablename__  # type: ignore[attr-defined]
    return await db.scalar(sa.select(sa.func.to_regclass(name).is_not(None))) or False


async def _has_row(db: AsyncSession, table: type) -> bool:
    return await db.scalar(sa.select(sa.exists(sa.select(table)))) or False


async def begin_filling(db: AsyncSession) -> None:
    """Wait for one's turn; filling may take longer than a page."""
    await db.execute(sa.text("SET LOCAL statement_timeout = 0"))
    await db.execute(sa.select(sa.func.pg_advisory_xact_lock(SEED_LOCK)))


async def refuse_unless_empty(db: AsyncSession) -> None:
    if not await is_empty(db):
        sentence = N_(
            "Cette base contient déjà des données, rien n'y a été ajouté. Donnez une base vide "
            "(DATABASE_URL) ou un autre dossier (COUVEUSE_DATA)."
        )
        raise Refused(Reason("database_not_empty", sentence))
