"""Whatever goes wrong ends in a page that says what to do, or in a notice when htmx asked."""

import logging
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio
from litestar import get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncConnection

from couveuse.app import Databases, create_app
from couveuse.core.errors import NotAllowed, NotVisible, Reason, Refused, Unreadable
from couveuse.core.settings import Settings
from couveuse.web.guards import PUBLIC
from tests.conftest import Browser
from tests.html import Element, parse

SECRET = "what nobody must read: /etc/couveuse"
FAILURES: dict[str, Exception] = {
    "crash": ValueError(SECRET),
    "outside": HTTPException(SECRET, status_code=502),
    "visible": NotVisible(),
    "allowed": NotAllowed(),
    "refused": Refused(Reason("one", "Un."), Reason("two", "Deux.")),
    "unreadable": Unreadable("« %(text)s » ne se lit pas.", text="<hier>"),
    "teapot": HTTPException(SECRET, status_code=418),
}


@get("/essai/{kind:str}", name="tests.failures.show", opt=PUBLIC)
async def fail(kind: FromPath[str]) -> None:
    raise FAILURES[kind]


@post("/essai/{kind:str}", name="tests.failures.create", opt=PUBLIC)
async def fail_to_send(kind: FromPath[str]) -> None:
    raise FAILURES[kind]


@pytest.fixture(scope="module")
def failing(settings: Settings, databases: Databases) -> Any:
    app = create_app(settings, databases)
    app.register(fail)
    app.register(fail_to_send)
    return app


@pytest_asyncio.fixture
async def http(failing: Any, outer: AsyncConnection) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=failing, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver.local", trust_env=False
    ) as client:
        yield client


PART = {"hx-request": "true", "hx-request-type": "partial"}


def whole(answer: httpx.Response) -> Element:
    page = parse(answer.text)
    assert page.one("html")["lang"] in {"fr", "en"}
    assert page.one("h1").text
    assert page.one("a", class_="btn btn-primary")["href"] == "/"
    return page


# ---------------------------------------------------------------- pages and notices


@pytest.mark.parametrize(
    ("kind", "status", "sentence"),
    [
        ("visible", 404, "Cette page n'existe pas, ou elle ne vous est pas ouverte."),
        ("allowed", 403, "Vous n'avez pas le droit de faire cela."),
        ("refused", 409, "Un. Deux."),
        ("unreadable", 400, "« <hier> » ne se lit pas."),
        ("crash", 500, "Rien n'a été enregistré"),
        ("outside", 500, "Rien n'a été enregistré"),
        ("teapot", 418, "Cette demande est illisible."),
    ],
)
async def test_each_failure_has_its_page_and_its_notice(
    http: httpx.AsyncClient, kind: str, status: int, sentence: str
) -> None:
    page = await http.get(f"/essai/{kind}")
    part = await http.get(f"/essai/{kind}", headers=PART)

    assert (page.status_code, part.status_code) == (status, status)
    assert sentence in whole(page).text
    notice = parse(part.text)
    assert sentence in notice.one("div", role="alert").text
    assert notice.all("html") == []
    assert (part.headers["hx-retarget"], part.headers["hx-reswap"]) == ("#notices", "beforeend")
    assert "hx-retarget" not in page.headers
    assert SECRET not in page.text + part.text
    assert "<hier>" not in page.text + part.text


@pytest.mark.parametrize("headers", [PART, {}])
async def test_no_failure_is_kept_by_a_cache_or_trusted_by_a_browser(
    http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    for path in [*(f"/essai/{kind}" for kind in FAILURES), "/nulle-part", "/static/nulle-part"]:
        answer = await http.get(path, headers=headers)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["vary"] == "HX-Request"
        (policy,) = answer.headers.get_list("content-security-policy")
        assert "default-src 'self'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-type"].startswith("text/html")


async def test_history_asks_for_the_page_not_for_a_notice(http: httpx.AsyncClient) -> None:
    answer = await http.get("/nulle-part", headers=PART | {"hx-request-type": "full"})

    assert whole(answer)


# ---------------------------------------------------------------- the number


async def test_a_crash_shows_the_number_under_which_the_log_tells_all(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    from couveuse.core.logs import JsonLines

    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonLines().format(record))

    keeper = Keep()
    logging.getLogger("couveuse.errors").addHandler(keeper)
    try:
        answer = await http.get("/essai/crash")
    finally:
        logging.getLogger("couveuse.errors").removeHandler(keeper)

    number = answer.headers["x-request-number"]
    assert number in whole(answer).text
    (line,) = lines
    assert f'"request": "{number}"' in line
    assert SECRET in line
    assert "Traceback" in line


