import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from couveuse.core import geo
from couveuse.plots import describing, queries
from couveuse.plots.models import LandEvent, Plot, PlotLineage
from tests import build
from tests.html import parse

FIELD = geo.rectangle((1.98, 46.57), 100, 50, 0)
NEW = {"code": "N-1", "starts_on": "2026-01-01"}


@pytest.fixture
async def plot(db, cast) -> Plot:
    made = await build.make_plot(db, cast.farm, code="LC-9", soil="limon", outline=FIELD,
                                 area_m2=geo.area_m2(FIELD), declared_m2=Decimal(5000))  # fmt: skip
    await db.commit()
    return made


async def fresh(db, plot_id: int) -> Plot:
    db.expire_all()
    [found] = await queries.lock_plots(db, [plot_id])
    return found


def errors(answer) -> str:
    found = parse(answer.text)
    told = [*found.all("p", class_="error"), *found.all(None, class_="form-errors")]
    return " ".join(one.text for one in told)


async def typed(db, plot: Plot, **fields) -> dict[str, Any]:
    values = describing.typed(await fresh(db, plot.id)) | fields
    return {key: value for key, value in values.items() if value is not None}


# --- adding


async def test_a_plot_is_added_and_shown(browse, db, cast):
    ines = await browse("ines")
    page = await ines.page("/parcelles/nouvelle")
    assert page.one("select", id="f-site_id")
    answer = await ines.post("/parcelles", NEW | {"site_id": cast.farm.id, "declared_m2": "1 200"})
    assert answer.status_code == 303
    shown = await ines.page(answer.headers["location"])
    assert "N-1" in shown.one("h1").text
    assert "1 200 m²" in shown.text


async def test_what_is_wrong_is_told_and_what_was_typed_stays(browse, cast):
    ines = await browse("ines")
    data = NEW | {
        "site_id": cast.farm.id,
        "insee_code": "36400",
        "parcels": "ZB 105\nn'importe quoi",
        "declared_m2": "beaucoup",
        "soil": "limon",
    }
    answer = await ines.post("/parcelles", data)
    assert answer.status_code == 422
    told = errors(answer)
    assert "Aucune commune n'a ce code INSEE" in told
    assert "il manque la commune" in told
    assert "Écrivez un nombre" in told
    assert parse(answer.text).one("input", id="f-soil")["value"] == "limon"


async def test_a_site_of_another_structure_is_no_choice_for_its_manager(browse, cast):
    paul = await browse("paul")
    options = (await paul.page("/parcelles/nouvelle")).one("select", id="f-site_id").all("option")
    assert [one.text for one in options] == ["Lieu-test Neuvy"]
    answer = await paul.post("/parcelles", NEW | {"site_id": cast.farm.id})
    assert answer.status_code == 422
    assert "Choisissez un site de la liste" in answer.text


async def test_the_form_offers_the_rights_of_each_site_and_the_plot_keeps_what_is_ticked(
    browse, db, cast
):
    lease = await build.make_land_right(db, cast.farm, form="owned")
    loan = await build.make_land_right(db, cast.farm, end=dt.date(2090, 1, 1))
    over = await build.make_land_right(
        db, cast.farm, start=dt.date(2020, 1, 1), end=dt.date(2021, 1, 1)
    )
    await db.commit()
    ines = await browse("ines")
    offered = (await ines.page("/parcelles/nouvelle")).one("fieldset", id="f-rights")
    assert cast.farm.name in offered.text
    keys = {one["value"] for one in offered.all("input", name="rights")}
    assert keys >= {str(lease.id), str(loan.id)}
    assert str(over.id) not in keys
    answer = await ines.post("/parcelles", NEW | {"site_id": cast.farm.id, "rights": loan.id})
    assert answer.status_code == 303
    made = await db.scalar(sa.select(Plot.id).where(Plot.code == NEW["code"]))
    assert [one.id for one in (await fresh(db, made)).rights] == [loan.id]


