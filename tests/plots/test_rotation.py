import datetime as dt

import pytest

from couveuse.plots.rotation import FAMILIES, Grown, advice, family_of, rotation_of

TODAY = dt.date(2026, 11, 25)


@pytest.mark.parametrize(
    ("crop", "family"),
    [
        ("Carottes de Colmar", "apiaceae"),
        ("CÉLERI-RAVE", "apiaceae"),
        ("pommes de terre primeur", "solanaceae"),
        ("patate douce", "convolvulaceae"),
        ("choux-fleurs", "brassicaceae"),
        ("Petits pois", "fabaceae"),
        ("oignons jaunes", "alliaceae"),
        ("mâche", "caprifoliaceae"),
        ("maïs doux", "poaceae"),
        ("licorne", None),
        ("", None),
        (None, None),
    ],
)
def test_crops_are_of_their_family_as_people_name_them(crop, family):
    assert family_of(crop) == family


def test_no_crop_is_of_two_families():
    crops = [crop for family in FAMILIES.values() for crop in family.crops]
    assert len(crops) == len(set(crops))


def test_onions_wait_five_to_seven_years_and_umbels_six():
    assert (FAMILIES["alliaceae"].wait, FAMILIES["alliaceae"].at_most) == (5, 7)
    assert (FAMILIES["apiaceae"].wait, FAMILIES["apiaceae"].at_most) == (6, 6)


def test_advice_counts_from_the_latest_crop_of_each_family():
    found = advice(
        [
            Grown("apiaceae", "carotte", dt.date(2022, 10, 1)),
            Grown("apiaceae", "persil", dt.date(2025, 10, 1)),
            Grown("brassicaceae", "chou", dt.date(2022, 2, 28)),
        ],
        TODAY,
    )
    assert [one.crop for one in found] == ["persil", "chou"]
    umbels, cabbages = found
    assert umbels.ready_on == dt.date(2031, 10, 1)
    assert not umbels.is_ready(TODAY)
    assert cabbages.is_ready(TODAY)


def test_crops_of_long_ago_no_longer_matter():
    assert advice([Grown("apiaceae", "carotte", dt.date(2019, 11, 25))], TODAY) == []
    assert advice([Grown("apiaceae", "carotte", dt.date(2019, 11, 26))], TODAY)


def test_a_family_that_nobody_knows_any_more_is_some_family():
    (one,) = advice([Grown("gone", "licorne", dt.date(2025, 1, 1))], TODAY)
    assert one.family == FAMILIES["other"]


def test_the_table_has_a_row_for_each_family_and_a_cell_for_each_year_of_a_crop():
    found = rotation_of(
        [
            Grown("apiaceae", "carotte", dt.date(2024, 2, 1), dt.date(2023, 6, 1)),
            Grown("apiaceae", "persil", dt.date(2024, 9, 1), dt.date(2024, 4, 1)),
            Grown("poaceae", "seigle", dt.date(2022, 7, 1), dt.date(2022, 3, 1), "NV"),
            Grown("fabaceae", "pois", dt.date(2018, 7, 1)),
        ],
        TODAY,
    )
    assert list(found.years) == [2022, 2023, 2024, 2025, 2026]
    umbels, cereals = found.rows
    assert umbels.family == FAMILIES["apiaceae"]
    assert umbels.crops == {2023: ["carotte"], 2024: ["carotte", "persil"]}
    assert umbels.advice
    assert umbels.advice.ready_on == dt.date(2030, 9, 1)
    assert cereals.crops == {2022: ["seigle"]}
    assert found.plots == ["NV"]


def test_what_was_grown_seven_years_ago_is_shown_without_advice():
    (row,) = rotation_of([Grown("apiaceae", "carotte", dt.date(2019, 5, 1))], TODAY).rows
    assert (row.crops, row.advice) == ({2019: ["carotte"]}, None)
    assert rotation_of([], TODAY).rows == []
