"""Puts the application together. Knows every slice, decides nothing."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from litestar import Litestar, Router
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import CacheControlHeader, State
from litestar.di import Provide
from litestar.exceptions import HTTPException, InternalServerException
from litestar.static_files import create_static_files_router
from sqlalchemy.engine import make_url

from couveuse import tables
from couveuse.coordination import pages as coordination
from couveuse.core.db import Sessions, make_engine, make_sessions, normal_url
from couveuse.core.errors import DomainError
from couveuse.core.files import FileStore
from couveuse.core.live import Hub
from couveuse.core.paths import STATIC
from couveuse.core.settings import Settings
from couveuse.equipment import pages as equipment
from couveuse.followup import pages as followup
from couveuse.network import pages as network
from couveuse.occupancy import pages as occupancy
from couveuse.people import pages as people
from couveuse.people.signin import CurrentActor
from couveuse.plots import pages as plots
from couveuse.structures import pages as structures
from couveuse.trainees import pages as trainees
from couveuse.web import deps, errors, health
from couveuse.web.guards import PUBLIC, signed_in
from couveuse.web.headers import Protected, RequestNumber, security
from couveuse.web.templates import Templates

MAX_BODY = 9_000_000
"""A photo of 8 MB with the form around it."""
BOARD_CHANNEL = "board"

assert tables.metadata.tables  # noqa: S101, every table is known before the first query


@dataclass(frozen=True, slots=True)
class Databases:
    """Where pages read and where actions write; both on one connection in tests."""

    reader: Sessions
    writer: Sessions


Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_app(settings: Settings, databases: Databases | None = None) -> Litestar:
    """The ASGI application. With ``databases`` it uses those and opens none of its own."""
    return Litestar(
        route_handlers=[
            *structures.ROUTES,
            *people.routes(settings),
            # In one router: alone, two controllers cannot share a path (`/parcelles`), even for
            # different methods, since Litestar gives each of them the OPTIONS of that path.
            Router("/", route_handlers=[*occupancy.ROUTES, *plots.ROUTES]),
            *trainees.ROUTES,
            *equipment.ROUTES,
            *followup.ROUTES,
            *network.ROUTES,
            *coordination.ROUTES,
            *health.ROUTES,
            _static_router(settings),
        ],
        lifespan=[] if databases else [_database(settings)],
        state=State(
            {
                "settings": settings,
                "templates": Templates(),
                "files": FileStore(settings.data_folder / "files"),
                "hub": Hub(_listen_dsn(settings), BOARD_CHANNEL),
                "reader": databases and databases.reader,
                "writer": databases and databases.writer,
            }
        ),
        dependencies={
            "db": Provide(deps.provide_db),
            "me": Provide(deps.provide_actor),
            "settings": Provide(deps.provide_settings),
            "files": Provide(deps.provide_files),
        },
        guards=[signed_in],
        middleware=[RequestNumber(), CurrentActor(settings)],
        csrf_config=CSRFConfig(
            secret=settings.secret,
            cookie_name="__Host-csrf" if settings.is_https else "csrf",
            cookie_secure=settings.is_https,
            cookie_httponly=True,
            cookie_samesite="lax",
        ),
        exception_handlers={
            DomainError: errors.on_domain_error,
            HTTPException: errors.on_http_error,
            Exception: errors.on_unexpected_error,
        },
        response_headers=security(settings.tiles_url),
        request_max_body_size=MAX_BODY,
        openapi_config=None,
        logging_config=None,
    )


def _static_router(settings: Settings) -> Router:
    return create_static_files_router(
        path="/static",
        directories=[STATIC],
        cache_control=CacheControlHeader(max_age=31_536_000, public=True, immutable=True),
        opt={**PUBLIC, "no_actor": True, "exclude_from_csrf": True},
        middleware=[Protected(security(settings.tiles_url))],
        exception_handlers={
            ValueError: errors.on_unreadable_file,
            InternalServerException: errors.on_unreadable_file,
        },
    )


def _listen_dsn(settings: Settings) -> str:
    return normal_url(settings.database_url or "").replace("+asyncpg", "", 1)


def _database(settings: Settings) -> Lifespan:
    @asynccontextmanager
    async def opened(app: Litestar) -> AsyncGenerator[None, None]:
        url = make_url(normal_url(settings.database_url or "")).render_as_string(
            hide_password=False
        )
        reader, writer = make_engine(url, read_only=True), make_engine(url)
        app.state.reader, app.state.writer = make_sessions(reader), make_sessions(writer)
        await app.state.hub.start()
        try:
            yield
        finally:
            await app.state.hub.stop()
            await reader.dispose()
            await writer.dispose()

    return opened
