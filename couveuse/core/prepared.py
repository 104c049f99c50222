"""Statements of what people do all day (pages, boards, bookings): made once, run by the driver.

SQLAlchemy makes the statement, so that names are checked and conditions shared; what it would do
again at each run (building, looking up, wrapping rows) costs more than the database does.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import instance_state, set_committed_value
from sqlalchemy.orm.util import identity_key

from couveuse.core.db import Base, driver

_DIALECT: Any = dialect()


class Prepared:
    """A statement ready to run. Its values are given by name, as asyncpg takes them.

    ``columns`` are those that an INSERT fills.
    """

    def __init__(self, statement: sa.ClauseElement, columns: Sequence[str] | None = None) -> None:
        compiled: Any = statement.compile(dialect=_DIALECT, column_keys=columns)
        self.sql = str(compiled)
        self._values = [(name, compiled.binds[name]) for name in compiled.positiontup]

    async def all(self, db: AsyncSession, **given: Any) -> list[asyncpg.Record]:
        values = [
            given[name] if bound.required else bound.effective_value for name, bound in self._values
        ]
        return await (await driver(db)).fetch(self.sql, *values)

    async def first(self, db: AsyncSession, **given: Any) -> asyncpg.Record | None:
        """The row, for a statement that finds one or none."""
        rows = await self.all(db, **given)
        return rows[0] if rows else None


def records(row: asyncpg.Record, *models: type[Base], start: int = 0) -> list[Any]:
    """The records whose columns stand one after the other in a row, the first of them at ``start``.

    None where a join found none. They belong to no session: for showing and for rules, nothing done
    to them is saved.
    """
    found: list[Any] = []
    for model in models:
        names = _columns(model)
        cells = row[start : start + len(names)]
        found.append(None if cells[names.index("id")] is None else _read(model, names, cells))
        start += len(names)
    return found


def width(*models: type[Base]) -> int:
    """How many cells of a row the models take."""
    return sum(len(_columns(model)) for model in models)


@cache
def _columns(model: type[Base]) -> tuple[str, ...]:
    return tuple(model.__table__.columns.keys())


def _read(model: type[Base], names: Sequence[str], cells: Sequence[Any]) -> Base:
    record: Any = model.__mapper__.class_manager.new_instance()
    record.__dict__.update(zip(names, cells, strict=True))  # as a loader does: nothing has changed
    instance_state(record).key = identity_key(model, record.id)  # detached: it loads nothing more
    return record


def put_beside(record: Base, **related: Any) -> None:
    """Give a record what was read with it, as a loader of SQLAlchemy would."""
    for name, value in related.items():
        set_committed_value(record, name, value)


class Insert:
    """Adds records of one table at once, where one is added all day long."""

    def __init__(self, model: type[Base]) -> None:
        columns = model.__table__.columns
        made = [column for column in columns if column.server_default is not None]
        self._given = [column.name for column in columns if column.server_default is None]
        self._statement = Prepared(sa.insert(model).returning(*made), self._given)

    async def add(self, db: AsyncSession, record: Base) -> None:
        """The record is in the database, and belongs to the session as if it was read from it."""
        values = {name: getattr(record, name) for name in self._given}
        row = await self._statement.first(db, **{k: _sent(value) for k, value in values.items()})
        for name, value in (values | dict(row or {})).items():
            setattr(record, name, value)
        make_transient_to_detached(record)
        db.add(record)


def _sent(value: Any) -> Any:
    return asyncpg.Range(value.lower, value.upper) if isinstance(value, Range) else value
