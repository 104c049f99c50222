"""What rests on sites when they close, or when their structure leaves: the slices above say it."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Reason
from couveuse.structures.models import Site, Structure

NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with a page of its own."""

    text: str
    route: str
    params: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Resting:
    """Things of one kind, all in a marked title, and what a site that closes has to hear."""

    title: str
    things: Sequence[Thing] = field(default_factory=list)
    objection: str = ""
    """A marked sentence with ``n`` and ``names``; empty when the site may close all the same."""

    @property
    def named(self) -> Sequence[Thing]:
        return self.things[:NAMED_AT_MOST]

    @property
    def others(self) -> int:
        return len(self.things) - len(self.named)

    def reason(self) -> Reason:
        names = ", ".join(one.text for one in self.named) + (", …" if self.others else "")
        values = {"n": len(self.things), "names": names}
        return Reason("site_in_use", self.objection, values, field="closed_on")


OnSites = Callable[[AsyncSession, Sequence[int], dt.date], Awaitable[Resting]]
OnStructure = Callable[[AsyncSession, Structure, dt.date], Awaitable[Resting]]
_ON_SITES: list[OnSites] = []
_ON_STRUCTURE: list[OnStructure] = []


def rests_on_sites(ask: OnSites) -> OnSites:
    """Say what is at these sites from a day on."""
    _ON_SITES.append(ask)
    return ask


def rests_on_structure(ask: OnStructure) -> OnStructure:
    """Say what belongs to the structure itself from a day on."""
    _ON_STRUCTURE.append(ask)
    return ask


async def what_rests_on_site(db: AsyncSession, site: Site, day: dt.date) -> list[Resting]:
    found = [await ask(db, [site.id], day) for ask in _ON_SITES]
    return [one for one in found if one.things]


async def what_rests_on_structure(
    db: AsyncSession, structure: Structure, sites: Sequence[Site], day: dt.date
) -> list[Resting]:
    ids = [site.id for site in sites]
    found = [await ask(db, structure, day) for ask in _ON_STRUCTURE]
    found += [await ask(db, ids, day) for ask in _ON_SITES]
    return [one for one in found if one.things]
