"""Which language a request is answered in."""

from typing import Any

from litestar.connection import ASGIConnection

from couveuse.core import i18n


def language_of(connection: ASGIConnection[Any, Any, Any, Any], chosen: str | None = None) -> str:
    """The cookie (set by the switch on every page), the person's choice, or the browser's."""
    cookie = connection.cookies.get("lang")
    if cookie in i18n.LANGUAGES:
        return cookie
    if chosen:
        return chosen
    accepted = connection.headers.get("accept-language", "").lower()
    preferred = [part[:2] for part in accepted.replace(" ", "").split(",")]
    return next((code for code in preferred if code in i18n.LANGUAGES), "fr")
