import copy
import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from couveuse.core import geo
from couveuse.core.errors import Refused
from couveuse.core.plans import Outcome, plan_lines
from couveuse.plots.actions.importing import apply_import, plan_import
from couveuse.plots.drafts import RightDraft, read_objects, read_right
from couveuse.plots.models import Plot
from couveuse.plots.queries import WHOLE
from couveuse.structures.models import LandRight, Site, SiteKind, Structure
from tests import build
from tests.html import parse

FILE = Path(__file__).parents[1] / "files" / "parcelles.geojson"
DATA = FILE.read_bytes()
D = dt.date


def changed(**properties: Any) -> bytes:
    """The first object of the file, with other properties."""
    feature = copy.deepcopy(json.loads(DATA)["features"][0])
    feature["properties"] |= properties
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def drawn(*geometries: Any) -> bytes:
    """The objects of the file, with other outlines."""
    collection = json.loads(DATA)
    for feature, geometry in zip(collection["features"], geometries, strict=False):
        feature["geometry"] = geometry
    return json.dumps(collection).encode()


async def imported(db, data: bytes = DATA):
    plan = await plan_import(db, data, "parcelles.geojson")
    return await apply_import(db, None, plan)


async def plots(db) -> dict[str, Plot]:
    query = sa.select(Plot).options(*WHOLE).execution_options(populate_existing=True)
    return {plot.code: plot for plot in (await db.scalars(query)).unique()}


async def count(db, table: Any) -> int:
    return await db.scalar(sa.select(sa.func.count()).select_from(table))


async def problems(db, data: bytes) -> list[str]:
    plan = await plan_import(db, data, "parcelles.geojson")
    return [str(one) for row in plan.rows for one in row.problems]


# --- the real file


async def test_the_real_file_makes_every_plot_with_what_it_stands_on(db, cast):
    plan = await plan_import(db, DATA, FILE.name)
    assert [row.outcome for row in plan.rows] == [Outcome.CREATE] * 8
    assert dict(plan.besides) == {
        "Structures qui seront créées": ("PLES", "CIVAM-ADAR", "MRJC"),
        "Lieux qui seront créés": ("Issoudun (PLES), temporaire",),
        "Droits sur la terre qui seront notés": (
            "Prêt à usage (commodat) jusqu'au 31 déc. 2031 (CIVAM-ADAR, Ferme test La Châtre)",
            "Prêt à usage (commodat) (MRJC, Ferme test La Châtre)",
            "Bail rural jusqu'au 10 nov. 2032 (ADEARI, Lieu-test Neuvy)",
            "Convention d'occupation précaire jusqu'au 31 déc. 2026 (PLES, Issoudun)",
        ),
    }
    summary = await apply_import(db, cast.actors["ines"], plan)
    assert (summary.created, summary.left_out) == (8, 0)
    made = await plots(db)
    first, temporary = made["LC-1"], made["IS-T"]
    assert first.declared_m2 == 10_000
    assert first.area_m2 == Decimal("10003.3")
    assert (first.covered_m2, first.conversion_on) == (930, D(2021, 3, 15))
    assert (first.during.lower, first.during.upper) == (D(2021, 3, 15), None)
    assert [right.last_day for right in first.rights] == [D(2031, 12, 31)]
    assert first.rights[0].owner_name == "commune"
    assert {right.id for right in made["LC-4"].rights} == {right.id for right in first.rights}
    assert [one.reference for one in made["NV-1"].parcels] == ["361410000C0212", "361410000C0213"]
    assert made["NV-1"].rights[0].during.lower == D(2023, 11, 11)
    assert temporary.site.kind == SiteKind.TEMPORARY
    assert temporary.site.commune == "Issoudun"
    assert temporary.conversion_on is None
    assert first.has_water


async def test_the_real_file_works_on_an_empty_network(db):
    await db.execute(sa.text("TRUNCATE structure CASCADE"))
    summary = await imported(db)
    assert summary.created == 8
    assert {one.name for one in await db.scalars(sa.select(Site))} == {
        *("Ferme test La Châtre", "Lieu-test Neuvy", "Issoudun"),
    }
    assert await count(db, Structure) == 4


