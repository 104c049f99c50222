"""What differs between two states of a record, in the words of its screens."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from couveuse.core import i18n, journal
from couveuse.core.i18n import N_, gettext
from couveuse.core.sheets import shorten


class Change(NamedTuple):
    field: str
    label: str
    """As the source has it: translated where it is shown."""
    before: Any
    after: Any
    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Wording:
    """How a kind of record tells its fields."""

    labels: Mapping[str, str]
    """By field, in the order of the screens."""
    said: Callable[[str, Any], str]
    """A value of a field as people read it."""

    def change(self, field: str, before: Any, after: Any) -> Change:
        said = self.said
        return Change(
            field, self.labels[field], before, after, said(field, before), said(field, after)
        )

    def between(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
        """What differs, of the fields that are told after, in the order of the screens."""
        return [
            self.change(name, before[name], after[name])
            for name in self.labels
            if name in after and before[name] != after[name]
        ]


def for_journal(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [
        journal.changed(one.label, _kept(one.before, one.was), _kept(one.after, one.becomes))
        for one in changes
    ]


def _kept(value: Any, said: str) -> Any:
    """A day is kept as such: each reader has it in their own words."""
    return value if isinstance(value, dt.date) else said


def plainly(value: Any) -> str:
    """A value as people read it, on one short line."""
    match value:
        case None | "" | () | []:
            return "–"
        case bool():
            return gettext(N_("oui")) if value else gettext(N_("non"))
        case Decimal():
            return i18n.number(value)
        case dt.time():
            return i18n.clock_time(value)
        case dt.date():
            return i18n.day(value)
        case list() | tuple():
            return ", ".join(str(one) for one in value)
        case _:
            return shorten(str(value), 80)
