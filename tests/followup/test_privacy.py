"""Who reads what a report says, level by level and reader by reader, through every door."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.app import Databases
from couveuse.core.jobs import Workshop
from couveuse.core.mail import OutgoingMail
from couveuse.core.settings import Settings
from couveuse.followup import actions
from couveuse.followup.models import Level, Report
from couveuse.followup.tasks import remind_of_drafts
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.followup.allowed import EVERYBODY, KNOWS_OF_THE_VISIT, READERS, READS, allowed
from tests.followup.conftest import DAY, Group, make_report
from tests.followup.hidden import make_secrets
from tests.followup.told import addresses, told_to
from tests.guards.doors import Door, list_doors
from tests.html import parse

SECRET = "Zinnia"


@pytest.mark.parametrize("name", EVERYBODY)
async def test_each_reader_is_told_this_behind_these_doors_and_nothing_else(
    name: str,
    db: AsyncSession,
    browse: Callable[..., Any],
    cast: Cast,
    group: Group,
    settings: Settings,
    doors: list[Door],
) -> None:
    """Every page, paper, photo, export, list and search about lea, her visits, figures, committees,
    workshops and hours."""
    secrets = await make_secrets(db, cast, settings.data_folder)
    browser = await as_reader(browse, group, cast, name)

    assert await told_to(browser, doors, secrets) == allowed(name)


async def test_a_personal_link_tells_open_actions_of_those_whom_its_volunteer_follows(
    db: AsyncSession, browse: Callable[..., Any], cast: Cast, settings: Settings, doors: list[Door]
) -> None:
    secrets = await make_secrets(db, cast, settings.data_folder)
    of_lea = await build.make_volunteer(db, cast.lea, cast.home)
    of_tom = await build.make_volunteer(db, cast.tom, cast.home)
    links = [await build.make_link(db, one, cast.ines) for one in (of_lea, of_tom)]
    await db.commit()
    told: list[dict[str, set[str]]] = []
    for link in links:
        secrets.values["token"] = [link]
        told.append(await told_to(await browse(), doors, secrets))

    screen = {"followup.light.show"}
    assert told == [dict.fromkeys(("action-group", "action-shared", "étape-closed"), screen), {}]


async def test_every_door_about_a_person_or_a_visit_is_looked_behind(
    db: AsyncSession, cast: Cast, settings: Settings, doors: list[Door]
) -> None:
    secrets = await make_secrets(db, cast, settings.data_folder)
    about = ("/testeurs/{", "/visites/{", "/evaluations/{", "/personnes/{", "/mes-chiffres")
    sessions = ("/comites-de-suivi", "/ateliers", "/heures", "/financements")
    asked = [
        door for door in doors if door.method == "GET" and door.path.startswith(about + sessions)
    ]

    assert len(asked) > 50
    assert [str(door) for door in asked if not addresses(door, secrets)] == []


async def test_who_may_open_the_file_knows_of_the_visit_and_nobody_else(
    db: AsyncSession, browse: Callable[..., Any], cast: Cast, group: Group
) -> None:
    visit, _ = await make_report(db, cast, Level.DRAFT)
    knew: set[str] = set()
    for name in EVERYBODY:
        browser = await as_reader(browse, group, cast, name)
        if (await browser.get(f"/visites/{visit.id}")).status_code == 200:
            knew.add(name)

    assert knew == KNOWS_OF_THE_VISIT


@pytest.fixture(scope="session")
def doors(app: Litestar) -> list[Door]:
    return list_doors(app)


async def as_reader(browse: Callable[..., Any], group: Group, cast: Cast, name: str) -> Browser:
    del cast
    if name == "nobody":
        return await browse()
    person = {"denis": group.denis, "odile": group.odile, "hans": group.hans, "luc": group.manager}
    return await browse(person.get(name, name))


async def secret_report(db: AsyncSession, cast: Cast, level: Level) -> str:
    """A report whose every text is secret. Returns the address of its visit."""
    texts = dict.fromkeys(("seen", "said", "advice", "mood"), f"{SECRET} en fleur")
    visit, report = await make_report(db, cast, level, **texts)
    await build.make_step(db, cast.lea, cast.lea, report, what=f"Semer {SECRET}")
    await db.commit()
    return f"/visites/{visit.id}"


@pytest.mark.parametrize("level", Level)
async def test_nobody_writes_where_they_do_not_read(
    level: Level,
    db: AsyncSession,
    browse: Callable[..., Any],
    cast: Cast,
    group: Group,
    settings: Settings,
) -> None:
    visit = await secret_report(db, cast, level)
    for name in READERS:
        if level in READS.get(name, []):
            continue
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
    visit = await secret_report(db, cast, Level.SHARED)
    odile = await browse(group.odile)
    data = {"person_id": cast.lea.id, "starts_at": "2026-12-01T09:00", "duration_minutes": 60}

    assert (await odile.post("/visites", data)).status_code == 403
    assert (await odile.post(f"{visit}/compte-rendu", {"seen": "?"})).status_code == 403
    assert (await odile.post(f"{visit}/signature")).status_code == 403


async def test_coordination_opens_hours_down_to_the_signatures_but_no_further(
    db: AsyncSession, browse: Callable[..., Any], cast: Cast, settings: Settings
) -> None:
    address = await secret_report(db, cast, Level.SHARED)
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
    group: Group,
    tell_mails: Callable[[], Any],
) -> None:
    visit = await secret_report(db, cast, Level.DRAFT)
    marc, lea = await browse("marc"), await browse("lea")
    step = {"what": f"{SECRET} encore", "owner_id": group.denis.id}
    await marc.post(f"{visit}/partage", {"level": "group"})
    await marc.post(f"{visit}/partage")
    await marc.post(f"{visit}/synthese", {"committee_text": SECRET})
    await lea.post(f"{visit}/ajouts", {"text": f"{SECRET} !"})
    await lea.post(f"/testeurs/{cast.lea.id}/actions", step)
    await lea.post(f"{visit}/signature")
    await marc.post(f"{visit}/ajouts", {"text": f"{SECRET} ?"})

    mails = await tell_mails()

    assert [mail.recipient.partition("@")[0] for mail in mails] == ["lea", "marc", "marc", "lea"]
    assert all(f"{visit}/compte-rendu" in mail.body for mail in mails)
    assert [mail for mail in mails if SECRET in mail.subject + mail.body] == []
    outbox = await (await browse("ines")).get("/courrier")
    assert SECRET not in outbox.text


async def test_mails_of_committees_and_workshops_hold_the_hour_and_the_place_alone(
    db: AsyncSession,
    browse: Callable[..., Any],
    cast: Cast,
    settings: Settings,
    tell_mails: Callable[[], Any],
) -> None:
    """No word said there, and nobody else's name."""
    secrets = await make_secrets(db, cast, settings.data_folder)
    ready, opened, closed = (secrets.values["review_id"][at] for at in (1, 3, 4))
    session, workshop = secrets.values["progress_id"][1], secrets.values["workshop_id"][0]
    ines, marc, lea = await browse("ines"), await browse("marc"), await browse("lea")
    moved = {"starts_at": "2026-12-01T09:00", "duration_minutes": 60, "place": "salle-ready"}
    for browser, door, data in (
        (lea, f"/comites-de-suivi/bilans/{ready}/bilan", {"hard": "bilan-ready", "is_ready": "1"}),
        (ines, f"/comites-de-suivi/{session}/deplacement", moved | {"mode": "place"}),
        (ines, f"/comites-de-suivi/bilans/{opened}/cloture", {"version": 1}),
        (lea, f"/comites-de-suivi/bilans/{closed}/ajouts", {"text": "ajout-closed"}),
        (lea, f"/ateliers/{workshop}/inscriptions/retrait", {}),
        (marc, f"/ateliers/{workshop}/inscriptions", {"person_id": cast.lea.id}),
        (marc, f"/ateliers/{workshop}/annulation", {"reason": "Il gèle."}),
    ):
        assert (await browser.post(door, data)).status_code == 303, door

    told: dict[str, set[str]] = {}
    for mail in await tell_mails():
        told.setdefault(str(mail.recipient).partition("@")[0], set()).update(
            word for word in secrets.words if word in mail.subject + mail.body
        )

    assert told == {
        "lea": {"salle-ready", "atelier-planned"},
        "tom": {"salle-ready"},
        "rosa": {"salle-ready"},
    }


