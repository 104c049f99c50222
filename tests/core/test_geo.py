import json
import math
from contextlib import suppress
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from couveuse.core.geo import (
    FileProblem,
    area_m2,
    centre,
    check_outline,
    cut,
    draw,
    geojson_text,
    joined,
    outside_m2,
    overlap_m2,
    read_features,
    read_outline,
    rectangle,
    vertices,
)
from couveuse.core.geo.grounds import is_in_france

FILE = Path(__file__).parents[1] / "files" / "parcelles.geojson"
SQUARE = [[1.98, 46.57], [1.981, 46.57], [1.981, 46.571], [1.98, 46.571], [1.98, 46.57]]
LOW, HIGH = 46.5702, 46.5704
HOLE = [[1.9802, LOW], [1.9804, LOW], [1.9804, HIGH], [1.9802, HIGH], [1.9802, LOW]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def problem(geometry: Any) -> str:
    (found,) = check_outline(geometry).problems
    return str(found)


def notes(geometry: Any) -> list[str]:
    checked = check_outline(geometry)
    assert not checked.problems
    return [note.code for note in checked.notes]


def collection(*geometries: Any) -> bytes:
    features = [{"type": "Feature", "properties": {}, "geometry": one} for one in geometries]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


# --- the real file


def test_the_real_file_gives_every_plot_with_its_declared_area():
    features = read_features(FILE.read_bytes())
    assert [one.properties["code"] for one in features] == [
        *("LC-1", "LC-2", "LC-3", "LC-4", "LC-5", "NV-1", "NV-2", "IS-T"),
    ]
    for one in features:
        assert one.checked.outline
        assert not one.checked.notes
        declared = one.properties["surface_m2"]
        assert abs(float(area_m2(one.checked.outline)) - declared) / declared < 0.001


# --- each problem by name


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {},
        polygon(),
        polygon([]),
        {"type": "Polygon"},
        {"type": "MultiPolygon", "coordinates": []},
        {"type": "MultiPolygon", "coordinates": [[]]},
        {"type": "GeometryCollection", "geometries": []},
    ],
)
def test_an_empty_outline_is_named(geometry):
    assert "le contour est vide" in problem(geometry)


@pytest.mark.parametrize(
    ("kind", "words"), [("Point", "c'est un point"), ("LineString", "c'est une ligne")]
)
def test_points_and_lines_are_no_plots(kind, words):
    assert words in problem({"type": kind, "coordinates": [1.98, 46.57]})


def test_a_crossing_outline_is_named_with_its_place():
    bow_tie = [[1.98, 46.57], [1.99, 46.58], [1.99, 46.57], [1.98, 46.58], [1.98, 46.57]]
    assert problem(polygon(bow_tie)).startswith(
        "le contour se croise près de la latitude 46,57500, longitude 1,98500."
    )


def test_a_lopsided_crossing_is_named_too():
    ring = [[1.98, 46.57], [1.99, 46.58], [1.99, 46.57], [1.98, 46.575], [1.98, 46.57]]
    assert "le contour se croise" in problem(polygon(ring))


def test_latitude_before_longitude_is_named():
    assert problem(polygon([[y, x] for x, y in SQUARE])).startswith(
        "la latitude et la longitude sont inversées. Écrivez la longitude d'abord "
        "(longitude 1,98000, latitude 46,57000)"
    )


@pytest.mark.parametrize(
    ("x", "y", "name"),
    [
        (620_000, 6_610_000, "Lambert-93"),
        (6_610_000, 620_000, "Lambert-93"),
        (1_620_000, 5_200_000, "CC42 à CC50"),
        (220_400, 5_870_000, "Web Mercator"),
        (220_400, 5_300_000, "Web Mercator (EPSG:3857) ou UTM"),
        (560_000, 2_170_000, "Lambert II étendu"),
        (420_000, 4_900_000, "UTM"),
    ],
)
def test_metres_are_named_with_the_likely_projection(x, y, name):
    ring = [[x, y], [x + 100, y], [x + 100, y + 100], [x, y]]
    said = problem(polygon(ring))
    assert "les coordonnées sont en mètres" in said
    assert name in said
    assert "WGS 84" in said


