"""The database: base class of the tables, engines, and the two helpers that open transactions."""

import datetime as dt
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from functools import partial, wraps
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeAlias, TypeVar

import asyncpg
import sqlalchemy as sa
from sqlalchemy import Connection, event
from sqlalchemy.dialects.postgresql import DATERANGE, TSTZRANGE, Range
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, SessionTransaction, mapped_column

from couveuse.core.errors import broken_promise

NAMES = {
    "ck": "%(constraint_name)s",
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
}


class Base(DeclarativeBase):
    """Every table: a bigint identity as key, instants with time zone, text without length."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: sa.BigInteger,
        str: sa.Text,
        dt.datetime: sa.TIMESTAMP(timezone=True),
        Decimal: sa.Numeric,
        Range[dt.datetime]: TSTZRANGE,
        Range[dt.date]: DATERANGE,
    }

    id: Mapped[int] = mapped_column(sa.Identity(always=False), primary_key=True)


def one_of(column: str, values: type, name: str) -> sa.CheckConstraint:
    """An enum kept as text: easier to change than a PostgreSQL type."""
    listed = ", ".join(f"'{value}'" for value in values)  # type: ignore[attr-defined]
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name)


def bounded(column: str, name: str) -> sa.CheckConstraint:
    """A range that is not empty and has both ends."""
    return sa.CheckConstraint(
        f"NOT isempty({column}) AND lower({column}) IS NOT NULL AND upper({column}) IS NOT NULL",
        name=name,
    )


def ends(during: Range[dt.datetime]) -> tuple[dt.datetime, dt.datetime]:
    """Both ends of a span that ``bounded`` keeps."""
    assert during.lower is not None  # noqa: S101
    assert during.upper is not None  # noqa: S101
    return during.lower, during.upper


def normal_url(url: str) -> str:
    """A bare ``postgresql://`` address means asyncpg too."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+asyncpg://{rest}" if scheme in {"postgres", "postgresql"} else url


def make_engine(url: str, *, read_only: bool = False, size: int = 8) -> AsyncEngine:
    """An engine whose statements are cut after 5 s.

    The read-only one runs each statement by itself (AUTOCOMMIT) on connections that PostgreSQL
    refuses to write through: a page costs no BEGIN and cannot change anything.
    """
    limits = {"statement_timeout": "5000", "idle_in_transaction_session_timeout": "30000"}
    if read_only:
        limits["default_transaction_read_only"] = "on"
    limits["jit"] = "off"  # our statements are short: compiling one costs more than running it
    limits["plan_cache_mode"] = "force_generic_plan"  # the same few, whose plan suits any values
    options = {"isolation_level": "AUTOCOMMIT"} if read_only else {}
    engine = create_async_engine(
        normal_url(url),
        pool_size=size,
        max_overflow=0,  # one made for a rush costs more than the rush, and has nothing prepared
        pool_use_lifo=True,  # the connection used last is the one whose server process is warm
        connect_args={"server_settings": limits},
        **options,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    for method, words in _SAVEPOINTS.items():
        setattr(engine.dialect, method, partial(_send, words))
    return engine


_SAVEPOINTS = {
    "do_savepoint": "SAVEPOINT",
    "do_rollback_to_savepoint": "ROLLBACK TO SAVEPOINT",
    "do_release_savepoint": "RELEASE SAVEPOINT",
}


def _send(words: str, connection: Connection, name: str) -> None:
    """As SQLAlchemy does, but without compiling and preparing a statement for it each time."""
    adapted: Any = connection.connection.dbapi_connection
    adapted.run_async(lambda raw: _send_inside(raw, adapted, f"{words} {name}"))


async def _send_inside(raw: asyncpg.Connection, adapted: Any, statement: str) -> None:
    await _begun(raw, adapted)
    await raw.execute(statement)


async def _begun(raw: asyncpg.Connection, adapted: Any) -> None:
    """BEGIN comes with the first statement of SQLAlchemy: before one of ours it has to be asked."""
    if not raw.is_in_transaction():
        await adapted._start_transaction()  # noqa: SLF001, there is no other door to it


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Replace a connection that the server closed: as sure as a ping, without the round trip."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def make_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine, expire_on_commit=False)


async def driver(db: AsyncSession) -> asyncpg.Connection:
    """The session's connection as asyncpg knows it, inside the session's innermost transaction."""
    session = db.sync_session
    known: dict[Any, asyncpg.Connection] = session.info.setdefault("driver", {})
    transaction = _innermost(session)
    if transaction is None or transaction not in known:
        adapted = await db.run_sync(_adapted)
        await _begun(adapted.driver_connection, adapted)
        known[_innermost(session)] = adapted.driver_connection  # the same until its end
        return adapted.driver_connection
    return known[transaction]


def _innermost(session: Session) -> SessionTransaction | None:
    """A savepoint is sent with the first use of the session inside it: it has to be seen too."""
    return session.get_nested_transaction() or session.get_transaction()


def _adapted(session: Session) -> Any:
    return session.connection().connection.dbapi_connection


Sessions: TypeAlias = async_sessionmaker[AsyncSession]
P = ParamSpec("P")
R = TypeVar("R")


@asynccontextmanager
async def unit_of_work(sessions: Sessions) -> AsyncGenerator[AsyncSession, None]:
    """One transaction for a job or a command: committed at the end, rolled back on exceptions."""
    async with sessions() as db, db.begin():
        yield db


def atomic(
    action: Callable[Concatenate[AsyncSession, P], Awaitable[R]],
) -> Callable[Concatenate[AsyncSession, P], Awaitable[R]]:
    """All or nothing: a refused action leaves no trace, and the session stays usable.

    A violated constraint that was given a name with ``promise`` is raised as its domain error.
    """

    @wraps(action)
    async def run(db: AsyncSession, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            async with db.begin_nested():
                return await action(db, *args, **kwargs)
        except (DBAPIError, asyncpg.PostgresError) as error:
            if ours := broken_promise(error):
                raise ours from error
            raise

    return run
