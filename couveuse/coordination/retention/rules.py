"""From when on a file may be erased. Pure."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from couveuse.core.retention import Keeping, Periods, kept_until


@dataclass(frozen=True, slots=True)
class Links:
    """All that ties a person to the network, summed up."""

    last_contact_on: dt.date
    kinds: frozenset[str]
    """Sorts of record that there are of her."""
    evidence_on: dt.date | None = None
    """Last day of the latest grant that paid a session of hers."""
    living: frozenset[str] = frozenset()
    """What still goes on; while there is any, nothing is proposed."""


@dataclass(frozen=True, slots=True)
class Standing:
    period: str
    """Code of the period that decides."""
    kept_until: dt.date

    def is_over_on(self, day: dt.date) -> bool:
        return day > self.kept_until


def standing(links: Links, periods: Periods) -> Standing:
    """The longest of what is asked: of her records since the last contact, of what funders paid."""
    kinds = [code for code in links.kinds if code != Keeping.EVIDENCE] or [Keeping.MEMBER]
    found = [
        Standing(code, kept_until(links.last_contact_on, periods[code].months)) for code in kinds
    ]
    if links.evidence_on:
        months = periods[Keeping.EVIDENCE].months
        found.append(Standing(Keeping.EVIDENCE, kept_until(links.evidence_on, months)))
    return max(found, key=lambda one: (one.kept_until, one.period))


def is_proposed(links: Links, periods: Periods, day: dt.date) -> bool:
    return not links.living and standing(links, periods).is_over_on(day)


def same_name(typed: str, name: str) -> bool:
    """As people type a name: spaces and capitals do not matter."""
    return _folded(typed) == _folded(name)


def _folded(text: str) -> str:
    return " ".join(_words(text))


def _words(text: str) -> Iterable[str]:
    return text.casefold().split()
