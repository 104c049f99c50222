"""Mail leaves through a real SMTP server, waits without one, and is never sent twice."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from couveuse.core.db import Sessions, make_engine, make_sessions, unit_of_work
from couveuse.core.jobs import Workshop
from couveuse.core.letters import letter
from couveuse.core.mail import OutgoingMail, post, send_mail, send_waiting_mails
from couveuse.core.settings import Settings
from tests.conftest import NOON

SECRET = "http://testserver.local/connexion/lien/abc"


@dataclass  # without slots: aiosmtpd looks at all members, which Python 3.11.2 cannot do then
class PostOffice:
    """A mail server that keeps what it gets, and refuses whom it is told to refuse."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list[EmailMessage])
    recipients: list[list[str]] = field(default_factory=list[list[str]])
    refused: set[str] = field(default_factory=set[str])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802, the name that aiosmtpd calls
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if address in self.refused:
            return "550 no such letter box"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"


@asynccontextmanager
async def opened(office: PostOffice, **options: Any) -> AsyncGenerator[PostOffice, None]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(office, loop=loop, hostname="test", **options), "127.0.0.1", 0
    )
    office.port = server.sockets[0].getsockname()[1]
    async with server:
        yield office


@pytest_asyncio.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with opened(PostOffice()) as office:
        yield office


@pytest_asyncio.fixture
async def sessions(database: str) -> AsyncIterator[Sessions]:
    engine = make_engine(database)
    yield make_sessions(engine)
    await engine.dispose()


@pytest.fixture
def workshop(sessions: Sessions, office: PostOffice) -> Workshop:
    return Workshop(sessions, settings(office.url))


def settings(url: str | None) -> Settings:
    return Settings(smtp_url=url, base_url="https://espace.example", secret_text="s" * 40)


async def write(sessions: Sessions, recipient: str = "lea@couveuse.example", **more: Any) -> int:
    async with unit_of_work(sessions) as db:
        await post(db, recipient, "C'est réservé", f"À bientôt\n{SECRET}\n", **more)
    async with sessions() as db:
        return await db.scalar(sa.select(sa.func.max(OutgoingMail.id))) or 0


async def kept(sessions: Sessions, mail_id: int) -> OutgoingMail:
    async with sessions() as db:
        return await db.get_one(OutgoingMail, mail_id)


# ---------------------------------------------------------------- sent


async def test_a_mail_leaves_as_it_was_written(workshop: Workshop, office: PostOffice) -> None:
    mail_id = await write(workshop.sessions)

    await send_mail(workshop, mail_id=mail_id)

    (letter,) = office.letters
    assert office.recipients == [["lea@couveuse.example"]]
    assert letter["From"] == "couveuse@espace.example"
    assert letter["Subject"] == "C'est réservé"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert str(letter["Message-ID"]).endswith("@espace.example>")
    assert letter.get_content().splitlines() == ["À bientôt", SECRET]
    mail = await kept(workshop.sessions, mail_id)
    assert (mail.sent_at, mail.problem) == (NOON, None)
    assert SECRET in mail.body


async def test_done_twice_it_is_sent_once(workshop: Workshop, office: PostOffice) -> None:
    mail_id = await write(workshop.sessions)

    for _ in range(3):
        await send_mail(workshop, mail_id=mail_id)
    await send_waiting_mails(workshop)

    assert len(office.letters) == 1


async def test_two_workers_do_not_send_the_same_mail(
    workshop: Workshop, office: PostOffice
) -> None:
    mail_id = await write(workshop.sessions)

    await asyncio.gather(*(send_mail(workshop, mail_id=mail_id) for _ in range(4)))

    assert len(office.letters) == 1


async def test_the_text_of_a_personal_link_is_erased_once_sent(
    workshop: Workshop, office: PostOffice
) -> None:
    mail_id = await write(workshop.sessions, is_secret=True)
    assert SECRET in (await kept(workshop.sessions, mail_id)).body

    await send_mail(workshop, mail_id=mail_id)

    assert SECRET in office.letters[0].get_content()
    assert (await kept(workshop.sessions, mail_id)).body == ""


async def test_an_address_with_accents_in_its_domain_is_reached(
    workshop: Workshop, office: PostOffice
) -> None:
    mail_id = await write(workshop.sessions, "lea@châtre.example")

    await send_mail(workshop, mail_id=mail_id)

    assert office.recipients == [["lea@xn--chtre-4qa.example"]]


