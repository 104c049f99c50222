"""The outbox: mails that wait and mails that left, for the coordination alone."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.app import Databases, create_app
from couveuse.core.mail import OutgoingMail, post
from couveuse.core.settings import Settings
from tests.conftest import NOON, Browser
from tests.html import parse

LINK = "http://testserver.local/connexion/lien/abc"


@pytest.fixture
async def mails(db: AsyncSession) -> None:
    await post(db, "lea@couveuse.example", "Réservé", "Le tracteur est à vous.\n")
    await post(db, "tom@couveuse.example", "Votre lien", f"Entrez : {LINK}\n", is_secret=True)
    await post(db, "paul@couveuse.example", "Votre lien", "", is_secret=True)
    await post(db, "<b>rosa@couveuse.example", "<script>alert(1)</script>", "</pre><b>gras")
    await db.execute(
        sa.update(OutgoingMail)
        .where(OutgoingMail.recipient == "paul@couveuse.example")
        .values(sent_at=NOON)
    )
    await db.execute(
        sa.update(OutgoingMail)
        .where(OutgoingMail.recipient == "lea@couveuse.example")
        .values(problem="SMTPConnectError: nobody there")
    )
    await db.commit()


@pytest.mark.parametrize("name", ["paul", "marc", "rosa", "lea", "tom", "gaston", "zoe"])
async def test_nobody_else_reads_it(browse: Callable[..., Any], mails: None, name: str) -> None:
    browser: Browser = await browse(name)

    answer = await browser.get("/courrier")

    assert answer.status_code == 403
    assert LINK not in answer.text
    assert "/courrier" not in (await browser.get("/")).text


async def test_mails_that_wait_come_first_with_all_that_is_known(
    browse: Callable[..., Any], mails: None
) -> None:
    page = await (await browse("ines")).page("/courrier")

    lines = [line.text for line in page.one("main").all("li")]
    assert [("en attente" in line, "envoyé" in line) for line in lines] == [
        (True, False),
        (True, False),
        (True, False),
        (False, True),
    ]
    waiting = next(line for line in lines if "tom@" in line)
    assert LINK in waiting
    assert "remettez-le à cette personne seulement" in waiting
    assert "Le texte est effacé" in lines[-1]
    assert "nobody there" in next(line for line in lines if "lea@" in line)


async def test_what_stands_in_a_mail_stays_text(browse: Callable[..., Any], mails: None) -> None:
    page = await (await browse("ines")).page("/courrier")

    assert page.one("main").all("script") == []
    assert page.one("main").all("b") == []
    assert "<script>alert(1)</script>" in page.text


async def test_without_a_mail_server_it_says_what_to_do(browse: Callable[..., Any]) -> None:
    page = await (await browse("ines")).page("/courrier")

    assert "Aucun serveur de courrier n'est réglé" in page.text
    assert "Aucun message" in page.text


@pytest.fixture
async def with_server(
    settings: Settings, databases: Databases, browse: Callable[..., Any]
) -> AsyncIterator[httpx.AsyncClient]:
    signed_in: Browser = await browse("ines")
    served = settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})
    app: Any = create_app(served, databases)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://testserver.local",
        cookies=signed_in.http.cookies,
    ) as http:
        yield http


async def test_with_a_mail_server_it_says_nothing_of_it(with_server: httpx.AsyncClient) -> None:
    page = parse((await with_server.get("/courrier")).text)

    assert "Aucun serveur de courrier" not in page.text
