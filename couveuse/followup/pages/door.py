"""The door that a personal link opens: narrow, without a session, and closed to everybody else.

The link is the whole identity here. It signs in nobody, and whoever is signed in beside it counts
for nothing: each handler behind it begins with the token.
"""

from typing import Any

from litestar import Request, Response
from litestar.datastructures import ResponseHeader
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import i18n
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.tokens import looks_like_token
from couveuse.followup import actions, queries
from couveuse.people.models import Person
from couveuse.people.pages.admission import network
from couveuse.people.queries import sign_in_facts
from couveuse.people.rules import FAILURES_PER_NETWORK
from couveuse.web.deps import Web, own_transaction
from couveuse.web.languages import language_of
from couveuse.web.render import page

NARROW = [
    ResponseHeader(name="referrer-policy", value="no-referrer"),
    ResponseHeader(name="x-robots-tag", value="noindex, nofollow"),
]


class LightGone(Exception):
    """The link opens nothing: stopped, made anew, over, never made; from outside all the same."""

    def __init__(self, status: int = 410) -> None:
        super().__init__(status)
        self.status = status


def on_gone(request: Request[Any, Any, Any], gone: LightGone) -> Response[str]:
    answer = page(request, "followup/light/gone.html", status=gone.status)
    answer.headers |= {str(one.name): str(one.value) for one in NARROW}
    return answer


async def enter(request: Web, token: str) -> Actor:
    """The volunteer behind the link. A right one always opens; wrong ones are counted, and soon no
    longer looked at."""
    if not looks_like_token(token):
        raise NotVisible
    where = network(request)
    async with own_transaction(request) as beside:
        volunteer = await queries.find_volunteer(beside, token)
        facts = await sign_in_facts(beside, "", where) if volunteer is None else None
        blocked = facts is not None and facts.network_failures >= FAILURES_PER_NETWORK
        if volunteer:
            await actions.note_use(beside, token, volunteer)
        elif not blocked:
            await actions.note_wrong_token(beside, where)
    if volunteer is None:
        raise LightGone(429 if blocked else 410)
    i18n.set_language(language_of(request, volunteer.language))
    return volunteer


async def followed(db: AsyncSession, me: Actor, person_id: int) -> Person:
    """One of the volunteer's people, today."""
    person = await queries.find_followed(db, me, person_id)
    if person is None:
        raise NotVisible
    return person
