"""Who opened a file."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.trainees.models import FileReading


async def list_readings(
    db: AsyncSession, person_id: int, *, limit: int = 200
) -> Sequence[FileReading]:
    """Openings of a person's file by others, latest first. Load her through the actor before."""
    found = await db.scalars(
        sa.select(FileReading)
        .where(FileReading.person_id == person_id)
        .options(joinedload(FileReading.reader))
        .order_by(FileReading.read_at.desc(), FileReading.id.desc())
        .limit(limit)
    )
    return found.all()
