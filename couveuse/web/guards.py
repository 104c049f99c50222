"""The door: closed unless the route says that it is public."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers.base import BaseRouteHandler

from couveuse.core.errors import NotAllowed

PUBLIC = {"public": True}


async def signed_in(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Asynchronous though it waits for nothing: Litestar would run it in a thread otherwise."""
    if not handler.opt.get("public") and connection.scope.get("user") is None:
        raise NotAuthorizedException


def require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed
