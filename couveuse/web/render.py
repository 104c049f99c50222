"""From a template to an answer: pages, parts of pages, redirects with a notice."""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from litestar import MediaType, Response
from litestar.datastructures import Cookie

from couveuse.core import i18n
from couveuse.core.i18n import N_
from couveuse.web.deps import Web
from couveuse.web.menu import is_offered, menu_of
from couveuse.web.templates import current_request

NOTICE_COOKIE = "notice"
NOTICES: dict[str, str] = {}


def notices(sentences: Mapping[str, str]) -> None:
    """Say what notice codes mean. Only the code travels in the cookie, never the text."""
    NOTICES.update(sentences)


notices({"saved": N_("C'est enregistré.")})


def is_partial(request: Web) -> bool:
    """htmx asks for a part; its history and plain browsers ask for the whole page."""
    headers = request.headers
    return (
        headers.get("hx-request") == "true"
        and headers.get("hx-request-type", "partial") == "partial"
    )


def render(request: Web, template: str, context: Mapping[str, Any]) -> str:
    current_request.set(request)
    state, actor = request.app.state, request.scope.get("user")
    base = {
        "actor": actor,
        "offered": partial(is_offered, actor),
        "menu": menu_of,
        "language": i18n.language(),
        "current_path": request.scope["path"],
        "demo": state.settings.demo,
        "tiles_url": state.settings.tiles_url,
        "notice": _notice(request),
    }
    return state.templates.get(template).render(base, **context)


def _notice(request: Web) -> str | None:
    code = request.cookies.get(NOTICE_COOKIE)
    return i18n.gettext(NOTICES[code]) if code in NOTICES else None


def page(request: Web, template: str, *, status: int = 200, **context: Any) -> Response[str]:
    """A whole page, or a part of one; never kept by a cache when somebody is signed in."""
    html = render(request, template, context)
    headers = {"cache-control": "no-store", "vary": "HX-Request"}
    if NOTICE_COOKIE in request.cookies and not is_partial(request):  # it has been shown
        headers |= _notice_header("", 0)
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers)


@cache
def _notice_header(code: str, seconds: int) -> dict[str, str]:
    cookie = Cookie(
        key=NOTICE_COOKIE, value=code, max_age=seconds, path="/", httponly=True, samesite="lax"
    )
    return {"set-cookie": cookie.to_header(header="")}


def see_other(
    request: Web, name: str, *, notice: str | None = None, fragment: str = "", **params: Any
) -> Response[None]:
    """Leave for another page: 303 for a plain form, HX-Redirect for htmx, which follows no 303."""
    address = request.app.route_reverse(name, **params) + (f"#{fragment}" if fragment else "")
    return go_to(request, address, notice=notice)


def go_to(request: Web, address: str, *, notice: str | None = None) -> Response[None]:
    """As ``see_other``, for an address already made (one of our own paths)."""
    told = _notice_header(notice, 30) if notice else {}
    if is_partial(request):
        return Response(None, status_code=204, headers={"hx-redirect": address} | told)
    return Response(None, status_code=303, headers={"location": address} | told)


def own_path(address: str | None) -> str | None:
    """The address when it is a path of this site, None when it would lead elsewhere."""
    if address and address.startswith("/") and not address.startswith(("//", "/\\")):
        return address if address.isprintable() else None
    return None


def site_address(request: Web) -> str:
    """Where mailed links lead: the public address set, or where the server itself listens.

    Never the Host header: whoever asks for a link would choose where its owner is sent.
    """
    if known := request.app.state.settings.base_url:
        return known
    host, port = request.scope.get("server") or ("localhost", None)
    if ":" in host:
        host = f"[{host}]"
    elif "/" in host:  # a Unix socket
        host, port = "localhost", None
    return f"{request.scope['scheme']}://{host}" + (f":{port}" if port else "")
