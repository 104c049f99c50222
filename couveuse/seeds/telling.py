"""Lines of the journal, as the pages would have written them."""

import datetime as dt
from typing import Any, NamedTuple, Protocol

from couveuse.core import journal
from couveuse.core.clock import UTC


class Named(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...


class Author(NamedTuple):
    id: int
    name: str


def entry(
    kind: str,
    subject_id: int,
    verb: str,
    at: dt.datetime,
    actor: Named | None,
    details: dict[str, Any],
) -> dict[str, Any]:
    return {
        "at": at,
        "actor_id": actor.id if actor else None,
        "actor_name": actor.name if actor else None,
        "subject_kind": kind,
        "subject_id": subject_id,
        "verb": verb,
        "details": journal.kept(details),
    }


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), UTC)
