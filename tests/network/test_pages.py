"""Hours on the screen: who counts which, down to the source; grants, charges and files."""

import csv
import datetime as dt
import io
import re

import openpyxl
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.followup.models import Presence
from couveuse.network.models import FundedAction, Grant, SupportCharge
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.html import Element
from tests.network.conftest import MakeVisit

DAY = dt.timedelta(days=1)
YEAR = "debut=2026-01-01&fin=2026-12-31"


def table(page: Element, title: str) -> dict[str, list[str]]:
    """The rows of a list by their first cell."""
    found = page.all("section", data_group=title) + page.all("section", aria_labelledby=title)
    rows = [row for section in found for row in section.all("tr") if row.all("th", scope="row")]
    return {row.one("th").text: [cell.text for cell in row.all("td")] for row in rows}


async def charge(
    db: AsyncSession, cast: Cast, action: FundedAction, *visit_ids: int, slot_id: int | None = None
) -> None:
    for visit_id in visit_ids:
        await build.make_charge(db, action, cast.ines, visit_id=visit_id)
    if slot_id:
        await build.make_charge(db, action, cast.ines, slot_id=slot_id)
    await db.commit()


async def test_a_shared_session_is_given_once_and_received_by_each(
    browse, db: AsyncSession, cast: Cast, visit: MakeVisit
) -> None:
    await visit(2, signed=True)
    await visit(1, cast.tom, duration_minutes=100)
    page = await (await browse("ines")).page(f"/heures?{YEAR}")

    assert table(page, "personnes") == {
        "Lea Essai": ["2", "1 h 30", "1 h 40", "3 h 10"],
        "Tom Essai": ["1", "0 h", "1 h 40", "1 h 40"],
    }
    assert table(page, "accompagnement") == {"Marc Essai": ["2", "1 h 30", "1 h 40", "3 h 10"]}
    assert table(page, "structures") == {"CIVAM": ["2", "1 h 30", "1 h 40", "3 h 10"]}
    assert table(page, "actions") == {"Imputé à aucune action": ["2", "1 h 30", "1 h 40", "3 h 10"]}


async def test_one_signature_is_not_a_countersignature(
    browse, db: AsyncSession, cast: Cast, visit: MakeVisit
) -> None:
    held = await visit()
    report = await build.make_report(db, held, cast.marc)
    await build.sign_report(db, report, cast.marc)
    await db.commit()
    ines = await browse("ines")
    assert table(await ines.page("/heures"), "personnes")["Lea Essai"][1:3] == ["0 h", "1 h 30"]
    await build.sign_report(db, report, cast.lea)
    await db.commit()
    assert table(await ines.page("/heures"), "personnes")["Lea Essai"][1:3] == ["1 h 30", "0 h"]


async def test_workshops_count_as_signed_on_the_screen_or_on_paper(
    browse, db: AsyncSession, cast: Cast, grant: Grant
) -> None:
    group = await build.make_action(db, grant, label="Collectif", mode="group", person_half_days=6)
    starts = [NOON - n * DAY for n in (3, 2, 1)]
    workshop = await build.make_workshop(db, cast.home, cast.marc, *starts)
    closed, open_, _nobody = workshop.slots
    for slot, came in ((closed, (cast.lea, cast.tom)), (open_, (cast.lea,))):
        for person in came:
            await run_attendance(db, slot.id, person.id)
    await build.close_sheet(
        db, closed, cast.marc, {cast.lea: Presence.PRESENT, cast.tom: Presence.PRESENT}
    )
    await charge(db, cast, group, slot_id=closed.id)
    page = await (await browse("ines")).page("/heures")

    assert table(page, "personnes") == {
        "Lea Essai": ["2", "3 h", "3 h", "6 h", "1 + 1 à signer"],
        "Tom Essai": ["1", "3 h", "0 h", "3 h", "1"],
    }
    assert table(page, "accompagnement")["Marc Essai"][:4] == ["2", "3 h", "3 h", "6 h"]
    assert table(page, "actions")["Collectif"] == ["1", "3 h", "0 h", "3 h", "1"]
    listed = await (await browse("lea")).page("/heures/seances")
    assert len(listed.all("a", href=f"/ateliers/{workshop.id}")) == 2
    account = await (await browse("ines")).page(f"/financements/{grant.id}")
    assert "5 demi-journées" in account.text


