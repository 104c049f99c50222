"""Exceptions become pages, or notices when htmx asked for a part."""

import errno
import logging
import traceback
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, NotAuthorizedException

from couveuse.core import errors, i18n
from couveuse.core.i18n import N_
from couveuse.core.logs import new_request_number, request_number
from couveuse.core.tokens import without_tokens
from couveuse.web.languages import language_of
from couveuse.web.render import is_partial, own_path, render, site_address

log = logging.getLogger("couveuse.errors")

SENTENCES = {
    400: N_("Cette demande est illisible. Revenez en arrière, corrigez et recommencez."),
    403: N_(
        "Vous n'avez pas le droit de faire cela. Demandez à la coordination si c'est une erreur."
    ),
    404: N_("Cette page n'existe pas, ou elle ne vous est pas ouverte. Revenez à l'accueil."),
    405: N_("Cette adresse ne s'ouvre pas de cette façon. Revenez à l'accueil."),
    409: N_("L'état a changé entre-temps. Rechargez la page et recommencez."),
    413: N_("C'est trop volumineux. Envoyez un fichier plus petit."),
    415: N_("Ce type d'envoi n'est pas accepté ici. Passez par le formulaire de la page."),
    429: N_("Trop de tentatives. Attendez un quart d'heure, puis recommencez."),
    500: N_("Une erreur de notre côté. Rien n'a été enregistré ; réessayez dans un instant."),
}
FORM_EXPIRED = N_(
    "Ce formulaire a expiré. Rechargez la page et recommencez : rien n'a été enregistré."
)


def on_domain_error(request: Request[Any, Any, Any], error: errors.DomainError) -> Response[Any]:
    match error:
        case errors.NotVisible():
            return answer(request, 404)
        case errors.NotAllowed():
            return answer(request, 403)
        case errors.Unreadable():
            return answer(request, 400, [str(error)])
        case errors.Refused():
            return answer(request, 409, [str(reason) for reason in error.reasons])
        case _:
            return on_unexpected_error(request, error)


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    if isinstance(error, NotAuthorizedException):
        return _to_sign_in(request)
    if error.status_code >= 500:
        return on_unexpected_error(request, error)
    if error.status_code == 403 and "CSRF" in error.detail:
        return answer(request, 403, [i18n.gettext(FORM_EXPIRED)])
    is_bad_address = error.status_code == 400 and request.path_params
    bad_id = is_bad_address and request.method in {"GET", "HEAD", "POST"} and _about_path(error)
    return answer(request, 404 if bad_id else error.status_code)


def _about_path(error: HTTPException) -> bool:
    extra = error.extra if isinstance(error.extra, list) else []
    return any(isinstance(line, dict) and line.get("source") == "path" for line in extra)


def _is_about_body(error: Exception) -> bool:
    """Whether what was sent could not be read: a part that is no text, or in an unknown charset."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    return any(frame.f_globals.get("__name__") == "litestar._multipart" for frame in frames)


def on_unreadable_file(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A name that no file can have, with a zero byte or too long, is one that is not there."""
    too_long = getattr(error.__cause__, "errno", None) == errno.ENAMETOOLONG
    if too_long or isinstance(error, ValueError):
        return answer(request, 404)
    return on_unexpected_error(request, error)


def on_unexpected_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    if _is_about_body(error):
        return answer(request, 400)
    number = request_number() or new_request_number()
    log.error("unexpected error", exc_info=error, extra={"path": without_tokens(request.url.path)})
    return answer(request, 500, number=number)


def answer(
    request: Request[Any, Any, Any],
    status: int,
    sentences: list[str] | None = None,
    number: str | None = None,
) -> Response[str]:
    """One page for all statuses; a notice instead when htmx would swap it into a part."""
    if "user" not in request.scope:  # refused before anybody looked who asks
        i18n.set_language(language_of(request))
    known = SENTENCES.get(status, SENTENCES[400])
    context = {
        "status": status,
        "sentences": sentences or [i18n.gettext(known)],
        # An address that leads nowhere is refused before a request gets its number.
        "number": number or request_number() or new_request_number(),
        "back": _came_from(request) if status == 409 else None,
    }
    if is_partial(request):
        html = render(request, "errors/_notice.html", context)
        headers = {"hx-retarget": "#notices", "hx-reswap": "beforeend"}
    else:
        html, headers = render(request, "errors/page.html", context), {}
    # Litestar adds its headers to answers of handlers alone.
    headers |= {one.name: str(one.value) for one in request.app.response_headers or ()}
    headers |= {"cache-control": "no-store", "vary": "HX-Request"}
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers)


def _came_from(request: Request[Any, Any, Any]) -> str | None:
    """The page of ours that the request was sent from, to look at it again."""
    try:
        sent_from = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # such as a bracket without its pair
        return None
    ours = {request.headers.get("host"), urlsplit(site_address(request)).netloc}
    # Its own address is one that may only be posted to.
    if sent_from.netloc not in ours or sent_from.path == request.url.path:
        return None
    return own_path(sent_from.path + (f"?{sent_from.query}" if sent_from.query else ""))


def _to_sign_in(request: Request[Any, Any, Any]) -> Response[None]:
    sign_in = request.app.route_reverse("people.sign_in.new")
    if is_partial(request):
        return Response(None, status_code=401, headers={"hx-redirect": sign_in})
    query = f"?{request.url.query}" if request.url.query else ""
    come_back = request.url.path + query if request.method == "GET" else "/"
    address = sign_in if come_back == "/" else f"{sign_in}?next={quote(come_back)}"
    return Response(None, status_code=303, headers={"location": address})
