"""What is read of persons, and who may read it."""

import datetime as dt

import pytest

from couveuse.core.actor import Role
from couveuse.core.errors import NotVisible
from couveuse.people import queries
from tests import build

TODAY = dt.date(2026, 11, 25)


def names(directory):
    return [person.given_name for person in directory.people]


async def test_the_list_shows_members_of_today_and_of_tomorrow(db, cast):
    coming = await build.make_person(db, "Anna", family_name="Abeille")
    await build.make_membership(db, coming, cast.home, start=TODAY + dt.timedelta(days=7))

    directory = await queries.list_people(db, cast.actors["lea"])

    assert names(directory) == ["Anna", "Gaston", "Ines", "Lea", "Marc", "Paul", "Rosa", "Tom"]
    assert coming.id not in directory.memberships
    assert [one.role for one in directory.memberships[cast.lea.id]] == [Role.TRAINEE]


async def test_everyone_adds_those_who_left(db, cast):
    directory = await queries.list_people(db, cast.actors["lea"], everyone=True)

    assert "Zoe" in names(directory)


async def test_a_name_is_found_without_accents_nor_capitals(db, cast):
    person = await build.make_person(db, "Éléonore", family_name="Guénand")
    await build.make_membership(db, person, cast.home)

    for typed in ("eleonore", "GUENAND", "guén éléo", "léon"):
        directory = await queries.list_people(db, cast.actors["lea"], search=typed)
        assert names(directory) == ["Éléonore"], typed


@pytest.mark.parametrize("typed", ["%", "_", "\\", "' OR 1=1", "a\x00qq"])
async def test_signs_of_the_database_are_letters_like_others(db, cast, typed):
    directory = await queries.list_people(db, cast.actors["lea"], search=typed)

    assert names(directory) == []


async def test_the_list_may_be_of_one_structure(db, cast):
    of_partner = {"structure_id": cast.partner.id}
    now = await queries.list_people(db, cast.actors["lea"], **of_partner)
    ever = await queries.list_people(
        db, cast.actors["lea"], structure_id=cast.home.id, everyone=True
    )

    assert names(now) == ["Paul", "Tom"]
    assert "Zoe" in names(ever)
    assert "Tom" not in names(ever)


async def test_a_long_list_is_cut_and_says_so(db, cast, monkeypatch):
    monkeypatch.setattr(queries, "LIST_LIMIT", 3)

    directory = await queries.list_people(db, cast.actors["lea"])

    assert (len(directory.people), directory.is_cut) == (3, True)


async def test_who_left_sees_only_themself(db, cast):
    zoe = cast.actors["zoe"]

    assert (await queries.get_person(db, zoe, cast.zoe.id)).id == cast.zoe.id
    with pytest.raises(NotVisible):
        await queries.get_person(db, zoe, cast.lea.id)
    assert await queries.list_people_to_choose(db, zoe) == []


async def test_choices_are_members_of_today_by_given_name(db, cast):
    choices = await queries.list_people_to_choose(db, cast.actors["gaston"])

    assert [name for _, name in choices] == [
        f"{name} Essai" for name in ("Gaston", "Ines", "Lea", "Marc", "Paul", "Rosa", "Tom")
    ]


async def test_memberships_that_go_on_come_first(db, cast):
    await build.make_membership(db, cast.zoe, cast.partner, Role.MENTOR, start=TODAY)

    held = await queries.list_memberships(db, cast.zoe.id)

    assert [one.is_over for one in held] == [False, True]
    assert [one.structure.label for one in held] == ["ADEARI", "CIVAM"]


async def test_a_membership_is_read_with_its_person_and_place(db, cast):
    (held,) = await queries.list_memberships(db, cast.lea.id)

    membership = await queries.get_membership(db, cast.actors["ines"], held.id)

    assert (membership.person.name, membership.structure.label) == ("Lea Essai", "CIVAM")
    with pytest.raises(NotVisible):
        await queries.get_membership(db, cast.actors["zoe"], held.id)


async def test_structures_to_grant_are_those_one_answers_for(db, cast):
    await build.make_structure(db, "Partie", left_on=TODAY - dt.timedelta(days=1))

    of_paul = await queries.list_structures_to_grant(db, cast.actors["paul"])
    of_ines = await queries.list_structures_to_grant(db, cast.actors["ines"])

    assert of_paul == [(cast.partner.id, "ADEARI")]
    assert of_ines == [(cast.partner.id, "ADEARI"), (cast.home.id, "CIVAM")]
