"""The people of every test, always the same.

ines coordinates; paul manages a partner structure; marc mentors (salaried); rosa mentors
(volunteer); lea is in test and may drive tractors; tom is in test in another structure, without
tractor training; gaston looks after the equipment; zoe left last year. Lea and tom are under
agreement; marc follows lea, nobody follows tom.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor, Role, Seat
from couveuse.core.tokens import hashed, new_token
from couveuse.people.models import Person, Qualification, Session
from couveuse.structures.models import Site, Structure
from tests import build

NAMES = ("ines", "paul", "marc", "rosa", "lea", "tom", "gaston", "zoe")


@dataclass(frozen=True, slots=True)
class Cast:
    """The network that stands before each test. Rows are detached: read, do not change them."""

    home: Structure
    """Coordinates and owns the farm; ines, marc, rosa, lea and gaston are here."""
    partner: Structure
    """Another member structure; paul and tom are here."""
    farm: Site
    neuvy: Site
    tractor_training: Qualification
    ines: Person
    paul: Person
    marc: Person
    rosa: Person
    lea: Person
    tom: Person
    gaston: Person
    zoe: Person
    actors: dict[str, Actor]

    def person(self, name: str) -> Person:
        return getattr(self, name)


MEMBERSHIPS = {
    "ines": ("home", Role.COORDINATOR, True),
    "paul": ("partner", Role.STRUCTURE_MANAGER, True),
    "marc": ("home", Role.MENTOR, True),
    "rosa": ("home", Role.MENTOR, False),
    "lea": ("home", Role.TRAINEE, False),
    "tom": ("partner", Role.TRAINEE, False),
    "gaston": ("home", Role.EQUIPMENT_MANAGER, True),
}


async def make_cast(db: AsyncSession) -> Cast:
    places = {
        "home": await build.make_structure(db, "CIVAM de la Châtre", short_name="CIVAM"),
        "partner": await build.make_structure(db, "ADEARI", short_name="ADEARI"),
    }
    farm = await build.make_site(db, places["home"], name="Ferme test La Châtre")
    neuvy = await build.make_site(db, places["partner"], name="Lieu-test Neuvy")
    training = await build.make_qualification(db, "Conduite tracteur")
    people = {name: await _make_person(db, name) for name in NAMES}
    for name, (place, role, salaried) in MEMBERSHIPS.items():
        await build.make_membership(db, people[name], places[place], role, salaried=salaried)
    left_on = dt.date(2025, 11, 1)
    await build.make_membership(db, people["zoe"], places["home"], Role.TRAINEE, end=left_on)
    await build.make_paper(db, people["lea"], training)
    for name, place in (("lea", "home"), ("tom", "partner")):
        await build.make_path(db, people[name], places[place])
        await build.make_agreement(db, people[name], places[place])
    await build.make_follow_up_member(db, people["lea"], people["marc"], is_lead=True)
    actors = {name: _actor(people[name], name, places) for name in NAMES}
    return Cast(
        **places, farm=farm, neuvy=neuvy, tractor_training=training, **people, actors=actors
    )


async def _make_person(db: AsyncSession, name: str) -> Person:
    return await build.make_person(
        db,
        name.capitalize(),
        family_name="Essai",
        email=f"{name}@couveuse.example",
        phone="+33254000000",
    )


def _actor(person: Person, name: str, places: dict[str, Structure]) -> Actor:
    seats = [MEMBERSHIPS[name]] if name in MEMBERSHIPS else []
    return Actor(
        person_id=person.id,
        name=person.name,
        email=person.email,
        language=None,
        seats=frozenset(Seat(places[place].id, role) for place, role, _ in seats),
        session_id=0,
    )


async def open_session(db: AsyncSession, person: Person) -> str:
    """Sign the person in without the sign-in page. Returns the token of the cookie."""
    token = new_token()
    db.add(Session(token_hash=hashed(token), person_id=person.id))
    await db.commit()
    return token
