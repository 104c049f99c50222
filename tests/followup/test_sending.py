"""What comes from the field arrives once, and writes over nothing that its writer did not know."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.followup.models import AgreedStep, Report, ReportNote, Visit
from couveuse.trainees.models import FileReading
from tests.cast import Cast
from tests.followup.conftest import Group
from tests.followup.steps import YESTERDAY, made, plan, share, write
from tests.html import Element, parse
from tests.photos import WHERE, is_upright, taken_upright

Browse = Callable[..., Any]


async def count(db: AsyncSession, table: type) -> int:
    return await db.scalar(sa.select(sa.func.count()).select_from(table)) or 0


async def test_a_visit_sent_twice_is_one_visit(
    browse: Browse, cast: Cast, db: AsyncSession
) -> None:
    marc = await browse("marc")
    first = await plan(marc, cast.lea, YESTERDAY, once="a")

    assert await plan(marc, cast.lea, YESTERDAY, once="a") == first
    assert await plan(marc, cast.lea, YESTERDAY, once="b") != first
    assert await count(db, Visit) == 2


async def test_the_key_of_a_form_is_not_used_for_something_else(
    browse: Browse, cast: Cast, db: AsyncSession
) -> None:
    marc = await browse("marc")
    await plan(marc, cast.lea, YESTERDAY, once="a")
    data = {"person_id": cast.lea.id, "starts_at": "2026-12-01T09:00", "duration_minutes": 60}

    assert (await marc.post("/visites", data | {"once": "a"})).status_code == 422
    assert await count(db, Visit) == 1


async def test_the_key_of_a_report_is_not_used_for_other_steps_or_photos(
    browse: Browse, cast: Cast, db: AsyncSession
) -> None:
    """As when somebody goes back in the browser and adds a line to the form that was sent."""
    marc = await browse("marc")
    visit = await plan(marc, cast.lea, YESTERDAY)
    await write(marc, visit, seen="Un", once="a", version=0)
    step = {"step_what_1": "Semer", "step_owner_1": cast.lea.id}
    files = {"photos": ("photo.jpg", taken_upright((40, 20)), "image/jpeg")}
    form = {"seen": "Un", "once": "a", "version": 0}

    assert (await marc.post(f"{visit}/compte-rendu", form | step)).status_code == 422
    assert (await marc.post(f"{visit}/compte-rendu", form, files=files)).status_code == 422
    assert made(await marc.post(f"{visit}/compte-rendu", form))


async def test_two_authors_may_use_the_same_key(
    browse: Browse, cast: Cast, db: AsyncSession, group: Group
) -> None:
    await plan(await browse("marc"), cast.lea, YESTERDAY, once="a")
    await plan(await browse(group.denis), cast.lea, YESTERDAY, once="a")

    assert await count(db, Visit) == 2


async def test_after_a_refusal_the_key_serves_again(browse: Browse, cast: Cast) -> None:
    marc = await browse("marc")
    data = {"person_id": cast.lea.id, "duration_minutes": 60, "once": "a"}
    at_three = data | {"starts_at": "2026-03-29T02:30"}  # an hour that the clocks skip

    assert (await marc.post("/visites", at_three)).status_code == 422
    assert made(await marc.post("/visites", data | {"starts_at": "2026-03-29T03:30"}))


async def test_reports_notes_and_steps_sent_twice_are_there_once(
    browse: Browse, cast: Cast, db: AsyncSession
) -> None:
    marc = await browse("marc")
    visit = await plan(marc, cast.lea, YESTERDAY)
    step = {"what": "Semer", "owner_id": cast.lea.id, "once": "s"}
    for _ in range(2):
        await write(marc, visit, seen="Une fois", once="r", version=0)
    await share(marc, visit)
    for _ in range(2):
        made(await marc.post(f"{visit}/ajouts", {"text": "Une fois", "once": "n"}))
        made(await marc.post(f"/testeurs/{cast.lea.id}/actions", step))

    report = (await db.scalars(sa.select(Report))).one()
    assert report.version == 1
    assert [await count(db, table) for table in (ReportNote, AgreedStep)] == [1, 1]


async def test_the_same_draft_edited_on_two_devices_is_a_choice(
    browse: Browse, cast: Cast, db: AsyncSession
) -> None:
    marc = await browse("marc")
    visit = await plan(marc, cast.lea, YESTERDAY)
    await write(marc, visit, seen="Au départ", once="0", version=0)
    await write(marc, visit, seen="Du téléphone", once="1", version=1)

    answer = await marc.post(
        f"{visit}/compte-rendu", {"seen": "De l'ordinateur", "once": "2", "version": 1}
    )

    assert answer.status_code == 409
    page = parse(answer.text)
    assert "Du téléphone" in page.text  # the one that stands
    assert "De l'ordinateur" in page.one("textarea", name="seen").text  # the one typed
    report = (await db.scalars(sa.select(Report))).one()
    assert report.seen == "Du téléphone"

    fields = values_of(page.one("form", id="report-form"))
    made(await marc.post(f"{visit}/compte-rendu", fields | {"seen": "De l'ordinateur"}))
    await db.refresh(report)
    assert (report.seen, report.version) == ("De l'ordinateur", 3)


async def test_two_drafts_begun_without_network_are_a_choice(
    browse: Browse, cast: Cast, db: AsyncSession
) -> None:
    """A new draft of another device knows of no version."""
    marc = await browse("marc")
    visit = await plan(marc, cast.lea, YESTERDAY)
    await write(marc, visit, seen="Un", once="1")

    answer = await marc.post(f"{visit}/compte-rendu", {"seen": "Deux", "once": "2"})

    assert answer.status_code == 409
    assert (await db.scalars(sa.select(Report))).one().seen == "Un"


async def test_a_draft_that_was_applied_before_the_answer_was_lost_is_no_conflict(
    browse: Browse, cast: Cast
) -> None:
    marc = await browse("marc")
    visit = await plan(marc, cast.lea, YESTERDAY)
    await write(marc, visit, seen="Un", once="1", version=0)
    await write(marc, visit, seen="Deux", once="2", version=1)
    await write(marc, visit, seen="Trois", once="3", version=2)

    await write(marc, visit, seen="Deux", once="2", version=1)

    page = await marc.page(f"{visit}/compte-rendu")
    assert "Trois" in page.text


def values_of(form: Element) -> dict[str, str]:
    return {one["name"]: one["value"] for one in form.all("input", type="hidden")}


BAD = {
    "person_id": ["", "x", "-1", str(2**70)],
    "starts_at": ["", "hier", "2026-02-30T09:00", "0001-01-01T00:00", "2026-03-29T02:30"],
    "duration_minutes": ["", "0", "-5", "1441", "deux heures", "9" * 30],
    "kind": ["x"],
    "mode": ["x"],
    "site_id": ["x", "999999"],
}


@pytest.mark.parametrize(("field", "typed"), [(f, v) for f, vs in BAD.items() for v in vs])
async def test_a_visit_that_cannot_be_is_refused_with_its_field(
    field: str, typed: str, browse: Browse, cast: Cast, db: AsyncSession
) -> None:
    marc = await browse("marc")
    good = {"person_id": cast.lea.id, "starts_at": "2026-12-01T09:00", "duration_minutes": 60}

    answer = await marc.post("/visites", good | {field: typed})

    assert answer.status_code == 422
    page = parse(answer.text)
    assert [one for one in page.walk() if one.attrs.get("class") == "error"]
    assert await count(db, Visit) == 0


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"seen": " "},
        {"seen": "x" * 4001},
        {"step_what_1": "Semer", "step_owner_1": "x"},
        {"step_what_1": "Semer", "step_owner_1": "{rosa}"},
        {"step_what_1": "Semer", "step_owner_1": "{lea}", "step_due_1": "30/02/2026"},
        {"seen": "Un", "version": "-1"},
    ],
)
async def test_a_report_that_cannot_be_is_refused_and_what_was_typed_is_kept(
    typed: dict[str, str], browse: Browse, cast: Cast, db: AsyncSession
) -> None:
    marc = await browse("marc")
    visit = await plan(marc, cast.lea, YESTERDAY)
    data = {key: value.format(rosa=cast.rosa.id, lea=cast.lea.id) for key, value in typed.items()}

    answer = await marc.post(f"{visit}/compte-rendu", data)

    assert answer.status_code == 422
    page = parse(answer.text)
    assert page.one("input", name="step_what_1").attrs.get("value", "") == data.get(
        "step_what_1", ""
    )
    assert await count(db, Report) == 0


async def test_photos_that_are_none_are_refused(browse: Browse, cast: Cast) -> None:
    marc = await browse("marc")
    visit = await plan(marc, cast.lea, YESTERDAY)
    files = {"photos": ("photo.jpg", b"<html>", "image/jpeg")}

    answer = await marc.post(f"{visit}/compte-rendu", {"seen": "Un"}, files=files)

    assert answer.status_code == 422
    assert "photo lisible" in parse(answer.text).text


async def test_the_place_of_a_photo_is_kept_on_purpose_only_and_beside_it(
    browse: Browse, cast: Cast, db: AsyncSession
) -> None:
    marc = await browse("marc")
    visit = await plan(marc, cast.lea, YESTERDAY)
    files = {"photos": ("photo.jpg", taken_upright((400, 200)), "image/jpeg")}
    made(await marc.post(f"{visit}/compte-rendu", {"seen": "Un"}, files=files))
    report = (await db.scalars(sa.select(Report))).one()
    where = ", ".join(map(str, WHERE))
    assert [list(photo) for photo in report.photos] == [["file"]]
    assert where not in (await marc.page(f"{visit}/compte-rendu")).text

    data = {"seen": "Un", "keep_place": "1", "version": 1}
    made(await marc.post(f"{visit}/compte-rendu", data, files=files))

    await db.refresh(report)
    [photo] = report.photos
    assert photo["place"] == WHERE
    assert where in (await marc.page(f"{visit}/compte-rendu")).text
    stored = await marc.get(f"{visit}/compte-rendu/photos/{photo['file']}")
    assert is_upright(stored.content)


async def test_a_photo_opened_by_its_address_alone_is_written_down_once_a_day(
    browse: Browse, db: AsyncSession, cast: Cast, group: Group
) -> None:
    marc, denis = await browse("marc"), await browse(group.denis)
    visit = await plan(marc, cast.lea, YESTERDAY)
    files = {"photos": ("photo.jpg", taken_upright((40, 20)), "image/jpeg")}
    made(await marc.post(f"{visit}/compte-rendu", {"seen": "Un"}, files=files))
    made(await marc.post(f"{visit}/partage", {"level": "group"}))
    report = (await db.scalars(sa.select(Report))).one()
    address = f"{visit}/compte-rendu/photos/{report.photos[0]['file']}"

    for _ in range(2):
        assert (await denis.get(address)).status_code == 200

    reader = FileReading.reader_id == group.denis.id
    assert len((await db.scalars(sa.select(FileReading).where(reader))).all()) == 1
