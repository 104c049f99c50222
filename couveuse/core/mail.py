"""Mail: written in the request's transaction, sent by the worker, readable meanwhile."""

import datetime as dt
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from couveuse.core import clock
from couveuse.core.db import Base, unit_of_work
from couveuse.core.jobs import Workshop, every, job, queue
from couveuse.core.settings import Settings


class OutgoingMail(Base):
    """A mail to send, sent, or waiting because no mail server is set."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (sa.UniqueConstraint("key", name="outgoing_mail_once"),)

    key: Mapped[str | None]
    """Says what the mail is about, so that a job run twice does not write twice."""
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    is_secret: Mapped[bool] = mapped_column(server_default=sa.false())
    """Holds a link that signs somebody in: shown to nobody once sent."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    sent_at: Mapped[dt.datetime | None]
    problem: Mapped[str | None]


async def post(
    db: AsyncSession,
    recipient: str,
    subject: str,
    body: str,
    *,
    key: str | None = None,
    is_secret: bool = False,
) -> None:
    """Put a mail in the outbox and queue its sending: both exist only if this commits."""
    row = {
        "key": key,
        "recipient": recipient,
        "subject": subject,
        "body": body,
        "is_secret": is_secret,
        "created_at": clock.now(),
    }
    statement = insert(OutgoingMail).values(row).on_conflict_do_nothing().returning(OutgoingMail.id)
    if mail_id := await db.scalar(statement):
        await queue(db, "send_mail", mail_id=mail_id)


@job("send_mail")
async def send_mail(workshop: Workshop, *, mail_id: int) -> None:
    """Send one mail of the outbox. Without a mail server it stays there, and nothing fails."""
    if not workshop.settings.smtp_url:
        return
    async with unit_of_work(workshop.sessions) as db:
        mail = await db.scalar(
            sa.select(OutgoingMail)
            .where(OutgoingMail.id == mail_id, OutgoingMail.sent_at.is_(None))
            .with_for_update(skip_locked=True)
        )
        if mail:
            await _hand_over(workshop.settings, mail)


async def _hand_over(settings: Settings, mail: OutgoingMail) -> None:
    try:
        await aiosmtplib.send(_message(settings, mail), **_server(settings.smtp_url or ""))
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        mail.problem = f"{type(error).__name__}: {error}"
    else:
        mail.sent_at, mail.problem = clock.now(), None
        if mail.is_secret:
            mail.body = ""


@every("send_waiting_mails", "*/2 * * * *")
async def send_waiting_mails(workshop: Workshop) -> None:
    """Try again the mails of the last three days that did not leave."""
    if not workshop.settings.smtp_url:
        return
    since = clock.now() - dt.timedelta(days=3)
    async with workshop.sessions() as db:
        waiting = await db.scalars(
            sa.select(OutgoingMail.id)
            .where(OutgoingMail.sent_at.is_(None), OutgoingMail.created_at > since)
            .order_by(OutgoingMail.id)
            .limit(200)
        )
        ids = list(waiting)
    for mail_id in ids:
        await send_mail(workshop, mail_id=mail_id)


def _message(settings: Settings, mail: OutgoingMail) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.sender
    local, _, domain = mail.recipient.rpartition("@")
    message["To"] = f"{local}@{domain.encode('idna').decode()}"  # few servers read accents
    message["Subject"] = mail.subject
    message["Message-ID"] = make_msgid(f"mail-{mail.id}", settings.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def _server(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    secure = parts.scheme == "smtps"
    return {
        "hostname": parts.hostname,
        "port": parts.port or (465 if secure else 25),
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "use_tls": secure,
        "timeout": 20,
    }
