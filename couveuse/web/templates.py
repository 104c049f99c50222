"""The Jinja environment: strict, escaped, translated."""

import datetime as dt
import functools
import hashlib
import re
import unicodedata
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any, cast

import jinja2
from litestar import Litestar
from litestar.template.base import csrf_token as litestar_csrf_token
from markupsafe import Markup

from couveuse.core import i18n, journal
from couveuse.core.clock import zone_named
from couveuse.core.contacts import shown_phone
from couveuse.core.geo.cadastre import shown_reference
from couveuse.core.geo.communes import commune_label
from couveuse.core.geo.drawing import draw
from couveuse.core.paths import STATIC, TEMPLATES
from couveuse.web.deps import Web
from couveuse.web.sentences import Sentences
from couveuse.web.typography import typeset, unbroken

WORD_JOINER = "\u2060"
"""Keeps a line from breaking after a dash."""
current_request: ContextVar[Web] = ContextVar("current_request")


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


class Templates:
    """The templates in each language: an environment compiles its own, when first asked for."""

    def __init__(self) -> None:
        self._static = StaticFiles()
        self._spoken: dict[str, Environment] = {}

    def get(self, name: str) -> jinja2.Template:
        """The template in the language of the request."""
        language = i18n.language()
        if language not in self._spoken:
            self._spoken[language] = _make_environment(language, self._static)
        return self._spoken[language].get_template(name)


class Environment(jinja2.Environment):
    """Its globals never change, so templates share them as they are.

    Jinja's own layers of globals are gone through again for each import and each include.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **d} if d else self.globals


def _make_environment(language: str, static: StaticFiles) -> Environment:
    env = Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.loopcontrols", Sentences],
        auto_reload=False,
    )
    env.extend(language=language)
    env.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    icon = functools.cache(functools.partial(_icon, static("img/icons.svg")))
    cast("dict[str, Any]", env.globals).update(_GLOBALS, static=static, icon_of_sprite=icon)
    cast("dict[str, Any]", env.filters).update(_FILTERS)
    return env


def _gettext(message: str) -> str:
    return typeset(i18n.gettext(message))


def _ngettext(singular: str, plural: str, n: int) -> str:
    return typeset(i18n.ngettext(singular, plural, n))


def _icon(sprite: str, name: str) -> Markup:
    """One icon of the sprite, always beside a word, so hidden from screen readers."""
    svg = Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>')
    return svg.format(sprite, name)


def slot(start: dt.datetime, end: dt.datetime) -> str:
    """As everywhere else, and its two hours stay on one line."""
    return i18n.slot(start, end).replace(i18n.DASH, f"\u202f–{WORD_JOINER}\u202f")


def url_for(name: str, **params: Any) -> str:
    """The address of a named route. The only way a template learns a path."""
    return _address(current_request.get().app, name, *params.items())


@functools.lru_cache(maxsize=2048)
def _address(app: Litestar, name: str, *params: tuple[str, Any]) -> str:
    return app.route_reverse(name, **dict(params))


def csrf_token() -> str:
    return litestar_csrf_token({"request": current_request.get()})


def pair(thing: Any) -> tuple[int, str]:
    """A record as an option of a list."""
    return thing.id, thing.name


def slug(text: str) -> str:
    """A text as the name of a place in a page: ``Récolte, tri`` → ``recolte-tri``."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain)) or "autre"


def opening(text: str) -> str:
    """As a sentence begins: ``mardi 24 novembre`` → ``Mardi 24 novembre``; the rest stays."""
    return text[:1].upper() + text[1:]


_GLOBALS: dict[str, Any] = {
    "url_for": url_for,
    "csrf_token": csrf_token,
    "sentence": lambda line: typeset(journal.sentence(line)),
}
_FILTERS: dict[str, Any] = {
    "day": i18n.day,
    "moment": i18n.moment,
    "clock": i18n.clock_time,
    "duration": lambda minutes: unbroken(i18n.duration(minutes)),
    "hours": lambda minutes: unbroken(i18n.hours(minutes)),
    "number": i18n.number,
    "percent": i18n.percent,
    "opening": opening,
    "translated": _gettext,
    "typeset": lambda said: typeset(str(said)),
    "slot": slot,
    "euros": i18n.euros,
    "phone": lambda kept: unbroken(shown_phone(kept)),
    "zone": zone_named,
    "pair": pair,
    "slug": slug,
    "commune": commune_label,
    "parcel": shown_reference,
    "drawing": draw,
}
