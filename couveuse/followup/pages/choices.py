"""What the forms of follow-up start with and offer."""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from couveuse.core import clock, i18n
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup.models import Presence, ProgressCommittee, Visit
from couveuse.followup.rules import KINDS, MODES, PRESENCES
from couveuse.web.forms import is_number

USUAL_MINUTES = 90
MOST_MINUTES = 1440


def new_once() -> str:
    """The key of a fresh form: sent twice, it arrives once."""
    return secrets.token_urlsafe(12)


def options(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(str(key), i18n.gettext(text)) for key, text in words.items()]


def kinds() -> list[tuple[str, str]]:
    return options(KINDS)


def modes() -> list[tuple[str, str]]:
    return options(MODES)


def presences() -> list[tuple[str, str]]:
    """Once it took place, nobody is expected any more."""
    return [pair for pair in options(PRESENCES) if pair[0] != Presence.EXPECTED]


def next_hour() -> dt.datetime:
    now = clock.now().astimezone(clock.PARIS)
    return now.replace(minute=0, second=0, microsecond=0, tzinfo=None) + dt.timedelta(hours=1)


def local_start(meeting: Visit | ProgressCommittee) -> dt.datetime:
    return meeting.starts_at.astimezone(meeting.zone).replace(tzinfo=None)


def read_times(values: Mapping[str, list[str]], allowed: set[int]) -> dict[int, int]:
    """How long each was there, from fields named after them. Raises Refused for no number."""
    found: dict[int, int] = {}
    for person_id in sorted(allowed):
        typed = (values.get(f"minutes_{person_id}") or [""])[0].strip()
        if not typed:
            continue
        if not is_number(typed) or int(typed) > MOST_MINUTES:
            sentence = N_("Écrivez un nombre de minutes, ou laissez vide pour toute la visite.")
            raise Refused(Reason("bad_minutes", sentence, field=f"minutes_{person_id}"))
        found[person_id] = int(typed)
    return found


def read_presences(values: Mapping[str, list[str]], allowed: set[int]) -> dict[int, str]:
    """Who came, from fields named after each person; only those who may have been expected."""
    known = {str(one) for one in Presence}
    return {
        person_id: typed[0]
        for person_id in sorted(allowed)
        if (typed := values.get(f"presence_{person_id}")) and typed[0] in known
    }
