"""What the database knows already, as far as the plan of an import needs it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from couveuse.core.sheets import fold
from couveuse.equipment.models import Item


@dataclass(frozen=True, slots=True)
class Place:
    """A structure, a site or a person; without an id, it is still to be created."""

    id: int | None
    label: str
    is_open: bool = True
    owner: "Place | None" = None
    """The structure of a site."""
    zone: str = "Europe/Paris"


class Places:
    """Structures, sites, or people, found by any of their names, without case nor accents."""

    def __init__(self, places: Iterable[tuple[Place, Sequence[str | None]]]) -> None:
        self._exact: dict[str, list[Place]] = {}
        self._folded: dict[str, list[Place]] = {}
        for place, names in places:
            for name in {name for name in names if name}:
                self._exact.setdefault(name.lower(), []).append(place)
                self._folded.setdefault(name_key(name), []).append(place)

    def named(self, text: str) -> list[Place]:
        """Those of that very name when there are, else those of about that name."""
        found = self._exact.get(text.lower()) or self._folded.get(name_key(text), [])
        return list({place.id: place for place in found}.values())


@dataclass(frozen=True, slots=True)
class Known:
    items: Mapping[str, Item]
    """By code in lower case, with all that they refer to."""
    structures: Places
    sites: Places
    people: Places
    """By address, and by name either way round; open are the members of today."""
    qualifications: Mapping[str, str]
    """Names by their key."""


def name_key(name: str) -> str:
    """Two names with the same key are one name, written in two ways."""
    return fold(name) or name.lower()