async def test_a_right_of_another_site_is_refused_and_stays_ticked(browse, db, cast):
    elsewhere = await build.make_land_right(db, await build.make_site(db, cast.home))
    await db.commit()
    ines = await browse("ines")
    answer = await ines.post("/parcelles", NEW | {"site_id": cast.farm.id, "rights": elsewhere.id})
    assert answer.status_code == 422
    assert "n'est pas de ce site" in errors(answer)
    ticked = parse(answer.text).one("input", name="rights", value=str(elsewhere.id))
    assert "checked" in ticked.attrs


@pytest.mark.parametrize("name", ["lea", "marc", "gaston", "zoe"])
async def test_who_is_not_in_charge_adds_no_plot(browse, cast, name):
    someone = await browse(name)
    assert (await someone.get("/parcelles/nouvelle")).status_code == 403
    assert (await someone.post("/parcelles", NEW)).status_code == 403


# --- changing


async def test_a_plot_is_changed(browse, db, plot):
    ines = await browse("ines")
    page = await ines.page(f"/parcelles/{plot.id}/modification")
    assert page.one("input", id="f-soil")["value"] == "limon"
    answer = await ines.post(f"/parcelles/{plot.id}", await typed(db, plot, soil="argile"))
    assert answer.status_code == 303
    assert (await fresh(db, plot.id)).soil == "argile"


async def test_two_people_at_once_do_not_undo_each_other(browse, db, plot):
    ines = await browse("ines")
    early = await typed(db, plot, soil="sable")
    await ines.post(f"/parcelles/{plot.id}", await typed(db, plot, soil="argile"))
    answer = await ines.post(f"/parcelles/{plot.id}", early)
    assert answer.status_code == 422
    assert "modifiée entre-temps" in answer.text
    again = early | {"seen": parse(answer.text).one("input", name="seen")["value"]}
    assert (await ines.post(f"/parcelles/{plot.id}", again)).status_code == 303
    assert (await fresh(db, plot.id)).soil == "sable"


async def test_parts_beyond_the_area_are_told_on_the_form(browse, db, plot):
    ines = await browse("ines")
    answer = await ines.post(f"/parcelles/{plot.id}", await typed(db, plot, covered_m2="6000"))
    assert answer.status_code == 422
    assert "dépasse celle de la parcelle" in errors(answer)


EDITING = ["modification", "trace", "fin-de-service"]


@pytest.mark.parametrize("path", EDITING)
@pytest.mark.parametrize(
    ("name", "status"),
    [("ines", 200), ("paul", 403), ("marc", 403), ("lea", 403), ("tom", 403), ("zoe", 404)],
)
async def test_who_may_change_a_plot(browse, plot, path, name, status):
    someone = await browse(name)
    assert (await someone.get(f"/parcelles/{plot.id}/{path}")).status_code == status


@pytest.mark.parametrize("path", [*EDITING, "carnet"])
async def test_plots_are_for_who_is_signed_in_and_unknown_ones_are_not_found(browse, plot, path):
    nobody = await browse()
    answer = await nobody.get(f"/parcelles/{plot.id}/{path}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/connexion")
    ines = await browse("ines")
    assert (await ines.get(f"/parcelles/999999999/{path}")).status_code == 404


async def test_a_manager_with_a_right_on_the_land_may_change_it(browse, db, cast):
    right = await build.make_land_right(db, cast.farm, structure_id=cast.partner.id)
    plot = await build.make_plot(db, cast.farm, rights=[right])
    await db.commit()
    paul = await browse("paul")
    assert (await paul.get(f"/parcelles/{plot.id}/modification")).status_code == 200


async def test_service_ends_from_its_page(browse, db, plot):
    ines = await browse("ines")
    bad = await ines.post(f"/parcelles/{plot.id}/fin-de-service", {"last_day": "2019-01-01"})
    assert bad.status_code == 422
    assert "elle ne peut pas finir avant" in bad.text
    done = await ines.post(f"/parcelles/{plot.id}/fin-de-service", {"last_day": "2026-12-31"})
    assert done.status_code == 303
    assert (await fresh(db, plot.id)).during.upper == dt.date(2027, 1, 1)


# --- the outline

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[1.98, 46.57], [1.981, 46.57], [1.981, 46.571], [1.98, 46.571]]],
}
BOW_TIE = [[1.98, 46.57], [1.99, 46.58], [1.99, 46.57], [1.98, 46.58], [1.98, 46.57]]