def test_numbers_that_are_nothing_known_are_refused():
    assert "ne sont pas des degrés" in problem(polygon([[500, 46], [501, 46], [501, 47]]))


@pytest.mark.parametrize(
    ("place", "inside"),
    [
        ((1.99, 46.58), True),
        ((2.35, 48.86), True),
        ((-4.49, 48.39), True),
        ((2.55, 51.08), True),
        ((8.19, 48.97), True),
        ((7.50, 43.78), True),
        ((2.0, 42.4), True),
        ((9.45, 42.7), True),
        ((-61.55, 16.25), True),
        ((-52.3, 4.9), True),
        ((55.5, -21.1), True),
        ((45.2, -12.8), True),
        ((165.5, -21.5), True),
        ((2.17, 41.38), False),
        ((4.35, 50.85), False),
        ((-0.12, 51.5), False),
        ((7.68, 45.07), False),
        ((0.0, 0.0), False),
    ],
)
def test_france_is_known_with_its_overseas(place, inside):
    assert is_in_france(place) is inside


def test_an_outline_abroad_is_named_with_its_place():
    ring = [[2.1, 41.4], [2.2, 41.4], [2.2, 41.5], [2.1, 41.4]]
    assert "hors de France : latitude 41,40000, longitude 2,10000" in problem(polygon(ring))


def test_one_point_far_away_is_enough():
    ring = [*SQUARE[:3], [20.0, 46.5]]
    assert "longitude 20,00000" in problem(polygon(ring))


def test_too_few_points_and_no_area_are_named():
    assert "trois points" in problem(polygon([[1.98, 46.57], [1.981, 46.57], [1.98, 46.57]]))
    flat = [[1.98, 46.57], [1.981, 46.57], [1.982, 46.57], [1.98, 46.57]]
    assert "aucune surface" in problem(polygon(flat))


def test_a_huge_outline_is_named():
    ring = [
        [1.98 + math.cos(n / 4000) / 1000, 46.57 + math.sin(n / 4000) / 1000] for n in range(25_000)
    ]
    assert "le contour compte 25000 points" in problem(polygon(ring))
    wide = [[1.0, 46.0], [2.0, 46.0], [2.0, 47.0], [1.0, 47.0], [1.0, 46.0]]
    assert "le maximum est 1 000 ha" in problem(polygon(wide))


def test_a_hole_outside_and_parts_on_each_other_are_named():
    away = [[x + 0.01, y] for x, y in HOLE]
    assert "un trou sort du contour" in problem(polygon(SQUARE, away))
    twice = {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}
    assert problem(twice)


@pytest.mark.parametrize(
    "geometry",
    [
        [],
        "contour",
        3,
        polygon("abc"),
        polygon([1, 2, 3]),
        polygon([["1", "2"], ["3", "4"], ["5", "6"]]),
        polygon([[True, 46], [1, 46], [1, 47]]),
        polygon([[None, 46], [1, 46], [1, 47]]),
        polygon([[10**400, 46], [1, 46], [1, 47]]),
        polygon([[math.nan, 46], [1, 46], [1, 47]]),
        polygon([[math.inf, 46], [1, 46], [1, 47]]),
        polygon([[1]]),
        {"type": 3, "coordinates": []},
        {"type": "Cercle"},
        {"type": "MultiPolygon", "coordinates": {"a": 1}},
        {"type": "GeometryCollection", "geometries": [3]},
    ],
)
def test_nonsense_is_refused_and_never_crashes(geometry):
    assert problem(geometry)


# --- what is tidied, and said


