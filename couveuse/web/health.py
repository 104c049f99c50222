"""Is it up, and can it work?"""

from litestar import MediaType, Response, get
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from couveuse.core.migrations import newest_revision
from couveuse.web.deps import Web
from couveuse.web.guards import PUBLIC

OPEN = {**PUBLIC, "no_actor": True}


@get("/sante", name="health.alive", opt=OPEN, media_type=MediaType.TEXT)
async def alive() -> str:
    return "ok"


@get("/sante/pret", name="health.ready", opt=OPEN, media_type=MediaType.TEXT)
async def ready(request: Web) -> Response[str]:
    """200 when the database answers and has the newest revision, 503 otherwise."""
    try:
        async with request.app.state.reader() as db:
            present = await db.scalar(text("SELECT version_num FROM alembic_version"))
    except (SQLAlchemyError, OSError):
        return Response("database unreachable", status_code=503)
    if present != newest_revision():
        return Response("database not migrated", status_code=503)
    return Response("ready")


ROUTES = [alive, ready]
