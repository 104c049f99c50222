"""Who reads what a report says, level by level and reader by reader, through every door."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.files import StoredFile
from couveuse.core.settings import Settings
from couveuse.followup import actions
from couveuse.followup.models import Level
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.followup.conftest import Group, make_report
from tests.html import parse

PHOTO = "9a" * 32
SECRET = "Zinnia"
"""Stands in each text; where somebody reads it, the page holds it."""
READERS = ("lea", "marc", "denis", "odile", "hans", "rosa", "luc", "paul", "ines", "tom", "zoe")
EVERYBODY = ("nobody", *READERS)

READS = {
    Level.DRAFT: {"marc"},
    Level.GROUP: {"marc", "denis", "odile"},
    Level.SHARED: {"lea", "marc", "denis", "odile"},
}
KNOWS_OF_THE_VISIT = {"lea", "marc", "denis", "odile", "luc", "ines"}


async def as_reader(browse: Callable[..., Any], group: Group, cast: Cast, name: str) -> Browser:
    del cast
    if name == "nobody":
        return await browse()
    person = {"denis": group.denis, "odile": group.odile, "hans": group.hans, "luc": group.manager}
    return await browse(person.get(name, name))


async def secret_report(db: AsyncSession, cast: Cast, settings: Settings, level: Level) -> str:
    """A report whose every part is secret. Returns the address of its visit."""
    db.add(StoredFile(sha256=PHOTO, media_type="image/jpeg", size=3))
    path = settings.data_folder / "files" / PHOTO[:2] / PHOTO
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"jpg")
    texts = dict.fromkeys(("seen", "said", "advice", "mood"), f"{SECRET} en fleur")
    visit, report = await make_report(
        db, cast, level, photos=[{"file": PHOTO, "shows": None}], **texts
    )
    await build.make_step(db, cast.lea, cast.lea, report, what=f"Semer {SECRET}")
    await db.commit()
    return f"/visites/{visit.id}"


@pytest.mark.parametrize("level", Level)
async def test_each_reader_at_each_level(
    level: Level,
    db: AsyncSession,
    browse: Callable[..., Any],
    cast: Cast,
    group: Group,
    settings: Settings,
) -> None:
    visit = await secret_report(db, cast, settings, level)
    read: set[str] = set()
    saw: set[str] = set()
    knew: set[str] = set()
    leaks: dict[str, list[str]] = {}
    for name in EVERYBODY:
        browser = await as_reader(browse, group, cast, name)
        answer = await browser.get(f"{visit}/compte-rendu")
        if answer.status_code == 200 and "Zinnia" in answer.text:
            read.add(name)
        if (await browser.get(f"{visit}/compte-rendu/photos/{PHOTO}")).status_code == 200:
            saw.add(name)
        if (await browser.get(visit)).status_code == 200:
            knew.add(name)
        if name not in READS[level]:
            leaks[name] = await doors_that_tell(browser, visit, cast)

    assert read == READS[level]
    assert saw == READS[level]
    assert knew == KNOWS_OF_THE_VISIT
    assert {name: where for name, where in leaks.items() if where} == {}


async def doors_that_tell(browser: Browser, visit: str, cast: Cast) -> list[str]:
    """Every other page that might hold a word of it."""
    file = f"/testeurs/{cast.lea.id}"
    pages = (
        *("/", "/visites", "/visites/tournee?jour=2026-11-24", visit, f"{visit}/compte-rendu"),
        *(f"{visit}/compte-rendu/modifier", f"{visit}/compte-rendu.pdf", file, f"{file}/actions"),
        *(f"/personnes/{cast.lea.id}", f"/personnes?recherche={SECRET}", "/personnes?q=zinnia"),
        *("/courrier", "/profil", "/chiffres"),
    )
    return [page for page in pages if SECRET in (await browser.get(page)).text]


@pytest.mark.parametrize("level", Level)
async def test_nobody_writes_where_they_do_not_read(
    level: Level,
    db: AsyncSession,
    browse: Callable[..., Any],
    cast: Cast,
    group: Group,
    settings: Settings,
) -> None:
    visit = await secret_report(db, cast, settings, level)
    for name in set(READERS) - READS[level]:
        browser = await as_reader(browse, group, cast, name)
        for door, data in (
            ("/partage", {}),
            ("/signature", {}),
            ("/ajouts", {"text": "?"}),
            ("/synthese", {"committee_text": "?"}),
            ("/compte-rendu/suppression", {}),
        ):
            answer = await browser.post(f"{visit}{door}", data)
            assert answer.status_code == 404, (name, door)
            assert SECRET not in answer.text


async def test_who_left_and_still_reads_writes_nothing(
    db: AsyncSession, browse: Callable[..., Any], cast: Cast, group: Group, settings: Settings
) -> None:
    visit = await secret_report(db, cast, settings, Level.SHARED)
    odile = await browse(group.odile)
    data = {"person_id": cast.lea.id, "starts_at": "2026-12-01T09:00", "duration_minutes": 60}

    assert (await odile.post("/visites", data)).status_code == 403
    assert (await odile.post(f"{visit}/compte-rendu", {"seen": "?"})).status_code == 403
    assert (await odile.post(f"{visit}/signature")).status_code == 403


async def test_the_words_for_the_committee_are_read_by_who_may_open_the_file(
    db: AsyncSession, browse: Callable[..., Any], cast: Cast, group: Group
) -> None:
    visit, report = await make_report(db, cast, Level.SHARED, committee_text="Avance bien.")
    del report
    read: set[str] = set()
    for name in EVERYBODY:
        browser = await as_reader(browse, group, cast, name)
        if "Avance bien." in (await browser.get(f"/visites/{visit.id}")).text:
            read.add(name)

    assert read == KNOWS_OF_THE_VISIT


async def test_coordination_opens_hours_down_to_the_signatures_but_no_further(
    db: AsyncSession, browse: Callable[..., Any], cast: Cast, settings: Settings
) -> None:
    address = await secret_report(db, cast, settings, Level.SHARED)
    await (await browse("lea")).post(f"{address}/signature")
    ines = await browse("ines")

    page = await ines.page(address)

    (signature,) = page.all("li", data_signature=str(cast.lea.id))
    assert "Lea Essai" in signature.text
    assert len(signature.one("code").text) == 64
    assert SECRET not in page.text


async def test_mails_say_that_there_is_something_to_read_and_no_word_of_it(
    db: AsyncSession,
    browse: Callable[..., Any],
    cast: Cast,
    settings: Settings,
    tell_mails: Callable[[], Any],
) -> None:
    visit = await secret_report(db, cast, settings, Level.DRAFT)
    marc, lea = await browse("marc"), await browse("lea")
    await marc.post(f"{visit}/partage")
    await lea.post(f"{visit}/ajouts", {"text": f"{SECRET} !"})
    await lea.post(f"{visit}/signature")
    await marc.post(f"{visit}/ajouts", {"text": f"{SECRET} ?"})

    mails = await tell_mails()

    assert [mail.recipient.partition("@")[0] for mail in mails] == ["lea", "marc", "marc", "lea"]
    assert all(f"{visit}/compte-rendu" in mail.body for mail in mails)
    assert [mail for mail in mails if SECRET in mail.subject + mail.body] == []


async def test_every_reader_but_the_person_stands_in_the_log_of_readings(
    db: AsyncSession, browse: Callable[..., Any], cast: Cast, group: Group, settings: Settings
) -> None:
    visit = await secret_report(db, cast, settings, Level.SHARED)
    for name in ("denis", "odile", "hans", "ines", "lea"):
        browser = await as_reader(browse, group, cast, name)
        await browser.get(f"{visit}/compte-rendu")

    page = await (await browse("lea")).page(f"/testeurs/{cast.lea.id}/lectures")
    listed = page.one("main").text
    assert "denis" in listed
    assert "odile" in listed
    assert "hans" not in listed
    assert "Ines" not in listed


async def test_the_person_sees_that_it_was_opened_only_once_she_opened_it(
    db: AsyncSession, browse: Callable[..., Any], cast: Cast
) -> None:
    visit, report = await make_report(db, cast, Level.SHARED)
    marc, lea = await browse("marc"), await browse("lea")
    assert "Ouvert par" not in (await marc.page(f"/visites/{visit.id}")).text

    await lea.page(f"/visites/{visit.id}/compte-rendu")

    assert "Ouvert par Lea Essai" in (await marc.page(f"/visites/{visit.id}")).text
    await db.refresh(report)
    assert report.read_at is not None


async def test_a_draft_whose_author_left_goes_to_the_group(
    db: AsyncSession, browse: Callable[..., Any], cast: Cast, group: Group
) -> None:
    visit = await build.make_visit(db, cast.lea, group.hans, NOON)
    report = await build.make_report(db, visit, group.hans, Level.DRAFT)
    kept, own = await make_report(db, cast, Level.DRAFT)
    del kept
    await actions.open_left_drafts(db)
    await db.refresh(report)
    await db.refresh(own)

    assert report.level == Level.GROUP
    assert own.level == Level.DRAFT
    denis = await browse(group.denis)
    page = await denis.page(f"/visites/{visit.id}/compte-rendu")
    assert "Les planches sont propres." in page.text
    assert parse((await denis.get(f"/visites/{visit.id}")).text).one("ol").text.startswith("mer.")
