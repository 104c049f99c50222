"""Adding, changing and retiring items through the pages, as a browser does it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import i18n, journal
from couveuse.equipment import describing
from couveuse.equipment.catalogue import list_whole_items
from couveuse.equipment.item_forms import ItemForm
from couveuse.equipment.models import Booking, BookingState, Item, ItemClaim
from tests import build
from tests.cast import Cast
from tests.html import Element, parse


def instant(hour: int, day: int = 26) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour - 1, tzinfo=dt.UTC)


def essentials(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "code": "TR-09",
        "name": "Tracteur 40 ch",
        "category": "tracteur",
        "site_id": str(cast.farm.id),
        "structure_id": str(cast.home.id),
        **more,
    }


def whole_form(page: Element) -> dict[str, Any]:
    """What a browser would send of the item form, untouched."""
    form = page.one("form", id="item-form")
    sent: dict[str, Any] = {}
    for one in form.all("input"):
        if one.attrs.get("type") == "file" or "name" not in one.attrs:
            continue
        is_box = one.attrs.get("type") in ("checkbox", "radio")
        if is_box and "checked" in one.attrs:
            sent.setdefault(one["name"], []).append(one["value"])
        elif not is_box:
            sent[one["name"]] = one.attrs.get("value", "")
    for area in form.all("textarea"):
        sent[area["name"]] = area.text
    for select in form.all("select"):
        chosen = [one["value"] for one in select.all("option") if "selected" in one.attrs]
        sent[select["name"]] = chosen[0] if chosen else select.all("option")[0]["value"]
    sent.pop("_csrf_token")
    return sent


async def whole(db: AsyncSession, code: str) -> Item:
    return (await list_whole_items(db, Item.code == code, again=True))[0]


async def said_about(db: AsyncSession, item: Item) -> list[str]:
    return [journal.sentence(line) for line in await journal.lines_about(db, "item", item.id)]


def errors_of(text: str) -> dict[str, str]:
    """The errors of a page by field."""
    found: dict[str, str] = {}
    for error in parse(text).all("p", class_="error"):
        name = error["id"].split("-")[1]
        found[name] = found.get(name, "") + error.text
    return found


# --- adding


async def test_five_fields_make_an_item_with_the_usual_rules(browse, db, cast) -> None:
    gaston = await browse("gaston")
    answer = await gaston.post("/materiel", essentials(cast))
    assert answer.status_code == 303, answer.text
    item = await whole(db, "TR-09")
    assert answer.headers["location"] == f"/materiel/{item.id}"
    assert (item.slot_minutes, item.min_minutes, item.max_minutes) == (30, 30, 1440)
    assert item.open_days == [1, 2, 3, 4, 5, 6, 7]
    assert await said_about(db, item) == ["a ajouté le matériel"]
    assert "Tracteur 40 ch" in (await gaston.page(answer.headers["location"])).text


async def test_everything_typed_is_kept_in_the_units_that_people_use(browse, db, cast) -> None:
    tractor = await build.make_item(db, cast.farm)
    await db.commit()
    typed = essentials(
        cast,
        manager_id=str(cast.gaston.id),
        deputy_id=str(cast.marc.id),
        serial_number="FV60-118",
        notes="arceau, pas de cabine",
        return_rule="rendre plein",
        audience="structure",
        companions=[str(tractor.id)],
        requirements=["Conduite tracteur"],
        new_requirements="EPI ; Sécurité gaz",
        capacity="4",
        slot_minutes="1 h",
        min_minutes="½ journée",
        max_minutes="2 jours",
        notice_minutes="24 h",
        horizon_days="60",
        cancel_cutoff_minutes="12h",
        opens_at="08:00",
        closes_at="18h30",
        open_days=["6", "1", "1"],
        needs_approval="on",
        needs_agreement="on",
        answer_hours="72",
        buffer_after_minutes="30 min",
        max_open_bookings="3",
        max_week_minutes="10 h",
        meter="2 413,5",
        meter_unit="h",
        tariff="18,00",
        tariff_unit="hour",
        deposit="300",
        check_done_on="2026-03-12",
        check_months="12",
    )
    answer = await (await browse("gaston")).post("/materiel", typed)
    assert answer.status_code == 303, errors_of(answer.text)
    item = await whole(db, "TR-09")
    assert (item.manager_id, item.deputy_id) == (cast.gaston.id, cast.marc.id)
    assert (item.min_minutes, item.max_minutes, item.slot_minutes) == (240, 2880, 60)
    assert (item.notice_minutes, item.cancel_cutoff_minutes) == (1440, 720)
    assert (item.opens_at, item.closes_at) == (dt.time(8), dt.time(18, 30))
    assert (item.open_days, item.needs_approval, item.answer_hours) == ([1, 6], True, 72)
    assert item.needs_agreement
    assert (item.meter, item.tariff, item.tariff_unit) == (Decimal("2413.5"), 18, "hour")
    assert [one.id for one in item.companions] == [tractor.id]
    assert {one.name for one in item.requirements} == {"Conduite tracteur", "EPI", "Sécurité gaz"}
    assert (item.check_done_on, item.check_months) == (dt.date(2026, 3, 12), 12)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_a_form_shows_of_a_length_reads_back_as_the_same(language) -> None:
    i18n.set_language(language)
    for minutes in (0, 5, 45, 60, 90, 240, 720, 1440, 1500, 10080, 43200):
        shown = describing.typed_value("notice_minutes", minutes)
        form = {"code": "A", "name": "A", "category": "a", "site_id": 1, "structure_id": 1}
        assert ItemForm.model_validate(form | {"notice_minutes": shown}).notice_minutes == minutes
    shown = describing.typed_value("meter", Decimal("2413.50"))
    form |= {"meter": shown, "meter_unit": "h"}
    assert ItemForm.model_validate(form).meter == Decimal("2413.5")


async def test_the_form_opens_with_the_usual_values_and_ones_own_structure(browse, cast) -> None:
    page = await (await browse("gaston")).page("/materiel/nouveau")
    sent = whole_form(page)
    assert sent["structure_id"] == str(cast.home.id)
    assert (sent["min_minutes"], sent["max_minutes"]) == ("30 min", "1 j")
    options = page.one("select", name="structure_id").all("option")
    assert [one.text for one in options] == ["–", "CIVAM"]  # not the partner's
    assert page.one("input", name="code").attrs["maxlength"] == "40"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ines", 200),
        ("paul", 200),
        ("gaston", 200),
        ("marc", 403),
        ("lea", 403),
        ("zoe", 403),
        (None, 303),
    ],
)
async def test_who_may_add_items(browse, db, cast, name, status) -> None:
    browser = await browse(name)
    assert (await browser.get("/materiel/nouveau")).status_code == status
    answer = await browser.post("/materiel", essentials(cast, structure_id=str(cast.partner.id)))
    # gaston looks after the equipment of another structure
    expected = {"gaston": 422}.get(name, 303 if status == 200 else status)
    assert answer.status_code == expected
    made = await db.scalar(sa.select(sa.func.count()).where(Item.code == "TR-09"))
    assert made == (1 if name in ("ines", "paul") else 0)


async def test_a_code_is_used_once_whatever_its_case(browse, db, cast) -> None:
    await build.make_item(db, cast.farm, code="tr-09")
    await db.commit()
    answer = await (await browse("gaston")).post("/materiel", essentials(cast, notes="gardé"))
    assert answer.status_code == 422
    assert "déjà celui d'un autre" in errors_of(answer.text)["code"]
    assert "gardé" in answer.text


WRONG = {
    "code": ["", "x" * 41, "a\u202eb"],
    "name": ["", "x" * 201],
    "category": ["", "x" * 201],
    "site_id": ["", "abc", "0", "-1", "999999999", str(2**63), "1.5", "1e400"],
    "structure_id": ["", "abc", "999999999", str(2**70)],
    "manager_id": ["abc", "999999999", str(2**64)],
    "deputy_id": ["abc", "999999999"],
    "serial_number": ["x" * 201],
    "notes": ["x" * 4001],
    "return_rule": ["x" * 201],
    "audience": ["world"],
    "companions": ["abc", "999999999", str(2**65)],
    "requirements": ["x" * 201],
    "new_requirements": ["x" * 201, ",".join("abcdefghijklmnopqrstuvwxyz")],
    "capacity": ["0", "51", "-3", "deux", "1,5", str(10**30)],
    "slot_minutes": ["30", "1 min", "2 jours", "-5 min", "0 min", "long"],
    "min_minutes": ["30", "0 min", "2 ans", "toujours"],
    "max_minutes": ["5 min", "99999 jours", "0"],
    "notice_minutes": ["demain", "-1 h"],
    "horizon_days": ["0", "2000", "un an"],
    "cancel_cutoff_minutes": ["-1 h", "tard"],
    "opens_at": ["25:00", "8", "midi", "08:00:00+02:00", "-1:00"],
    "closes_at": ["18:00", "25:99"],
    "open_days": ["0", "8", "lundi"],
    "answer_hours": ["0", "10000", "vite"],
    "buffer_before_minutes": ["-5 min", "un peu"],
    "buffer_after_minutes": ["-5 min", "un peu"],
    "max_open_bookings": ["0", "9999", "beaucoup"],
    "max_week_minutes": ["10", "0 h", "jamais"],
    "meter": ["-1", "abc", "NaN", "Infinity", "1e30", "1,23456"],
    "meter_unit": ["miles"],
    "tariff": ["-1", "cher", "nan"],
    "tariff_unit": ["lune"],
    "deposit": ["-1", "abc", "1" * 40],
    "check_done_on": ["2026-02-30", "hier", "1026-01-01", "2027-01-01", "99999-01-01"],
    "check_months": ["0", "601", "12", "un an"],
}


@pytest.mark.parametrize("field", WRONG)
async def test_a_wrong_value_is_refused_on_its_field(browse, db, cast, field) -> None:
    gaston = await browse("gaston")
    item = await build.make_item(db, cast.farm)
    await db.commit()
    for value in WRONG[field]:
        for path in ("/materiel", f"/materiel/{item.id}"):
            answer = await gaston.post(path, essentials(cast) | {field: value})
            assert answer.status_code == 422, (field, value, answer.status_code)
            assert errors_of(answer.text).get(field), (field, value, errors_of(answer.text))
    assert await db.scalar(sa.select(sa.func.count()).where(Item.code == "TR-09")) == 0


def test_every_field_of_the_form_has_wrong_values_to_try() -> None:
    harmless = {"needs_approval", "needs_agreement", "remove_photo", "photo", "seen"}
    assert set(ItemForm.model_fields) - harmless == set(WRONG)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"min_minutes": "2 h", "max_minutes": "1 h"}, "max_minutes"),
        ({"slot_minutes": "1 h", "max_minutes": "30 min"}, "max_minutes"),
        ({"opens_at": "08:00"}, "closes_at"),
        ({"opens_at": "18:00", "closes_at": "08:00"}, "closes_at"),
        ({"opens_at": "08:00", "closes_at": "08:00"}, "closes_at"),
        ({"tariff": "5"}, "tariff_unit"),
        ({"meter": "5"}, "meter_unit"),
        ({"check_done_on": "2026-01-01"}, "check_months"),
        ({"check_months": "12"}, "check_months"),
    ],
)
async def test_fields_that_contradict_each_other(browse, cast, sent, field) -> None:
    answer = await (await browse("gaston")).post("/materiel", essentials(cast, **sent))
    assert answer.status_code == 422
    assert list(errors_of(answer.text)) == [field]


async def test_the_deputy_is_somebody_else(browse, cast) -> None:
    same = str(cast.gaston.id)
    answer = await (await browse("gaston")).post(
        "/materiel", essentials(cast, manager_id=same, deputy_id=same)
    )
    assert list(errors_of(answer.text)) == ["deputy_id"]


async def test_who_left_cannot_be_put_in_charge(browse, cast) -> None:
    answer = await (await browse("gaston")).post(
        "/materiel", essentials(cast, manager_id=str(cast.zoe.id))
    )
    assert list(errors_of(answer.text)) == ["manager_id"]


# --- changing


async def test_saving_the_form_untouched_changes_nothing(browse, db, cast) -> None:
    first, second = await build.make_item(db, cast.farm), await build.make_item(db, cast.farm)
    item = await build.make_item(
        db,
        cast.farm,
        code="RO-01",
        companions=[],
        requirements=[await db.merge(cast.tractor_training)],
        tariff=Decimal("8.50"),
        tariff_unit="hour",
        meter=Decimal("1022.25"),
        meter_unit="h",
        opens_at=dt.time(8),
        closes_at=dt.time(20),
        open_days=[1, 2, 3],
        manager_id=cast.zoe.id,  # who left since
        notes="deux lignes\nde remarques",
    )
    await db.commit()
    gaston = await browse("gaston")
    sent = whole_form(await gaston.page(f"/materiel/{item.id}/modification"))
    sent |= {"companions": [str(second.id), str(first.id)], "notes": "deux lignes\nde remarques"}
    assert (await gaston.post(f"/materiel/{item.id}", sent)).status_code == 303
    before = describing.facts_of(await whole(db, "RO-01"))
    sent = whole_form(await gaston.page(f"/materiel/{item.id}/modification"))
    answer = await gaston.post(
        f"/materiel/{item.id}", sent | {"notes": "deux lignes\nde remarques"}
    )
    assert answer.status_code == 303, errors_of(answer.text)
    after = await whole(db, "RO-01")
    assert describing.facts_of(after) == before
    assert len(await said_about(db, after)) == 1  # only the companions, at first


async def test_a_change_is_told_in_words(browse, db, cast) -> None:
    item = await build.make_item(db, cast.farm, code="TR-09", max_minutes=1440, min_minutes=60)
    await db.commit()
    gaston = await browse("gaston")
    sent = whole_form(await gaston.page(f"/materiel/{item.id}/modification"))
    sent |= {"max_minutes": "2 jours", "capacity": "4", "needs_approval": "on"}
    sent |= {"new_requirements": "EPI"}
    assert (await gaston.post(f"/materiel/{item.id}", sent)).status_code == 303
    (line,) = await said_about(db, item)
    assert line == (
        "a modifié : Formation exigée (– → EPI), Places (1 → 4), "
        "Durée la plus longue (1 j → 2 j), Validation (non → oui)"
    )


@pytest.mark.parametrize(
    ("name", "status"), [("lea", 403), ("paul", 403), ("zoe", 404), (None, 303), ("ines", 200)]
)
async def test_who_may_change_an_item(browse, db, cast, name, status) -> None:
    item = await build.make_item(db, cast.farm)
    await db.commit()
    browser = await browse(name)
    assert (await browser.get(f"/materiel/{item.id}/modification")).status_code == status
    expected = 303 if status == 200 else status
    for path in ("", "/retrait", "/remise-en-service"):
        answer = await browser.post(f"/materiel/{item.id}{path}", essentials(cast))
        assert answer.status_code == expected, path


async def test_the_person_in_charge_may_change_it_whatever_their_role(browse, db, cast) -> None:
    item = await build.make_item(db, cast.farm, deputy_id=cast.lea.id)
    await db.commit()
    lea = await browse("lea")
    sent = whole_form(await lea.page(f"/materiel/{item.id}/modification"))
    assert (await lea.post(f"/materiel/{item.id}", sent | {"name": "Autre"})).status_code == 303
    stolen = sent | {"structure_id": str(cast.partner.id)}
    answer = await lea.post(f"/materiel/{item.id}", stolen)
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["modification", "retrait", "remise-en-service"])
async def test_an_unknown_item_is_not_found(browse, path) -> None:
    gaston = await browse("gaston")
    for item_id in ("999999999", "0", str(2**63)):
        send = gaston.get if path == "modification" else gaston.post
        assert (await send(f"/materiel/{item_id}/{path}")).status_code == 404


async def test_a_change_made_meanwhile_is_said_before_it_is_replaced(browse, db, cast) -> None:
    item = await build.make_item(db, cast.farm, code="TR-09")
    await db.commit()
    gaston, ines = await browse("gaston"), await browse("ines")
    path = f"/materiel/{item.id}"
    mine = whole_form(await gaston.page(f"{path}/modification"))
    theirs = whole_form(await ines.page(f"{path}/modification"))
    assert (await ines.post(path, theirs | {"notes": "pneu lisse"})).status_code == 303
    answer = await gaston.post(path, mine | {"name": "Le petit"})
    assert answer.status_code == 422
    assert "entre-temps" in answer.text
    again = whole_form(parse(answer.text))
    assert again["name"] == "Le petit"
    assert (await gaston.post(path, again)).status_code == 303


# --- what bookings rest on


async def test_fewer_places_than_booked_are_refused_with_the_bookings(browse, db, cast) -> None:
    item = await build.make_item(db, cast.farm, code="CF-01", capacity=4)
    for unit in (1, 2, 4):
        await build.make_booking(db, item, cast.tom, instant(8), instant(10), unit=unit)
    await db.commit()
    gaston = await browse("gaston")
    sent = whole_form(await gaston.page(f"/materiel/{item.id}/modification"))
    answer = await gaston.post(f"/materiel/{item.id}", sent | {"capacity": "2"})
    assert answer.status_code == 422
    assert "Tom Essai a réservé une place en trop" in errors_of(answer.text)["capacity"]
    assert 'id="rules" open' in answer.text
    assert (await gaston.post(f"/materiel/{item.id}", sent | {"capacity": "4"})).status_code == 303


async def test_more_places_are_held_by_a_repair_too(browse, db, cast) -> None:
    item = await build.make_item(db, cast.farm, capacity=2)
    await build.make_outage(db, item, cast.gaston, instant(8), instant(18))
    await db.commit()
    gaston = await browse("gaston")
    sent = whole_form(await gaston.page(f"/materiel/{item.id}/modification"))
    for capacity in (4, 1):
        await gaston.post(f"/materiel/{item.id}", sent | {"capacity": str(capacity), "seen": ""})
        units = await db.scalars(sa.select(ItemClaim.unit).where(ItemClaim.item_id == item.id))
        assert sorted(units) == list(range(1, capacity + 1))


async def test_a_companion_in_use_stays(browse, db, cast) -> None:
    tractor, other = await build.make_item(db, cast.farm), await build.make_item(db, cast.farm)
    item = await build.make_item(db, cast.farm, companions=[tractor, other])
    await build.make_booking(db, item, cast.tom, instant(8), instant(10), companion_id=tractor.id)
    await db.commit()
    gaston = await browse("gaston")
    sent = whole_form(await gaston.page(f"/materiel/{item.id}/modification"))
    answer = await gaston.post(f"/materiel/{item.id}", sent | {"companions": str(other.id)})
    assert "Tom Essai a réservé les deux" in errors_of(answer.text)["companions"]
    answer = await gaston.post(f"/materiel/{item.id}", sent | {"companions": str(tractor.id)})
    assert answer.status_code == 303


async def test_a_booked_item_keeps_its_local_time(browse, db, cast) -> None:
    island = await build.make_site(
        db, cast.home, name="Lieu-test Réunion", time_zone="Indian/Reunion"
    )
    item = await build.make_item(db, cast.farm)
    await build.make_booking(db, item, cast.tom, instant(8), instant(10))
    await db.commit()
    gaston = await browse("gaston")
    sent = whole_form(await gaston.page(f"/materiel/{item.id}/modification"))
    answer = await gaston.post(f"/materiel/{item.id}", sent | {"site_id": str(island.id)})
    assert "autre heure locale" in errors_of(answer.text)["site_id"]
    answer = await gaston.post(f"/materiel/{item.id}", sent | {"site_id": str(cast.neuvy.id)})
    assert answer.status_code == 303


async def test_an_item_booked_by_others_stays_open_to_them(browse, db, cast) -> None:
    item = await build.make_item(db, cast.farm)
    await build.make_booking(db, item, cast.lea, instant(12), instant(14))
    booking = await build.make_booking(db, item, cast.tom, instant(8), instant(10))
    await db.commit()
    gaston = await browse("gaston")
    sent = whole_form(await gaston.page(f"/materiel/{item.id}/modification"))
    answer = await gaston.post(f"/materiel/{item.id}", sent | {"audience": "structure"})
    assert "Tom Essai n'est pas de cette structure" in errors_of(answer.text)["audience"]
    assert "Lea" not in errors_of(answer.text)["audience"]
    await (await browse("tom")).post(f"/reservations/{booking.id}/annulation")
    answer = await gaston.post(f"/materiel/{item.id}", sent | {"audience": "structure"})
    assert answer.status_code == 303
    assert (await (await browse("tom")).get(f"/materiel/{item.id}")).status_code == 404


# --- out of service and back


async def test_an_item_is_retired_and_comes_back(browse, db, cast) -> None:
    item = await build.make_item(db, cast.farm)
    await build.make_booking(db, item, cast.tom, instant(8, 20), instant(10, 20))  # over
    await db.commit()
    gaston, lea = await browse("gaston"), await browse("lea")
    path = f"/materiel/{item.id}"
    answer = await gaston.post(f"{path}/retrait", {"reason": "Vendu"})
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    await db.refresh(item)
    assert item.retired_on == dt.date(2026, 11, 25)
    assert "retiré du service" in (await lea.page(path)).text
    assert not (await lea.page("/materiel")).all(data_item=str(item.id))
    assert (await gaston.post(f"{path}/retrait")).status_code == 409
    assert "Remettre en service" in (await gaston.page(f"{path}/modification")).text
    assert (await gaston.post(f"{path}/remise-en-service")).status_code == 303
    assert (await gaston.post(f"{path}/remise-en-service")).status_code == 409
    assert (await lea.page("/materiel")).all(data_item=str(item.id))
    assert await said_about(db, item) == [
        "a remis le matériel en service",
        "a retiré le matériel du service : Vendu",
    ]


async def test_bookings_to_come_are_named_then_settled_when_asked(browse, db, cast) -> None:
    tractor = await build.make_item(db, cast.farm, name="Le vert")
    rotavator = await build.make_item(db, cast.farm, companions=[tractor])
    alone = await build.make_booking(db, tractor, cast.tom, instant(8), instant(10))
    pair = await build.make_booking(
        db, rotavator, cast.lea, instant(14), instant(16), companion_id=tractor.id
    )
    held = {"unit": 1, "during": pair.during, "kind": "booking", "booking_id": pair.id}
    db.add(ItemClaim(item_id=tractor.id, **held))
    await db.commit()
    gaston = await browse("gaston")
    page = await gaston.page(f"/materiel/{tractor.id}/modification")
    assert {one["data-booking"] for one in page.all(data_booking=None)} == {
        str(alone.id),
        str(pair.id),
    }
    assert rotavator.name in page.text
    answer = await gaston.post(f"/materiel/{tractor.id}/retrait")
    assert answer.status_code == 422
    assert "Tom Essai a réservé" in answer.text
    assert "Lea Essai a réservé" in answer.text
    answer = await gaston.post(f"/materiel/{tractor.id}/retrait", {"cancel_bookings": "on"})
    assert answer.status_code == 303
    states = await db.scalars(sa.select(Booking.state).where(Booking.id.in_([alone.id, pair.id])))
    assert set(states) == {BookingState.CANCELLED}
    assert await db.scalar(sa.select(sa.func.count()).select_from(ItemClaim)) == 0
