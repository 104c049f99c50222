"""Workshops from planning to the closed sheet, through the pages."""

import datetime as dt
import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import i18n
from couveuse.core.mail import OutgoingMail
from couveuse.followup.models import (
    Attendance,
    AttendanceNote,
    AttendanceScan,
    AttendanceSignature,
    Presence,
    TrainerSignature,
    Workshop,
    WorkshopSeat,
    WorkshopSlot,
    WorkshopTrainer,
    workshop_facilitator,
)
from couveuse.followup.signed import hash_of
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.followup.conftest import DAY
from tests.followup.steps import made
from tests.followup.test_locks import broken
from tests.html import parse

Browse = Callable[..., Awaitable[Browser]]


def typed(cast: Cast, **fields: Any) -> dict[str, Any]:
    """A whole day next week, for everybody, eight places, led by marc."""
    return {
        "title": "Irriguer sans perdre d'eau",
        "structure_id": cast.home.id,
        "site_id": cast.farm.id,
        "trainer_ids": cast.marc.id,
        "audience": "everybody",
        "places": "8",
        "slot_day_1": "2026-12-02",
        "slot_begins_1": "09:00",
        "slot_ends_1": "17:00",
        "lunch_from": "12:30",
        "lunch_until": "13:30",
        "once": "a",
    } | fields


async def planned(browser: Browser, data: dict[str, Any]) -> int:
    answer = await browser.post("/ateliers", data)
    assert answer.status_code == 303, parse(answer.text).text
    return int(answer.headers["location"].rsplit("/", 1)[1])


def reasons(answer: httpx.Response) -> str:
    assert answer.status_code == 422, answer.status_code
    return parse(answer.text).text


@pytest_asyncio.fixture
async def coming(db: AsyncSession, cast: Cast) -> Workshop:
    """Marc's, in a week, one place."""
    made = await build.make_workshop(db, cast.home, cast.marc, NOON + 7 * DAY, places=1)
    await db.commit()
    return made


@pytest_asyncio.fixture
async def today(db: AsyncSession, cast: Cast) -> Workshop:
    """Marc's, since an hour; lea and tom have a place."""
    start = NOON - dt.timedelta(hours=1)
    made = await build.make_workshop(db, cast.home, cast.marc, start, places=8)
    await build.make_seat(db, made, cast.lea, 1)
    await build.make_seat(db, made, cast.tom, 2)
    await db.commit()
    return made


# ---------------------------------------------------------------- planning