async def run_attendance(db: AsyncSession, slot_id: int, person_id: int) -> None:
    await db.execute(
        sa.text(
            "INSERT INTO attendance (slot_id, person_id, presence) VALUES (:slot, :who, 'present')"
        ),
        {"slot": slot_id, "who": person_id},
    )


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("ines", {"Lea Essai": "1 h 30", "Tom Essai": "3 h"}),
        ("paul", {"Tom Essai": "1 h 30"}),
        ("marc", {"Lea Essai": "1 h 30", "Tom Essai": "1 h 30"}),
        ("rosa", {}),
        ("lea", {"Lea Essai": "1 h 30"}),
        ("tom", {"Tom Essai": "3 h"}),
    ],
)
async def test_everybody_counts_their_own(
    browse, db: AsyncSession, cast: Cast, visit: MakeVisit, name: str, people: dict[str, str]
) -> None:
    """Marc's to lea with tom, for home; a stranger's to tom, for the partner."""
    await visit(2, cast.tom)
    stranger = await build.make_person(db)
    await build.make_visit(db, cast.tom, stranger, NOON - DAY, structure_id=cast.partner.id)
    await db.commit()
    page = await (await browse(name)).page(f"/heures?{YEAR}")
    rows = table(page, "personnes")
    assert {person: cells[-1] for person, cells in rows.items()} == people
    answer = await (await browse(name)).get(f"/heures/export/personnes.csv?{YEAR}")
    assert set(re.findall(r"\w+ Essai", answer.content.decode("utf-8-sig"))) == set(people)


async def test_each_figure_opens_its_list_and_each_line_its_source(
    browse, db: AsyncSession, cast: Cast, visit: MakeVisit
) -> None:
    """Tom is of another structure: the mentor of the shared visit follows lea only."""
    signed, shared = await visit(2, signed=True), await visit(1, cast.tom)
    toms = await build.make_visit(db, cast.tom, cast.marc, NOON - 5 * DAY)
    await db.commit()
    for name, opened in (("ines", {signed, shared, toms}), ("marc", {signed, shared})):
        browser = await browse(name)
        page = await browser.page(f"/heures?{YEAR}")
        section = page.one("section", data_group="accompagnement")
        behind = section.one("th", scope="row").one("a")["href"]
        listed = await browser.page(behind)
        assert len(listed.one("ul", class_="list").all("li")) == 3
        assert "4 h 30" in listed.text
        links = {one["href"] for one in listed.all("a", href=None)}
        sources = {link for link in links if re.fullmatch(r"/visites/\d+", link)}
        assert sources == {f"/visites/{one.id}" for one in opened}
        for link in sources:
            assert (await browser.get(link)).status_code == 200


async def test_files_hold_what_is_shown(
    browse, db: AsyncSession, cast: Cast, visit: MakeVisit
) -> None:
    cast.marc.family_name = "=1+1"
    db.add(cast.marc)
    await visit(1, duration_minutes=100)
    browser = await browse("ines")
    answer = await browser.get(
        f"/heures/export/seances.csv?{YEAR}&par=personnes&numero={cast.lea.id}"
    )
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][:5] == ["2026-11-24", "12:00", "Visite", "Marc =1+1", "Lea Essai"]
    assert rows[1][8:] == ["1,666667", "0", "à signer"]
    answer = await browser.get(f"/heures/export/heures.xlsx?{YEAR}")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert len(book.sheetnames) == 6
    sheet = book["Par personne, heures reçues"]
    assert [cell.value for cell in sheet[3]][:6] == ["Lea Essai", 1, 0, 0, 1.666667, 1.666667]


@pytest.mark.parametrize(
    "address",
    [
        "/heures/seances?par=nature&numero=1",
        "/heures/seances?par=personnes&numero=x",
        "/heures/seances?par=personnes",
        "/heures/export/personnes.pdf",
        "/heures/export/heures.csv",
        "/heures/seances/visit-9999999999999999999/imputation",
        "/heures/seances/visit-%C2%B2/imputation",
    ],
)
async def test_what_is_not_there_is_not_found(browse, address: str) -> None:
    assert (await (await browse("ines")).get(address)).status_code == 404


