"""Headers of every answer, the number of every request, and its line in the log."""

import logging
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from litestar.datastructures import MutableScopeHeaders
from litestar.datastructures.response_header import ResponseHeader
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from couveuse.core.logs import new_request_number
from couveuse.core.tokens import without_tokens

log = logging.getLogger("couveuse.web")


def security(tiles_url: str | None) -> list[ResponseHeader]:
    """The same for every answer. Map tiles come from the one host that the settings name."""
    policy = [
        "default-src 'self'",
        "img-src 'self' data: blob:" + (f" {_origin(tiles_url)}" if tiles_url else ""),
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
    return [
        ResponseHeader(name="content-security-policy", value="; ".join(policy)),
        ResponseHeader(name="referrer-policy", value="same-origin"),
        ResponseHeader(name="x-content-type-options", value="nosniff"),
        ResponseHeader(name="cross-origin-opener-policy", value="same-origin"),
    ]


def _origin(url: str) -> str:
    """Scheme and host: what a content policy compares. ``{s}`` stands for any first name."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"


class Protected(ASGIMiddleware):
    """The headers of every answer for static files too: Litestar adds them to answers that it
    makes itself, and files are answered beside that."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, headers: Sequence[ResponseHeader]) -> None:
        self._raw = [(one.name.encode(), str(one.value).encode()) for one in headers]

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                missing = [one for one in self._raw if one[0] not in present]
                message["headers"] = [*message["headers"], *missing]
            await send(message)

        await next_app(scope, receive, protected)


class RequestNumber(ASGIMiddleware):
    """Numbers the request; error pages show the number, the log keeps what it stands for."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        number, start = new_request_number(), time.perf_counter()

        async def numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableScopeHeaders.from_message(message)["x-request-number"] = number
                _say(scope, message["status"], start)
            await send(message)

        await next_app(scope, receive, numbered)


def _say(scope: Scope, status: int, start: float) -> None:
    if log.isEnabledFor(logging.INFO):
        elapsed = round((time.perf_counter() - start) * 1000, 1)
        log.info(
            "request",
            extra={
                "method": scope.get("method"),
                "path": without_tokens(scope["path"]),
                "status": status,
                "ms": elapsed,
            },
        )
