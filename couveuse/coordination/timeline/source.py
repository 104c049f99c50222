"""What a slice contributes to the timeline of a person: rows, and how each reads."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from couveuse.core import i18n
from couveuse.core.actor import Actor


class EventKind(StrEnum):
    """What the timeline can be narrowed to; the value stands in its address."""

    PATH = "parcours"
    AGREEMENTS = "conventions"
    LAND = "parcelles"
    ITEMS = "materiel"
    PAPERS = "papiers"
    FOLLOW_UP = "suivi"


@dataclass(frozen=True, slots=True)
class Link:
    """Where a line leads: a named route and what its address holds."""

    route: str
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, or is to happen, on a day."""

    on: dt.date
    kind: EventKind
    sentence: str
    link: Link | None = None
    note: str | None = None


Details = Mapping[str, Any]
Rows = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Saying:
    """How one sort of row reads: a marked sentence, the words of its codes, where it leads."""

    sentence: str
    names: Mapping[str, Callable[[str], str]] = field(default_factory=dict[str, Any])
    route: str | None = None
    address: Sequence[str] = ()
    """Details that the address holds, under the name of its parameter."""
    opens: Callable[[Actor], bool] = lambda actor: actor.is_member


@dataclass(frozen=True, slots=True)
class Source:
    """Statements of ``row`` columns about a person, and how each code of theirs reads."""

    kind: EventKind
    selects: Callable[[Actor, int], Sequence[Rows]]
    """Everything, one row each."""
    sayings: Mapping[str, Saying]
    brief: Callable[[Actor, int], Sequence[Rows]] | None = None
    """The same in fewer rows, where the whole list would drown in them."""

    def tell(self, actor: Actor, on: dt.date, code: str, details: Details) -> Event:
        saying = self.sayings[code]
        values = {key: _word(saying, key, value) for key, value in details.items()}
        sentence = i18n.translated(saying.sentence, values)
        return Event(on, self.kind, sentence, _link(saying, actor, details), details.get("note"))


def row(on: Any, code: Any, id: Any, **details: Any) -> Rows:
    """The columns of every source: day, sort of event, id, and what its sentence needs."""
    pairs = [part for name, value in details.items() for part in (_text(name), value)]
    columns: list[Any] = [
        sa.cast(on, sa.Date).label("on"),
        (_text(code) if isinstance(code, str) else code).label("code"),
        sa.cast(id, sa.BigInteger).label("id"),
        sa.func.jsonb_build_object(*pairs, type_=JSONB).label("details"),
    ]
    return sa.select(*columns)


def _text(words: str) -> sa.ColumnElement[str]:
    """A text of ours, said with its type to functions that take anything."""
    return sa.cast(sa.literal(words), sa.Text)


def _word(saying: Saying, key: str, value: Any) -> Any:
    if key in saying.names and value is not None:
        return saying.names[key](value)
    if key.endswith("_day") and value is not None:
        return dt.date.fromisoformat(value)
    return "" if value is None else value


def _link(saying: Saying, actor: Actor, details: Details) -> Link | None:
    values = {name: details[name] for name in saying.address}
    hidden = details.get("seen") is False or None in values.values()
    if saying.route is None or hidden or not saying.opens(actor):
        return None
    return Link(saying.route, values)
