"""What is written, refused and told when structures and sites change."""

import datetime as dt

import pytest

from couveuse.core import journal
from couveuse.core.errors import NotVisible, Refused
from couveuse.structures import actions, queries
from couveuse.structures.forms import SiteForm, StructureForm
from couveuse.structures.models import Site, SiteNameTaken, Structure, StructureNameTaken
from tests import build

TODAY = dt.date(2026, 11, 25)


async def told(db, kind, subject_id):
    return [journal.sentence(line) for line in await journal.lines_about(db, kind, subject_id)]


async def test_an_added_structure_is_a_member(db, cast):
    data = StructureForm(name="  Terres   du Berry ", short_name="TDB")

    made = await actions.add_structure(db, cast.actors["ines"], data)

    assert (made.name, made.label, made.is_member) == ("Terres du Berry", "TDB", True)
    assert await told(db, "structure", made.id) == ["a ajouté la structure"]


async def test_two_structures_do_not_share_a_name(db, cast):
    with pytest.raises(StructureNameTaken):
        await actions.add_structure(db, cast.actors["ines"], StructureForm(name="adeari"))


async def test_two_sites_do_not_share_a_name(db, cast):
    form = SiteForm(name="FERME TEST LA CHÂTRE")

    with pytest.raises(SiteNameTaken):
        await actions.add_site(db, cast.actors["ines"], cast.partner, form)


async def test_a_structure_that_left_is_kept_and_may_come_back(db, cast):
    structure = await db.get(Structure, cast.partner.id)

    await actions.leave(db, cast.actors["ines"], structure, TODAY)
    assert structure.is_member
    await actions.leave(db, cast.actors["ines"], structure, TODAY - dt.timedelta(days=1))
    assert not structure.is_member
    assert structure.id not in dict(
        await queries.list_structures_to_choose(db, cast.actors["ines"])
    )
    assert structure in await queries.list_structures(db, cast.actors["ines"])

    await actions.leave(db, cast.actors["ines"], structure, None)
    assert structure.is_member
    assert (await told(db, "structure", structure.id))[0] == "a annulé la fin de l'adhésion"


async def test_a_structure_does_not_leave_before_it_came(db, cast):
    structure = await build.make_structure(db, joined_on=TODAY)

    with pytest.raises(Refused, match="leaves_too_early"):
        await actions.leave(db, cast.actors["ines"], structure, TODAY - dt.timedelta(days=1))

    await actions.leave(db, cast.actors["ines"], structure, TODAY)
    later = StructureForm(name=structure.name, joined_on=TODAY + dt.timedelta(days=1))
    with pytest.raises(Refused, match="joins_too_late"):
        await actions.edit_structure(db, cast.actors["ines"], structure, later)


async def test_a_closed_site_is_kept_and_not_offered(db, cast):
    site = await db.get(Site, cast.neuvy.id)

    await actions.close_site(db, cast.actors["paul"], site, TODAY)

    assert not site.is_open
    assert cast.neuvy.id not in dict(await queries.list_sites_to_choose(db, cast.actors["paul"]))
    assert [one.name for one in await queries.list_sites(db, cast.actors["paul"])] == [
        "Ferme test La Châtre",
        "Lieu-test Neuvy",
    ]
    assert await told(db, "site", site.id) == ["a noté la fermeture du site"]


async def test_who_left_sees_no_structure(db, cast):
    zoe = cast.actors["zoe"]

    assert await queries.list_structures(db, zoe) == []
    assert await queries.list_sites_to_choose(db, zoe) == []
    with pytest.raises(NotVisible):
        await queries.get_structure(db, zoe, cast.home.id)
    with pytest.raises(NotVisible):
        await queries.get_site(db, zoe, cast.farm.id)


async def test_names_are_sorted_as_people_do(db, cast):
    for name in ("Étangs", "eaux", "Zone"):
        await build.make_structure(db, name)

    names = [name for _, name in await queries.list_structures_to_choose(db, cast.actors["lea"])]

    assert names == ["ADEARI", "CIVAM", "eaux", "Étangs", "Zone"]
