"""Writing down who opens a file, and forgetting it in time."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.retention import Keeping, kept_since
from couveuse.people.models import Person
from couveuse.trainees.models import FileReading
from couveuse.trainees.policy import visible_trainees

FILE = "file"


async def note_reading(
    db: AsyncSession,
    actor: Actor,
    person_id: int,
    what: str = FILE,
    subject_id: int | None = None,
    *,
    visible: sa.ColumnElement[bool] | None = None,
) -> None:
    """Write that somebody else opens the file: once a day, and only where they may.

    ``visible`` is the condition on ``Person``, when others than those who open the file may too.
    """
    if actor.person_id == person_id:
        return
    reading = sa.select(
        Person.id,
        sa.literal(actor.person_id, sa.BigInteger),
        sa.literal(what, sa.Text),
        sa.literal(subject_id or person_id, sa.BigInteger),
        sa.literal(clock.today(), sa.Date),
        sa.literal(clock.now(), sa.TIMESTAMP(timezone=True)),
    ).where(Person.id == person_id, visible_trainees(actor) if visible is None else visible)
    columns = ["person_id", "reader_id", "what", "subject_id", "read_on", "read_at"]
    await db.execute(
        insert(FileReading)
        .from_select(columns, reading)
        .on_conflict_do_nothing(constraint="file_reading_once_a_day")
    )


@atomic
async def forget_readings(db: AsyncSession) -> None:
    """Let go of what is older than people may ask for."""
    since = await kept_since(db, Keeping.READINGS)
    await db.execute(sa.delete(FileReading).where(FileReading.read_on < since))
