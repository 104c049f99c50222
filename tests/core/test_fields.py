"""What people type: amounts, days, moments, names, ticks, ids."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from couveuse.core import fields
from couveuse.core.contacts import Email, Phone, shown_phone


def read(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


def refuse(kind: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        read(kind, value)
    return str(refused.value.errors()[0]["msg"])


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("12,50", "12.50"),
        ("12.5", "12.5"),
        ("1 250", "1250"),
        ("1\u00a0250,5", "1250.5"),
        ("1\u202f250", "1250"),
        ("0", "0"),
        ("0,0001", "0.0001"),
        ("1e3", "1000"),
    ],
)
def test_amounts_are_read_as_people_write_them(typed: str, read_as: str) -> None:
    assert read(fields.Amount, typed) == Decimal(read_as)


@pytest.mark.parametrize(
    "typed", ["", "abc", "-1", "1,2,3", "0,00001", "1234567890123", "NaN", "Infinity", "1e999", "½"]
)
def test_amounts_that_cannot_be_are_refused(typed: str) -> None:
    refuse(fields.Amount, typed)


@pytest.mark.parametrize("typed", ["2026-11-23", "23/11/2026"])
def test_days_are_read_both_ways(typed: str) -> None:
    assert read(fields.Day, typed) == dt.date(2026, 11, 23)


def test_a_short_day_and_month_will_do() -> None:
    assert read(fields.Day, "3/1/2026") == dt.date(2026, 1, 3)


@pytest.mark.parametrize(
    "typed", ["31/02/2026", "2026-02-30", "2026-13-01", "demain", "11/23/2026", "0000-01-01", "2"]
)
def test_a_day_that_does_not_exist_is_refused_in_words(typed: str) -> None:
    assert "Cette date n'existe pas" in refuse(fields.Day, typed)


@pytest.mark.parametrize("typed", ["1999-12-31", "2200-01-01", "31/12/9999"])
def test_a_year_out_of_the_calendar_is_refused_in_words(typed: str) -> None:
    assert "hors du calendrier" in refuse(fields.Day, typed)


@pytest.mark.parametrize(
    "typed",
    ["2026-12-01T08:00", "2026-12-01 08:00", "2026-12-01T08:00:00", "2026-12-01T08:00:00.0"],
)
def test_moments_are_wall_clock_times(typed: str) -> None:
    moment = read(fields.LocalMoment, typed)

    assert moment == dt.datetime(2026, 12, 1, 8)  # noqa: DTZ001, a wall clock
    assert moment.tzinfo is None


@pytest.mark.parametrize(
    "typed",
    [
        *("2026-12-01", "08:00", "2026-02-30T08:00", "2026-12-01T25:00", "2026-12-01T08:00Z"),
        *("2026-12-01T08:00+01:00", "1764576000", "hier", "2026-12-01T08:00\n", "20261201T0800"),
    ],
)
def test_a_moment_that_does_not_exist_is_refused_in_words(typed: str) -> None:
    assert "Ce moment n'existe pas" in refuse(fields.LocalMoment, typed)


def test_names_are_one_clean_line() -> None:
    assert read(fields.Name, "  Ferme \n de   la\tChâtre ") == "Ferme de la Châtre"
    assert "Retapez-le" in refuse(fields.Name, "Ferme\u202etsav")
    refuse(fields.Name, "x" * 201)


@pytest.mark.parametrize("typed", ["on", "1", "true", "oui"])
def test_ticked(typed: str) -> None:
    assert read(fields.Tick, typed) is True


@pytest.mark.parametrize("typed", ["", "off", "0", "non", "n'importe quoi"])
def test_not_ticked(typed: str) -> None:
    assert read(fields.Tick, typed) is False


@pytest.mark.parametrize("typed", ["0", "-1", str(2**63), "1.5", "abc", "9" * 5000])
def test_an_id_fits_the_database(typed: str) -> None:
    refuse(fields.Id, typed)


def test_the_greatest_id_is_read() -> None:
    assert read(fields.Id, str(2**63 - 1)) == 2**63 - 1


READERS = (fields.Amount, fields.Day, fields.LocalMoment, fields.Name, fields.Tick, fields.Id)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    for kind in (*READERS, Email, Phone):
        try:
            read(kind, typed)
        except ValidationError:
            continue


@given(st.one_of(st.dates(), st.times()).map(str) | st.datetimes().map(lambda one: one.isoformat()))
def test_whatever_looks_like_a_date_is_read_or_refused(typed: str) -> None:
    for kind in (fields.Day, fields.LocalMoment):
        try:
            read(kind, typed)
        except ValidationError:
            continue


# ---------------------------------------------------------------- addresses and numbers


def test_an_address_is_kept_in_one_form() -> None:
    assert read(Email, " Lea@Exemple.FR ") == "lea@exemple.fr"


@pytest.mark.parametrize(
    "typed",
    ["lea", "lea@", "lea@exemple", "lea@ex emple.fr", "a@b.fr, c@d.fr", "lea@exemple.fr\n\nX"],
)
def test_what_is_no_address_is_refused_in_words(typed: str) -> None:
    assert "prenom@exemple.fr" in refuse(Email, typed)


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("06 12 34 56 78", "+33612345678", "06 12 34 56 78"),
        ("0612345678", "+33612345678", "06 12 34 56 78"),
        ("+33 6 12 34 56 78", "+33612345678", "06 12 34 56 78"),
        ("+687 27 12 34", "+687271234", "+687 27.12.34"),
    ],
)
def test_a_number_is_kept_in_one_form_and_shown_as_people_dial_it(
    typed: str, kept: str, shown: str
) -> None:
    assert read(Phone, typed) == kept
    assert shown_phone(kept) == shown


@pytest.mark.parametrize("typed", ["0", "12", "06 12 34 56", "le soir", "06 12 34 56 78 poste 12"])
def test_what_is_no_number_is_refused_in_words(typed: str) -> None:
    assert "06 12 34 56 78" in refuse(Phone, typed)
