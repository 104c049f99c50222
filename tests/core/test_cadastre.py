from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couveuse.core.geo.cadastre import BadReference, normal_reference, shown_reference
from couveuse.core.geo.communes import find_commune, is_commune


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("36046000ZB0105", "36046000ZB0105"),
        ("36141000 C0212", "361410000C0212"),
        ("361410000C0212", "361410000C0212"),
        ("36141000C0212", "361410000C0212"),
        ("36046000ZB 105", "36046000ZB0105"),
        (" 36046000zb0105 ", "36046000ZB0105"),
        ("36046-000-ZB-105", "36046000ZB0105"),
        ("36046 ZB 105", "36046000ZB0105"),
        ("36 046 000 ZB 105", "36046000ZB0105"),
        ("36046/ZB/5", "36046000ZB0005"),
        ("2a004000ab0012", "2A004000AB0012"),
        ("2B033 000 0C 7", "2B0330000C0007"),
        ("97411000AB0105", "97411000AB0105"),
        ("97209 000 A 3", "972090000A0003"),
        ("67482000240105", "67482000240105"),
        ("67482 24 105", "67482000240105"),
        ("57463-000-05-12", "57463000050012"),
        ("01015123ZA0001", "01015123ZA0001"),
    ],
)
def test_a_reference_is_written_in_one_way(typed, whole):
    assert normal_reference(typed) == whole
    assert normal_reference(whole) == whole


def test_the_commune_completes_a_short_reference():
    assert normal_reference("ZB 105", "36046") == "36046000ZB0105"
    assert normal_reference("24-105", "67482") == "67482000240105"
    assert normal_reference("36141 C 2", "36046") == "361410000C0002"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "n'est pas une référence cadastrale"),
        ("parcelle du haut", "n'est pas une référence cadastrale"),
        ("36046", "n'est pas une référence cadastrale"),
        ("3604600024105", "Écrivez les 14 caractères"),
        ("36046000ZB01055", "Écrivez les 14 caractères"),
        ("36046000ZB0000", "va de 1 à 9999"),
        ("36046000Z10105", "la section « Z1 » n'existe pas"),
        ("36046000000105", "la section « 00 » n'existe pas"),
        ("ZB 105", "il manque la commune"),
        ("36400000ZB0105", "Ce n'est pas le code postal"),
        ("2C004000AB0012", "n'est pas une référence cadastrale"),
        ("٣٦٠٤٦000ZB0105", "n'est pas une référence cadastrale"),
    ],
)
def test_a_wrong_reference_says_what_to_do(typed, words):
    with pytest.raises(BadReference) as caught:
        normal_reference(typed)
    assert words in str(caught.value)


def test_a_reference_is_shown_as_people_say_it():
    assert shown_reference("36046000ZB0105") == "ZB 105"
    assert shown_reference("361410000C0212") == "C 212"
    assert shown_reference("01015123ZA0001") == "123 ZA 1"


@given(st.text(max_size=20), st.sampled_from([None, "36046"]))
def test_any_text_is_normal_or_refused(typed, commune):
    with suppress(BadReference):
        whole = normal_reference(typed, commune)
        assert len(whole) == 14
        assert normal_reference(whole) == whole


@given(
    st.sampled_from(["36046", "2A004", "97411", "67482"]),
    st.sampled_from(["A", "C", "ZB", "AB", "0C"]),
    st.integers(1, 9999),
    st.sampled_from([" ", "-", "/", "", " - "]),
)
def test_separators_and_padding_do_not_matter(commune, section, number, separator):
    whole = f"{commune}000{section.rjust(2, '0')}{number:04}"
    typed = separator.join([commune, "000", section.lower(), str(number)])
    assert normal_reference(typed) == whole


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("36046", "La Châtre (Indre)"),
        ("2A004", "Ajaccio (Corse-du-Sud)"),
        ("97411", "Saint-Denis (La Réunion)"),
        ("69381", "Lyon 1er Arrondissement (Rhône)"),
        ("01015", "Arboys en Bugey (Ain)"),
    ],
)
def test_communes_are_known_by_their_code(code, label):
    commune = find_commune(code)
    assert commune
    assert commune.label == label


@pytest.mark.parametrize("code", [None, "", "99999", "D36", "36046\n", "#", "36400"])
def test_what_is_no_commune_is_not_found(code):
    assert find_commune(code) is None or code == "D36"


def test_a_commune_of_the_past_is_one():
    assert is_commune("01015")
    assert not is_commune("36400")
