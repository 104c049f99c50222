"""What lets a phone work without network: the app's description, its worker, what waits there."""

import json
from functools import cache

from litestar import Response, get

from couveuse.core import i18n
from couveuse.core.i18n import N_
from couveuse.core.paths import STATIC
from couveuse.web.deps import Web
from couveuse.web.guards import PUBLIC
from couveuse.web.render import page
from couveuse.web.templates import StaticFiles

DESCRIPTION = N_("Le carnet commun de l'espace-test")
KEPT = ("css", "js", "img", "fonts")
"""Folders of static files that the device keeps; maps need the network anyway."""


@get("/manifest.webmanifest", name="followup.app.show", opt=PUBLIC)
async def show_app(request: Web) -> Response[str]:
    """What a phone needs to put the site among its applications, in the reader's language."""
    static = _static()
    sizes = ("192", "512")
    icons = [
        {"src": static(f"img/app-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in sizes
    ]
    masks = [icon | {"purpose": "maskable"} for icon in icons]
    vector = {"src": static("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml"}
    described = {
        "id": "/",
        "name": "couveuse",
        "short_name": "couveuse",
        "description": i18n.gettext(DESCRIPTION),
        "lang": i18n.language(),
        "start_url": request.app.route_reverse("coordination.home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f7f2e6",
        "theme_color": "#1d3a28",
        "icons": [*icons, *masks, vector],
    }
    return Response(
        json.dumps(described, ensure_ascii=False),
        media_type="application/manifest+json",
        headers={"cache-control": "no-cache", "vary": "Accept-Language, Cookie"},
    )


@get("/sw.js", name="followup.worker.show", opt={**PUBLIC, "no_actor": True})
async def show_worker(request: Web) -> Response[str]:
    """The worker, told what to keep: when files change so does its text, and browsers take it."""
    shell = request.app.route_reverse("followup.waiting.show")
    return Response(
        _worker(shell),
        media_type="text/javascript",
        headers={"cache-control": "no-cache"},
    )


@get("/visites/en-attente", name="followup.waiting.show", opt=PUBLIC)
async def show_waiting(request: Web) -> Response[str]:
    """The same for everybody, so that a device may keep it: what waits stands on the device."""
    return page(request, "followup/waiting.html")


@cache
def _static() -> StaticFiles:
    return StaticFiles()


@cache
def _worker(shell: str) -> str:
    names = sorted(
        path.relative_to(STATIC).as_posix()
        for folder in KEPT
        for path in (STATIC / folder).iterdir()
        if path.suffix != ".md"
    )
    scripts = sorted(path.name for path in (STATIC / "vendor").glob("h*.js"))
    static = _static()
    # Style sheets name the fonts without a checksum.
    files = [f"/static/{name}" if name.startswith("fonts/") else static(name) for name in names]
    files += [static(f"vendor/{name}") for name in scripts]
    told = f"const SHELL = {json.dumps(shell)};\nconst FILES = {json.dumps(files, indent=1)};\n"
    return told + (STATIC / "js/sw.js").read_text(encoding="utf-8")
