"""The screens of structures and sites."""

import datetime as dt
import zoneinfo

import pytest

from couveuse.structures.forms import ZONES
from couveuse.structures.models import Site, Structure
from tests.html import parse

UNKNOWN = 999_999_999
PAGES = [
    ("GET", "/structures"),
    ("GET", "/structures/nouvelle"),
    ("POST", "/structures"),
    ("GET", "/structures/{id}"),
    ("GET", "/structures/{id}/modification"),
    ("POST", "/structures/{id}"),
    ("GET", "/structures/{id}/depart"),
    ("POST", "/structures/{id}/depart"),
    ("GET", "/structures/{id}/sites/nouveau"),
    ("POST", "/structures/{id}/sites"),
    ("GET", "/sites/{site}"),
    ("GET", "/sites/{site}/modification"),
    ("POST", "/sites/{site}"),
    ("GET", "/sites/{site}/fermeture"),
    ("POST", "/sites/{site}/fermeture"),
]
READING = {"/structures", "/structures/{id}", "/sites/{site}"}
WRITING = [line for line in PAGES if line[0] == "POST" or line[1] not in READING]


async def send(browser, method, path, data=None):
    return await (browser.get(path) if method == "GET" else browser.post(path, data))


@pytest.mark.parametrize(("method", "path"), PAGES)
async def test_without_signing_in_there_is_only_the_sign_in_page(browse, cast, method, path):
    browser = await browse()

    answer = await send(browser, method, path.format(id=cast.home.id, site=cast.farm.id))

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/connexion")


@pytest.mark.parametrize(("method", "path"), [line for line in PAGES if "{" in line[1]])
@pytest.mark.parametrize("row_id", [UNKNOWN, 0, "x"])
async def test_what_does_not_exist_is_not_found(browse, method, path, row_id):
    browser = await browse("ines")

    answer = await send(browser, method, path.format(id=row_id, site=row_id))

    assert answer.status_code == 404


@pytest.mark.parametrize(("method", "path"), WRITING)
async def test_who_does_not_answer_for_it_changes_nothing(browse, cast, method, path):
    lea, paul = await browse("lea"), await browse("paul")
    path = path.format(id=cast.home.id, site=cast.farm.id)

    assert (await send(lea, method, path)).status_code == 403
    assert (await send(paul, method, path)).status_code == 403


@pytest.mark.parametrize("path", ["/structures/{id}", "/sites/{site}"])
async def test_who_left_finds_nothing(browse, cast, path):
    zoe = await browse("zoe")

    answer = await zoe.get(path.format(id=cast.home.id, site=cast.farm.id))

    assert answer.status_code == 404


async def test_the_list_names_each_structure_with_its_sites(browse, cast):
    shown = await (await browse("lea")).page("/structures")

    line = shown.one(data_structure=str(cast.home.id))
    assert "CIVAM de la Châtre" in line.text
    assert "Ferme test La Châtre" in line.text
    assert "2 structures" in shown.one(class_="lede").text
    assert shown.all("a", href="/structures/nouvelle") == []


async def test_a_structure_is_added_with_its_site(browse, db):
    ines = await browse("ines")
    data = {
        "name": "Terres du Berry",
        "commune": "Neuvy-Saint-Sépulchre",
        "insee_code": "36141",
        "phone": "02 54 12 34 56",
        "email": "Contact@Terres.example",
        "joined_on": "2026-01-01",
    }

    answer = await ines.post("/structures", data)
    where = answer.headers["location"]
    site = await ines.post(f"{where}/sites", {"name": "Les Prés", "time_zone": "Indian/Reunion"})
    shown = await ines.page(where)
    of_site = await ines.page(site.headers["location"])

    assert (answer.status_code, site.status_code) == (303, 303)
    assert "contact@terres.example" in shown.text
    assert "02 54 12 34 56" in shown.text
    assert "Les Prés" in shown.text
    assert "La Réunion" in of_site.text
    assert "Ines Essai a ajouté le site" in of_site.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "Ce champ est à remplir."),
        ("name", "x" * 201, "200 caractères au plus"),
        ("name", "adeari", "porte déjà ce nom"),
        ("insee_code", "36400000", "code INSEE"),
        ("insee_code", "2C001", "code INSEE"),
        ("email", "nulle part", "prenom@exemple.fr"),
        ("phone", "0", "Ce numéro n'existe pas"),
        ("joined_on", "2026-13-01", "Cette date n'existe pas"),
        ("notes", "x" * 4001, "4000 caractères au plus"),
    ],
)
async def test_a_bad_field_of_a_structure_is_said_beside_it(browse, field, value, said):
    ines = await browse("ines")

    answer = await ines.post("/structures", {"name": "Terres du Berry", field: value})

    place = parse(answer.text).one(id=f"f-{field}")
    assert answer.status_code == 422
    assert said in place.parent.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "lieu-test neuvy"),
        ("kind", "castle"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("insee_code", "x"),
    ],
)
async def test_a_bad_field_of_a_site_is_refused(browse, cast, field, value):
    ines = await browse("ines")
    data = {"name": "Les Prés", "kind": "permanent"} | {field: value}

    added = await ines.post(f"/structures/{cast.home.id}/sites", data)
    changed = await ines.post(f"/sites/{cast.farm.id}", data)

    assert (added.status_code, changed.status_code) == (422, 422)


