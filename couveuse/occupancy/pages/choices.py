"""What forms about land offer to choose from."""

import secrets
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.i18n import gettext
from couveuse.occupancy.forms import ClaimForm
from couveuse.occupancy.rules import KINDS
from couveuse.people.queries import list_people_to_choose
from couveuse.web.forms import Form, blank


def new_once() -> str:
    """The key of a fresh form: sent twice, it claims once."""
    return secrets.token_urlsafe(12)


def new_claim_form(**known: object) -> Form[ClaimForm]:
    return blank(ClaimForm, **{"kind": "stay", "once": new_once()} | known)


async def claim_choices(db: AsyncSession, me: Actor) -> dict[str, Any]:
    """Kinds and people, as the options of the form."""
    return {
        "kinds": [(kind.value, gettext(text)) for kind, text in KINDS.items()],
        "people": await list_people_to_choose(db, me),
    }
