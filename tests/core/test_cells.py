import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couveuse.core.cells import (
    BadCell,
    amount,
    day,
    delay,
    duration,
    line,
    measure,
    months,
    paragraph,
    several,
    whole,
    yes_or_no,
)
from couveuse.core.i18n import translated


def refusal(parse: Callable[[str], Any], text: str) -> str:
    with pytest.raises(BadCell) as caught:
        parse(text)
    return translated(caught.value.message, {"value": text, **caught.value.values})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18,00", "18"),
        ("12.50 €", "12.5"),
        ("2 413,5", "2413.5"),
        ("2\u00a0413,5", "2413.5"),
        ("2\u202f413,5", "2413.5"),
        ("1 234 567", "1234567"),
        ("1'200,50", "1200.5"),
        ("1.200,50", "1200.5"),
        ("1,200.50", "1200.5"),
        ("1.200", "1.2"),
        ("0,423", "0.423"),
        ("300 euros TTC", "300"),
        ("-0", "0"),
        ("gratuit", "0"),
    ],
)
def test_amounts_as_french_people_write_them(text, value):
    assert amount(text) == Decimal(value)
    assert str(amount(text)) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("abc", "« abc » n'est pas un montant. Écrivez par exemple 12,50."),
        ("12 50", "n'est pas un montant"),
        ("12,50,1", "n'est pas un montant"),
        ("12 kg", "n'est pas un montant"),
        ("=1+1", "n'est pas un montant"),
        ("1e5", "n'est pas un montant"),
        ("٣", "n'est pas un montant"),
        ("NaN", "n'est pas un montant"),
        ("-5", "est négatif"),
        ("− 5,2", "est négatif"),
        ("0,12345", "trop de décimales"),
        ("999 999 999", "trop grand"),
        ("9" * 5000, "trop grand"),
    ],
)
def test_what_is_no_amount_is_refused_with_an_example(text, words):
    assert words in refusal(amount, text)


def test_a_measure_keeps_its_unit():
    assert measure("84 512 km") == (Decimal(84512), "km")
    assert measure("3 310,0") == (Decimal(3310), "")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("30 min", 30),
        ("1 h", 60),
        ("1h30", 90),
        ("1 h 30 min", 90),
        ("1:30", 90),
        ("01:00:00", 60),
        ("2,5 h", 150),
        ("12 heures", 720),
        ("½ journée", 240),
        ("1/2 journée", 240),
        ("demi-journée", 240),
        ("Une demi-journée", 240),
        ("0,5 jour", 240),
        ("demi-heure", 30),
        ("1 jour", 1440),
        ("une journée", 1440),
        ("2\u00a0jours", 2880),
        ("1 semaine", 10080),
        ("60 jours", 86400),
    ],
)
def test_durations_as_people_say_them(text, minutes):
    assert duration(text) == minutes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3", "n'est pas une durée. Écrivez par exemple 30 min, 1 h, ½ journée ou 2 jours."),
        ("longtemps", "n'est pas une durée"),
        ("1,5 jour", "n'est pas une durée"),
        ("½", "n'est pas une durée"),
        ("1 h 75", "n'est pas une durée"),
        ("0,3 min", "n'est pas une durée"),
        ("-1 h", "est négatif"),
        ("0 h", "plus grand que 0"),
        ("400 jours", "dépasse une année"),
    ],
)
def test_what_is_no_duration_is_refused_with_examples(text, words):
    assert words in refusal(duration, text)


def test_a_delay_may_be_zero():
    assert delay("0 h") == 0


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("12/03/2026", dt.date(2026, 3, 12)),
        ("1/4/26", dt.date(2026, 4, 1)),
        ("01/01/98", dt.date(1998, 1, 1)),
        ("12.03.2026", dt.date(2026, 3, 12)),
        ("2026-03-12", dt.date(2026, 3, 12)),
        ("2026-03-12T00:00:00", dt.date(2026, 3, 12)),
        ("12/03/2026 08:30", dt.date(2026, 3, 12)),
        ("12 mars 2026", dt.date(2026, 3, 12)),
        ("1er août 2025", dt.date(2025, 8, 1)),
        ("46093", dt.date(2026, 3, 12)),
    ],
)
def test_dates_as_files_hold_them(text, date):
    assert day(text) == date


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("31/02/2026", "n'existe pas dans le calendrier"),
        ("12/13/2026", "n'existe pas dans le calendrier"),
        ("12/03/0026", "n'existe pas dans le calendrier"),
        ("99999", "n'existe pas dans le calendrier"),
        ("mars 2026", "n'est pas une date. Écrivez par exemple 12/03/2026."),
        ("12 brumaire 2026", "n'est pas une date"),
        ("bientôt", "n'est pas une date"),
        ("123456", "n'est pas une date"),
    ],
)
def test_what_is_no_date_is_refused(text, words):
    assert words in refusal(day, text)


def test_months_may_be_said_in_years():
    assert (months("12 mois"), months("6 mois"), months("1 an"), months("0,5 an")) == (12, 6, 12, 6)
    assert "nombre de mois" in refusal(months, "12 jours")
    assert "plus grand que 0" in refusal(months, "0 mois")


def test_counts_are_whole_and_bounded():
    assert whole(50)("4") == 4
    assert "n'est pas un nombre entier" in refusal(whole(50), "4,5")
    assert "n'est pas un nombre entier" in refusal(whole(50), "heure")
    assert "le maximum est 50" in refusal(whole(50), "51")
    assert "plus grand que 0" in refusal(whole(50), "0")


@pytest.mark.parametrize("text", ["oui", "OUI ", "o", "x", "X", "Vrai", "VRAI", "true", "1", "✓"])
def test_yes(text):
    assert yes_or_no(text) is True


@pytest.mark.parametrize("text", ["non", "N", "faux", "FALSE", "0"])
def test_no(text):
    assert yes_or_no(text) is False


def test_neither_yes_nor_no():
    assert "ne dit ni oui ni non" in refusal(yes_or_no, "peut-être")


def test_text_is_tidied_without_losing_words():
    assert line(20)(" Épandeur\n à\u00a0 fumier\u200b ") == "Épandeur à fumier"
    assert paragraph(40)(" un \r\ndeux\rtrois ") == "un \ndeux\ntrois"
    assert line(20)("=1+1") == "=1+1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x" * 21, "Ce texte a 21 caractères, il en faut 20 au plus"),
        ("a\x00b", "caractère invisible interdit"),
        ("a\x1bb", "caractère invisible interdit"),
        ("a\u202eb", "caractère invisible interdit"),
        ("DÃ©sherbeur", "sont abîmés"),
        ("D\ufffdsherbeur", "sont abîmés"),
        ("#REF!", "erreur de calcul"),
    ],
)
def test_text_that_cannot_be_kept_is_refused(text, words):
    assert words in refusal(line(20), text)


def test_several_words_in_a_cell_are_kept_once_in_order():
    assert several(r"[;,|\n]", 40)("EPI; a ;epi|c,\n ") == ("EPI", "a", "c")


LIKE_NUMBERS = st.text(alphabet="0123456789 ,./-:hj½€'\u202f", max_size=12)
PARSERS = (amount, duration, delay, day, months, whole(9), yes_or_no, line(9), paragraph(9))


@given(st.one_of(st.text(max_size=30), LIKE_NUMBERS), st.sampled_from(PARSERS))
def test_any_text_is_read_or_refused_but_never_crashes(text, parse):
    try:
        parse(text)
    except BadCell as bad:
        translated(bad.message, {"value": text, **bad.values})
