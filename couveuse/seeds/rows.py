"""Many rows at once."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.db import Base


async def add_rows(
    db: AsyncSession, table: type[Base], rows: Sequence[dict[str, Any]]
) -> list[int]:
    """Insert and return the ids, in the order of the rows. Every row names the same columns."""
    if not rows:
        return []
    adding = (
        sa.insert(table)
        .returning(table.id, sort_by_parameter_order=True)
        # Else rows that differ in what is empty would each need a statement of their own.
        .execution_options(render_nulls=True)
    )
    return list(await db.scalars(adding, rows))
