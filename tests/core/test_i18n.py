"""Languages: French in the source, English in the catalogue; dates and numbers as people write."""

import asyncio
import datetime as dt
from decimal import Decimal

import pytest

from couveuse.core import i18n

MONDAY = dt.date(2026, 11, 23)
NOON = dt.datetime(2026, 11, 23, 12, 5)  # noqa: DTZ001, already a wall clock


@pytest.mark.parametrize(
    ("n", "text"), [(0, "parcelle"), (1, "parcelle"), (2, "parcelles"), (10, "parcelles")]
)
def test_zero_is_singular_in_french(n: int, text: str) -> None:
    assert i18n.ngettext("parcelle", "parcelles", n) == text


def test_an_unknown_language_means_french() -> None:
    assert i18n.set_language("de") == "fr"
    assert i18n.set_language(None) == "fr"
    assert i18n.language() == "fr"


def test_english_comes_from_the_catalogue() -> None:
    i18n.set_language("en")

    assert i18n.gettext("Matériel") == "Equipment"


def test_a_sentence_without_english_stays_french() -> None:
    i18n.set_language("en")

    assert i18n.gettext("Une phrase que personne n'a traduite.").startswith("Une phrase")


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_no_sentence_is_no_sentence(language: str) -> None:
    i18n.set_language(language)

    assert i18n.gettext("") == ""


async def test_each_task_speaks_its_own_language() -> None:
    async def speak(language: str) -> str:
        i18n.set_language(language)
        await asyncio.sleep(0)
        return i18n.day(MONDAY, "long")

    said = await asyncio.gather(*map(speak, ("fr", "en", "fr")))

    assert said == ["lundi 23 novembre 2026", "Monday 23 November 2026", "lundi 23 novembre 2026"]
    assert i18n.language() == "fr"


@pytest.mark.parametrize(
    ("form", "fr", "en"),
    [
        ("medium", "23 nov. 2026", "23 Nov 2026"),
        ("short", "lun. 23 nov.", "Mon 23 Nov"),
        ("tiny", "lun. 23", "Mon 23"),
        ("long", "lundi 23 novembre 2026", "Monday 23 November 2026"),
    ],
)
def test_days_in_words(form: str, fr: str, en: str) -> None:
    assert i18n.day(MONDAY, form) == fr
    i18n.set_language("en")
    assert i18n.day(MONDAY, form) == en


def test_moments_and_hours() -> None:
    assert i18n.moment(NOON) == "lun. 23 nov. à 12:05"
    assert i18n.clock_time(NOON) == "12:05"
    i18n.set_language("en")
    assert i18n.moment(NOON) == "Mon 23 Nov at 12:05"
    assert i18n.clock_time(dt.time(14, 0)) == "14:00"


def test_a_slot_names_its_day_once_and_both_when_it_passes_midnight() -> None:
    short = i18n.slot(NOON, NOON + dt.timedelta(hours=2)).replace("\u202f", " ")
    long = i18n.slot(NOON, NOON + dt.timedelta(days=1))

    assert short == "lun. 23 nov., 12:05 – 14:05"
    assert long == "lun. 23 nov., 12:05 – mar. 24 nov., 12:05"


def test_numbers_and_money() -> None:
    assert i18n.number(Decimal("1250.5")).replace("\u202f", " ") == "1 250,5"
    assert i18n.euros(Decimal("12.5")).replace("\u00a0", " ") == "12,50 €"
    i18n.set_language("en")
    assert i18n.number(Decimal("1250.5")) == "1,250.5"
    assert i18n.euros(Decimal("12.5")) == "€12.50"


@pytest.mark.parametrize(
    ("minutes", "fr", "en"),
    [
        (0, "0 min", "0 min"),
        (45, "45 min", "45 min"),
        (60, "1 h", "1 h"),
        (150, "2 h 30", "2 h 30 min"),
        (1440, "1 j", "1 d"),
        (4320, "3 j", "3 d"),
        (1500, "25 h", "25 h"),
    ],
)
def test_lengths_of_time(minutes: int, fr: str, en: str) -> None:
    assert i18n.duration(minutes) == fr
    i18n.set_language("en")
    assert i18n.duration(minutes) == en


def test_values_are_put_in_as_the_reader_writes_them() -> None:
    values = {"day": MONDAY, "at": NOON, "n": Decimal("2.5"), "who": "Léa", "count": 3}

    said = i18n.translated("%(who)s, %(day)s, %(at)s, %(n)s, %(count)s", values)

    assert said == "Léa, 23 nov. 2026, lun. 23 nov. à 12:05, 2,5, 3"


def test_a_percent_sign_is_harmless_in_a_sentence_without_values() -> None:
    assert i18n.translated("100 % du temps") == "100 % du temps"


@pytest.mark.parametrize("form", ["medium", "short", "tiny", "long"])
def test_the_first_of_a_month_is_its_1er_in_french_alone(form: str) -> None:
    first = dt.date(2026, 12, 1)
    assert "1er" in i18n.day(first, form)
    assert "21er" not in i18n.day(dt.date(2026, 12, 21), form)
    i18n.set_language("en")
    assert "1er" not in i18n.day(first, form)
