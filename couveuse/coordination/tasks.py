"""What the worker does about files that go: those of erased people, and mails kept long enough."""

import asyncio

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from couveuse.coordination.retention.parts import FILE_COLUMNS
from couveuse.core import clock
from couveuse.core.db import Base, unit_of_work
from couveuse.core.files import FileStore, StoredFile
from couveuse.core.jobs import Workshop, every, job
from couveuse.core.mail import OutgoingMail
from couveuse.core.retention import Keeping, kept_since


@job("forget_files")
async def forget_files(workshop: Workshop, *, files: list[str]) -> None:
    """Delete stored files that no record names any more."""
    store = FileStore(workshop.settings.data_folder / "files")
    async with unit_of_work(workshop.sessions) as db:
        gone = (
            await db.scalars(
                sa.delete(StoredFile)
                .where(StoredFile.sha256.in_(files), ~_is_named())
                .returning(StoredFile.sha256)
            )
        ).all()
        for name in gone:  # before the commit: whoever stores the same file again waits for it
            await asyncio.to_thread(store.path(name).unlink, missing_ok=True)


def _is_named() -> sa.ColumnElement[bool]:
    """Whether some record still names the file."""
    return sa.or_(*(_names(Base.metadata.tables[table].c[name]) for table, name in FILE_COLUMNS))


def _names(column: sa.Column[object]) -> sa.ColumnElement[bool]:
    if isinstance(column.type, JSONB):
        found = sa.func.jsonb_build_array(sa.func.jsonb_build_object("file", StoredFile.sha256))
        return sa.exists().where(column.op("@>")(found)).correlate(StoredFile)
    return sa.exists().where(column == StoredFile.sha256).correlate(StoredFile)


@every("forget_mails", "35 3 * * *")
async def forget_mails(workshop: Workshop) -> None:
    """Mails that left long ago hold names and facts that nobody needs any more."""
    async with unit_of_work(workshop.sessions) as db:
        since = clock.day_start(await kept_since(db, Keeping.MAILS), clock.PARIS)
        await db.execute(sa.delete(OutgoingMail).where(OutgoingMail.created_at < since))