async def test_the_same_file_twice_changes_nothing(db):
    await imported(db)
    before = [await count(db, table) for table in (Plot, LandRight, Site, Structure)]
    plan = await plan_import(db, DATA, FILE.name)
    assert plan.is_done
    assert plan_lines(plan)[-1] == "Rien à changer : tout est déjà à jour."
    summary = await apply_import(db, None, plan)
    assert (summary.created, summary.changed, summary.unchanged) == (0, 0, 8)
    assert [await count(db, table) for table in (Plot, LandRight, Site, Structure)] == before


async def test_a_changed_file_changes_what_it_says_and_no_more(db):
    await imported(db)
    made = (await plots(db))["LC-1"]
    made.access = "par le chemin"
    data = changed(sol="argile", eau=None, conversion_bio_depuis="")
    plan = await plan_import(db, data, "p.geojson")
    (row,) = plan.rows
    told = [(one.label, one.was, one.becomes) for one in row.changes]
    assert told == [("Sol", "limon argileux, pH 6,8", "argile")]
    await apply_import(db, None, plan)
    made = (await plots(db))["LC-1"]
    assert (made.soil, made.water, made.access) == ("argile", "forage, 8 m³/h", "par le chemin")
    assert made.conversion_on == D(2021, 3, 15)


async def test_another_outline_is_a_change_and_is_measured(db):
    await imported(db)
    field = geo.rectangle((1.98, 46.57), 100, 95, 0)
    plan = await plan_import(db, drawn(field), "p.geojson")
    (row,) = plan.of(Outcome.CHANGE)
    assert [one.label for one in row.changes] == ["Contour"]
    await apply_import(db, None, plan)
    assert (await plots(db))["LC-1"].area_m2 == geo.area_m2(field)


# --- broken geometry: named, and nothing is saved

RING = [[1.98, 46.57], [1.981, 46.57], [1.981, 46.571], [1.98, 46.571], [1.98, 46.57]]
BOW_TIE = [[1.98, 46.57], [1.99, 46.58], [1.99, 46.57], [1.98, 46.58], [1.98, 46.57]]


def polygon(ring: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring]}


BROKEN = [
    (polygon(BOW_TIE), "le contour se croise"),
    (polygon([[y, x] for x, y in RING]), "sont inversées"),
    (polygon([[620_000 + x, 6_610_000 + y] for x, y in RING]), "Lambert-93"),
    (None, "le contour est vide"),
    (polygon([[2.1, 41.4], [2.2, 41.4], [2.2, 41.5], [2.1, 41.4]]), "hors de France"),
    (polygon([[1.98 + n / 1e6, 46.57] for n in range(20_001)]), "20001 points"),
    ({"type": "LineString", "coordinates": RING}, "une ligne"),
]


async def test_broken_outlines_are_each_named_and_nothing_is_saved(db):
    data = drawn(*(geometry for geometry, _ in BROKEN))
    plan = await plan_import(db, data, "p.geojson")
    bad = plan.of(Outcome.PROBLEM)
    for row, (_, words) in zip(bad, BROKEN, strict=True):
        assert str(row.problems[0]).startswith(f"objet {row.number}, « contour » : ")
        assert words in str(row.problems[0])
    with pytest.raises(Refused) as refused:
        await apply_import(db, None, plan)
    assert [one.code for one in refused.value.reasons] == ["rows_to_correct"]
    assert await count(db, Plot) == 0
    summary = await apply_import(db, None, plan, only_good_rows=True)
    assert (summary.created, summary.left_out) == (1, 7)


async def test_a_kml_drawn_by_hand_says_code_and_site_with_its_names(db, cast):
    """Google Earth keeps a name for each outline and for the folder it is in, and no more."""
    ring = " ".join(f"{x},{y},0" for x, y in RING)
    drawing = (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>'
        f"<name>{cast.farm.name}</name><Placemark><name>LC-7</name><Polygon><outerBoundaryIs>"
        f"<LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
        "</Placemark></Folder></Document></kml>"
    )
    await imported(db, drawing.encode())
    made = (await plots(db))["LC-7"]
    assert (made.site_id, made.name) == (cast.farm.id, None)


