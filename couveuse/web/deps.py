"""What handlers ask for: the transaction of the request, the person who asks, ids of addresses."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, TypeAlias

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import PathParameter
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.files import FileStore
from couveuse.core.settings import Settings

Web: TypeAlias = Request[Actor | None, None, State]
RowId: TypeAlias = Annotated[int, PathParameter(gt=0, le=2**63 - 1)]
Db: TypeAlias = NamedDependency[AsyncSession]
Me: TypeAlias = NamedDependency[Actor]
Config: TypeAlias = NamedDependency[Settings]
Files: TypeAlias = NamedDependency[FileStore]

READS = {"GET", "HEAD"}


async def provide_db(request: Web) -> AsyncGenerator[AsyncSession, None]:
    """One transaction for the request, committed after the page is rendered and before it is sent.

    Reads get a session that PostgreSQL itself keeps from writing.
    """
    if request.method in READS:
        async with request.app.state.reader() as db:
            yield db
    else:
        async with request.app.state.writer() as db, db.begin():
            yield db


@asynccontextmanager
async def own_transaction(request: Web) -> AsyncGenerator[AsyncSession, None]:
    """A short transaction beside the request's: for the one thing that reading a page may write.

    To be closed before the request's session is used, since tests share one connection.
    """
    async with request.app.state.writer() as db, db.begin():
        yield db


async def provide_actor(request: Web, db: Db) -> Actor:
    """After the transaction: Litestar opens a task group for what it may provide side by side."""
    del db
    assert request.user is not None  # noqa: S101, the guard lets nobody else in
    return request.user


async def provide_settings(request: Web) -> Settings:
    return request.app.state.settings


async def provide_files(request: Web) -> FileStore:
    return request.app.state.files
