"""Which rows of the whole product point at a row, whatever slice they are of."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.db import Base


async def tables_pointing_at(
    db: AsyncSession, table: str, row_id: int, *, but: Collection[str] = ()
) -> list[str]:
    """The tables with a foreign key on the row, apart from some. Locked before, it stays true:
    whoever wants to point at a row that is locked for update waits."""
    asked = [
        sa.select(sa.literal(found.name)).where(
            sa.exists(sa.select(sa.literal(1)).select_from(found).where(column == row_id))
        )
        for found in Base.metadata.sorted_tables
        if found.name not in but
        for column in found.columns
        if any(key.column.table.name == table for key in column.foreign_keys)
    ]
    return sorted(await db.scalars(sa.union(*asked)))