async def test_an_outline_is_pasted_without_javascript(browse, db, plot):
    ines = await browse("ines")
    page = await ines.page(f"/parcelles/{plot.id}/trace")
    assert json.loads(page.one("textarea", id="f-outline").text) == FIELD
    answer = await ines.post(f"/parcelles/{plot.id}/trace", {"outline": json.dumps(SQUARE)})
    assert answer.status_code == 303
    drawn = await fresh(db, plot.id)
    assert drawn.outline
    assert drawn.outline == geo.check_outline(SQUARE).outline
    assert drawn.area_m2 == geo.area_m2(drawn.outline)


async def test_an_outline_is_taken_from_a_file(browse, db, plot):
    ines = await browse("ines")
    file = {"file": ("p.geojson", json.dumps(SQUARE).encode(), "application/geo+json")}
    answer = await ines.post(f"/parcelles/{plot.id}/trace", files=file)
    assert answer.status_code == 303
    assert (await fresh(db, plot.id)).outline == geo.check_outline(SQUARE).outline


@pytest.mark.parametrize(
    ("outline", "words"),
    [
        ("", "Il n'y a pas de contour"),
        ("bonjour", "ni du GeoJSON ni du KML"),
        ('{"type": "Polygon"', "erreur ligne 1"),
        (json.dumps({"type": "Polygon", "coordinates": [BOW_TIE]}), "se croise près de"),
        (json.dumps({"type": "Point", "coordinates": [1.98, 46.57]}), "un point"),
    ],
)
async def test_a_bad_outline_is_named_and_nothing_is_saved(browse, db, plot, outline, words):
    ines = await browse("ines")
    answer = await ines.post(f"/parcelles/{plot.id}/trace", {"outline": outline})
    assert answer.status_code == 422
    assert words in errors(answer)
    assert (await fresh(db, plot.id)).outline == FIELD


async def test_a_plot_is_drawn_by_its_dimensions(browse, db, plot):
    ines = await browse("ines")
    data = {
        "latitude": "46,5791",
        "longitude": "1,9873",
        "length_m": "80",
        "width_m": "25",
        "bearing": "45",
        "place": "corner",
    }
    answer = await ines.post(f"/parcelles/{plot.id}/trace/dimensions", data)
    assert answer.status_code == 303
    area = (await fresh(db, plot.id)).area_m2
    assert area
    assert abs(area - 2000) < 2
    for field, bad in (("latitude", "95"), ("length_m", "0"), ("longitude", "x")):
        refused = await ines.post(f"/parcelles/{plot.id}/trace/dimensions", data | {field: bad})
        assert refused.status_code == 422
    abroad = data | {"latitude": "10", "longitude": "10"}
    refused = await ines.post(f"/parcelles/{plot.id}/trace/dimensions", abroad)
    assert "hors de France" in refused.text


async def test_an_outline_is_erased(browse, db, plot):
    ines = await browse("ines")
    answer = await ines.post(f"/parcelles/{plot.id}/trace/effacement")
    assert answer.status_code == 303
    assert (await fresh(db, plot.id)).outline is None


async def test_the_drawing_page_brings_the_map_and_its_data(browse, plot):
    ines = await browse("ines")
    page = await ines.page(f"/parcelles/{plot.id}/trace")
    place = page.one("div", data_map=None)
    assert place["data-own"] == str(plot.id)
    assert "data-tiles" not in place.attrs
    answer = await ines.get(place["data-source"])
    assert answer.headers["content-type"] == "application/geo+json"
    (feature,) = [one for one in answer.json()["features"] if one["id"] == plot.id]
    assert feature["geometry"] == FIELD
    assert feature["properties"]["url"] == f"/parcelles/{plot.id}"