def test_heights_open_rings_and_doubles_are_tidied_and_noted():
    ring = [
        [1.98, 46.57, 180.0],
        [1.981, 46.57, 180.0],
        [1.981, 46.57, 181.0],
        [1.981, 46.571, 180],
    ]
    checked = check_outline(polygon(ring))
    assert [note.code for note in checked.notes] == ["had_height", "was_open", "had_doubles"]
    assert checked.outline == polygon(
        [[1.98, 46.57], [1.981, 46.57], [1.981, 46.571], [1.98, 46.57]]
    )


def test_holes_are_kept_and_taken_off_the_area():
    whole, holed = check_outline(polygon(SQUARE)), check_outline(polygon(SQUARE, HOLE))
    assert [note.code for note in holed.notes] == ["has_holes"]
    assert whole.outline
    assert holed.outline
    hole = check_outline(polygon(HOLE)).outline
    assert hole
    assert abs(area_m2(whole.outline) - area_m2(holed.outline) - area_m2(hole)) <= Decimal("0.2")


def test_a_multipolygon_keeps_its_parts_and_one_part_is_a_polygon():
    second = [[x + 0.01, y] for x, y in SQUARE]
    both = {"type": "MultiPolygon", "coordinates": [[SQUARE], [second]]}
    assert notes(both) == ["has_parts"]
    alone = check_outline({"type": "MultiPolygon", "coordinates": [[SQUARE]]}).outline
    assert alone == check_outline(polygon(SQUARE)).outline


def test_no_point_is_ever_left_out_silently():
    ring = [[1.98 + n / 1e5, 46.57] for n in range(100)] + [[1.981, 46.571], [1.98, 46.571]]
    outline = check_outline(polygon(ring)).outline
    assert outline
    assert len(list(vertices(outline))) == len(ring) + 1


def test_rings_turn_the_way_the_standard_asks():
    one = check_outline(polygon(SQUARE[::-1], HOLE)).outline
    assert one == check_outline(polygon(SQUARE, HOLE[::-1])).outline


# --- files


