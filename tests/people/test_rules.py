"""Small pure rules: networks, devices, papers, roles, contacts."""

import datetime as dt

import pytest
from sqlalchemy.dialects.postgresql import Range

from couveuse.core import i18n
from couveuse.core.actor import Role
from couveuse.core.contacts import read_email, read_phone, shown_phone
from couveuse.people.models import LinkPurpose, Paper, PaperState, days, last_day
from couveuse.people.pages.admission import WAYS_ON
from couveuse.people.rules import (
    LINK_LIFETIMES,
    PAPER_STATES,
    ROLE_NAMES,
    device_name,
    network_of,
    role_name,
)


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        (None, "127.0.0.1"),
        ("/run/couveuse.sock", "127.0.0.1"),
    ],
)
def test_failures_are_counted_for_what_one_customer_holds(host, network):
    assert network_of(host) == network


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox, Linux",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1",
            "Safari, iPhone",
        ),
        ("curl/8.0", None),
        (None, None),
    ],
)
def test_a_device_has_a_name_that_its_owner_recognises(said, name):
    assert device_name(said) == name


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("06 12 34 56 78", "+33612345678", "06 12 34 56 78"),
        ("02.54.12.34.56", "+33254123456", "02 54 12 34 56"),
        ("+33 6 12 34 56 78", "+33612345678", "06 12 34 56 78"),
        ("0692 12 34 56", "+262692123456", "0692 12 34 56"),
        ("+44 20 7946 0958", "+442079460958", "+44 20 7946 0958"),
    ],
)
def test_a_phone_number_is_kept_once_and_shown_as_people_dial_it(typed, kept, shown):
    assert read_phone(typed) == kept
    assert shown_phone(kept) == shown
    assert read_phone(shown) == kept


@pytest.mark.parametrize("typed", ["12", "bonjour", "06 12 34 56", "0612345678 poste 3"])
def test_a_number_that_does_not_exist_is_refused(typed):
    with pytest.raises(ValueError, match="Ce numéro n'existe pas"):
        read_phone(typed)


def test_an_old_number_that_cannot_be_read_is_shown_as_it_is():
    assert shown_phone("voir avec Marc") == "voir avec Marc"


def test_an_address_is_kept_in_small_letters():
    assert read_email(" Lea@Couveuse.Example ") == "lea@couveuse.example"


@pytest.mark.parametrize("typed", ["lea", "lea@", "lea@couveuse", "a b@c.fr", "Léa <lea@x.fr>"])
def test_what_is_not_an_address_is_refused(typed):
    with pytest.raises(ValueError, match="Cette adresse"):
        read_email(typed)


PAPER = Paper(during=Range(dt.date(2026, 1, 1), dt.date(2027, 1, 1)))


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (dt.date(2025, 12, 31), PaperState.TO_COME),
        (dt.date(2026, 1, 1), PaperState.VALID),
        (dt.date(2026, 11, 1), PaperState.VALID),
        (dt.date(2026, 11, 2), PaperState.ENDING),
        (dt.date(2026, 12, 31), PaperState.ENDING),
        (dt.date(2027, 1, 1), PaperState.EXPIRED),
    ],
)
def test_a_paper_warns_two_months_before_it_ends(day, state):
    assert PAPER.state_on(day) == state


def test_days_are_said_with_the_last_one_and_kept_without():
    kept = days(dt.date(2026, 1, 1), dt.date(2026, 12, 31))

    assert (kept.lower, kept.upper) == (dt.date(2026, 1, 1), dt.date(2027, 1, 1))
    assert last_day(kept) == dt.date(2026, 12, 31)
    assert last_day(days(dt.date(2026, 1, 1), None)) is None


def test_every_role_state_and_purpose_has_its_words():
    assert set(ROLE_NAMES) == set(Role)
    assert set(PAPER_STATES) == set(PaperState)
    assert set(LINK_LIFETIMES) == set(WAYS_ON) == set(LinkPurpose)


def test_a_mentor_is_salaried_or_volunteer():
    i18n.set_language("fr")

    assert role_name("mentor", salaried=True) == "accompagnement salarié"
    assert role_name("mentor", salaried=False) == "accompagnement bénévole"
    assert role_name("mentor") == "accompagnement"