async def test_the_map_shows_what_is_in_service_that_day(browse, db, cast, plot):
    gone = await build.make_plot(db, cast.farm, outline=FIELD, end=dt.date(2026, 1, 1))
    await db.commit()
    lea = await browse("lea")

    async def ids(query: str) -> set[int]:
        answer = await lea.get(f"/parcelles/carte.geojson{query}")
        return {one["id"] for one in answer.json()["features"]}

    assert plot.id in await ids("")
    assert gone.id not in await ids("")
    assert gone.id in await ids("?jour=2025-06-01")
    assert await ids(f"?lieu={cast.neuvy.id}") == set()
    assert (await lea.get("/parcelles/carte.geojson?jour=hier")).status_code == 400
    assert (await (await browse("zoe")).get("/parcelles/carte.geojson")).status_code == 403


async def test_the_plot_page_shows_its_facts_and_its_shape(browse, db, plot):
    plot.conversion_on = dt.date(2025, 6, 1)
    plot.insee_code = "36046"
    await db.commit()
    page = await (await browse("lea")).page(f"/parcelles/{plot.id}")
    facts = page.one("dl", id=f"facts-{plot.id}").text
    assert "La Châtre (Indre)" in facts
    assert "2e année de conversion (C2)" in facts
    assert "bio pour ce qui est semé dès le 1er juin 2027" in facts
    assert page.one("svg", class_="outline-drawing").all("path")


# --- the passport

CROP = {"kind": "crop", "happened_on": "2026-04-01", "crop": "carottes", "ends_on": "2026-09-01"}


async def test_a_trainee_writes_a_crop_and_reads_the_advice(browse, plot):
    lea = await browse("lea")
    answer = await lea.post(f"/parcelles/{plot.id}/carnet", CROP)
    assert answer.status_code == 303
    page = await lea.page(answer.headers["location"])
    assert "carottes" in page.text
    assert "à partir du 1er sept. 2032" in page.text


async def test_who_takes_a_part_of_a_plot_reads_the_crops_of_the_whole(browse, db, cast):
    split_on = dt.date(2025, 9, 1)
    whole = await build.make_plot(db, cast.farm, code="G-1", end=split_on)
    part = await build.make_plot(db, cast.farm, code="G-1a", start=split_on)
    db.add(PlotLineage(parent_id=whole.id, child_id=part.id, kind="split", happened_on=split_on))
    await build.make_land_event(
        db, whole, cast.marc, kind="crop", crop="Choux", family="brassicaceae",
        happened_on=dt.date(2024, 5, 1), ends_on=dt.date(2025, 2, 1),
    )  # fmt: skip
    await db.commit()
    page = await (await browse("lea")).page(f"/parcelles/{part.id}/carnet")
    cells = {one["data-label"]: one.text for one in page.one("table").all("td")}
    assert list(cells) == ["Peut revenir", "2026", "2025", "2024"]
    assert (cells["2026"], cells["2025"], cells["2024"]) == ("", "Choux", "Choux")
    assert "à partir du 1er févr. 2029" in cells["Peut revenir"]
    assert "Une partie a été notée sur G-1" in page.text


async def test_a_crop_whose_end_nobody_wrote_is_told_to_be_so(browse, plot):
    lea = await browse("lea")
    await lea.post(f"/parcelles/{plot.id}/carnet", CROP | {"ends_on": ""})
    page = await lea.page(f"/parcelles/{plot.id}/carnet")
    cell = page.one("td", data_label="Peut revenir").text
    assert "pas avant le 1er avr. 2032" in cell
    assert "après la fin de culture, non notée (carottes, 1er avr. 2026)" in cell


async def test_a_line_without_its_words_is_refused(browse, plot):
    lea = await browse("lea")
    answer = await lea.post(
        f"/parcelles/{plot.id}/carnet", {"kind": "works", "happened_on": "2026-04-01"}
    )
    assert answer.status_code == 422
    assert "Dites en quelques mots" in answer.text
    unknown = await lea.post(f"/parcelles/{plot.id}/carnet", CROP | {"crop": "licorne"})
    assert "Choisissez la famille" in unknown.text
    backwards = await lea.post(f"/parcelles/{plot.id}/carnet", CROP | {"ends_on": "2026-03-01"})
    assert "Le dernier jour vient avant" in backwards.text