def test_a_bare_geometry_a_feature_and_a_collection_are_read():
    feature = {"type": "Feature", "properties": {"nom": "Nord"}, "geometry": polygon(SQUARE)}
    (bare,) = read_features(json.dumps(polygon(SQUARE)).encode())
    (alone,) = read_features(json.dumps(feature).encode())
    (first, second) = read_features(collection(polygon(SQUARE), None))
    assert bare.checked.outline == alone.checked.outline == first.checked.outline
    assert alone.name == "Nord"
    assert second.number == 2
    assert second.checked.problems


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "est vide"),
        (b"  \n", "est vide"),
        (b"PK\x03\x04rest", "archive"),
        (b"nom;code\n", "ni du GeoJSON ni du KML"),
        (b'{"type": "FeatureCollection",\n "features": [', "erreur ligne 2"),
        (b"[1, 2]", "pas du GeoJSON"),
        (b"[" * 100_000, "pas du GeoJSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "pas du GeoJSON"),
        (b'{"type": "Topology"}', "pas du GeoJSON"),
        (b'{"type": "FeatureCollection", "features": {}}', "pas du GeoJSON"),
        (b'{"type": "FeatureCollection", "features": []}', "aucune parcelle"),
        (b"<html></html>", "pas un KML"),
        (b"<kml>", "pas un KML"),
        (b"<kml></kml>", "aucune parcelle"),
        (b"x" * 5_000_001, "dépasse 5 Mo"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(data, words):
    with pytest.raises(FileProblem) as caught:
        read_features(data)
    assert words in str(caught.value)


def test_too_many_objects_are_refused():
    with pytest.raises(FileProblem, match="1001 objets"):
        read_features(collection(*[None] * 1001))


def test_numbers_that_json_lacks_are_no_coordinates():
    (feature,) = read_features(b'{"type":"Polygon","coordinates":[[[NaN,46],[1,46],[1,47]]]}')
    assert feature.checked.problems


def test_texts_lose_what_the_database_cannot_keep():
    feature = {"type": "Feature", "properties": {"nom": "a\x00b", "x": {"y": 1}}, "geometry": None}
    (read,) = read_features(json.dumps(feature).encode())
    assert read.properties == {"nom": "ab", "x": None}
    (odd,) = read_features(b'{"type":"Feature","properties":{"nom":"\\ud800"},"geometry":null}')
    odd.properties["nom"].encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_usual_encodings_are_read(encoding):
    feature = {"type": "Feature", "properties": {"nom": "Pré d'été"}, "geometry": polygon(SQUARE)}
    (read,) = read_features(json.dumps(feature, ensure_ascii=False).encode(encoding))
    assert read.name == "Pré d'été"


def test_one_outline_is_read_from_a_form():
    assert read_outline(json.dumps(polygon(SQUARE)).encode()).outline
    with pytest.raises(FileProblem, match="Il y a 2 contours"):
        read_outline(collection(polygon(SQUARE), polygon(HOLE)))


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>Neuvy</name>
<Placemark><name>Nord</name><ExtendedData><Data name="code"><value>N-1</value></Data>
<SchemaData><SimpleData name="eau">forage</SimpleData></SchemaData></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>
1.98,46.57,0 1.981,46.57,0 1.981,46.571,0 1.98,46.571,0 1.98,46.57,0
</coordinates></LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>
1.9802,46.5702,0 1.9804,46.5702,0 1.9804,46.5704,0 1.9802,46.5704,0 1.9802,46.5702,0
</coordinates></LinearRing></innerBoundaryIs></Polygon></Placemark>
<Placemark><name>Puits</name><Point><coordinates>1.98,46.57</coordinates></Point></Placemark>
<Placemark><name>Îlots</name><MultiGeometry>
<Polygon><outerBoundaryIs><LinearRing><coordinates>1.98,46.57 1.981,46.57 1.981,46.571
</coordinates></LinearRing></outerBoundaryIs></Polygon>
<Polygon><outerBoundaryIs><LinearRing><coordinates>1.99,46.57 1.991,46.57 1.991,46.571
</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark>
<Placemark><name>Vide</name><Polygon/></Placemark>
<Placemark><name>Faux</name><Polygon><outerBoundaryIs><LinearRing><coordinates>a,b c
</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
</Folder></Document></kml>"""


def test_kml_is_read_with_holes_parts_and_properties():
    north, well, islands, empty, wrong = read_features(KML.encode())
    assert north.properties == {"name": "Nord", "code": "N-1", "eau": "forage", "lieu": "Neuvy"}
    assert well.properties == {"name": "Puits", "code": "Puits", "lieu": "Neuvy"}
    assert north.checked.outline == check_outline(polygon(SQUARE, HOLE)).outline
    assert "un point" in str(well.checked.problems[0])
    assert islands.checked.outline
    assert islands.checked.outline["type"] == "MultiPolygon"
    assert "vide" in str(empty.checked.problems[0])
    assert "illisibles" in str(wrong.checked.problems[0])


def test_kml_with_a_dtd_is_refused():
    bomb = '<!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><kml>&b;</kml>'
    with pytest.raises(FileProblem, match="pas un KML"):
        read_features(bomb.encode())


# --- measures and drawings

places = st.tuples(st.floats(-0.5, 5.5), st.floats(44.5, 48.5))
metres = st.floats(5, 900)


@given(places, metres, metres, st.floats(0, 360), st.booleans())
@example((0.0, 45.0), 877.0, 856.0, 73.0, False)
@settings(max_examples=60, deadline=None)
def test_a_plot_by_its_dimensions_has_them(place, length, width, bearing, centred):
    outline = rectangle(place, length, width, bearing, centred=centred)
    checked = check_outline(outline)
    assert checked.outline == outline
    rounding = (length + width) * 0.02  # a corner is known to a centimetre or so
    assert abs(float(area_m2(outline)) - length * width) <= rounding
    middle = centre(outline) if centred else place
    assert math.dist(middle, place) < 1e-6


@given(places, metres, metres, st.floats(0, 360))
@settings(max_examples=30, deadline=None)
def test_two_halves_make_the_whole(place, length, width, bearing):
    whole = rectangle(place, length, width, bearing)
    half = rectangle(place, length / 2, width, bearing)
    rounding = (length + width) * 0.05
    assert float(outside_m2(half, whole)) <= rounding
    assert abs(float(overlap_m2(half, whole)) - float(area_m2(half))) <= rounding
    union = joined([half, whole])
    assert union
    assert abs(float(area_m2(union)) - float(area_m2(whole))) <= rounding


def test_ground_apart_is_not_shared():
    one, other = rectangle((1.98, 46.57), 50, 50, 0), rectangle((1.99, 46.57), 50, 50, 0)
    assert overlap_m2(one, other) == 0
    both = joined([one, other])
    assert both
    assert both["type"] == "MultiPolygon"


numbers = st.one_of(st.floats(-200, 200), st.sampled_from([1.98, 46.57, 1.981, 46.571]))
rings = st.lists(st.lists(numbers, min_size=1, max_size=3), max_size=8)
junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner)),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(
                ["Polygon", "MultiPolygon", "GeometryCollection", "Point", "?"]
            ),
            "coordinates": st.one_of(st.lists(rings, max_size=3), junk),
            "geometries": junk,
        }
    )
)
@settings(max_examples=200, deadline=None)
def test_any_geometry_gives_an_outline_or_problems(geometry):
    checked = check_outline(geometry)
    assert bool(checked.problems) != bool(checked.outline)
    assert all(str(one) for one in (*checked.problems, *checked.notes))
    if checked.outline:
        again = check_outline(checked.outline)
        assert again.outline == checked.outline
        assert json.loads(geojson_text(checked.outline)) == checked.outline


@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
@settings(max_examples=100, deadline=None)
def test_any_file_is_read_or_named(data):
    with suppress(FileProblem):
        assert read_features(data)


def test_a_drawing_is_north_up_and_to_scale():
    drawing = draw([rectangle((1.98, 46.57), 100, 50, 90)])
    assert 105 < drawing.width < 115
    assert 55 < drawing.height < 65
    assert drawing.bar_m == 20
    (path,) = drawing.paths
    assert path.startswith("M")
    assert path.endswith("Z")
    assert draw([]).paths == []


@pytest.mark.parametrize("bearing", [0, 33, 90, 151])
@pytest.mark.parametrize("shares", [[400, 600], [1, 2, 3], [50, 50, 50, 50]])
def test_an_outline_is_cut_as_the_shares_say_and_no_ground_is_lost(
    bearing: float, shares: list[float]
) -> None:
    whole = rectangle((1.99, 46.58), 120, 50, bearing)
    slices = cut(whole, shares)
    drawn = [one for one in slices if one]
    assert len(drawn) == len(shares)
    areas = [float(area_m2(one)) for one in drawn]
    wanted = [share / sum(shares) * float(area_m2(whole)) for share in shares]
    assert areas == pytest.approx(wanted, rel=0.005)
    assert all(outside_m2(one, whole) < 1 for one in drawn)
    assert all(overlap_m2(*pair) < 1 for pair in combinations(drawn, 2))


def test_a_bent_outline_is_cut_too() -> None:
    corners = [(0, 0), (3, 0), (3, 1), (1, 1), (1, 3), (0, 3), (0, 0)]
    bent = {
        "type": "Polygon",
        "coordinates": [[[1.99 + x / 1000, 46.58 + y / 1000] for x, y in corners]],
    }
    slices = cut(bent, [1, 1])
    areas = [area_m2(one) for one in slices if one]
    assert len(areas) == 2
    assert float(areas[0]) == pytest.approx(float(areas[1]), rel=0.01)
