"""Reports that came on paper: typed in for their author, with the sheet itself as the proof."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.files import PDF
from couveuse.followup.models import (
    AgreedStep,
    Level,
    Report,
    ReportSignature,
    Visit,
    VisitPerson,
    VisitState,
)
from couveuse.people.models import Person
from couveuse.trainees.models import FileReading
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.followup.conftest import Group
from tests.followup.steps import made
from tests.html import Element, parse

Browse = Callable[..., Any]
DAY = dt.timedelta(days=1)
SCAN = b"%PDF-1.7\nune feuille\nstartxref\n0\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class Desk:
    """Odette's sheet about lea comes to whoever is at the office."""

    odette: Person
    lea: Person

    @property
    def path(self) -> str:
        return f"/testeurs/{self.lea.id}/papier"

    def sheet(self, **more: str) -> dict[str, str]:
        said = {"seen": "Semis levés.", "said": "Contente.", "advice": "Aérer."}
        facts = {"day": "2026-11-24", "at": "10:00", "minutes": "120", "mode": "place"}
        return {"author_id": str(self.odette.id), **facts, **said, "level": "shared"} | more


SIGNED = {"person_signed": "on", "author_signed": "on", "signed_on": "2026-11-24"}


@pytest_asyncio.fixture
async def desk(db: AsyncSession, cast: Cast) -> Desk:
    odette = await build.make_volunteer(db, cast.lea, cast.home, email="odette@couveuse.example")
    await db.commit()
    return Desk(odette, cast.lea)


async def send(
    browser: Browser, desk: Desk, data: dict[str, str], scan: bytes | None = SCAN
) -> httpx.Response:
    files = {"scan": ("feuille.pdf", scan, PDF)} if scan is not None else None
    return await browser.post(desk.path, data, files=files)


async def count(db: AsyncSession, table: Any) -> int:
    return await db.scalar(sa.select(sa.func.count(table.id))) or 0


# ---------------------------------------------------------------- signed on paper


async def test_a_signed_sheet_is_typed_in_and_locked(
    db: AsyncSession, browse: Browse, desk: Desk, cast: Cast
) -> None:
    marc = await browse("marc")
    agreed = {"step_what_1": "Aérer", "step_owner_1": str(cast.lea.id), "travel_km": "8"}

    address = made(await send(marc, desk, desk.sheet(**SIGNED, **agreed)))

    visit = (await db.scalars(sa.select(Visit))).one()
    assert (visit.state, visit.mentor_id) == (VisitState.HELD, desk.odette.id)
    assert (visit.created_by_id, visit.structure_id) == (cast.marc.id, cast.home.id)
    assert (visit.duration_minutes, str(visit.travel_km)) == (120, "8")
    report = (await db.scalars(sa.select(Report))).one()
    assert (report.author_id, report.typed_by_id) == (desk.odette.id, cast.marc.id)
    assert report.level == Level.SHARED
    assert report.scan is not None
    assert report.scan in str(report.signed_text)
    signatures = (await db.scalars(sa.select(ReportSignature))).all()
    assert {one.person_id for one in signatures} == {desk.odette.id, cast.lea.id}
    assert {(one.scan, one.filed_by_id) for one in signatures} == {(report.scan, cast.marc.id)}
    assert await count(db, AgreedStep) == 1
    edited = await marc.post(f"{address}/compte-rendu", {"seen": "Autre chose"})
    assert edited.status_code == 422


async def test_the_screens_say_in_words_who_wrote_who_typed_and_who_filed(
    browse: Browse, desk: Desk
) -> None:
    marc, lea = await browse("marc"), await browse("lea")
    address = made(await send(marc, desk, desk.sheet(**SIGNED)))

    page = await lea.page(f"{address}/compte-rendu")

    name = desk.odette.name
    assert f"Visite rapportée sur papier par {name}, saisie par Marc Essai." in page.text
    signed = page.one("li", data_signature=str(desk.lea.id)).text
    assert "Signé sur papier par Lea Essai , 24 nov. 2026, feuille déposée par Marc Essai" in signed
    assert "Rapporté sur papier, saisi par : Marc Essai" in page.one("pre").text
    journal = (await lea.page(address)).one("ol", class_="timeline").text
    assert "a saisi le compte rendu rapporté sur papier" in journal
    assert f"a déposé la feuille signée par Lea Essai, {name}" in journal
    pdf = await lea.get(f"{address}/compte-rendu.pdf")
    assert pdf.content.startswith(b"%PDF")