async def test_the_mail_server_is_told_the_name_and_the_password(sessions: Sessions) -> None:
    said = list[tuple[str, str]]()

    def check(_server: Any, _session: Any, _envelope: Any, _way: str, who: Any) -> AuthResult:
        said.append((who.login.decode(), who.password.decode()))
        return AuthResult(success=who.password == b"p@ss:mot", handled=False)

    mail_id = await write(sessions)
    async with opened(PostOffice(), authenticator=check, auth_require_tls=False) as office:
        for password in ("wrong", "p%40ss%3Amot"):
            url = f"smtp://moi%40exemple.fr:{password}@127.0.0.1:{office.port}"
            await send_mail(Workshop(sessions, settings(url)), mail_id=mail_id)
            problem = (await kept(sessions, mail_id)).problem
            assert (problem is None) == (password != "wrong")

    assert said[-1] == ("moi@exemple.fr", "p@ss:mot")
    assert len(office.letters) == 1


# ---------------------------------------------------------------- waiting


async def test_without_a_mail_server_it_waits_and_nothing_fails(sessions: Sessions) -> None:
    mail_id, nowhere = await write(sessions), Workshop(sessions, settings(None))

    await send_mail(nowhere, mail_id=mail_id)
    await send_waiting_mails(nowhere)

    mail = await kept(sessions, mail_id)
    assert (mail.sent_at, mail.problem) == (None, None)


async def test_a_mail_server_that_does_not_answer_is_noted_and_tried_again(
    workshop: Workshop, office: PostOffice
) -> None:
    mail_id = await write(workshop.sessions, is_secret=True)
    await send_mail(Workshop(workshop.sessions, settings("smtp://127.0.0.1:1")), mail_id=mail_id)
    mail = await kept(workshop.sessions, mail_id)
    assert mail.sent_at is None
    assert "Connect" in str(mail.problem)
    assert SECRET in mail.body

    await send_waiting_mails(workshop)

    mail = await kept(workshop.sessions, mail_id)
    assert (mail.sent_at, mail.problem, mail.body) == (NOON, None, "")
    assert len(office.letters) == 1


@pytest.mark.parametrize("recipient", ["nobody@couveuse.example", "bad\nTo: all@couveuse.example"])
async def test_a_mail_that_cannot_leave_holds_no_other_up(
    workshop: Workshop, office: PostOffice, recipient: str
) -> None:
    office.refused = {"nobody@couveuse.example"}
    stuck = await write(workshop.sessions, recipient)
    free = await write(workshop.sessions)

    await send_waiting_mails(workshop)

    assert (await kept(workshop.sessions, stuck)).problem
    assert (await kept(workshop.sessions, free)).sent_at == NOON
    assert office.recipients == [["lea@couveuse.example"]]


async def test_after_three_days_nobody_waits_for_it_any_more(
    workshop: Workshop, office: PostOffice, fixed_clock
) -> None:
    await write(workshop.sessions)
    fixed_clock(NOON + dt.timedelta(days=3, minutes=1))

    await send_waiting_mails(workshop)

    assert office.letters == []


# ---------------------------------------------------------------- written


async def test_what_is_about_the_same_thing_is_written_once(sessions: Sessions) -> None:
    for _ in range(2):
        await write(sessions, key="booking.made:1")
    await write(sessions, key="booking.made:2")
    await write(sessions)
    await write(sessions)

    async with sessions() as db:
        keys = (await db.scalars(sa.select(OutgoingMail.key).order_by(OutgoingMail.id))).all()
        jobs = await db.scalar(sa.text("SELECT count(*) FROM pgqueuer"))
    assert keys == ["booking.made:1", "booking.made:2", None, None]
    assert jobs == 4


async def test_what_is_taken_back_leaves_neither_mail_nor_job(sessions: Sessions) -> None:
    async with sessions() as db, db.begin() as transaction:
        await post(db, "lea@couveuse.example", "Non", "Non")
        await transaction.rollback()

    async with sessions() as db:
        assert await db.scalar(sa.text("SELECT count(*) FROM pgqueuer")) == 0
        assert await db.scalar(sa.text("SELECT count(*) FROM outgoing_mail")) == 0


@pytest.mark.parametrize(
    ("language", "subject", "hello"),
    [("fr", "Votre lien de connexion", "Bonjour Léa,"), ("en", "Your sign-in link", "Hello Léa,")],
)
def test_a_letter_speaks_the_language_of_its_reader(
    language: str, subject: str, hello: str
) -> None:
    said, body = letter(
        "people/mails/sign_in.txt", language, name="Léa", base_url="x", url=SECRET, minutes=15
    )

    assert said == subject
    assert body.startswith(hello)
    assert SECRET in body
