"""Headers: nothing from elsewhere, nothing kept of private pages, static files kept for good."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from couveuse.app import create_app
from couveuse.core.settings import Settings
from couveuse.web.headers import security
from couveuse.web.templates import StaticFiles
from tests.conftest import Browser
from tests.html import parse


def policy_of(headers: Any) -> dict[str, str]:
    parts = [one.strip().partition(" ") for one in headers["content-security-policy"].split(";")]
    return {name: rest for name, _, rest in parts}


@pytest.mark.parametrize("path", ["/", "/connexion", "/materiel", "/sante", "/static/css/base.css"])
async def test_every_answer_is_protected(browse: Callable[..., Any], path: str) -> None:
    browser: Browser = await browse("lea")

    headers = (await browser.get(path)).headers

    policy = policy_of(headers)
    assert policy["default-src"] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "server" not in headers


@pytest.mark.parametrize("name", [None, "lea", "zoe"])
async def test_no_page_is_kept_by_a_shared_computer(
    browse: Callable[..., Any], name: str | None
) -> None:
    browser: Browser = await browse(name)

    for path in ("/", "/connexion", "/materiel", "/profil"):
        answer = await browser.get(path)
        if answer.status_code == 200:
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["vary"] == "HX-Request"


async def test_a_part_of_a_page_is_no_page(browse: Callable[..., Any]) -> None:
    browser: Browser = await browse("lea")
    part = {"hx-request": "true", "hx-request-type": "partial"}

    whole, piece = await browser.get("/materiel"), await browser.get("/materiel", headers=part)

    assert "<html" in whole.text
    assert "<html" not in piece.text
    assert whole.headers["vary"] == piece.headers["vary"] == "HX-Request"


def test_map_tiles_come_from_the_one_host_that_is_named() -> None:
    (policy, *_) = security("https://{s}.tuiles.example/{z}/{x}/{y}.png")

    assert "img-src 'self' data: blob: https://*.tuiles.example;" in str(policy.value)


# ---------------------------------------------------------------- static files


async def test_a_static_file_is_kept_for_good_under_its_own_address(
    browse: Callable[..., Any],
) -> None:
    browser: Browser = await browse()

    answer = await browser.get(StaticFiles()("css/base.css"))

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "max-age=31536000, public, immutable"
    assert answer.headers["content-type"].startswith("text/css")


async def test_every_file_that_a_page_asks_for_is_there(browse: Callable[..., Any]) -> None:
    browser: Browser = await browse("lea")
    page = parse((await browser.get("/materiel")).text)
    asked = {one["href"] for one in page.all("link")} | {one["src"] for one in page.all("script")}
    asked |= {one["href"].partition("#")[0] for one in page.all("use")}

    assert len(asked) > 10
    for address in asked:
        ours = r"/static/[\w./-]+\?v=[0-9a-f]{10}|/manifest\.webmanifest"
        assert re.fullmatch(ours, address)
        assert (await browser.get(address)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../pyproject.toml",
        "/static/..%2fpyproject.toml",
        "/static/%2e%2e/pyproject.toml",
        "/static//etc/passwd",
        "/static/css",
        "/static/css/%00",
        "/static/" + "x" * 300,
    ],
)
async def test_nothing_else_is_given_out(browse: Callable[..., Any], path: str) -> None:
    browser: Browser = await browse()

    answer = await browser.get(path)

    assert answer.status_code in {404, 405}
    assert "immutable" not in answer.headers["cache-control"]


# ---------------------------------------------------------------- notices between two pages


async def test_a_notice_is_a_code_and_is_said_once(browse: Callable[..., Any]) -> None:
    browser: Browser = await browse("lea")
    page = parse((await browser.get("/profil")).text)
    form = page.one("form", action="/profil")
    sent = {one["name"]: one.attrs.get("value", "") for one in form.all("input", name=None)}

    answer = await browser.post("/profil", sent)
    said, again = await browser.get("/profil"), await browser.get("/profil")

    assert answer.status_code == 303
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if "notice" in one]
    assert cookie.startswith("notice=saved;")
    assert "HttpOnly" in cookie
    assert "C'est enregistré." in parse(said.text).one(id="notices").text
    assert "C'est enregistré." not in again.text


@pytest.mark.parametrize("odd", ["nothing", "<script>", "%3Cscript%3E", ""])
async def test_a_made_up_notice_says_nothing(browse: Callable[..., Any], odd: str) -> None:
    browser: Browser = await browse("lea")

    answer = await browser.get("/profil", headers=[(b"cookie", f"notice={odd}".encode())])
    page = await browser.get("/connexion", headers=[(b"cookie", f"notice={odd}".encode())])

    assert answer.status_code == 303  # signed out: no other cookie was sent
    assert parse(page.text).one(id="notices").text == ""


async def test_a_cookie_of_a_page_is_set_only_where_it_serves(settings: Settings) -> None:
    https = create_app(settings.model_copy(update={"base_url": "https://espace.example"}))

    assert https.csrf_config is not None
    assert https.csrf_config.cookie_name == "__Host-csrf"
    assert https.csrf_config.cookie_secure