async def test_a_day_over_noon_becomes_two_half_days_that_the_trainer_leads(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    workshop_id = await planned(await browse("marc"), typed(cast))

    slots = list(await db.scalars(sa.select(WorkshopSlot).order_by(WorkshopSlot.during)))
    assert [(one.starts_at.hour, one.minutes) for one in slots] == [(8, 210), (12, 210)]
    assert {one.workshop_id for one in slots} == {workshop_id}
    assert {one.structure_id for one in slots} == {cast.home.id}
    led = (await db.execute(sa.select(workshop_facilitator))).all()
    assert {tuple(row) for row in led} == {(one.id, cast.marc.id) for one in slots}


async def test_the_same_form_sent_twice_plans_one_workshop(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    marc = await browse("marc")

    first, second = await planned(marc, typed(cast)), await planned(marc, typed(cast))

    assert first == second
    answer = await marc.post("/ateliers", typed(cast, title="Autre chose"))
    assert "déjà servi" in reasons(answer)
    assert await db.scalar(sa.select(sa.func.count()).select_from(Workshop)) == 1


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no title": ({"title": " "}, "à remplir"),
    "no half-day": ({"slot_day_1": "", "slot_begins_1": "", "slot_ends_1": ""}, "au moins une"),
    "ends before it begins": ({"slot_ends_1": "08:00"}, "une fin après le début"),
    "no such day": ({"slot_day_1": "2026-02-30"}, "un jour qui existe"),
    "no such hour": ({"slot_begins_1": "25:00"}, "une heure de début"),
    "half a line": ({"slot_day_2": "2026-12-03"}, "Demi-journée 2"),
    "the missing hour": (
        {"slot_day_1": "2027-03-28", "slot_begins_1": "02:30", "slot_ends_1": "04:00"},
        "n'existe pas cette nuit-là",
    ),
    "the doubled hour": (
        {"slot_day_1": "2027-10-31", "slot_begins_1": "02:30", "slot_ends_1": "04:00"},
        "existe deux fois",
    ),
    "too long": ({"lunch_from": "02:00", "lunch_until": "03:00", "slot_ends_1": "17:30"}, "huit"),
    "overlap": (
        {"slot_day_2": "2026-12-02", "slot_begins_2": "11:00", "slot_ends_2": "12:00"},
        "se recouvrent",
    ),
    "lunch backwards": ({"lunch_until": "12:00"}, "pause de midi"),
    "nobody leads": ({"trainer_ids": ""}, "Dites qui anime"),
    "nobody is chosen": ({"audience": "chosen"}, "Choisissez qui peut"),
    "odd audience": ({"audience": "x"}, "illisible"),
    "no place": ({"places": "0"}, "au moins 1"),
    "too many places": ({"places": "5000"}, "au plus 1000"),
    "words for places": ({"places": "huit"}, "en chiffres"),
    "huge title": ({"title": "a" * 5000}, "trop long"),
    "huge text": ({"about": "é" * 5000}, "trop long"),
    "unknown structure": ({"structure_id": "999999999"}, "plus dans la liste"),
    "unknown site": ({"site_id": "999999999"}, "plus dans la liste"),
    "unknown trainer": ({"trainer_ids": "999999999"}, "plus dans la liste"),
    "unknown guest": ({"audience": "chosen", "guest_ids": "999999999"}, "plus dans la liste"),
    "odd byte": ({"title": "a\x00b"}, "illisible"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_cannot_be_is_refused_and_what_was_typed_is_kept(
    browse: Browse, cast: Cast, case: str
) -> None:
    fields, said = REFUSED[case]

    answer = await (await browse("marc")).post("/ateliers", typed(cast, **fields))

    assert said in reasons(answer)
    if "site_id" not in fields:
        site = parse(answer.text).one("select", name="site_id")
        assert [one["value"] for one in site.all("option", selected=None)] == [str(cast.farm.id)]


async def test_nobody_plans_for_a_structure_that_is_not_theirs(browse: Browse, cast: Cast) -> None:
    data = typed(cast, structure_id=cast.partner.id)

    assert "plus dans la liste" in reasons(await (await browse("marc")).post("/ateliers", data))
    assert await planned(await browse("ines"), data)
    assert (await (await browse("lea")).post("/ateliers", typed(cast))).status_code == 403


# ---------------------------------------------------------------- places


async def sign_up(browser: Browser, workshop: Workshop, person_id: int | None = None) -> str:
    data = {"person_id": person_id} if person_id else {}
    answer = await browser.post(f"/ateliers/{workshop.id}/inscriptions", data)
    assert answer.status_code == 303
    return answer.headers["set-cookie"].partition(";")[0].partition("=")[2]


async def seats(db: AsyncSession, workshop: Workshop) -> dict[int, int | None]:
    rows = await db.execute(
        sa.select(WorkshopSeat.person_id, WorkshopSeat.number)
        .where(WorkshopSeat.workshop_id == workshop.id)
        .order_by(WorkshopSeat.id)
    )
    return {row.person_id: row.number for row in rows}


async def test_the_last_place_then_the_waiting_list_then_the_next_in_line(
    browse: Browse, db: AsyncSession, cast: Cast, coming: Workshop, tell_mails: Callable[[], Any]
) -> None:
    lea, tom, gaston = await browse("lea"), await browse("tom"), await browse("gaston")

    assert await sign_up(lea, coming) == "seat_taken"
    assert await sign_up(lea, coming) == "seat_taken"  # pressed twice
    assert await sign_up(tom, coming) == "seat_waits"
    assert await sign_up(gaston, coming) == "seat_waits"
    assert await seats(db, coming) == {cast.lea.id: 1, cast.tom.id: None, cast.gaston.id: None}
    assert "au rang 1" in (await tom.page(f"/ateliers/{coming.id}")).text

    left = await lea.post(f"/ateliers/{coming.id}/inscriptions/retrait")
    assert left.headers["location"] == "/ateliers"
    assert await seats(db, coming) == {cast.tom.id: 1, cast.gaston.id: None}
    lines = await db.scalars(sa.select(Attendance.person_id))
    assert list(lines) == [cast.tom.id]
    (mail,) = await tell_mails()
    assert (mail.recipient, "Une place s'est libérée" in mail.subject) == (cast.tom.email, True)


async def test_the_journal_tells_who_signed_up_alone(
    browse: Browse, cast: Cast, coming: Workshop
) -> None:
    lea, marc = await browse("lea"), await browse("marc")
    await sign_up(lea, coming)
    await lea.post(f"/ateliers/{coming.id}/inscriptions/retrait")
    await sign_up(marc, coming, cast.tom.id)
    page = parse((await marc.get(f"/ateliers/{coming.id}")).text).text
    assert f"{cast.lea.name} s'est inscrit·e" in page
    assert f"{cast.lea.name} a retiré son inscription" in page
    assert f"{cast.marc.name} a inscrit {cast.tom.name}" in page


async def test_more_places_take_people_off_the_waiting_list_and_fewer_never_push_anybody_out(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    marc = await browse("marc")
    workshop_id = await planned(marc, typed(cast, places="1"))
    workshop = await db.get_one(Workshop, workshop_id)
    for name in ("lea", "tom", "gaston"):
        await sign_up(await browse(name), workshop)
    assert list((await seats(db, workshop)).values()) == [1, None, None]
    form = typed(cast, once="")
    slots = list(await db.scalars(sa.select(WorkshopSlot.id).order_by(WorkshopSlot.during)))
    form |= {"slot_id_1": slots[0], "slot_ends_1": "12:30"}
    form |= {"slot_id_2": slots[1], "slot_day_2": "2026-12-02"}
    form |= {"slot_begins_2": "13:30", "slot_ends_2": "17:00"}

    path = f"/ateliers/{workshop_id}/modification"
    assert (await marc.post(path, form | {"places": "3"})).status_code == 303
    assert list((await seats(db, workshop)).values()) == [1, 2, 3]
    await (await browse("lea")).post(f"/ateliers/{workshop_id}/inscriptions/retrait")
    said = reasons(await marc.post(path, form | {"places": "1"}))
    assert "2 personnes ont une place" in said
    assert (await marc.post(path, form | {"places": "2"})).status_code == 303
    assert sorted((await seats(db, workshop)).values()) == [1, 2]  # type: ignore[type-var]
    assert (await marc.post(path, form | {"places": ""})).status_code == 303
    assert await sign_up(await browse("rosa"), workshop) == "seat_taken"
    assert list(await db.scalars(sa.select(WorkshopSlot.id).order_by(WorkshopSlot.during))) == slots


async def test_a_chosen_workshop_is_seen_by_its_guests_alone(browse: Browse, cast: Cast) -> None:
    data = typed(cast, audience="chosen", guest_ids=cast.lea.id)
    workshop_id = await planned(await browse("marc"), data)

    answers = {
        name: (await (await browse(name)).get(f"/ateliers/{workshop_id}")).status_code
        for name in ("lea", "tom", "ines", "gaston", "paul", "zoe")
    }

    assert answers == {"lea": 200, "tom": 404, "ines": 200, "gaston": 404, "paul": 404, "zoe": 404}


async def test_participants_do_not_read_who_else_comes(
    browse: Browse, cast: Cast, today: Workshop
) -> None:
    slot = today.slots[0]
    for path in (f"/ateliers/{today.id}", f"/ateliers/demi-journees/{slot.id}", "/ateliers"):
        assert "Tom Essai" not in (await (await browse("lea")).page(path)).text
    for name in ("marc", "ines"):
        page = await (await browse(name)).page(f"/ateliers/{today.id}")
        assert "Tom Essai" in page.text
        assert (
            "Tom Essai"
            in (await (await browse(name)).page(f"/ateliers/demi-journees/{slot.id}")).text
        )


async def test_a_mentor_signs_up_whom_they_follow_and_nobody_else(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    workshop = await build.make_workshop(db, cast.partner, cast.paul, NOON + 7 * DAY)
    await db.commit()
    marc = await browse("marc")

    assert await sign_up(marc, workshop, cast.lea.id) == "seat_added"
    refused = await marc.post(f"/ateliers/{workshop.id}/inscriptions", {"person_id": cast.tom.id})
    assert refused.status_code == 403
    assert list(await seats(db, workshop)) == [cast.lea.id]


async def test_sign_up_ends_on_its_last_day_but_who_runs_it_still_adds_people(
    browse: Browse, db: AsyncSession, cast: Cast, coming: Workshop
) -> None:
    coming.sign_up_until = (NOON - DAY).date()
    await db.commit()

    answer = await (await browse("lea")).post(f"/ateliers/{coming.id}/inscriptions")

    assert "closes" in reasons(answer)
    assert await sign_up(await browse("marc"), coming, cast.lea.id) == "seat_added"


async def test_cancelling_says_why_to_everybody_concerned(
    browse: Browse, db: AsyncSession, cast: Cast, coming: Workshop, tell_mails: Callable[[], Any]
) -> None:
    for name in ("lea", "tom"):
        await sign_up(await browse(name), coming)
    path = f"/ateliers/{coming.id}/annulation"
    ines = await browse("ines")

    assert "à remplir" in reasons(await ines.post(path))
    assert (await ines.post(path, {"reason": "Gel"})).status_code == 303
    assert (await ines.post(path, {"reason": "Encore"})).status_code == 303  # pressed twice

    mails = await tell_mails()
    assert {mail.recipient for mail in mails} == {
        one.email for one in (cast.lea, cast.tom, cast.marc)
    }
    assert all("Gel" in mail.body for mail in mails)
    assert "closes" in reasons(
        await (await browse("gaston")).post(f"/ateliers/{coming.id}/inscriptions")
    )


async def test_another_hour_is_told_to_who_signed_up(
    browse: Browse, db: AsyncSession, cast: Cast, coming: Workshop, tell_mails: Callable[[], Any]
) -> None:
    await sign_up(await browse("lea"), coming)
    marc = await browse("marc")
    page = await marc.page(f"/ateliers/{coming.id}/modification")
    form = {
        one["name"]: one.attrs.get("value", "")
        for one in page.all("input", name=None)
        if one.attrs.get("type") not in {"radio", "checkbox"} and one["name"] != "_csrf_token"
    }
    form |= {"structure_id": cast.home.id, "trainer_ids": cast.marc.id, "audience": "everybody"}

    path = f"/ateliers/{coming.id}/modification"
    assert (await marc.post(path, form)).status_code == 303
    assert await tell_mails() == []
    assert (await marc.post(path, form | {"slot_ends_1": "17:00"})).status_code == 303
    (mail,) = await tell_mails()
    assert (mail.recipient, "17:00" in mail.body) == (cast.lea.email, True)


# ---------------------------------------------------------------- sheets


async def presses(browser: Browser, slot: WorkshopSlot, **data: Any) -> httpx.Response:
    return await browser.post(f"/ateliers/demi-journees/{slot.id}/signatures", data)


async def test_she_signs_on_her_phone_and_the_hash_is_of_what_she_read(
    browse: Browse, db: AsyncSession, cast: Cast, today: Workshop
) -> None:
    slot, lea = today.slots[0], await browse("lea")
    page = await lea.page(f"/ateliers/demi-journees/{slot.id}")
    text, sent = page.one("pre").text, page.one("input", name="text_hash")["value"]

    assert (await presses(lea, slot, text_hash="0" * 64)).status_code == 409
    assert (await presses(lea, slot, text_hash=sent)).status_code == 303
    assert (await presses(lea, slot, text_hash=sent)).status_code == 303  # pressed twice

    (signature,) = await db.scalars(sa.select(AttendanceSignature))
    assert (signature.name, signature.signed_at) == ("Lea Essai", NOON)
    facts = await db.scalar(sa.select(WorkshopSlot.facts))
    assert signature.text_hash == sent == hash_of(f"{facts}\nLea Essai\n")
    assert " ".join(f"{facts} Lea Essai".split()) == " ".join(text.split())
    assert "Irriguer" in str(facts)


async def test_others_sign_on_the_device_of_who_leads_and_a_wrong_press_is_undone(
    browse: Browse, db: AsyncSession, cast: Cast, today: Workshop
) -> None:
    slot, marc = today.slots[0], await browse("marc")

    assert (await presses(marc, slot, person_id=cast.tom.id)).status_code == 303
    (signature,) = await db.scalars(sa.select(AttendanceSignature))
    assert (signature.person_id, signature.device_of_id) == (cast.tom.id, cast.marc.id)
    undone = await marc.post(
        f"/ateliers/demi-journees/{slot.id}/signatures/retrait", {"person_id": cast.tom.id}
    )
    assert undone.status_code == 303
    assert (await db.scalars(sa.select(AttendanceSignature))).all() == []
    assert await db.scalar(sa.select(WorkshopSlot.facts)) is None
    assert (await presses(await browse("lea"), slot, person_id=cast.tom.id)).status_code == 403
    assert (await presses(await browse("gaston"), slot)).status_code == 404


async def test_a_sheet_is_closed_once_it_is_whole_and_then_only_added_to(
    browse: Browse, db: AsyncSession, cast: Cast, today: Workshop
) -> None:
    slot, marc = today.slots[0], await browse("marc")
    path = f"/ateliers/demi-journees/{slot.id}"

    said = reasons(await marc.post(f"{path}/cloture"))
    assert "Lea Essai, Tom Essai" in said
    await presses(await browse("lea"), slot)
    await marc.post(f"{path}/presences", {f"presence_{cast.tom.id}": "present"})
    assert "n'ont pas signé : Tom Essai" in reasons(await marc.post(f"{path}/cloture"))
    await marc.post(f"{path}/presences", {f"presence_{cast.tom.id}": "excused"})
    page = await marc.page(path)
    (close,) = page.all("form", action=f"{path}/cloture")
    sent = close.one("input", name="text_hash")["value"]
    assert (await marc.post(f"{path}/cloture", {"text_hash": "0" * 64})).status_code == 409
    assert (await marc.post(f"{path}/cloture", {"text_hash": sent})).status_code == 303

    closed = (await db.scalars(sa.select(WorkshopSlot))).one()
    await db.refresh(closed)
    assert hash_of(closed.sheet_text or "") == sent
    assert "Lea Essai : présent·e, signé le 2026-11-25 12:00:00" in str(closed.sheet_text)
    assert await db.scalar(sa.select(Workshop.state)) == "held"
    for action, data in (
        ("presences", {f"presence_{cast.tom.id}": "present"}),
        ("signatures/retrait", {"person_id": cast.lea.id}),
        ("signatures", {"person_id": cast.tom.id}),
    ):
        answer = await marc.post(f"{path}/{action}", data)
        assert answer.status_code == 409
        assert "ne change plus" in parse(answer.text).text
    note = {"text": "Tom est arrivé après la clôture.", "once": "n"}
    for _ in range(2):
        assert (await marc.post(f"{path}/ajouts", note)).status_code == 303
    wrong = note | {"once": "o", "person_id": cast.tom.id, "presence": "present"}
    assert "déposez d'abord" in reasons(await marc.post(f"{path}/ajouts", wrong))
    mend = note | {"once": "p", "person_id": cast.lea.id, "presence": "absent"}
    assert (await marc.post(f"{path}/ajouts", mend)).status_code == 303
    assert await db.scalar(sa.select(sa.func.count()).select_from(AttendanceNote)) == 2
    lines = {
        one.person_id: (one.presence, one.counted)
        for one in await db.scalars(sa.select(Attendance).execution_options(populate_existing=True))
    }
    assert lines[cast.lea.id] == (Presence.PRESENT, Presence.ABSENT)


async def test_the_printed_sheet_comes_back_signed_for_several_half_days(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    workshop = await build.make_workshop(
        db, cast.home, cast.marc, NOON - 2 * DAY, NOON - DAY, NOON + DAY, funders="Région"
    )
    await build.make_seat(db, workshop, cast.lea)
    await db.commit()
    marc = await browse("marc")
    first, second, later = workshop.slots

    paper = await marc.get(f"/ateliers/{workshop.id}/feuille.pdf")
    assert paper.content.startswith(b"%PDF")
    assert paper.content == (await marc.get(f"/ateliers/{workshop.id}/feuille.pdf")).content
    path = f"/ateliers/demi-journees/{first.id}"
    assert "Choisissez la feuille" in reasons(await marc.post(f"{path}/feuilles"))
    wrong = {"document": ("a.pdf", b"nothing", "application/pdf")}
    assert "lisible" in reasons(await marc.post(f"{path}/feuilles", files=wrong))
    scan = {"document": ("feuille.pdf", paper.content, "application/pdf")}
    for _ in range(2):
        answer = await marc.post(
            f"{path}/feuilles", {"slot_ids": [second.id, later.id, 999999]}, files=scan
        )
        assert answer.status_code == 303
    scans = list(await db.scalars(sa.select(AttendanceScan).order_by(AttendanceScan.id)))
    assert [one.slot_id for one in scans] == [first.id, second.id]
    await marc.post(f"{path}/presences", {f"presence_{cast.lea.id}": "present"})
    assert (await marc.post(f"{path}/cloture")).status_code == 303
    kept = await marc.get(f"/ateliers/feuilles-signees/{scans[0].id}")
    assert kept.content == paper.content
    assert (
        await (await browse("lea")).get(f"/ateliers/feuilles-signees/{scans[0].id}")
    ).status_code == 404
    gone = await marc.post(f"/ateliers/feuilles-signees/{scans[1].id}/retrait")
    assert gone.status_code == 303
    assert (await marc.post(f"/ateliers/feuilles-signees/{scans[0].id}/retrait")).status_code == 409


async def test_who_led_countersigns_what_coordination_closed(
    browse: Browse, db: AsyncSession, cast: Cast, today: Workshop
) -> None:
    slot = today.slots[0]
    path = f"/ateliers/demi-journees/{slot.id}"
    ines, marc = await browse("ines"), await browse("marc")
    for name in ("lea", "tom"):
        await presses(await browse(name), slot)

    assert (await ines.post(f"{path}/cloture")).status_code == 303
    assert "Signer aussi" in (await marc.page(path)).text
    for _ in range(2):
        assert (await marc.post(f"{path}/cloture")).status_code == 303
    signers = await db.scalars(
        sa.select(AttendanceSignature.person_id)
        .where(AttendanceSignature.role == "facilitator")
        .order_by(AttendanceSignature.id)
    )
    assert list(signers) == [cast.ines.id, cast.marc.id]


async def test_the_closed_sheet_says_the_facts_that_were_signed(
    browse: Browse, db: AsyncSession, cast: Cast, today: Workshop
) -> None:
    """The title changes after lea signed: the whole sheet is of what she signed."""
    marc, lea = await browse("marc"), await browse("lea")
    (slot,) = today.slots
    path = f"/ateliers/demi-journees/{slot.id}"
    assert (await lea.post(f"{path}/signatures")).status_code == 303
    line = {"slot_id_1": slot.id, "slot_day_1": "2026-11-25", "slot_begins_1": "11:00"}
    changed = typed(cast, title="Tailler", **line, slot_ends_1="14:00")
    answer = await marc.post(f"/ateliers/{today.id}/modification", changed)
    assert answer.status_code == 303, parse(answer.text).text
    await marc.post(f"{path}/presences", {f"presence_{cast.tom.id}": "absent"})

    assert (await marc.post(f"{path}/cloture")).status_code == 303

    await db.refresh(slot)
    assert slot.facts is not None
    assert slot.sheet_text is not None
    assert "Irriguer" in slot.facts
    assert "Irriguer" in slot.sheet_text
    assert "Tailler" not in slot.sheet_text


async def test_the_sheet_opens_half_an_hour_before(
    browse: Browse, cast: Cast, today: Workshop, fixed_clock: Callable[[dt.datetime], None]
) -> None:
    slot, lea = today.slots[0], await browse("lea")
    fixed_clock(slot.starts_at - dt.timedelta(minutes=31))

    assert "une demi-heure avant" in reasons(await presses(lea, slot))
    fixed_clock(slot.starts_at - dt.timedelta(minutes=30))
    assert (await presses(lea, slot)).status_code == 303


async def test_signed_half_days_stay_where_they_are(
    browse: Browse, db: AsyncSession, cast: Cast, today: Workshop
) -> None:
    slot, marc = today.slots[0], await browse("marc")
    await presses(await browse("lea"), slot)
    data = typed(cast, once="", slot_id_1=slot.id, slot_day_1="2026-11-25", slot_begins_1="11:00")

    moved = await marc.post(f"/ateliers/{today.id}/modification", data | {"slot_ends_1": "13:00"})
    assert "ne changent plus" in reasons(moved)
    gone = await marc.post(f"/ateliers/{today.id}/modification", typed(cast, once=""))
    assert "ne changent plus" in reasons(gone)
    cancelled = await marc.post(f"/ateliers/{today.id}/annulation", {"reason": "x"})
    assert "ont déjà signé" in reasons(cancelled)
    same = await marc.post(f"/ateliers/{today.id}/modification", data | {"slot_ends_1": "14:00"})
    assert same.status_code == 303


# ---------------------------------------------------------------- seen from elsewhere


async def test_the_home_page_and_the_timeline_tell_of_workshops(
    browse: Browse, db: AsyncSession, cast: Cast, coming: Workshop
) -> None:
    past = await build.make_workshop(db, cast.home, cast.marc, NOON - DAY, title="Tailler")
    await build.make_seat(db, past, cast.lea)
    await build.close_sheet(db, past.slots[0], cast.marc, {cast.lea: Presence.PRESENT})
    opened = await build.make_workshop(db, cast.home, cast.marc, NOON - 3 * DAY, title="Semer")
    await db.commit()
    await sign_up(await browse("lea"), coming)

    lea, marc = await browse("lea"), await browse("marc")
    assert (
        "Irriguer" in (await lea.page("/")).one("section", aria_labelledby="workshops-title").text
    )
    sheets = (await marc.page("/")).one("section", aria_labelledby="sheets-title")
    assert [one["data-slot"] for one in sheets.all("li")] == [str(opened.slots[0].id)]
    for browser in (lea, marc):
        told = (await browser.page(f"/testeurs/{cast.lea.id}?quoi=suivi")).text
        assert "Atelier, présence signée : Tailler" in told
        assert re.search(r"Atelier, inscription : Irriguer", told)


async def test_two_days_before_everybody_with_a_place_is_reminded_once(
    db: AsyncSession, cast: Cast, databases: Any, settings: Any
) -> None:
    from couveuse import tasks
    from couveuse.core.jobs import PERIODIC
    from couveuse.core.jobs import Workshop as Work

    tasks.register()
    soon = await build.make_workshop(db, cast.home, cast.marc, NOON + 2 * DAY, places=1)
    await build.make_seat(db, soon, cast.lea)
    await build.make_seat(db, soon, cast.tom, None)
    await build.make_workshop(db, cast.home, cast.marc, NOON + 3 * DAY, title="Plus tard")
    await db.commit()

    _, remind = PERIODIC["remind_of_workshops"]
    for _ in range(2):
        await remind(Work(databases.writer, settings))

    mails = list(await db.scalars(sa.select(OutgoingMail).order_by(OutgoingMail.recipient)))
    assert [mail.recipient for mail in mails] == [cast.lea.email, cast.marc.email]
    assert all("Bientôt : Irriguer" in mail.subject for mail in mails)
    i18n.set_language("fr")


# ---------------------------------------------------------------- trainers from outside


async def test_a_trainer_without_an_account_signs_the_closed_sheet_on_the_screen(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    held = await build.make_workshop(db, cast.home, cast.marc, NOON - DAY)
    (slot,) = held.slots
    db.add(WorkshopTrainer(workshop_id=held.id, name="Anne Lejeune"))
    await build.make_seat(db, held, cast.lea)
    await db.commit()
    marc, sheet = await browse("marc"), f"/ateliers/demi-journees/{slot.id}"
    address = f"{sheet}/signature-exterieure"
    sent = {"name": "anne  lejeune", "has_read": "on", "text_hash": "0" * 64}
    assert (await marc.post(address, sent)).status_code == 403  # still open
    for person in (cast.lea,):
        assert made(await marc.post(f"{sheet}/signatures", {"person_id": person.id}))
    assert made(await marc.post(f"{sheet}/cloture"))

    page = await marc.page(sheet)
    text_hash = page.one("form", action=address).one("input", name="text_hash")["value"]
    sent |= {"text_hash": text_hash}
    for wrong in ({"name": "Quelqu'un"}, {"has_read": ""}, {"name": ""}):
        assert (await marc.post(address, sent | wrong)).status_code == 422
    assert (await marc.post(address, sent | {"text_hash": "0" * 64})).status_code == 409
    assert (await (await browse("lea")).post(address, sent)).status_code == 403
    for _ in range(2):
        assert made(await marc.post(address, sent))

    page = await marc.page(sheet)
    line = page.one("li", data_outside=None)
    assert "Signé par Anne Lejeune" in line.text
    assert text_hash in line.text
    assert page.all("form", action=address) == []
    (kept,) = (await db.scalars(sa.select(TrainerSignature))).all()
    assert (kept.name, kept.device_of_id) == ("Anne Lejeune", cast.marc.id)
    locked = "attendance_sheet_is_locked"
    assert await broken(db, "UPDATE trainer_signature SET name = 'x'") == locked
    assert await broken(db, "DELETE FROM trainer_signature") == locked
    insert = """INSERT INTO trainer_signature (slot_id, name, signed_at, text_hash, device_of_id)
                SELECT slot_id, 'x', signed_at, repeat('0', 64), device_of_id
                FROM trainer_signature"""
    assert await broken(db, insert) == "attendance_signature_of_its_text"