async def test_both_are_told_by_mail_without_a_word_of_it(
    browse: Browse, desk: Desk, tell_mails: Callable[[], Any]
) -> None:
    made(await send(await browse("marc"), desk, desk.sheet(**SIGNED)))

    mails = await tell_mails()

    assert {one.recipient.partition("@")[0] for one in mails} == {"lea", "odette"}
    assert all("d'après la feuille de papier" in one.body for one in mails)
    assert not [one for one in mails if "Semis" in one.body]


async def test_the_sheet_is_read_by_those_who_read_the_report_and_that_is_written_down(
    db: AsyncSession, browse: Browse, desk: Desk, group: Group
) -> None:
    address = made(await send(await browse("marc"), desk, desk.sheet(**SIGNED)))
    read: set[str] = set()
    people = {"denis": group.denis, "odile": group.odile, "hans": group.hans, "luc": group.manager}
    for name in ("lea", "marc", "denis", "odile", "hans", "luc", "ines", "rosa", "tom", "zoe"):
        answer = await (await browse(people.get(name, name))).get(f"{address}/feuille")
        if answer.status_code == 200:
            assert (answer.content, answer.headers["cache-control"]) == (SCAN, "no-store")
            read.add(name)
        else:
            assert answer.status_code == 404

    assert read == {"lea", "marc", "denis", "odile"}
    readers = set(await db.scalars(sa.select(FileReading.reader_id)))
    assert {group.denis.id, group.odile.id} <= readers


async def test_coordination_types_in_what_it_then_no_longer_reads(
    browse: Browse, desk: Desk
) -> None:
    """The sheet was in her hands; the screen keeps to the follow-up group all the same."""
    ines = await browse("ines")

    address = made(await send(ines, desk, desk.sheet(**SIGNED)))

    assert "Signé sur papier" in (await ines.page(address)).text
    assert (await ines.get(f"{address}/compte-rendu")).status_code == 404


# ---------------------------------------------------------------- not signed yet


async def test_without_signatures_the_writer_corrects_and_the_author_signs_on_screen(
    db: AsyncSession, browse: Browse, desk: Desk, cast: Cast
) -> None:
    marc, nobody = await browse("marc"), await browse()
    address = made(await send(marc, desk, desk.sheet(), scan=None))
    token = await build.make_link(db, desk.odette, cast.ines)
    await db.commit()

    assert (await marc.post(f"{address}/signature")).status_code == 403
    made(await marc.post(f"{address}/compte-rendu", {"seen": "Semis bien levés.", "version": "1"}))
    door = f"/benevole/{token}{address}"
    page = await nobody.page(door)
    assert "saisi par Marc Essai, d'après votre feuille" in page.text
    fields = {one["name"]: one["value"] for one in page.all("form")[0].all("input")}
    made(await nobody.post(f"{door}/signature", fields))

    (signature,) = await db.scalars(sa.select(ReportSignature))
    assert (signature.person_id, signature.scan) == (desk.odette.id, None)


async def test_for_the_group_alone_the_person_neither_reads_nor_is_told(
    browse: Browse, desk: Desk, tell_mails: Callable[[], Any]
) -> None:
    address = made(await send(await browse("marc"), desk, desk.sheet(level="group"), scan=None))

    lea = await browse("lea")
    assert (await lea.get(f"{address}/compte-rendu")).status_code == 404
    assert await tell_mails() == []


# ---------------------------------------------------------------- once, and never twice


async def test_sent_twice_it_is_typed_in_once(db: AsyncSession, browse: Browse, desk: Desk) -> None:
    marc = await browse("marc")
    data = desk.sheet(**SIGNED, once="une-cle-de-formulaire")

    assert made(await send(marc, desk, data)) == made(await send(marc, desk, data))
    assert (await count(db, Visit), await count(db, ReportSignature)) == (1, 2)