async def test_heights_are_dropped_with_a_note(db):
    plan = await plan_import(db, drawn(polygon([[*point, 150] for point in RING])), "p.geojson")
    assert plan.rows[0].outcome == Outcome.CREATE
    assert "altitudes" in str(plan.rows[0].notes[0])


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"code": None}, "il manque le code"),
        ({"code": "x" * 41}, "« code » : Ce texte a 41 caractères"),
        ({"lieu": ""}, "on ne sait pas où est cette parcelle"),
        ({"insee": "99999"}, "« insee » : « 99999 » n'est le code INSEE d'aucune commune"),
        ({"cadastre": ["36046000ZB"]}, "« cadastre » : « 36046000ZB » n'est pas une référence"),
        ({"surface_m2": "beaucoup"}, "« surface_m2 » : « beaucoup » n'est pas une surface"),
        ({"surface_m2": 0}, "n'est pas une surface"),
        ({"sous_abri_m2": -3}, "« -3 » n'est pas une surface"),
        ({"sous_abri_m2": 10_001}, "dépasse celle de la parcelle"),
        ({"conversion_bio_depuis": "hier"}, "« hier » n'est pas une date"),
        ({"droit_sur_la_terre": "bail rural, 2026-01-01 / 2025-01-01"}, "la fin vient avant"),
        ({"droit_sur_la_terre": "SAFER, 2020-01-01 / 2032-01-01"}, "« droit »"),
        ({"lieu": "Ailleurs", "structure": None}, "ce lieu est nouveau"),
    ],
)
async def test_a_bad_property_is_named_with_what_to_do(db, properties, words):
    (told,) = await problems(db, changed(**properties))
    assert told.startswith("objet 1, « ")
    assert words in told


async def test_a_code_twice_in_the_file_is_named(db):
    collection = json.loads(DATA)
    collection["features"][1]["properties"]["code"] = "lc-1"
    (told,) = await problems(db, json.dumps(collection).encode())
    assert told == (
        "objet 2, « code » : « lc-1 » est déjà le code de l'objet 1. "
        "Donnez à chaque parcelle le sien."
    )


async def test_a_plot_on_another_site_or_out_of_service_is_named(db, cast):
    await build.make_plot(db, cast.neuvy, code="LC-1")
    await build.make_plot(db, cast.farm, code="LC-2", end=D(2026, 1, 1))
    told = await problems(db, DATA)
    assert "déjà sur un autre site : Lieu-test Neuvy" in told[0]
    assert "n'est plus en service" in told[1]


async def test_what_differs_much_is_noted(db):
    plan = await plan_import(db, changed(surface_m2=12_000, couleur="vert"), "p.geojson")
    assert "la surface déclarée 12" in str(plan.rows[0].notes[0])
    assert plan.ignored == ("couleur",)


async def test_a_plan_that_is_no_longer_true_is_refused(db):
    plan = await plan_import(db, DATA, FILE.name)
    await imported(db, changed())
    with pytest.raises(Refused) as refused:
        await apply_import(db, None, plan)
    assert [one.code for one in refused.value.reasons] == ["plan_changed"]


# --- rights


async def test_a_new_plot_is_covered_by_the_only_right_of_its_site_and_told_when_it_is_not(
    db, cast
):
    data = changed(droit_sur_la_terre=None)
    (row,) = (await plan_import(db, data, "p.geojson")).rows
    assert ["aucun droit" in str(note) for note in row.notes] == [True]
    lease = await build.make_land_right(db, cast.farm, end=D(2040, 1, 1))
    (row,) = (await plan_import(db, data, "p.geojson")).rows
    assert not row.notes
    assert "Bail rural jusqu'au 31 déc. 2039" in [one.becomes for one in row.changes]
    other = await build.make_land_right(db, cast.farm)
    (row,) = (await plan_import(db, data, "p.geojson")).rows
    assert row.notes
    await db.delete(other)
    await imported(db, data)
    assert [right.id for right in (await plots(db))["LC-1"].rights] == [lease.id]
    assert (await plan_import(db, data, "p.geojson")).is_done


@pytest.mark.parametrize(
    ("told", "has"),
    [("forage, 8 m³/h", True), ("oui", True), ("Pas d'eau", False), ("non", False), ("—", False)],
)
async def test_a_plot_is_found_by_the_water_that_its_file_tells_of(db, told, has):
    await imported(db, changed(eau=told))
    assert (await plots(db))["LC-1"].has_water is has


# --- rights in words