async def test_the_reminder_of_a_draft_goes_to_its_author_and_holds_no_word_of_it(
    db: AsyncSession, cast: Cast, databases: Databases, settings: Settings
) -> None:
    visit = await secret_report(db, cast, Level.DRAFT)
    await db.execute(sa.update(Report).values(updated_at=NOON - 8 * DAY))
    await db.commit()

    await remind_of_drafts(Workshop(databases.writer, settings))

    [mail] = (await db.scalars(sa.select(OutgoingMail))).all()
    assert mail.recipient == cast.marc.email
    assert visit in mail.body
    assert "Lea" not in mail.subject + mail.body
    assert SECRET not in mail.subject + mail.body


@pytest.mark.parametrize(
    ("door", "what", "readers"),
    [
        ("", "le dossier", ["denis", "odile", "Ines"]),
        ("/grilles", "les grilles", ["denis", "odile"]),
        ("/actions", "les actions", ["denis", "odile"]),
        ("/compte-rendu", "un compte rendu", ["denis", "odile"]),
        ("/compte-rendu.pdf", "un compte rendu", ["denis", "odile"]),
        ("/evaluations", "les grilles", ["denis", "odile"]),
    ],
)
async def test_every_reader_but_the_person_stands_in_the_log_of_readings(
    door: str,
    what: str,
    readers: list[str],
    db: AsyncSession,
    browse: Callable[..., Any],
    cast: Cast,
    group: Group,
) -> None:
    file, visit = f"/testeurs/{cast.lea.id}", await secret_report(db, cast, Level.SHARED)
    assessment = await build.make_assessment(db, cast.lea, cast.lea)
    await db.commit()
    address = (visit if "compte" in door else file) + door
    if door == "/evaluations":
        address = f"{door}/{assessment.id}"
    for name in ("denis", "odile", "hans", "ines", "rosa", "tom", "lea", "nobody"):
        await (await as_reader(browse, group, cast, name)).get(address)

    page = await (await browse("lea")).page(f"{file}/lectures")

    lines = [one.text for one in page.one("main").all("li") if one.all("strong")]
    assert sorted(line.partition(" 2026 ")[2].split()[0] for line in lines) == sorted(readers)
    assert all(f" {what}, à" in line for line in lines)


async def test_the_log_of_readings_is_for_the_person_and_coordination(
    browse: Callable[..., Any], cast: Cast, group: Group
) -> None:
    read = [
        name
        for name in EVERYBODY
        if (
            await (await as_reader(browse, group, cast, name)).get(
                f"/testeurs/{cast.lea.id}/lectures"
            )
        ).status_code
        == 200
    ]

    assert read == ["lea", "ines"]


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