async def test_the_visit_planned_for_that_day_is_the_one(
    db: AsyncSession, browse: Browse, desk: Desk, cast: Cast
) -> None:
    at = NOON - DAY
    planned = {"state": VisitState.PLANNED, "duration_minutes": 60}
    await build.make_visit(db, cast.lea, desk.odette, at, **planned)
    await db.commit()

    made(await send(await browse("marc"), desk, desk.sheet(**SIGNED)))

    visit = (await db.scalars(sa.select(Visit).execution_options(populate_existing=True))).one()
    assert (visit.state, visit.duration_minutes) == (VisitState.HELD, 120)
    assert visit.starts_at == dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
    assert set(await db.scalars(sa.select(VisitPerson.presence))) == {"present"}


async def test_what_was_told_by_the_link_is_not_typed_in_again(
    db: AsyncSession, browse: Browse, desk: Desk, cast: Cast
) -> None:
    token = await build.make_link(db, desk.odette, cast.ines)
    await db.commit()
    told = {"day": "2026-11-24", "minutes": "120", "mode": "place", "seen": "Semis levés."}
    made(await (await browse()).post(f"/benevole/{token}/personnes/{cast.lea.id}/vu", told))
    marc = await browse("marc")

    again = await send(marc, desk, desk.sheet(**SIGNED))

    assert again.status_code == 422
    assert "déjà racontée" in parse(again.text).text
    assert await count(db, Visit) == 1
    made(await send(marc, desk, desk.sheet(**SIGNED, another="on")))
    assert await count(db, Visit) == 2


# ---------------------------------------------------------------- refused in words


def errors(answer: httpx.Response) -> Element:
    assert answer.status_code == 422
    page = parse(answer.text)
    assert page.all("p", class_="error") or page.all("div", class_="form-errors")
    return page


@pytest.mark.parametrize(
    "more",
    [
        {"author_id": "1"},
        {"author_id": "99999999"},
        {"author_id": "x"},
        {"day": "2026-11-26"},
        {"day": "2019-06-01"},
        {"at": "25:61"},
        {"minutes": "0"},
        {"seen": "", "said": "", "advice": ""},
        {"seen": "x" * 4001},
        {"level": "draft"},
        SIGNED | {"signed_on": "2026-11-23"},
        SIGNED | {"signed_on": "2026-11-26"},
        SIGNED | {"signed_on": ""},
        SIGNED | {"level": "group"},
        {"step_what_1": "x", "step_owner_1": "99999999"},
    ],
)
async def test_odd_sheets_change_nothing(
    db: AsyncSession, browse: Browse, desk: Desk, more: dict[str, str]
) -> None:
    errors(await send(await browse("marc"), desk, desk.sheet() | more))

    assert await count(db, Visit) == await count(db, Report) == await count(db, AgreedStep) == 0


@pytest.mark.parametrize("scan", [None, b"not a paper", b"%PDF-1.7 cut", b"\xff\xd8\xff broken"])
async def test_signatures_need_a_sheet_that_can_be_read(
    db: AsyncSession, browse: Browse, desk: Desk, scan: bytes | None
) -> None:
    page = errors(await send(await browse("marc"), desk, desk.sheet(**SIGNED), scan))

    assert page.one("p", id="e-scan-1").text
    assert await count(db, Visit) == 0


async def test_nobody_types_in_a_paper_of_their_own(browse: Browse, desk: Desk, cast: Cast) -> None:
    sheet = desk.sheet(author_id=str(cast.marc.id))

    assert "sans passer par le papier" in errors(await send(await browse("marc"), desk, sheet)).text


@pytest.mark.parametrize("name", ["lea", "rosa", "odile", "tom", "zoe"])
async def test_who_is_not_of_the_group_today_types_in_nothing(
    db: AsyncSession, browse: Browse, desk: Desk, group: Group, name: str
) -> None:
    browser = await browse(group.odile if name == "odile" else name)

    answer = await send(browser, desk, desk.sheet())

    assert answer.status_code == (403 if name in {"lea", "odile"} else 404)
    assert await count(db, Visit) == 0


# ---------------------------------------------------------------- what the database keeps


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("report", "typed_by_id = author_id"),
        ("report", "level = 'draft', shared_at = NULL"),
        ("report", "scan = 'une feuille'"),
    ],
)
async def test_a_typed_report_is_of_another_and_no_secret(
    db: AsyncSession, browse: Browse, desk: Desk, table: str, values: str
) -> None:
    made(await send(await browse("marc"), desk, desk.sheet(), scan=None))

    with pytest.raises(IntegrityError):
        async with db.begin_nested():
            await db.execute(sa.text(f"UPDATE {table} SET {values}"))  # noqa: S608, ours


