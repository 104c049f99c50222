"""What the forms of agreements begin with, and what they offer."""

import secrets
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_, gettext
from couveuse.trainees import queries
from couveuse.trainees.rules import limits_in_words

CHOOSE = N_("Choisir")


def new_once() -> str:
    """The key of a fresh form: sent twice, it writes once."""
    return secrets.token_urlsafe(12)


async def kinds_and_structures(db: AsyncSession, me: Actor) -> dict[str, Any]:
    """The kinds in force today with what they allow, and whom the actor may sign for."""
    today = clock.today()
    kinds = [one for one in await queries.list_kinds(db) if today in one.in_force]
    return {
        "kinds": [("", gettext(CHOOSE)), *((one.code, gettext(one.label)) for one in kinds)],
        "explained": [(gettext(one.label), limits_in_words(one), one) for one in kinds],
        "structures": [("", gettext(CHOOSE)), *await queries.list_structures_to_sign_for(db, me)],
    }
