"""Letting people in: mailed links, sessions, passwords, failed attempts."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal, mail, passwords
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.core.tokens import hashed, new_token
from couveuse.people import mails, queries
from couveuse.people.models import LinkPurpose, MailedLink, Person, Session, SignInFailure
from couveuse.people.rules import LINK_LIFETIMES, LIVE_LINKS

journal.words({"person.password_set": N_("a choisi un mot de passe")})

LONGEST_AGENT = 400


class LinkGone(Refused):
    """Used, too old, or never made: the three look the same from outside."""

    def __init__(self) -> None:
        sentence = N_("Ce lien ne sert plus. Demandez-en un nouveau.")
        super().__init__(Reason("link_gone", sentence))


async def issue_link(db: AsyncSession, person: Person, purpose: LinkPurpose) -> str:
    """A new link for the person; the token is known to nobody else and kept only as a hash."""
    token = new_token()
    now = clock.now()
    db.add(
        MailedLink(
            token_hash=hashed(token),
            purpose=purpose,
            person_id=person.id,
            created_at=now,
            expires_at=now + LINK_LIFETIMES[purpose],
        )
    )
    return token


@atomic
async def send_link(db: AsyncSession, email: str, purpose: LinkPurpose, base_url: str) -> None:
    """Mail a link to a known address; an unknown one, or one asked for too often, gets nothing."""
    person = await queries.find_by_email(db, email)
    if person is None or await _has_enough_links(db, person, purpose):
        return
    token = await issue_link(db, person, purpose)
    subject, body = mails.link_mail(person, purpose, token, base_url)
    await mail.post(db, person.email or email, subject, body, is_secret=True)


async def _has_enough_links(db: AsyncSession, person: Person, purpose: LinkPurpose) -> bool:
    # Requests at the same moment wait for each other here, and then count each other's links.
    await db.execute(sa.select(Person.id).where(Person.id == person.id).with_for_update())
    live = await db.scalar(
        sa.select(sa.func.count()).where(*_live(person.id), MailedLink.purpose == purpose)
    )
    return (live or 0) >= LIVE_LINKS


def _live(person_id: int) -> list[sa.ColumnElement[bool]]:
    return [
        MailedLink.person_id == person_id,
        MailedLink.used_at.is_(None),
        MailedLink.expires_at > clock.now(),
    ]


async def void_links(db: AsyncSession, person_id: int, *purposes: LinkPurpose) -> None:
    """Links that were sent and not used no longer open anything."""
    await db.execute(
        sa.update(MailedLink)
        .where(*_live(person_id), MailedLink.purpose.in_(purposes or tuple(LinkPurpose)))
        .values(used_at=clock.now())
    )


@atomic
async def use_link(db: AsyncSession, token: str, purpose: LinkPurpose) -> Person:
    """Take the one use of a link. Of two at once, one gets it; raises LinkGone otherwise."""
    person_id = await db.scalar(
        sa.update(MailedLink)
        .where(
            MailedLink.token_hash == hashed(token),
            MailedLink.purpose == purpose,
            MailedLink.used_at.is_(None),
            MailedLink.expires_at > clock.now(),
        )
        .values(used_at=clock.now())
        .returning(MailedLink.person_id)
    )
    if person_id is None:
        raise LinkGone
    return await db.get_one(Person, person_id)


@atomic
async def open_session(
    db: AsyncSession, person_id: int, *, user_agent: str | None, replaces: str | None
) -> str:
    """Sign the person in with a new token; the one the browser came with is worth nothing."""
    if replaces:
        await db.execute(sa.delete(Session).where(Session.token_hash == hashed(replaces)))
    token, now = new_token(), clock.now()
    db.add(
        Session(
            token_hash=hashed(token),
            person_id=person_id,
            created_at=now,
            last_seen_at=now,
            user_agent=(user_agent or "")[:LONGEST_AGENT] or None,
        )
    )
    return token


@atomic
async def close_session(db: AsyncSession, actor: Actor, session_id: int) -> bool:
    """Sign one of the actor's own browsers out. False when there was no such session."""
    mine = sa.delete(Session).where(Session.id == session_id, Session.person_id == actor.person_id)
    return await db.scalar(mine.returning(Session.id)) is not None


@atomic
async def close_sessions(db: AsyncSession, person_id: int, *, but: int | None = None) -> None:
    """Sign the person out everywhere, except perhaps in the browser in front of them."""
    theirs = sa.delete(Session).where(Session.person_id == person_id)
    await db.execute(theirs.where(Session.id != but) if but else theirs)


@atomic
async def set_password(
    db: AsyncSession, person: Person, password: str, *, keep_session: int | None = None
) -> None:
    """Choose a password. Other browsers are signed out, links on their way open nothing more."""
    if person.email and password.lower() == person.email.lower():
        sentence = N_("Votre adresse n'est pas un mot de passe. Choisissez autre chose.")
        raise Refused(Reason("password_is_email", sentence, field="password"))
    person.password_hash = await passwords.hash_password(password)
    await close_sessions(db, person.id, but=keep_session)
    await void_links(db, person.id, LinkPurpose.SIGN_IN, LinkPurpose.PASSWORD)
    journal.record(db, None, "person.password_set", person.id)


@atomic
async def reset_password(db: AsyncSession, token: str, password: str) -> Person:
    """Take the one use of a link to choose a password; a refused password leaves the link alive."""
    person = await use_link(db, token, LinkPurpose.PASSWORD)
    await set_password(db, person, password)
    return person


async def note_failure(db: AsyncSession, email: str, network: str) -> None:
    """Count a failed attempt. Called by a page that answers normally, so that it is committed."""
    db.add(SignInFailure(at=clock.now(), address=network, account=queries.account_key(email)))
