"""Who held which plot when, and why nobody did: four seasons behind, and the one to come."""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from couveuse.core.actor import Role
from couveuse.occupancy.models import PeriodKind
from couveuse.seeds.almanac import DAY, Almanac, months_later
from couveuse.seeds.demo_people import (
    ADEARI,
    CHATRE,
    CIVAM,
    ISSOUDUN,
    NEUVY,
    PLES,
    PersonFacts,
    Seat,
)

STAY, RESERVED, REST = PeriodKind.STAY, PeriodKind.RESERVED, PeriodKind.REST
WORKS, COLLECTIVE = PeriodKind.WORKS, PeriodKind.COLLECTIVE
GREEN = "Engrais vert : vesce et avoine"
GARDEN = "Jardin pédagogique : ateliers du mercredi et des écoles"


class ClaimFacts(NamedTuple):
    plot: str
    kind: PeriodKind
    start: dt.date
    end: dt.date
    """The first day after."""
    people: tuple[str, ...] = ()
    reason: str | None = None
    planned_end_on: dt.date | None = None
    """The last day once planned, when it ended earlier; ``reason`` says why."""


def split_day(almanac: Almanac) -> dt.date:
    """When Les Varennes became two plots, two seasons ago."""
    return almanac.at(-2)


def claims_of(almanac: Almanac) -> list[ClaimFacts]:
    """Every claim, by its first day; none is empty, none overlaps another of its plot."""
    found = [
        *_parcel_1(almanac),
        *_parcel_2(almanac),
        *_parcel_3(almanac),
        *_parcel_4(almanac),
        *_garden(almanac),
        *_varennes(almanac),
        *_scattered(almanac),
        *_host_farm(almanac),
    ]
    return sorted((one for one in found if one.start < one.end), key=lambda one: one.start)


def _parcel_1(al: Almanac) -> Iterator[ClaimFacts]:
    """Left before the end two seasons ago; Karim leaves within three months."""
    left = al.at(-2, 7)
    yield ClaimFacts("LC-1", STAY, al.at(-4), al.at(-3), ("Benoît",))
    reason = "A trouvé une ferme à reprendre"
    yield ClaimFacts("LC-1", STAY, al.at(-3), left, ("Benoît",), reason, al.at(-1) - DAY)
    yield ClaimFacts("LC-1", REST, left, al.at(-2, 10), reason="Engrais vert : sarrasin")
    begun = max(al.at(-1, 12), al.joined("Karim"))
    leaves = months_later(al.month(45), 1)
    yield ClaimFacts("LC-1", STAY, begun, leaves, ("Karim",), "Test d'un an, prolongé une fois")
    repaired = leaves + 21 * DAY
    yield ClaimFacts("LC-1", WORKS, leaves, repaired, reason="Bâche du tunnel 2 à remplacer")
    yield ClaimFacts("LC-1", REST, repaired, months_later(leaves, 3), reason=GREEN)


def _parcel_2(al: Almanac) -> Iterator[ClaimFacts]:
    yield ClaimFacts("LC-2", STAY, al.at(-4, 2), al.at(-3), ("Nolwenn",))
    yield ClaimFacts("LC-2", STAY, al.at(-3), al.at(-2, 9), ("Nolwenn",))
    yield ClaimFacts("LC-2", REST, al.at(-2, 9), al.at(-1), reason="Engrais vert : phacélie")
    yield ClaimFacts("LC-2", STAY, lea_enters(al), al.at(0), ("Léa",))
    yield ClaimFacts("LC-2", STAY, al.at(0), al.at(1), ("Léa",), "Test renouvelé pour un an")


def lea_enters(almanac: Almanac) -> dt.date:
    return max(almanac.at(-1, 11, 15), almanac.joined("Léa"))


def _parcel_3(al: Almanac) -> Iterator[ClaimFacts]:
    """A pair holds it together."""
    pair = ("Maëlle", "Yann")
    yield ClaimFacts("LC-3", STAY, al.at(-4, 12), al.at(-2, 1), ("Inaya",))
    yield ClaimFacts("LC-3", WORKS, al.at(-2, 2), al.at(-2, 3), reason="Réseau d'irrigation refait")
    yield ClaimFacts("LC-3", REST, al.at(-2, 3), al.at(-1), reason=GREEN)
    begun = max(al.at(-1, 1, 15), al.joined("Yann"))
    yield ClaimFacts("LC-3", STAY, begun, al.at(0), pair, "Associés dès l'entrée")
    yield ClaimFacts("LC-3", STAY, al.at(0), al.at(1), pair)


