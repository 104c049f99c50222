"""One person's file: what it says, the timeline of all slices, and who opened it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination.queries import read_file
from couveuse.coordination.timeline import LENGTH, EventKind, read_timeline
from couveuse.equipment.models import BookingState
from couveuse.occupancy.models import ConditionReport, PeriodKind, PlotPeriod, Stay, stay_person
from couveuse.people.models import Person
from couveuse.trainees.actions.readings import forget_readings, note_reading
from couveuse.trainees.models import FileReading, Path, PathStep
from couveuse.trainees.queries import list_readings
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.html import Element

TODAY = NOON.date()
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


async def hold(
    db: AsyncSession, cast: Cast, person: Person, start: dt.date, end: dt.date | None, **more: Any
) -> PlotPeriod:
    """A stay of the person on a plot of the farm."""
    plot = more.pop("plot", None) or await build.make_plot(db, cast.farm)
    stay = more.pop("stay", None)
    if stay is None:
        stay = Stay()
        db.add(stay)
        await db.flush()
        await db.execute(sa.insert(stay_person).values(stay_id=stay.id, person_id=person.id))
    values = {"kind": PeriodKind.STAY, "created_by_id": cast.ines.id} | more
    period = PlotPeriod(plot_id=plot.id, during=Range(start, end), stay_id=stay.id, **values)
    db.add(period)
    await db.flush()
    return period


def section(page: Element, name: str) -> str:
    return page.one("section", aria_labelledby=f"{name}-title").text


# ---------------------------------------------------------------- what it says


async def test_it_says_where_she_stands_and_how_long_the_agreement_lasts(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    page = await (await browse("lea")).page(f"/testeurs/{cast.lea.id}")

    assert page.one("h1").text == "Mon parcours"
    clock = section(page, "clock")
    assert "Encore 67 jours" in clock
    assert "Contrat d'appui au projet d'entreprise (CAPE)" in clock
    assert "9 mois et 25 jours" in clock
    assert "À décider au plus tard" in clock


async def test_it_shows_the_ground_the_bookings_and_the_papers_that_count_now(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    await hold(db, cast, cast.lea, dt.date(2026, 3, 1), dt.date(2027, 2, 1))
    over = await hold(db, cast, cast.lea, dt.date(2025, 3, 1), dt.date(2026, 2, 1))
    item = await build.make_item(db, cast.farm, name="Herse étrille")
    await build.make_booking(db, item, cast.lea, NOON + DAY, NOON + DAY + HOUR)
    licence = await build.make_qualification(db, "Permis BE")
    await build.make_paper(db, cast.lea, licence, end=TODAY + 20 * DAY)
    await db.commit()

    page = await (await browse("marc")).page(f"/testeurs/{cast.lea.id}")

    assert "jusqu'au 31 janv. 2027" in section(page, "ground")
    assert len(page.one("section", aria_labelledby="ground-title").all("li")) == 1
    assert over.plot_id
    assert "Herse étrille" in section(page, "bookings")
    assert "Permis BE" in section(page, "papers")


async def test_it_says_who_may_read_it(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    left = TODAY - 5 * DAY
    await build.make_follow_up_member(
        db, cast.lea, cast.rosa, end=left, grace_until=left + 30 * DAY
    )
    gone = await build.make_person(db, "Ancienne")
    await build.make_follow_up_member(db, cast.lea, gone, end=TODAY - 40 * DAY)
    await db.commit()

    readers = section(await (await browse("lea")).page(f"/testeurs/{cast.lea.id}"), "readers")

    assert "Marc Essai" in readers
    assert "référent·e" in readers
    assert "Rosa Essai" in readers
    assert "lit encore jusqu'au" in readers
    assert "Ancienne" not in readers


async def test_the_page_of_a_person_leads_to_her_file_for_those_who_may_open_it(
    browse: Callable[..., Any], cast: Cast
) -> None:
    address = f"/testeurs/{cast.lea.id}"
    leads = {
        name: address
        in [
            link["href"]
            for link in (await (await browse(name)).page(f"/personnes/{cast.lea.id}")).all(
                "a", href=None
            )
        ]
        for name in ("ines", "marc", "lea", "rosa", "paul", "tom")
    }

    assert leads == {
        "ines": True,
        "marc": True,
        "lea": True,
        "rosa": False,
        "paul": False,
        "tom": False,
    }


# ---------------------------------------------------------------- the timeline


async def fill(db: AsyncSession, cast: Cast) -> dict[str, str]:
    """One thing of each kind about lea; the sentence of each, by its kind."""
    path = await db.scalar(sa.text("SELECT id FROM path WHERE person_id = :p"), {"p": cast.lea.id})
    db.add(PathStep(path_id=path, state="in_test", happened_on=dt.date(2026, 2, 1)))
    period = await hold(db, cast, cast.lea, dt.date(2026, 3, 1), dt.date(2027, 2, 1))
    db.add(
        ConditionReport(
            plot_id=period.plot_id,
            stay_id=period.stay_id,
            kind="entry",
            made_on=dt.date(2026, 3, 2),
            created_by_id=cast.marc.id,
        )
    )
    item = await build.make_item(db, cast.farm, name="Herse")
    await build.make_booking(db, item, cast.lea, NOON + DAY, NOON + DAY + HOUR)
    await build.make_booking(
        db, item, cast.lea, NOON - DAY, NOON - DAY + HOUR, state=BookingState.CANCELLED
    )
    await db.commit()
    return {
        "parcours": "Parcours : test en cours",
        "conventions": "signé avec CIVAM",
        "suivi": "Marc Essai devient référent·e",
        "parcelles": "Entrée sur la parcelle",
        "materiel": "Matériel réservé cette semaine-là",
        "papiers": "Papier obtenu : Conduite tracteur",
    }


async def test_selection_and_life_afterwards_are_told_too(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    """A decision on the day of its letter; before, nobody reads it from a list."""
    path = await db.scalar(sa.select(Path).where(Path.person_id == cast.lea.id))
    assert path is not None
    application = await build.make_application(db, path, cast.ines, opened_on=dt.date(2025, 9, 1))
    case = await build.make_case(
        db,
        await build.make_committee(db, cast.home),
        application,
        decision="yes",
        reasons="Projet clair.",
        decided_on=dt.date(2025, 10, 1),
    )
    await build.make_exit(db, cast.lea, cast.home, dt.date(2026, 3, 31))
    before = await read_timeline(db, cast.actors["lea"], cast.lea.id, kind=EventKind.PATH)
    case.notified_on = dt.date(2025, 10, 6)
    await db.flush()
    after = await read_timeline(db, cast.actors["lea"], cast.lea.id, kind=EventKind.PATH)

    told = {event.sentence: event.on for event in after.events}
    assert told["Candidature ouverte"] == dt.date(2025, 9, 1)
    assert told["Décision du comité : oui"] == dt.date(2025, 10, 6)
    assert told["Fin du test"] == dt.date(2026, 3, 31)
    assert not any("Décision" in event.sentence for event in before.events)


async def test_everything_dated_is_in_one_list_newest_first(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    sentences = await fill(db, cast)

    page = await (await browse("lea")).page(f"/testeurs/{cast.lea.id}")

    lines = page.one(id="timeline").one("ol").all("li")
    days = [line.one("time")["datetime"] for line in lines]
    assert days == sorted(days, reverse=True)
    for kind, sentence in sentences.items():
        assert any(sentence in line.text and line["data-kind"] == kind for line in lines), kind
    to_come = [line.text for line in lines if "à venir" in line.text]
    assert len(to_come) == 3  # the booking of tomorrow, the end of the stay, that of the agreement


@pytest.mark.parametrize("kind", list(EventKind))
async def test_it_is_narrowed_to_one_kind(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, kind: EventKind
) -> None:
    await fill(db, cast)

    page = await (await browse("lea")).page(f"/testeurs/{cast.lea.id}?nature={kind}")

    lines = page.one(id="timeline").one("ol").all("li")
    assert {line["data-kind"] for line in lines} == {kind}


async def test_bookings_are_told_week_by_week_and_one_by_one_when_asked_for(
    db: AsyncSession, cast: Cast
) -> None:
    items = [await build.make_item(db, cast.farm, name=name) for name in ("Herse", "Bineuse")]
    for item in items:
        for days in (0, 1, 7):
            start = NOON + days * DAY
            await build.make_booking(db, item, cast.lea, start, start + HOUR)
    ines = cast.actors["ines"]

    whole = await read_timeline(db, ines, cast.lea.id)
    each = await read_timeline(db, ines, cast.lea.id, kind=EventKind.ITEMS)

    weeks = [one for one in whole.events if one.kind == EventKind.ITEMS]
    assert [(one.on, one.sentence, one.note) for one in weeks] == [
        (TODAY + 7 * DAY, "Matériel réservé 2 fois cette semaine-là", "Bineuse, Herse"),
        (TODAY + DAY, "Matériel réservé 4 fois cette semaine-là", "Bineuse, Herse"),
    ]
    assert len(each.events) == 6
    assert each.events[-1].sentence.endswith("12:00 – 13:00")


async def test_a_stay_renewed_on_its_plot_reads_as_one(db: AsyncSession, cast: Cast) -> None:
    first = await hold(db, cast, cast.lea, dt.date(2026, 1, 1), dt.date(2026, 6, 1))
    again = PlotPeriod(
        plot_id=first.plot_id,
        during=Range(dt.date(2026, 6, 1), dt.date(2026, 9, 1)),
        stay_id=first.stay_id,
        kind=PeriodKind.STAY,
        created_by_id=cast.ines.id,
    )
    db.add(again)
    await db.flush()

    timeline = await read_timeline(db, cast.actors["ines"], cast.lea.id, kind=EventKind.LAND)

    assert [one.on for one in timeline.events] == [dt.date(2026, 8, 31), dt.date(2026, 1, 1)]


async def test_it_is_read_page_by_page_and_nothing_is_lost(db: AsyncSession, cast: Cast) -> None:
    """Days are kept whole, though many things share one."""
    item = await build.make_item(db, cast.farm, capacity=3)
    for number in range(2 * LENGTH + 10):
        start = NOON - (number // 3) * DAY
        await build.make_booking(
            db, item, cast.lea, start, start + HOUR, state=BookingState.CANCELLED
        )

    seen: list[dt.date] = []
    before: dt.date | None = None
    for _ in range(10):
        page = await read_timeline(
            db, cast.actors["ines"], cast.lea.id, kind=EventKind.ITEMS, before=before
        )
        assert LENGTH <= len(page.events) < LENGTH + 3 or page.goes_on_before is None
        seen += [one.on for one in page.events]
        before = page.goes_on_before
        if before is None:
            break

    assert len(seen) == 2 * LENGTH + 10
    assert seen == sorted(seen, reverse=True)


async def test_what_somebody_may_not_see_leads_nowhere(db: AsyncSession, cast: Cast) -> None:
    item = await build.make_item(db, cast.neuvy, audience="structure")
    await build.make_booking(db, item, cast.lea, NOON, NOON + HOUR)

    told = {
        name: (
            await read_timeline(db, cast.actors[name], cast.lea.id, kind=EventKind.ITEMS)
        ).events[0]
        for name in ("marc", "ines")
    }

    assert told["ines"].link is not None
    assert told["marc"].link is None


async def test_the_file_asks_the_same_of_the_database_whatever_happened(
    db: AsyncSession, cast: Cast, statements: list[str]
) -> None:
    ines = cast.actors["ines"]
    await read_file(db, ines, cast.lea.id)
    await read_timeline(db, ines, cast.lea.id)
    quiet = len(statements)
    for number in range(6):
        item = await build.make_item(db, cast.farm)
        start = NOON + (number + 1) * DAY
        await build.make_booking(db, item, cast.lea, start, start + HOUR)
        begins = dt.date(2020 + number, 1, 1)
        await hold(db, cast, cast.lea, begins, begins + 90 * DAY)
    await db.flush()
    db.expunge_all()
    statements.clear()

    await read_file(db, ines, cast.lea.id)
    await read_timeline(db, ines, cast.lea.id)

    assert len(statements) <= quiet <= 14


# ---------------------------------------------------------------- who opened it


async def test_who_opens_a_file_is_written_down_once_a_day(
    browse: Callable[..., Any],
    db: AsyncSession,
    cast: Cast,
    fixed_clock: Callable[[dt.datetime], None],
) -> None:
    address = f"/testeurs/{cast.lea.id}"
    marc: Browser = await browse("marc")
    for moment in (NOON, NOON + HOUR, NOON + 24 * HOUR):
        fixed_clock(moment)
        await marc.page(address)

    readings = await list_readings(db, cast.lea.id)
    assert [(one.reader.given_name, one.read_on) for one in readings] == [
        ("Marc", TODAY + DAY),
        ("Marc", TODAY),
    ]
    assert readings[1].read_at == NOON


async def test_ones_own_visits_and_those_refused_are_not(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    address = f"/testeurs/{cast.lea.id}"
    await (await browse("lea")).page(address)
    for name in ("rosa", "paul", "tom", "gaston", "zoe"):
        assert (await (await browse(name)).get(address)).status_code == 404

    assert await list_readings(db, cast.lea.id) == []


async def test_the_person_reads_who_opened_her_file(browse: Callable[..., Any], cast: Cast) -> None:
    address = f"/testeurs/{cast.lea.id}/lectures"
    lea: Browser = await browse("lea")
    assert "Personne d'autre ne l'a ouvert" in (await lea.page(address)).text

    await (await browse("marc")).page(f"/testeurs/{cast.lea.id}")

    (line,) = (await lea.page(address)).one("main").all("li")
    assert "Marc Essai" in line.text
    assert "25 nov. 2026" in line.text


async def test_openings_are_forgotten_after_a_year(
    db: AsyncSession, cast: Cast, fixed_clock: Callable[[dt.datetime], None]
) -> None:
    for days in (0, 1):
        fixed_clock(NOON + days * 24 * HOUR)
        await note_reading(db, cast.actors["marc"], cast.lea.id)

    fixed_clock(NOON + 366 * 24 * HOUR)
    await forget_readings(db)

    kept = (await db.scalars(sa.select(FileReading.read_on))).all()
    assert kept == [TODAY + DAY]
