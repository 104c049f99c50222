"""French spaces: no line of a page begins with a double sign."""

import pytest

from couveuse.web.typography import typeset, unbroken


@pytest.mark.parametrize(
    ("plain", "printed"),
    [
        ("Pourquoi ?", "Pourquoi\u202f?"),
        ("C'est fait ; attendez !", "C'est fait\u202f; attendez\u202f!"),
        ("À l'avance : 2 h", "À l'avance\u00a0: 2 h"),
        ("« Code » est vide", "«\u00a0Code\u00a0» est vide"),
        ("déjà\u00a0: fait", "déjà\u00a0: fait"),
        ("From 1 h to 2 h: go!", "From 1 h to 2 h: go!"),
        ("http://a.b/?c=d", "http://a.b/?c=d"),
    ],
)
def test_a_double_sign_stays_with_its_word(plain: str, printed: str) -> None:
    assert typeset(plain) == printed
    assert typeset(printed) == printed


def test_a_number_stays_with_its_unit() -> None:
    assert unbroken("06 12 34 56 78") == "06\u00a012\u00a034\u00a056\u00a078"


async def test_pages_print_them_and_give_back_what_was_typed(browse) -> None:
    lea = await browse("lea")
    sent = {"given_name": "Léa", "family_name": "Essai ; fin", "phone": "12"}
    answer = await lea.post("/profil", sent)
    assert answer.status_code == 422
    assert 'value="Essai ; fin"' in answer.text
    assert "Écrivez-le ainsi\u00a0: 06 12 34 56 78" in answer.text
