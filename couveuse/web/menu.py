"""The menu of signed-in pages: its doors in their order, and who finds which.

On a wide screen the bar shows ``ALWAYS`` and ``WIDE`` doors as far as it has room, the sheet the
others; on a narrow one the bar shows the first three of ``ALWAYS`` that a person finds.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import NamedTuple

from couveuse.core.actor import Actor
from couveuse.core.i18n import N_

ROOM, NARROW_ROOM = 7, 3
"""Doors that a bar of 1,280 px holds, in French and in English; and one of 360 px."""


class Place(Enum):
    ALWAYS = auto()
    WIDE = auto()
    SHEET = auto()


class Door(NamedTuple):
    route: str
    icon: str
    text: str
    place: Place = Place.SHEET
    is_own: bool = False
    """Whether its address names the person."""


DOORS = (
    Door("coordination.home", "house", N_("Aujourd'hui"), Place.ALWAYS),
    Door("equipment.board", "tractor", N_("Matériel"), Place.ALWAYS),
    Door("followup.visits.index", "file-text", N_("Visites"), Place.ALWAYS),
    Door("equipment.bookings.mine", "calendar-days", N_("Mes réservations"), Place.ALWAYS),
    Door("followup.workshops.index", "users", N_("Ateliers")),
    Door("coordination.files.show", "user", N_("Mon parcours"), Place.WIDE, is_own=True),
    Door("occupancy.season", "sprout", N_("Parcelles"), Place.WIDE),
    Door("trainees.board", "list", N_("Parcours"), Place.WIDE),
    Door("people.persons.index", "users", N_("Personnes"), Place.WIDE),
    Door("structures.index", "building-2", N_("Structures"), Place.WIDE),
    Door("network.hours.index", "clock", N_("Heures d'accompagnement")),
    Door("followup.grids.index", "list", N_("Grilles d'évaluation")),
    Door("followup.figures.index", "list", N_("Mes chiffres")),
    Door("people.profile.show", "user", N_("Mon compte")),
)


class Menu(NamedTuple):
    """The doors that a person finds, each with its class."""

    bar: list[tuple[Door, str]]
    sheet: list[tuple[Door, str]]


_WHO: dict[str, Callable[[Actor], bool]] = {}


def offers(doors: Mapping[str, Callable[[Actor], bool]]) -> None:
    """Say who finds a route; layouts know no slice, so each slice tells them."""
    _WHO.update(doors)


def everybody(_actor: Actor) -> bool:
    """For ``offers``: whoever is signed in, those without a role left too."""
    return True


def is_offered(actor: Actor | None, route: str) -> bool:
    return actor is not None and route in _WHO and _WHO[route](actor)


def menu_of(actor: Actor) -> Menu:
    bar: list[tuple[Door, str]] = []
    sheet: list[tuple[Door, str]] = []
    for door in DOORS:
        if not is_offered(actor, door.route):
            continue
        if door.place is Place.ALWAYS and len(bar) < NARROW_ROOM:
            bar.append((door, ""))
        elif door.place is not Place.SHEET and len(bar) < ROOM:
            bar.append((door, "wide-only"))
            sheet.append((door, "narrow-only"))
        else:
            sheet.append((door, ""))
    return Menu(bar, sheet)