@pytest.mark.parametrize(
    ("told", "right"),
    [
        (
            "prêt à usage, commune, jusqu'au 2031-12-31",
            RightDraft("free_loan", "commune", None, D(2031, 12, 31)),
        ),
        (
            "bail rural 9 ans, 2023-11-11 / 2032-11-10",
            RightDraft("rural_lease", None, D(2023, 11, 11), D(2032, 11, 10)),
        ),
        ("prêt à usage", RightDraft("free_loan")),
        (
            "Bail rural, M. Durand, depuis le 11/11/2023",
            RightDraft("rural_lease", "M. Durand", D(2023, 11, 11)),
        ),
        (
            "bail du 11/11/2023 au 10/11/2032",
            RightDraft("rural_lease", None, D(2023, 11, 11), D(2032, 11, 10)),
        ),
    ],
)
def test_a_right_is_read_as_people_write_it(told, right):
    assert read_right(told, right.form) == right


def test_a_right_of_an_unknown_form_is_left_out_with_a_note():
    (one,) = read_objects(geo.read_features(changed(droit_sur_la_terre="accord verbal")))
    assert one.draft
    assert one.draft.right is None
    assert "n'est pas repris" in str(one.notes[0])


def test_names_of_properties_do_not_mind_case_and_accents():
    feature = {
        "type": "Feature",
        "properties": {"Référence": 12, "SITE": "Neuvy", "Surface": "1,2 ha", "Sous abri": "30 m²"},
        "geometry": polygon(RING),
    }
    (one,) = read_objects(geo.read_features(json.dumps(feature).encode()))
    assert one.draft
    assert (one.draft.code, one.draft.site_name) == ("12", "Neuvy")
    assert (one.draft.declared_m2, one.draft.covered_m2) == (12_000, 30)


# --- the pages

IMPORT = "/parcelles/import"


async def preview(browser, data: bytes = DATA, name: str = "parcelles.geojson"):
    answer = await browser.post(IMPORT, files={"file": (name, data, "application/geo+json")})
    return answer, parse(answer.text)


def slip_of(page, **fields) -> dict[str, str]:
    names = ("slip", "promised")
    return {name: page.one("input", name=name)["value"] for name in names} | fields


async def test_nothing_is_saved_before_the_confirmation(browse, db):
    ines = await browse("ines")
    assert (await ines.get(IMPORT)).status_code == 200
    answer, page = await preview(ines)
    assert answer.status_code == 200
    assert len(page.all("tr", data_row=None)) == 8
    assert page.all("svg", class_="outline-thumb")
    assert await count(db, Plot) == 0
    done = await ines.post(f"{IMPORT}/confirmation", slip_of(page))
    assert done.status_code == 303
    assert await count(db, Plot) == 8
    again = await ines.post(f"{IMPORT}/confirmation", slip_of(page))
    assert again.status_code == 303
    assert await count(db, Plot) == 8
    _, page = await preview(ines)
    assert "Rien à changer" in page.text


async def test_problems_stand_in_the_preview_and_keep_it_from_being_saved(browse, db):
    ines = await browse("ines")
    answer, page = await preview(ines, drawn(polygon(BOW_TIE)))
    assert answer.status_code == 200
    assert "le contour se croise" in page.text
    refused = await ines.post(f"{IMPORT}/confirmation", slip_of(page))
    assert refused.status_code == 422
    assert await count(db, Plot) == 0
    done = await ines.post(f"{IMPORT}/confirmation", slip_of(page, only_good_rows="on"))
    assert done.status_code == 303
    assert await count(db, Plot) == 7


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "est vide"), (b"a;b\n1;2", "ni du GeoJSON"), (b"PK\x03\x04", "archive")],
)
async def test_a_file_that_is_no_map_is_told(browse, data, words):
    ines = await browse("ines")
    answer, page = await preview(ines, data, "p.csv")
    assert answer.status_code == 422
    assert words in page.text


async def test_an_import_is_for_coordination_and_a_slip_for_its_owner(browse, db):
    for name in ("paul", "lea", "marc", "zoe"):
        someone = await browse(name)
        assert (await someone.get(IMPORT)).status_code == 403
        assert (await preview(someone))[0].status_code == 403
        assert (await someone.post(f"{IMPORT}/confirmation", {"slip": "x"})).status_code == 403
    ines = await browse("ines")
    assert (await ines.post(IMPORT)).status_code == 422
    lost = await ines.post(f"{IMPORT}/confirmation", {"slip": "abc", "promised": "x"})
    assert lost.status_code == 422
    assert "n'est plus valable" in parse(lost.text).text
