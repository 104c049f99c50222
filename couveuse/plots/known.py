"""What a file of outlines stands beside: plots, places and rights known, and those to be made."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from couveuse.core.sheets import fold
from couveuse.plots.drafts import PlotDraft
from couveuse.plots.models import Plot
from couveuse.structures.models import LandForm, LandRight, Site, SiteKind, Structure

TEMPORARY_WORD = "temporaire"


@dataclass(frozen=True, slots=True)
class Known:
    """What the database has, as far as the plan needs it."""

    plots: Mapping[str, Plot]
    """By code in lower case, whole."""
    structures: Sequence[Structure]
    sites: Sequence[Site]
    rights: Sequence[LandRight]
    forms: Sequence[LandForm]
    today: dt.date


@dataclass(frozen=True, slots=True)
class NewStructure:
    name: str


@dataclass(frozen=True, slots=True)
class NewSite:
    name: str
    owner: Structure | NewStructure
    kind: str
    insee_code: str | None


@dataclass(frozen=True, slots=True)
class NewRight:
    """A right to record; plots of one site under one right share it."""

    site: Site | NewSite
    structure: Structure | NewStructure
    form: str
    owner: str | None
    start: dt.date
    last_day: dt.date | None

    @property
    def key(self) -> tuple[str, str, str, dt.date | None]:
        return label_of(self.site), label_of(self.structure), self.form, self.last_day


def label_of(place: Structure | NewStructure | Site | NewSite) -> str:
    return place.label if isinstance(place, Structure) else place.name


class Places:
    """The structures and sites that are still to be made: one for each name in the file."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._structures: dict[str, NewStructure] = {}
        self._sites: dict[str, NewSite] = {}

    def read(self, drafts: Iterable[PlotDraft]) -> None:
        """A site is its first plot's structure's, and temporary when any of its plots says so."""
        for draft in drafts:
            if self.sites_named(draft.site_name) or not (owner := self.structure_of(draft)):
                continue
            key = fold(draft.site_name)
            site = self._sites.setdefault(
                key, NewSite(draft.site_name, owner, SiteKind.PERMANENT, draft.insee_code)
            )
            if TEMPORARY_WORD in fold(f"{draft.site_name} {draft.name or ''}").split():
                self._sites[key] = replace(site, kind=SiteKind.TEMPORARY)

    def sites_named(self, name: str) -> list[Site]:
        return [one for one in self.known.sites if _is_named(name, one.name)]

    def structures_named(self, name: str) -> list[Structure]:
        return [one for one in self.known.structures if _is_named(name, one.name, one.short_name)]

    def structure_of(self, draft: PlotDraft) -> Structure | NewStructure | None:
        name = draft.structure_name
        if name is None:
            return None
        if found := self.structures_named(name):
            return found[0]
        return self._structures.setdefault(fold(name), NewStructure(name))

    def new_site(self, name: str) -> NewSite | None:
        return self._sites.get(fold(name))


def _is_named(name: str, *names: str | None) -> bool:
    return fold(name) in {fold(one) for one in names if one}
