"""Today: each person sees what is theirs to know and to do, and nothing of the others'."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination.queries import SOON, read_today
from couveuse.equipment.models import Audience, BookingState
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.html import Element

TODAY = NOON.date()
HOUR = dt.timedelta(hours=1)
MEMBERS = ("ines", "paul", "marc", "rosa", "lea", "tom", "gaston")


async def home(browse: Callable[..., Any], name: str) -> Element:
    browser: Browser = await browse(name)
    return await browser.page("/")


def titles(page: Element) -> set[str]:
    return {title.text for title in page.all("h2")}


@pytest.mark.parametrize("name", MEMBERS)
async def test_a_quiet_day_is_a_short_page(browse: Callable[..., Any], name: str) -> None:
    page = await home(browse, name)

    assert page.one("h1").text == "Aujourd'hui"
    assert "Mercredi 25 novembre 2026" in page.one("main").text
    of_marc = {"Les personnes que je suis", "Sans visite depuis un mois, ni prévue"}
    more = of_marc if name == "marc" else set()
    if name in {"ines", "paul", "lea", "tom"}:  # the agreements end in two months
        more = {"Conventions"}
    if name in {"ines", "paul", "marc"}:  # for months in test, and no committee was held
        more = more | {"Comités de suivi à prévoir"}
    assert titles(page) == {"Mes prochaines réservations"} | more
    assert "Rien de réservé" in page.text


async def test_who_is_in_test_reads_how_long_the_agreement_lasts(
    browse: Callable[..., Any],
) -> None:
    lea, marc = await home(browse, "lea"), await home(browse, "marc")

    assert "Encore 67 jours de convention" in lea.text
    assert "dernier jour : 31 janv. 2027" in lea.text
    assert "jours de convention" not in marc.text


async def test_a_mentor_finds_those_he_follows(browse: Callable[..., Any], cast: Cast) -> None:
    page = await home(browse, "marc")

    (line,) = page.one("section", aria_labelledby="followed-title").all("li")
    assert line.one("a")["href"] == f"/testeurs/{cast.lea.id}"
    assert "test en cours" in line.text
    assert "pas encore de visite" in line.text
    assert "convention jusqu'au 31 janv. 2027" in line.text
    assert "Les personnes que je suis" not in titles(await home(browse, "rosa"))


async def test_who_left_is_told_why_there_is_nothing(browse: Callable[..., Any]) -> None:
    page = await home(browse, "zoe")

    assert "Vous n'avez plus d'appartenance en cours" in page.text
    assert "/materiel" not in [link["href"] for link in page.one("main").all("a", href=None)]


async def test_ones_next_bookings_the_first_first(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    items = [await build.make_item(db, cast.farm, name=name) for name in ("Herse", "Bineuse")]
    for item, days in zip(items, (3, 1), strict=True):
        start = NOON + dt.timedelta(days=days)
        await build.make_booking(db, item, cast.lea, start, start + HOUR)
    start = NOON + dt.timedelta(days=2)
    await build.make_booking(db, items[0], cast.tom, start, start + HOUR)
    await build.make_booking(
        db, items[1], cast.lea, start, start + HOUR, state=BookingState.CANCELLED
    )
    await db.commit()

    page = await home(browse, "lea")

    shown = [link.text for link in page.one("main").all("a") if link.text in {"Herse", "Bineuse"}]
    assert shown == ["Bineuse", "Herse"]
    assert "Herse" not in (await home(browse, "marc")).text


@pytest.mark.parametrize(
    ("name", "sees"),
    [("gaston", True), ("ines", True), ("paul", False), ("marc", False), ("lea", False)],
)
async def test_requests_are_for_those_who_answer_them(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, name: str, sees: bool
) -> None:
    item = await build.make_item(db, cast.farm, name="Herse", manager_id=cast.gaston.id)
    start = NOON + dt.timedelta(days=2)
    booking = await build.make_booking(
        db, item, cast.tom, start, start + HOUR, state=BookingState.REQUESTED
    )
    await db.commit()

    page = await home(browse, name)

    assert ("Demandes à traiter" in titles(page)) == sees
    if sees:
        assert page.one("a", href=f"/reservations/{booking.id}").text == "Herse"
        assert "Tom Essai" in page.text
        assert "à répondre avant" in page.text


@pytest.mark.parametrize(
    ("days", "state"),
    [(-62, None), (-59, "expiré"), (-1, "expiré"), (1, "bientôt"), (59, "bientôt"), (62, None)],
)
async def test_papers_to_renew_are_said_two_months_before_and_after(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, days: int, state: str | None
) -> None:
    licence = await build.make_qualification(db, "Permis BE")
    last_day = TODAY + dt.timedelta(days=days)
    await build.make_paper(db, cast.tom, licence, end=last_day + dt.timedelta(days=1))
    await db.commit()

    page = await home(browse, "tom")

    assert ("Mes papiers à renouveler" in titles(page)) == (state is not None)
    if state:
        assert state in page.one("section", aria_labelledby="papers-title").text
    assert "Permis BE" not in (await home(browse, "lea")).text


@pytest.mark.parametrize(
    ("name", "sees"), [("gaston", True), ("ines", True), ("lea", False), ("tom", False)]
)
async def test_safety_checks_due_are_for_those_in_charge(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, name: str, sees: bool
) -> None:
    late = {"check_done_on": dt.date(2025, 10, 1), "check_months": 12}
    far = {"check_done_on": dt.date(2026, 10, 1), "check_months": 12}
    await build.make_item(db, cast.farm, name="Chargeur", manager_id=cast.gaston.id, **late)
    await build.make_item(db, cast.farm, name="Pont", manager_id=cast.gaston.id, **far)
    await build.make_item(db, cast.farm, name="Cric", retired_on=TODAY, **late)
    await db.commit()

    page = await home(browse, name)

    assert ("Vérifications à faire" in titles(page)) == sees
    late_ones = [row.text for row in page.all("li") if "Chargeur" in row.text]
    assert ["en retard" in text for text in late_ones] == ([True] if sees else [])
    assert "Pont" not in page.text
    assert "Cric" not in page.text


async def test_what_cannot_be_had_now_is_said_to_those_who_see_it(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    broken = await build.make_item(db, cast.farm, name="Tracteur")
    private = await build.make_item(db, cast.neuvy, name="Serre", audience=Audience.STRUCTURE)
    later = await build.make_item(db, cast.farm, name="Herse")
    for item in (broken, private):
        await build.make_outage(db, item, cast.ines, NOON - HOUR, NOON + HOUR)
    await build.make_outage(db, later, cast.ines, NOON + HOUR, NOON + 2 * HOUR)
    await db.commit()

    lea, tom = await home(browse, "lea"), await home(browse, "tom")

    assert ("Tracteur" in lea.text, "Serre" in lea.text, "Herse" in lea.text) == (
        True,
        False,
        False,
    )
    assert ("Tracteur" in tom.text, "Serre" in tom.text) == (True, True)
    assert "Révision · jusqu'au mer. 25 nov. à 13:00" in lea.text


async def test_bookings_whose_training_is_gone_are_shown_to_who_is_in_charge(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    needs = [cast.tractor_training]
    tractor = await build.make_item(db, cast.farm, name="Tracteur", requirements=needs)
    tool = await build.make_item(db, cast.farm, name="Herse", companions=[tractor])
    start = NOON + dt.timedelta(days=1)
    for person, begins, item in (
        (cast.tom, start, tractor),
        (cast.lea, start + HOUR, tractor),  # she holds it
        (cast.tom, start - dt.timedelta(days=2), tractor),  # over
    ):
        await build.make_booking(db, item, person, begins, begins + HOUR)
    late = start + 5 * HOUR
    await build.make_booking(db, tool, cast.marc, late, late + HOUR, companion_id=tractor.id)
    await db.commit()

    gaston, tom = await home(browse, "gaston"), await home(browse, "tom")

    rows = [row.text for row in gaston.one(id="unfit").all("li")]
    assert ["Tom Essai" in row for row in rows] == [True, False]
    assert "Herse" in rows[1]
    assert tom.all(id="unfit") == []


@pytest.mark.parametrize(("name", "sees"), [("ines", True), ("paul", False), ("gaston", False)])
async def test_rights_on_land_to_prolong_are_for_those_who_can(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, name: str, sees: bool
) -> None:
    await build.make_land_right(db, cast.farm, end=TODAY + dt.timedelta(days=90))
    await db.commit()

    page = await home(browse, name)

    assert ("Droits sur la terre à prolonger" in titles(page)) == sees


async def test_the_page_asks_the_same_of_the_database_whatever_there_is(
    db: AsyncSession, cast: Cast, statements: list[str]
) -> None:
    await read_today(db, cast.actors["gaston"])
    quiet = len(statements)
    for number in range(4):
        item = await build.make_item(db, cast.farm, manager_id=cast.gaston.id)
        start = NOON + dt.timedelta(days=number + 1)
        for person, state in ((cast.gaston, "confirmed"), (cast.tom, "requested")):
            start += 2 * HOUR
            await build.make_booking(
                db, item, person, start, start + HOUR, state=BookingState(state)
            )
    await db.flush()
    db.expunge_all()
    statements.clear()

    today = await read_today(db, cast.actors["gaston"])

    assert (len(today.bookings), len(today.requests)) == (4, 4)
    assert len(statements) <= quiet + 3  # what comes with the bookings, whatever their number


def test_soon_is_two_months() -> None:
    assert dt.timedelta(days=60) == SOON


async def test_home_names_who_is_on_the_way_in(db: AsyncSession, cast: Cast, browse) -> None:
    waiting = await build.make_introduction(db)
    asked = await build.make_path(db, cast.zoe, cast.home, state="oriented_out")
    await build.make_referral(db, asked, cast.partner, cast.ines)
    quiet = await build.make_person(db, "Abel", met_by_id=cast.home.id)
    long_ago = NOON - dt.timedelta(days=20)
    await build.make_path(db, quiet, cast.home, state="contact", changed_at=long_ago)
    await db.commit()

    ines = (await (await browse("ines")).page("/")).one("ul", id="way-in").text
    assert waiting.name in ines
    assert "Zoe Essai" in ines
    assert f"{quiet.name} CIVAM" in ines.replace(" · ", " ")
    paul = (await (await browse("paul")).page("/")).one("ul", id="way-in").text
    assert "Zoe Essai" in paul
    assert quiet.name not in paul
    assert not (await (await browse("lea")).page("/")).all("ul", id="way-in")


async def test_the_round_of_the_day_is_one_press_away_for_who_visits_today(
    db: AsyncSession, browse: Callable[..., Any], cast: Cast
) -> None:
    round_of_today = {"href": "/visites/tournee"}
    await build.make_visit(db, cast.lea, cast.marc, NOON + 26 * HOUR, state="planned")
    await db.commit()
    assert (await home(browse, "marc")).all("a", **round_of_today) == []

    await build.make_visit(db, cast.lea, cast.marc, NOON + 2 * HOUR, state="planned")
    await db.commit()

    assert len((await home(browse, "marc")).all("a", **round_of_today)) == 1
    assert (await home(browse, "lea")).all("a", **round_of_today) == []