def _parcel_4(al: Almanac) -> Iterator[ClaimFacts]:
    """Free now, reserved for the next season."""
    left, romain_left = zoe_leaves(al), al.month(-140)
    yield ClaimFacts("LC-4", STAY, zoe_enters(al), left, ("Zoé",))
    yield ClaimFacts("LC-4", REST, left, months_later(left, 2), reason="Engrais vert, liseron")
    reason = "Avant, en test sans parcelle (apiculture)"
    yield ClaimFacts("LC-4", STAY, months_later(left, 2), romain_left, ("Romain",), reason)
    works_end = romain_left + 18 * DAY
    yield ClaimFacts("LC-4", WORKS, romain_left, works_end, reason="Portail et clôture est")
    yield ClaimFacts("LC-4", REST, works_end, al.month(-30), reason="Engrais vert : sarrasin")
    reason = "Retenu par le comité d'accueil"
    yield ClaimFacts("LC-4", RESERVED, al.at(1), al.at(2), ("Hugo",), reason)


def zoe_enters(almanac: Almanac) -> dt.date:
    return max(almanac.at(-3), almanac.joined("Zoé"))


def zoe_leaves(almanac: Almanac) -> dt.date:
    """The first day after her stay."""
    return almanac.month(-380)


def _garden(al: Almanac) -> Iterator[ClaimFacts]:
    for season in (-4, -3, -1, 0):
        yield ClaimFacts("LC-5", COLLECTIVE, al.at(season), al.at(season + 1), reason=GARDEN)
    yield ClaimFacts("LC-5", REST, al.at(-2), al.at(-2, 2), reason="Paillage d'hiver")
    yield ClaimFacts("LC-5", COLLECTIVE, al.at(-2, 2), al.at(-1), reason=GARDEN)


def _varennes(al: Almanac) -> Iterator[ClaimFacts]:
    """One plot until the split: whoever held it went on in the north."""
    cut, group = split_day(al), ("Bastien", "Awa")
    yield ClaimFacts("NV", STAY, al.at(-3, 12), cut, ("Gaëtan",))
    yield ClaimFacts("NV-1", STAY, cut, al.at(-1, 4), ("Gaëtan",))
    yield ClaimFacts("NV-1", REST, al.at(-1, 4), al.at(-1, 10), reason="Engrais vert, chaulage")
    yield ClaimFacts("NV-1", STAY, max(al.at(0), al.joined("Tom")), al.at(1), ("Tom",))
    alone = max(al.at(-2, 3), al.joined("Bastien"))
    together = max(al.at(-1), al.joined("Awa"))
    yield ClaimFacts("NV-2", REST, cut, al.at(-2, 3), reason=GREEN)
    yield ClaimFacts("NV-2", STAY, alone, together, ("Bastien",))
    yield ClaimFacts("NV-2", STAY, together, al.at(1), group, "Bastien et Awa, à deux")


def _scattered(al: Almanac) -> Iterator[ClaimFacts]:
    """The archipelago: two pieces of land that wait for somebody."""
    yield ClaimFacts("CX-1", REST, al.at(-1, 3), al.at(-1, 9), reason="Engrais vert : moutarde")
    yield ClaimFacts(
        "CX-2", COLLECTIVE, al.at(-1), al.at(1), reason="Verger école, taille en commun"
    )


def _host_farm(al: Almanac) -> Iterator[ClaimFacts]:
    """One person at a time, as long as the agreement of each year."""
    years = [dt.date(al.today.year + n, 1, 1) for n in (-2, -1, 0, 1)]
    begun = al.joined("Élodie", 15)
    yield ClaimFacts("IS-T", STAY, years[0], months_later(years[0], 10), ("Samira",))
    yield ClaimFacts("IS-T", STAY, max(begun, years[1]), years[2], ("Élodie",))
    reason = "Installation prévue sur place"
    yield ClaimFacts("IS-T", STAY, max(begun, years[2]), years[3], ("Élodie",), reason)


class FormerFacts(NamedTuple):
    given_name: str
    family_name: str
    structure: str
    home: str
    phone: str


FORMER = (
    FormerFacts("Benoît", "Lacoste", CIVAM, CHATRE, "+33199001041"),
    FormerFacts("Nolwenn", "Caradec", CIVAM, CHATRE, "+33199001042"),
    FormerFacts("Inaya", "Morvan", CIVAM, CHATRE, "+33199001043"),
    FormerFacts("Gaëtan", "Bourdeau", ADEARI, NEUVY, "+33199001044"),
    FormerFacts("Samira", "Kaddour", PLES, ISSOUDUN, "+33199001045"),
)
"""Trainees who left: members for as long as they held land."""


def former_people(almanac: Almanac) -> list[PersonFacts]:
    claims = claims_of(almanac)
    return [_former(one, claims, almanac.today) for one in FORMER]


def _former(facts: FormerFacts, claims: list[ClaimFacts], today: dt.date) -> PersonFacts:
    theirs = [one for one in claims if facts.given_name in one.people]
    since = (min(one.start for one in theirs) - today).days
    until = (max(one.end for one in theirs) - DAY - today).days
    seat = Seat(facts.structure, Role.TRAINEE, since=since, until=until)
    return PersonFacts(
        facts.given_name, facts.family_name, (seat,), (), facts.phone, None, facts.home
    )