async def test_who_writes_in_the_passport(browse, db, cast, plot):
    for name, status in (("marc", 303), ("ines", 303), ("tom", 403), ("paul", 403), ("zoe", 404)):
        someone = await browse(name)
        answer = await someone.post(f"/parcelles/{plot.id}/carnet", CROP)
        assert answer.status_code == status, name
    assert (await (await browse("tom")).page(f"/parcelles/{plot.id}/carnet")).all("li")
    stay = (await db.execute(sa.text("INSERT INTO stay DEFAULT VALUES RETURNING id"))).scalar_one()
    given = {"stay": stay, "plot": plot.id, "tom": cast.tom.id}
    await db.execute(sa.text("INSERT INTO stay_person VALUES (:stay, :tom)"), given)
    await db.execute(
        sa.text(
            "INSERT INTO plot_period (plot_id, during, kind, stay_id, created_by_id) "
            "VALUES (:plot, '[2026-11-01,2027-11-01)', 'stay', :stay, :tom)"
        ),
        given,
    )
    await db.commit()
    tom = await browse("tom")
    assert (await tom.post(f"/parcelles/{plot.id}/carnet", CROP)).status_code == 303


async def test_a_line_is_corrected_or_taken_out_by_its_author_and_those_in_charge(
    browse, db, cast, plot
):
    event = await build.make_land_event(db, plot, cast.lea)
    own = await build.make_land_event(db, plot, cast.lea, title="à moi", is_personal=True)
    await db.commit()
    event_id, edit, data = event.id, f"/carnet/{event.id}", CROP | {"crop": "poireaux"}
    assert (await (await browse("rosa")).post(edit, data)).status_code == 403
    assert (await (await browse("ines")).get(f"/carnet/{own.id}/modification")).status_code == 404
    lea = await browse("lea")
    assert (await lea.page(f"{edit}/modification")).one("input", id="f-crop")["value"] == "oignon"
    assert (await lea.post(edit, data)).status_code == 303
    db.expire_all()
    assert (await db.get_one(LandEvent, event_id)).title == "poireaux"
    assert (await (await browse("ines")).post(f"{edit}/retrait")).status_code == 303
    assert (await lea.get(f"{edit}/modification")).status_code == 404


async def test_a_photo_goes_with_a_line_and_personal_ones_are_hidden(browse, db, plot):
    picture = io.BytesIO()
    Image.new("RGB", (20, 20), "green").save(picture, "PNG")
    lea = await browse("lea")
    file = {"document": ("a.png", picture.getvalue(), "image/png")}
    answer = await lea.post(
        f"/parcelles/{plot.id}/carnet", CROP | {"is_personal": "on"}, files=file
    )
    assert answer.status_code == 303
    page = await lea.page(f"/parcelles/{plot.id}/carnet")
    (link,) = [one["href"] for one in page.all("a") if "/carnet/documents/" in one["href"]]
    assert (await lea.get(link)).headers["content-type"] == "image/jpeg"
    assert (await (await browse("ines")).get(link)).status_code == 404
    assert (await lea.get("/carnet/documents/rien")).status_code == 404
    bad = await lea.post(
        f"/parcelles/{plot.id}/carnet", CROP, files={"document": ("a.txt", b"texte", "text/plain")}
    )
    assert bad.status_code == 422
    assert "ni un PDF ni une photo" in bad.text


async def test_the_passport_is_filtered_by_kind(browse, db, cast, plot):
    await build.make_land_event(db, plot, cast.lea)
    await build.make_land_event(db, plot, cast.lea, kind="works", title="drainage", family=None)
    await db.commit()
    lea = await browse("lea")
    page = await lea.page(f"/parcelles/{plot.id}/carnet?nature=works")
    assert len(page.all("li", data_event=None)) == 1
    page = await lea.page(f"/parcelles/{plot.id}/carnet?nature=rien")
    assert len(page.all("li", data_event=None)) == 2


async def test_posts_need_the_token(browse, plot):
    ines = await browse("ines")
    for path in (f"/parcelles/{plot.id}/trace", f"/parcelles/{plot.id}/carnet", "/parcelles"):
        answer = await ines.http.post(path, data=CROP)
        assert answer.status_code == 403