async def test_what_people_do_wrong_does_not_look_like_a_crash_in_the_log(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("/essai/visible", "/essai/allowed", "/essai/refused", "/essai/unreadable", "/x"):
        await http.get(path)
    await http.post("/connexion", data={"email": "x"})

    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("path", ["/nulle-part", "/essai/visible"])
async def test_every_error_page_has_a_number_to_give(http: httpx.AsyncClient, path: str) -> None:
    number = whole(await http.get(path)).one("span", class_="nowrap mono").text

    assert re.fullmatch(r"[0-9a-f]{8}", number)


# ---------------------------------------------------------------- requests that cannot be


async def test_an_unknown_address_is_a_page_for_everybody(browse: Callable[..., Any]) -> None:
    for name in (None, "lea", "zoe"):
        browser: Browser = await browse(name)
        for path in ("/nulle-part", "/materiel/1/nulle-part", "/materiel/%00", "/static/"):
            assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ({"cookie": "lang=en"}, "en"),
        ({"accept-language": "en-GB,fr;q=0.5"}, "en"),
        ({"accept-language": "en", "cookie": "lang=fr"}, "fr"),
        ({}, "fr"),
    ],
)
@pytest.mark.parametrize("path", ["/nulle-part", "/essai/visible", "/connexion"])
async def test_it_is_said_in_the_language_that_was_asked_for(
    http: httpx.AsyncClient, path: str, asked: dict[str, str], language: str
) -> None:
    answer = await http.get(path, headers=asked)

    assert parse(answer.text).one("html")["lang"] == language


async def test_a_page_that_is_only_sent_to_cannot_be_opened(browse: Callable[..., Any]) -> None:
    browser: Browser = await browse("lea")

    answer = await browser.get("/deconnexion")

    assert answer.status_code == 405
    assert "ne s'ouvre pas" in whole(answer).text


async def test_what_is_too_large_is_refused_in_words(browse: Callable[..., Any]) -> None:
    browser: Browser = await browse("lea")

    answer = await browser.post("/profil", {"given_name": "x" * 9_100_000})

    assert answer.status_code == 413
    assert "trop volumineux" in whole(answer).text


async def test_what_never_ends_is_refused_too(browse: Callable[..., Any]) -> None:
    browser: Browser = await browse("lea")

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 100_000

    answer = await browser.http.post(
        "/profil",
        content=endless(),
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "x-csrftoken": browser.token,
        },
    )

    assert answer.status_code == 413


async def test_a_form_that_expired_says_to_reload(browse: Callable[..., Any]) -> None:
    browser: Browser = await browse("lea")
    browser.http.cookies.delete("csrf")

    page = await browser.http.post("/profil", data={"given_name": "x"})
    part = await browser.http.post("/profil", data={"given_name": "x"}, headers=PART)

    assert (page.status_code, part.status_code) == (403, 403)
    assert "Ce formulaire a expiré" in whole(page).text
    assert "Ce formulaire a expiré" in parse(part.text).one("div", role="alert").text


async def test_who_is_signed_out_comes_back_after_signing_in(browse: Callable[..., Any]) -> None:
    browser: Browser = await browse()

    page = await browser.get("/materiel?semaine=2026-W48")
    part = await browser.get("/materiel", headers=PART)
    sent = await browser.post("/profil")

    assert page.headers["location"] == "/connexion?next=/materiel%3Fsemaine%3D2026-W48"
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/connexion")
    assert sent.headers["location"] == "/connexion"


async def test_a_session_that_ended_is_nobody_not_an_error(browse: Callable[..., Any]) -> None:
    browser: Browser = await browse()
    for odd in (b"x", b"", b"%00", "é".encode() * 100, b"\xff\xfe", b"x" * 5000, b'"; lang=en'):
        answer = await browser.get("/materiel", headers=[(b"cookie", b"session=" + odd)])
        assert (answer.status_code, answer.headers["location"][:10]) == (303, "/connexion")


# ---------------------------------------------------------------- without a database


@pytest.mark.parametrize("path", ["/materiel", "/connexion/lien/x", "/sante/pret"])
async def test_without_its_database_the_product_says_so_and_stays_up(
    settings: Settings, path: str
) -> None:
    nowhere = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/x"})
    app: Any = create_app(nowhere)
    async with app.lifespan():
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://x.local") as http:
            answer = await http.get(path, headers={"cookie": "session=abc"})
            alive = await http.get("/sante")

    assert answer.status_code == (503 if path == "/sante/pret" else 500)
    assert alive.status_code == 200
    assert "nobody" not in answer.text
