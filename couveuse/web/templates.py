"""The Jinja environment: strict, escaped, translated."""

import hashlib
import re
import unicodedata
from contextvars import ContextVar
from typing import Any, cast

import jinja2
from litestar.template.base import csrf_token as litestar_csrf_token

from couveuse.core import i18n, journal
from couveuse.core.clock import zone_named
from couveuse.core.contacts import shown_phone
from couveuse.core.geo.cadastre import shown_reference
from couveuse.core.geo.communes import commune_label
from couveuse.core.geo.drawing import draw
from couveuse.core.paths import STATIC, TEMPLATES
from couveuse.web.deps import Web

current_request: ContextVar[Web] = ContextVar("current_request")


def make_environment() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.loopcontrols"],
        auto_reload=False,
    )
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    cast("dict[str, Any]", env.globals).update(_GLOBALS, static=StaticFiles())
    cast("dict[str, Any]", env.filters).update(_FILTERS)
    return env


def url_for(name: str, **params: Any) -> str:
    """The address of a named route. The only way a template learns a path."""
    return current_request.get().app.route_reverse(name, **params)


def csrf_token() -> str:
    return litestar_csrf_token({"request": current_request.get()})


class StaticFiles:
    """``static('css/base.css')`` → its address with the first digits of its content's checksum."""

    def __init__(self) -> None:
        self._known = {
            path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
            for path in STATIC.rglob("*")
            if path.is_file()
        }

    def __call__(self, name: str) -> str:
        return f"/static/{name}?v={self._known[name]}"


def pair(thing: Any) -> tuple[int, str]:
    """A record as an option of a list."""
    return thing.id, thing.name


def slug(text: str) -> str:
    """A text as the name of a place in a page: ``Récolte, tri`` → ``recolte-tri``."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain)) or "autre"


_GLOBALS: dict[str, Any] = {
    "url_for": url_for,
    "csrf_token": csrf_token,
    "sentence": journal.sentence,
}
_FILTERS: dict[str, Any] = {
    "day": i18n.day,
    "moment": i18n.moment,
    "clock": i18n.clock_time,
    "duration": i18n.duration,
    "number": i18n.number,
    "translated": i18n.gettext,
    "slot": i18n.slot,
    "euros": i18n.euros,
    "phone": shown_phone,
    "zone": zone_named,
    "pair": pair,
    "slug": slug,
    "commune": commune_label,
    "parcel": shown_reference,
    "drawing": draw,
}
