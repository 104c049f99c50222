"""Who is behind the cookie: session token → session row → Actor."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, State
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n, passwords
from couveuse.core.actor import Actor, Role, Seat
from couveuse.core.db import Sessions, unit_of_work
from couveuse.core.prepared import Prepared
from couveuse.core.settings import Settings
from couveuse.core.tokens import hashed
from couveuse.people import queries
from couveuse.people.rules import FAILURES_PER_ACCOUNT, FAILURES_PER_NETWORK, SESSION_LIFETIME
from couveuse.web.languages import language_of

SEEN_AFTER = dt.timedelta(hours=1)

WHO = Prepared(
    sa.text("""
        SELECT session.id, session.last_seen_at, person.id AS person_id,
               trim(person.given_name || ' ' || person.family_name) AS name,
               person.email, person.language,
               array_agg(membership.structure_id) AS structure_ids,
               array_agg(membership.role) AS roles
        FROM session
        JOIN person ON person.id = session.person_id
        LEFT JOIN membership
            ON membership.person_id = person.id AND membership.during @> CAST(:today AS date)
        WHERE session.token_hash = :token_hash AND session.last_seen_at > :alive
        GROUP BY session.id, person.id
    """)
)

SEEN = sa.text("UPDATE session SET last_seen_at = :now WHERE id = :id")


def session_cookie(settings: Settings, token: str | None) -> Cookie:
    """The cookie that carries the token; ``None`` takes it back.

    Over plain http the ``__Host-`` prefix and Secure would lock people out, so they need https.
    """
    return Cookie(
        key=cookie_name(settings),
        value=token or "",
        max_age=int(SESSION_LIFETIME.total_seconds()) if token else 0,
        path="/",
        httponly=True,
        secure=settings.is_https,
        samesite="lax",
    )


def cookie_name(settings: Settings) -> str:
    return "__Host-session" if settings.is_https else "session"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an attempt: the person when the password is right."""

    person_id: int | None = None
    is_blocked: bool = False


async def check_password(sessions: Sessions, email: str, password: str, network: str) -> Verdict:
    """Whether the password is right for the address; as slow when there is no such account.

    No connection is held while argon2 works, so a flood of guesses does not starve the pages.
    """
    async with passwords.turns:
        async with sessions() as db:
            facts = await queries.sign_in_facts(db, email, network)
        too_many = (
            facts.account_failures >= FAILURES_PER_ACCOUNT
            or facts.network_failures >= FAILURES_PER_NETWORK
        )
        if too_many:
            return Verdict(is_blocked=True)
        right = await passwords.is_right(password, facts.password_hash)
    return Verdict(facts.person_id if right else None)


async def find_actor(db: AsyncSession, token: str) -> tuple[Actor, dt.datetime] | None:
    """The person behind a token, and when the session was last marked as seen."""
    now = clock.now()
    row = await WHO.first(
        db, today=clock.today(), token_hash=hashed(token), alive=now - SESSION_LIFETIME
    )
    if row is None:
        return None
    seats = zip(row["structure_ids"], row["roles"], strict=True)
    actor = Actor(
        person_id=row["person_id"],
        name=row["name"],
        email=row["email"],
        language=row["language"],
        seats=frozenset(Seat(place, Role(role)) for place, role in seats if role),
        session_id=row["id"],
    )
    return actor, row["last_seen_at"]


class CurrentActor(ASGIMiddleware):
    """Puts the actor and the language in the request. An unknown cookie is nobody, not an error."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "no_actor"

    def __init__(self, settings: Settings) -> None:
        self._cookie = cookie_name(settings)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        connection: ASGIConnection[Any, Any, Any, State] = ASGIConnection(scope)
        token = connection.cookies.get(self._cookie)
        actor = await self._actor(connection, token) if token else None
        scope["user"] = actor
        scope["auth"] = None
        i18n.set_language(language_of(connection, actor.language if actor else None))
        await next_app(scope, receive, send)

    @staticmethod
    async def _actor(connection: ASGIConnection[Any, Any, Any, State], token: str) -> Actor | None:
        state = connection.app.state
        async with state.reader() as db:
            found = await find_actor(db, token)
        if found is None:
            return None
        actor, last_seen_at = found
        if clock.now() - last_seen_at > SEEN_AFTER:
            async with unit_of_work(state.writer) as db:
                await db.execute(SEEN, {"now": clock.now(), "id": actor.session_id})
        return actor