async def test_a_manager_edits_their_own_structure_and_site(browse, db, cast):
    paul = await browse("paul")

    form = await paul.page(f"/structures/{cast.partner.id}/modification")
    answer = await paul.post(f"/structures/{cast.partner.id}", {"name": "ADEARI 36"})
    of_site = await paul.page(f"/sites/{cast.neuvy.id}/modification")
    site = await paul.post(
        f"/sites/{cast.neuvy.id}",
        {"name": "Neuvy", "kind": "temporary", "access_notes": "Barrière"},
    )

    assert form.one("input", name="name")["value"] == "ADEARI"
    assert answer.headers["location"] == f"/structures/{cast.partner.id}"
    assert of_site.one("option", selected="")["value"] == "Europe/Paris"
    assert site.headers["location"] == f"/sites/{cast.neuvy.id}"
    shown = await paul.page(f"/sites/{cast.neuvy.id}")
    assert "Barrière" in shown.text
    assert "temporaire" in shown.text


async def test_a_taken_name_is_said_when_editing(browse, cast):
    ines = await browse("ines")

    structure = await ines.post(f"/structures/{cast.partner.id}", {"name": "civam DE LA châtre"})
    site = await ines.post(f"/sites/{cast.neuvy.id}", {"name": "ferme test la châtre"})

    assert (structure.status_code, site.status_code) == (422, 422)
    assert "porte déjà ce nom" in parse(structure.text).text
    assert "porte déjà ce nom" in parse(site.text).text


async def test_a_departure_is_noted_changed_and_taken_back(browse, db, cast):
    ines = await browse("ines")
    path = f"/structures/{cast.partner.id}/depart"

    await ines.page(path)
    noted = await ines.post(path, {"left_on": "31/10/2026"})
    listed = await ines.page("/structures")
    form = await ines.page(path)
    bad = await ines.post(path, {"left_on": "31/02/2026"})
    back = await ines.post(path, {"left_on": ""})

    assert noted.headers["location"] == f"/structures/{cast.partner.id}"
    assert "partie le 31 oct. 2026" in listed.one(data_structure=str(cast.partner.id)).text
    assert form.one("input", name="left_on")["value"] == "2026-10-31"
    assert bad.status_code == 422
    assert back.status_code == 303
    assert (await db.get(Structure, cast.partner.id, populate_existing=True)).left_on is None


async def test_a_departure_before_the_entry_is_refused_beside_its_field(browse, db, cast):
    partner = await db.get(Structure, cast.partner.id)
    partner.joined_on = dt.date(2026, 1, 1)
    await db.commit()
    ines = await browse("ines")

    answer = await ines.post(f"/structures/{cast.partner.id}/depart", {"left_on": "2025-12-31"})

    assert answer.status_code == 422
    assert "est entrée le 1er janv. 2026" in parse(answer.text).text


async def test_a_site_is_closed_and_opened_again(browse, db, cast):
    paul = await browse("paul")
    path = f"/sites/{cast.neuvy.id}/fermeture"

    await paul.page(path)
    await paul.post(path, {"closed_on": "2026-11-01"})
    shown = await paul.page(f"/sites/{cast.neuvy.id}")
    bad = await paul.post(path, {"closed_on": "bientôt"})
    await paul.post(path, {})

    assert "fermé depuis le dimanche 1er novembre 2026" in shown.text
    assert bad.status_code == 422
    assert (await db.get(Site, cast.neuvy.id, populate_existing=True)).closed_on is None


def test_every_zone_offered_exists():
    assert set(ZONES) <= zoneinfo.available_timezones()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("732 829 320 00074", "73282932000074"), ("73282932000075", None), ("7328293200007", None)],
)
async def test_the_number_that_contracts_carry_checks_itself(browse, cast, db, typed, kept):
    ines = await browse("ines")
    data = {"name": "CIVAM de la Châtre", "siret": typed, "registered_office": "1 place du Marché"}
    answer = await ines.post(f"/structures/{cast.home.id}", data)

    assert answer.status_code == (303 if kept else 422)
    if kept:
        page = await ines.page(f"/structures/{cast.home.id}")
        assert kept in page.text
        assert "1 place du Marché" in page.text