@pytest.mark.parametrize("values", ["typed_by_id = NULL", "scan = NULL", "seen = 'autre'"])
async def test_once_signed_the_paper_stays_as_it_is(
    db: AsyncSession, browse: Browse, desk: Desk, values: str
) -> None:
    made(await send(await browse("marc"), desk, desk.sheet(**SIGNED)))

    with pytest.raises(IntegrityError, match="signed"):
        async with db.begin_nested():
            await db.execute(sa.text(f"UPDATE report SET {values}"))  # noqa: S608, ours


async def test_a_signature_on_paper_names_its_sheet_and_who_filed_it(
    db: AsyncSession, browse: Browse, desk: Desk, cast: Cast
) -> None:
    made(await send(await browse("marc"), desk, desk.sheet(**SIGNED | {"author_signed": ""})))
    facts = await db.execute(sa.select(Report.id, ReportSignature.text_hash).join(ReportSignature))
    report_id, text_hash = facts.one()
    row = {"report_id": report_id, "person_id": desk.odette.id, "name": "O", "signed_at": NOON}
    for more in (
        {"scan": "ab" * 32},
        {"filed_by_id": cast.marc.id},
        {"scan": "une feuille", "filed_by_id": cast.marc.id},
        {"scan": "ab" * 32, "filed_by_id": desk.odette.id},
    ):
        with pytest.raises(IntegrityError):
            async with db.begin_nested():
                await db.execute(
                    sa.insert(ReportSignature).values(**row, text_hash=text_hash, **more)
                )


# ---------------------------------------------------------------- from the screen to paper


async def test_a_report_shared_on_screen_is_signed_on_paper(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    visit = await build.make_visit(db, cast.lea, cast.marc, NOON - DAY)
    report = await build.make_report(db, visit, cast.marc, seen="Les paniers.")
    await db.commit()
    marc, lea = await browse("marc"), await browse("lea")
    page = await marc.page(f"/visites/{visit.id}/compte-rendu")
    address = f"/visites/{visit.id}/signature-papier"
    sent = {
        "signer_ids": cast.lea.id,
        "signed_on": str(NOON.date()),
        "text_hash": page.one("form", action=address).one("input", name="text_hash")["value"],
    }
    sheet = {"scan": ("feuille.pdf", SCAN, PDF)}
    refused = (
        (sent, None, "scan"),
        (sent | {"signer_ids": cast.marc.id}, sheet, "signer_ids"),
        (sent | {"signer_ids": cast.tom.id}, sheet, "signer_ids"),
        (sent | {"signed_on": str((NOON - 2 * DAY).date())}, sheet, "signed_on"),
    )
    for fields, files, field in refused:
        assert errors(await marc.post(address, fields, files=files)).one("p", id=f"e-{field}-1")
    assert (await lea.post(address, sent, files=sheet)).status_code == 403

    made(await marc.post(address, sent, files=sheet))

    await db.refresh(report)
    assert "Les paniers." in str(report.signed_text)
    line = (await lea.page(f"/visites/{visit.id}/compte-rendu")).one(
        "li", data_signature=str(cast.lea.id)
    )
    assert "Signé sur papier par Lea Essai" in line.text
    assert (await lea.get(line.one("a")["href"])).content == SCAN
    assert (await (await browse("tom")).get(line.one("a")["href"])).status_code == 404
    again = await marc.post(address, sent, files=sheet)
    assert again.status_code == 422
    made(await marc.post(f"/visites/{visit.id}/signature"))


async def test_a_text_that_changed_since_it_was_printed_is_not_signed_on_paper(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    visit = await build.make_visit(db, cast.lea, cast.marc, NOON - DAY)
    report = await build.make_report(db, visit, cast.marc)
    await db.commit()
    sent = {"signer_ids": cast.lea.id, "signed_on": str(NOON.date()), "text_hash": "0" * 64}
    sheet = {"scan": ("feuille.pdf", SCAN, PDF)}

    marc = await browse("marc")
    answer = await marc.post(f"/visites/{visit.id}/signature-papier", sent, files=sheet)

    assert answer.status_code == 422
    assert "Le texte a changé" in parse(answer.text).text
    await db.refresh(report)
    assert report.signed_text is None