@pytest.mark.parametrize(
    "period", ["debut=hier", "debut=2026-12-01&fin=2026-11-01", "fin=2026-11-01"]
)
async def test_a_period_that_cannot_be_read_is_said(browse, period: str) -> None:
    for path in ("/heures", "/heures/seances", "/heures/a-imputer", "/heures/export/heures.xlsx"):
        assert (await (await browse("ines")).get(f"{path}?{period}")).status_code == 400


# ---------------------------------------------------------------- grants and charges


FORM = {
    "funder": "Département",
    "name": "Installer",
    "starts_on": "2026-01-01",
    "ends_on": "31/12/2026",
    "once": "abc",
}


async def test_a_grant_is_recorded_once_with_its_shares(
    browse, db: AsyncSession, cast: Cast
) -> None:
    browser = await browse("ines")
    sent = FORM | {"structure_ids": [cast.home.id, cast.partner.id]}
    sent |= {f"part_{cast.home.id}": "66,5", f"part_{cast.partner.id}": "33,5"}
    answers = [await browser.post("/financements", sent) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert len({one.headers["location"] for one in answers}) == 1
    page = await browser.page(answers[0].headers["location"])
    assert "CIVAM (66,5 %), ADEARI (33,5 %)" in page.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ends_on": "2025-12-31"}, "Le dernier jour vient avant le premier"),
        ({"structure_ids": []}, "Ce champ est à remplir"),
        ({"structure_ids": ["7777777"]}, "Cette structure n'est plus dans la liste"),
        ({"part": "-3"}, "Une part s'écrit en pour cent"),
        ({"part": "beaucoup"}, "Une part s'écrit en pour cent"),
        ({"part": "60", "other": "60"}, "Les parts des structures dépassent 100 %"),
        ({"name": "x" * 201}, "C'est trop long"),
        ({"starts_on": "1999-01-01"}, "Cette année est hors du calendrier"),
    ],
)
async def test_a_wrong_grant_keeps_what_was_typed(
    browse, cast: Cast, changed: dict[str, object], said: str
) -> None:
    sent: dict[str, object] = FORM | {"structure_ids": [cast.home.id, cast.partner.id]}
    sent |= {
        f"part_{cast.home.id}": changed.pop("part", "10"),
        f"part_{cast.partner.id}": changed.pop("other", "10"),
    }
    answer = await (await browse("ines")).post("/financements", sent | changed)
    assert answer.status_code == 422
    assert said in answer.text.replace("\u00a0", " ").replace("&#39;", "'")
    assert "Département" in answer.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"person_hours": "0"}, "Il faut plus que 0"),
        ({"person_hours": "0,001"}, "Les heures se comptent à la minute"),
        ({"person_hours": "21", "total_hours": "20"}, "C'est plus que le plafond en tout"),
        ({"total_half_days": "2,5"}, "Écrivez un nombre entier"),
        ({"mode": "duo"}, "Choisissez une des réponses proposées"),
        ({"label": "ACCOMPAGNEMENT individuel"}, "Ce financement a déjà une action de ce nom"),
    ],
)
async def test_a_wrong_action_says_why(
    browse, grant: Grant, action: FundedAction, changed: dict[str, str], said: str
) -> None:
    sent = {"label": "Autre", "mode": "individual", "total_hours": "100"} | changed
    answer = await (await browse("ines")).post(f"/financements/{grant.id}/actions", sent)
    assert answer.status_code == 422
    assert said in answer.text.replace("\u00a0", " ").replace("&#39;", "'")


