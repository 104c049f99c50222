"""What a page says before anything is filled in: what is missing, and sensible first values."""

import datetime as dt

import pytest

from tests import build
from tests.html import Element


def warnings_of(page: Element) -> str:
    return " ".join(one.text for one in page.one("main").all("div", class_="notice inline warn"))


async def test_who_lacks_a_training_reads_it_before_booking_and_whom_to_ask(
    browse, db, cast
) -> None:
    item = await build.make_item(
        db,
        cast.farm,
        name="Tracteur",
        manager_id=cast.gaston.id,
        requirements=[cast.tractor_training],
    )
    await db.commit()
    tom, lea = await browse("tom"), await browse("lea")
    for address in (f"/materiel/{item.id}", f"/materiel/{item.id}/reservations/nouvelle"):
        told = await tom.page(address)
        assert "Conduite tracteur (pour Tracteur)" in warnings_of(told)
        assert "Gaston Essai" in warnings_of(told)
        assert "02 54 00 00 00" in warnings_of(told)
        assert warnings_of(await lea.page(address)) == ""


async def test_who_answers_for_the_item_is_sent_to_somebody_else(browse, db, cast) -> None:
    needs = [cast.tractor_training]
    item = await build.make_item(db, cast.farm, manager_id=cast.gaston.id, requirements=needs)
    await db.commit()
    gaston = await browse("gaston")
    assert "dites-le à la coordination" in warnings_of(await gaston.page(f"/materiel/{item.id}"))


async def test_one_companion_that_one_may_drive_is_enough(browse, db, cast) -> None:
    needs = [cast.tractor_training]
    big = await build.make_item(db, cast.farm, name="Grand tracteur", requirements=needs)
    small = await build.make_item(db, cast.farm, name="Motoculteur")
    both = await build.make_item(db, cast.farm, companions=[big, small])
    only = await build.make_item(db, cast.farm, companions=[big])
    await db.commit()
    tom = await browse("tom")
    assert warnings_of(await tom.page(f"/materiel/{both.id}")) == ""
    assert "pour Grand tracteur" in warnings_of(await tom.page(f"/materiel/{only.id}"))


async def test_an_overdue_safety_check_is_said_at_once(browse, db, cast) -> None:
    checked = {"check_done_on": dt.date(2025, 3, 1), "check_months": 12}
    item = await build.make_item(db, cast.farm, **checked)
    await db.commit()
    lea = await browse("lea")
    assert "vérification périodique" in warnings_of(await lea.page(f"/materiel/{item.id}"))


@pytest.mark.parametrize(
    ("closes_at", "end"),
    [(None, "2026-11-26T00:00"), (18, "2026-11-25T18:00"), (11, "2026-11-26T00:00")],
)
async def test_an_outage_begins_now_and_ends_with_the_day(
    browse, db, cast, fixed_clock, closes_at, end
) -> None:
    fixed_clock(dt.datetime(2026, 11, 25, 11, 7, tzinfo=dt.UTC))
    rules = {"opens_at": dt.time(8), "closes_at": dt.time(closes_at)} if closes_at else {}
    item = await build.make_item(db, cast.farm, **rules)
    await db.commit()
    gaston = await browse("gaston")
    page = await gaston.page(f"/materiel/{item.id}/indisponibilites/nouvelle")
    assert page.one("input", name="starts_at")["value"] == "2026-11-25T12:00"
    assert page.one("input", name="ends_at")["value"] == end


async def test_many_bookings_to_come_are_counted_not_listed(browse, db, cast) -> None:
    item = await build.make_item(db, cast.farm)
    first = dt.datetime(2026, 11, 26, 8, tzinfo=dt.UTC)
    for week in range(8):
        start = first + dt.timedelta(weeks=week)
        await build.make_booking(db, item, cast.lea, start, start + dt.timedelta(hours=1))
    await db.commit()
    gaston = await browse("gaston")
    page = await gaston.page(f"/materiel/{item.id}/modification")
    assert len(page.all("li", data_booking=None)) == 5
    assert page.one("a", href=f"/materiel/{item.id}?semaine=2026-W53").text == "et 3 autres ensuite"
    for path in ("retrait", "indisponibilites"):
        sent = {"starts_at": "2026-11-26T00:00", "ends_at": "2027-11-26T00:00", "reason": "Vente"}
        answer = await gaston.post(f"/materiel/{item.id}/{path}", sent)
        assert answer.status_code == 422
        assert "3 autres réservations à venir sont dans le même cas" in answer.text


async def test_what_was_taken_out_of_service_can_be_found_again(browse, db, cast) -> None:
    retired = await build.make_item(db, cast.farm, retired_on=dt.date(2026, 11, 2))
    kept = await build.make_item(
        db,
        cast.neuvy,
        structure_id=cast.partner.id,
        audience="structure",
        retired_on=dt.date(2026, 11, 3),
    )
    await db.commit()

    async def shown(name: str) -> list[str]:
        page = await (await browse(name)).page("/materiel/retires")
        return [one["data-item"] for one in page.all("li", data_item=None)]

    assert await shown("gaston") == [str(retired.id)]
    assert await shown("ines") == [str(kept.id), str(retired.id)]


def facts_of(page: Element) -> dict[str, str]:
    """What the page tells of the item, by label."""
    rows = page.one("dl", class_="facts").all("div")
    return {row.one("dt").text: row.one("dd").text for row in rows}


async def test_every_rule_of_an_item_is_told_in_a_few_words(browse, db, cast) -> None:
    ruled = {
        "slot_minutes": 30,
        "min_minutes": 60,
        "max_minutes": 1440,
        "notice_minutes": 1440,
        "horizon_days": 90,
        "open_days": [1, 2, 6],
        "opens_at": dt.time(8),
        "closes_at": dt.time(18),
        "buffer_before_minutes": 15,
        "buffer_after_minutes": 30,
        "cancel_cutoff_minutes": 720,
        "max_open_bookings": 1,
        "max_week_minutes": 600,
    }
    item = await build.make_item(db, cast.farm, **ruled)
    await db.commit()
    lea = await browse("lea")
    for address in (f"/materiel/{item.id}", f"/materiel/{item.id}/reservations/nouvelle"):
        assert facts_of(await lea.page(address)) == {
            "Durée": "de 1 h à 1 j, par pas de 30 min",
            "À l'avance": "de 1 j à 90 j",
            "Jours": "lundi, mardi, samedi",
            "Heures": "08:00 – 18:00",
            "Battement": "15 min avant chaque réservation, 30 min après chaque réservation",
            "Annulation": ("soi-même jusqu'à 12 h avant ; ensuite, appeler la personne en charge"),
            "Par personne": "1 réservation à venir, 10 h par semaine au plus",
        }


async def test_an_item_without_rules_tells_few(browse, db, cast) -> None:
    item = await build.make_item(db, cast.farm, horizon_days=90)
    await db.commit()
    page = await (await browse("lea")).page(f"/materiel/{item.id}")
    told = facts_of(page)
    assert told["À l'avance"] == "jusqu'à 90 j"
    assert not {"Jours", "Heures", "Battement", "Annulation", "Par personne"} & set(told)