async def test_a_grant_lives_from_its_first_action_to_its_end(
    browse, db: AsyncSession, cast: Cast, grant: Grant, visit: MakeVisit
) -> None:
    held = await visit(2, signed=True)
    waiting = await visit(1)
    browser = await browse("ines")
    sent = {"label": "Technique", "mode": "individual", "person_hours": "3,5", "once": "x"}
    for _ in range(2):
        answer = await browser.post(f"/financements/{grant.id}/actions", sent)
        assert answer.status_code == 303
    action = (await db.scalars(sa.select(FundedAction))).one()
    assert action.person_minutes == 210

    ticked = {
        "sessions": [f"visit-{held.id}", f"visit-{waiting.id}"],
        f"action_visit-{held.id}": action.id,
        f"action_visit-{waiting.id}": action.id,
    }
    page = await (await browse("marc")).page("/heures/a-imputer")
    assert [one["value"] for one in page.all("input", name="sessions")] == [
        f"visit-{waiting.id}",
        f"visit-{held.id}",
    ]
    answer = await (await browse("marc")).post("/heures/imputations", ticked)
    assert answer.status_code == 303
    page = await browser.page(f"/financements/{grant.id}")
    assert table(page, f"action-{action.id}") == {"Lea Essai": ["1 h 30", "1 h 30", "30 min"]}

    assert (await browser.post(f"/financements/{grant.id}/cloture")).status_code == 303
    late = {"action_id": action.id}
    answer = await browser.post(f"/heures/seances/visit-{waiting.id}/imputation", {})
    assert answer.status_code == 422
    assert "Ce financement est clos" in answer.text
    answer = await browser.post(f"/actions-financees/{action.id}", sent)
    assert answer.status_code == 422
    assert (await browser.post(f"/financements/{grant.id}/reouverture")).status_code == 303
    answer = await browser.post(f"/heures/seances/visit-{waiting.id}/imputation", {})
    assert answer.status_code == 303
    assert len((await db.scalars(sa.select(SupportCharge.visit_id))).all()) == 1
    answer = await browser.post(f"/heures/seances/visit-{waiting.id}/imputation", late)
    assert answer.status_code == 303


async def test_the_list_warns_before_the_ceiling_is_passed(
    browse, db: AsyncSession, cast: Cast, action: FundedAction, visit: MakeVisit
) -> None:
    await charge(db, cast, action, *[(await visit(n)).id for n in (3, 4)])
    held = await visit(1)
    browser = await browse("ines")
    page = await browser.page("/heures/a-imputer")
    assert "au-delà du plafond" in page.text
    sent = {"sessions": [f"visit-{held.id}"], f"action_visit-{held.id}": action.id}
    answer = await browser.post("/heures/imputations", sent)
    assert answer.status_code == 422
    assert "checked" in answer.text
    answer = await browser.post("/heures/imputations", sent | {"reason": "Gel de mai"})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "sent",
    [{}, {"sessions": ["x"]}, {"sessions": ["visit-1"] * 201}, {"action_visit-1": "9" * 30}],
)
async def test_a_list_that_makes_no_sense_charges_nothing(
    browse, db: AsyncSession, sent: dict[str, object]
) -> None:
    answer = await (await browse("ines")).post("/heures/imputations", sent)
    assert answer.status_code in {404, 422}
    assert await db.scalar(sa.select(sa.func.count()).select_from(SupportCharge)) == 0


async def test_who_is_in_test_sees_what_is_left_to_her(
    browse, db: AsyncSession, cast: Cast, action: FundedAction, visit: MakeVisit
) -> None:
    await charge(db, cast, action, (await visit(1)).id)
    lea = await browse("lea")
    for address in ("/", f"/testeurs/{cast.lea.id}"):
        page = await lea.page(address)
        section = page.one("section", aria_labelledby="support-title")
        assert "reçu 1 h 30 · reste 2 h 30" in section.text
    assert (await lea.get(f"/heures/seances?par=personnes&numero={cast.lea.id}")).status_code == 200


async def test_pages_take_few_statements_however_many_sessions(
    browse, db: AsyncSession, cast: Cast, action: FundedAction, visit: MakeVisit,
    statements: list[str],
) -> None:  # fmt: skip
    pages = ("/heures", "/heures/seances", "/heures/a-imputer", f"/financements/{action.grant_id}")
    browser = await browse("ines")
    await browser.page("/heures")  # the first one also notes that she is here
    counts: list[list[int]] = []
    for number in (1, 6):
        for day in range(number):
            await visit(number * 10 + day)
        held = [await visit(number * 10 + day) for day in range(number)]
        await charge(db, cast, action, *[one.id for one in held])
        counts.append([])
        for path in pages:
            statements.clear()
            await browser.page(path)
            counts[-1].append(len(statements))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12
