"""Applying and deciding: papers missing, one grid each, ties declared, and a path that follows."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.app import Databases
from couveuse.core.errors import Refused, broken_promise
from couveuse.core.files import FileStore
from couveuse.core.jobs import Workshop
from couveuse.core.mail import OutgoingMail
from couveuse.core.settings import Settings
from couveuse.trainees import actions, queries
from couveuse.trainees.forms.selection import ApplicationForm, DecisionForm, PieceForm
from couveuse.trainees.models import (
    Application,
    ApplicationOpen,
    CaseJuror,
    CommitteeCase,
    ConflictDeclared,
    DecidedMeanwhile,
    Decision,
    OnAgendaAlready,
    Path,
)
from couveuse.trainees.tasks.selection import (
    remind_of_missing_pieces,
    tell_about_committee,
    tell_decision,
)
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.html import parse

TODAY = NOON.date()
DAY = dt.timedelta(days=1)
PDF = b"%PDF-1.4\nstartxref\n0\n%%EOF\n"


@dataclass
class Table:
    """A newcomer who applies at home; rosa and marc sit, ines prepares."""

    path: Path
    application: Application
    case: CommitteeCase


@pytest.fixture
async def table(db: AsyncSession, cast: Cast) -> Table:
    person = await build.make_person(db, "Nour", family_name="Lambert", met_by_id=cast.home.id)
    path = await build.make_path(db, person, cast.home, state="applying")
    application = await build.make_application(db, path, cast.ines)
    committee = await build.make_committee(db, cast.home, held_on=TODAY)
    for juror in (cast.rosa, cast.marc):
        await build.make_committee_member(db, committee, juror)
    case = await build.make_case(db, committee, application)
    await db.commit()
    return await at(db, cast, path.id, application.id, case.id)


async def at(
    db: AsyncSession, cast: Cast, path_id: int, application_id: int, case_id: int
) -> Table:
    ines = cast.actors["ines"]
    return Table(
        await queries.get_path(db, ines, path_id),
        await queries.get_application(db, ines, application_id),
        await queries.get_case(db, ines, case_id),
    )


# ---------------------------------------------------------------- the file


async def test_an_application_moves_the_path(db: AsyncSession, cast: Cast) -> None:
    path = await build.make_path(db, cast.zoe, cast.home, state="welcomed")
    path = await queries.get_path(db, cast.actors["ines"], path.id)
    asked = ApplicationForm(to_test="Vivre de trente brebis.")
    await actions.apply(db, cast.actors["ines"], path, asked)
    assert (path.state, path.next_actor_id) == ("applying", cast.zoe.id)
    with pytest.raises(ApplicationOpen):
        await actions.apply(db, cast.actors["ines"], path, asked)


async def test_the_page_of_the_path_shows_the_application_and_who_acts(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, table: Table
) -> None:
    path = await db.get_one(Path, table.path.id)
    path.next_step, path.next_actor_id = "Compléter le dossier", cast.rosa.id
    await db.commit()
    page = await (await browse("ines")).page(f"/parcours/{table.path.id}")
    assert page.all("a", href=f"/candidatures/{table.application.id}")
    assert "Rosa Essai" in page.one("dl", class_="facts").text


async def test_who_is_in_test_does_not_apply(db: AsyncSession, cast: Cast) -> None:
    found = await queries.find_open_path(db, cast.lea.id)
    assert found is not None
    path = await queries.get_path(db, cast.actors["ines"], found.id)
    with pytest.raises(Refused):
        await actions.apply(db, cast.actors["ines"], path, ApplicationForm(to_test="Encore"))


async def test_the_last_paper_completes_the_file(
    db: AsyncSession, cast: Cast, table: Table, settings: Settings
) -> None:
    store = FileStore(settings.data_folder / "files")
    needed = [one for one in await queries.list_piece_kinds(db, TODAY) if one.is_needed]
    for kind in needed:
        assert table.application.complete_on is None
        await actions.record_piece(
            db, cast.actors["ines"], store, table.application, PieceForm(kind=kind.code), PDF
        )
    assert table.application.complete_on == TODAY
    with pytest.raises(Refused):
        await actions.record_piece(
            db, cast.actors["ines"], store, table.application, PieceForm(kind="passport"), None
        )


async def test_papers_through_the_page(
    browse: Callable[..., Any], cast: Cast, table: Table
) -> None:
    ines = await browse("ines")
    address = f"/candidatures/{table.application.id}"
    assert "4 pièces à fournir" in (await ines.page(address)).text
    sent = await ines.http.post(
        f"{address}/pieces",
        data={"_csrf_token": ines.token, "kind": "project"},
        files={"document": ("projet.pdf", PDF, "application/pdf")},
    )
    assert sent.status_code == 303, parse(sent.text).text
    page = await ines.page(address)
    assert "3 pièces à fournir" in page.text
    (link,) = page.all("a", href=None) and [
        one["href"] for one in page.all("a", href=None) if "/pieces/" in one["href"]
    ]
    assert (await ines.get(link)).content == PDF
    assert (await (await browse("rosa")).get(link)).content == PDF
    assert (await (await browse("paul")).get(link)).status_code == 404


# ---------------------------------------------------------------- the session


async def test_an_application_is_on_one_agenda(db: AsyncSession, cast: Cast, table: Table) -> None:
    other = await build.make_committee(db, cast.home)
    with pytest.raises(OnAgendaAlready):
        await actions.put_on_agenda(db, cast.actors["ines"], other, table.application)


async def test_who_is_invited_is_told(
    db: AsyncSession,
    cast: Cast,
    table: Table,
    browse: Callable[..., Any],
    databases: Databases,
    settings: Settings,
) -> None:
    committee_id = table.case.committee_id
    ines = await browse("ines")
    fields = {"person_id": cast.gaston.id}
    assert (await ines.post(f"/comites/{committee_id}/membres", fields)).status_code == 303
    await db.commit()
    workshop = Workshop(databases.writer, settings)
    await tell_about_committee(workshop, committee_id=committee_id, person_id=cast.gaston.id)
    assert [one.recipient for one in await db.scalars(sa.select(OutgoingMail))] == [
        cast.gaston.email
    ]
    came = await ines.post(f"/comites/{committee_id}/membres", fields | {"presence": "present"})
    assert came.status_code == 303
    assert "présent·e" in (await (await browse("gaston")).page(f"/comites/{committee_id}")).text


async def test_each_reads_her_own_grid_until_it_is_decided(
    browse: Callable[..., Any], cast: Cast, table: Table
) -> None:
    rosa, marc, ines = await browse("rosa"), await browse("marc"), await browse("ines")
    address = f"/dossiers/{table.case.id}"
    said = {"level-question": "solid", "comment": "Bien pensé"}
    assert (await rosa.post(f"{address}/grille", said)).status_code == 303
    own = await rosa.page(address)
    assert own.one("input", name="level-question", value="solid").attrs.get("checked") == ""
    for other in (marc, ines):
        page = (await other.page(address)).text
        assert "1 grille remplie" in page
        assert "Bien pensé" not in page
    decided = {"decision": "yes", "reasons": "Le projet est clair."}
    assert (await ines.post(f"{address}/decision", decided)).status_code == 303
    for reader in (rosa, marc, ines):
        assert "Bien pensé" in (await reader.page(address)).text
    assert (await rosa.post(f"{address}/grille", said)).status_code == 409
    assert (await (await browse("paul")).get(address)).status_code == 404


async def test_who_has_a_tie_fills_no_grid(
    db: AsyncSession, cast: Cast, table: Table, browse: Callable[..., Any]
) -> None:
    rosa = cast.actors["rosa"]
    await actions.fill_grid(db, rosa, table.case, {"question": "solid"}, "Bien")
    await actions.declare_conflict(db, rosa, table.case, "Ma nièce")
    (kept,) = await db.scalars(sa.select(CaseJuror))
    assert (kept.levels, kept.comment, kept.conflict) == (None, None, "Ma nièce")
    with pytest.raises(ConflictDeclared):
        await actions.fill_grid(db, rosa, table.case, {"question": "solid"}, None)
    db.add(CaseJuror(case_id=table.case.id, person_id=cast.marc.id, conflict="x", levels={}))
    with pytest.raises(IntegrityError) as caught:
        await db.flush()
    assert isinstance(broken_promise(caught.value), ConflictDeclared)
    await db.rollback()


async def test_who_has_a_tie_reads_no_grid_either(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, table: Table
) -> None:
    await actions.fill_grid(db, cast.actors["marc"], table.case, {}, "Bien pensé")
    await actions.declare_conflict(db, cast.actors["rosa"], table.case, "Ma nièce")
    asked = DecisionForm(decision=Decision.YES, reasons="Clair")
    await actions.decide(db, cast.actors["ines"], table.case, asked)
    await db.commit()
    page = (await (await browse("rosa")).page(f"/dossiers/{table.case.id}")).text
    assert "Ma nièce" in page
    assert "Bien pensé" not in page


# ---------------------------------------------------------------- the decision


@pytest.mark.parametrize(
    ("decision", "more", "state"),
    [
        ("yes", {}, "selected"),
        ("yes_if", {"conditions": "Permis B", "conditions_due_on": TODAY + 30 * DAY}, "selected"),
        ("wait", {}, "waiting_list"),
        ("no", {"reapply_on": TODAY + 180 * DAY}, "refused"),
    ],
)
async def test_the_path_follows_the_decision(
    db: AsyncSession, cast: Cast, table: Table, decision: str, more: dict[str, Any], state: str
) -> None:
    asked = DecisionForm(decision=Decision(decision), reasons="Dit simplement.", **more)
    await actions.decide(db, cast.actors["ines"], table.case, asked)
    assert table.case.application.path.state == state
    assert table.case.application.closed_on == TODAY
    case = await queries.get_case(db, cast.actors["ines"], table.case.id)
    assert (case.decision, case.notify_by) == (decision, TODAY + 8 * DAY)
    with pytest.raises(Refused):
        await actions.decide(db, cast.actors["ines"], case, asked)


async def test_a_case_is_decided_once(db: AsyncSession, cast: Cast, table: Table) -> None:
    await db.execute(
        sa.update(CommitteeCase)
        .values(decision="wait", reasons="x", decided_on=TODAY)
        .execution_options(synchronize_session=False)
    )
    with pytest.raises(DecidedMeanwhile):
        await actions.decide(
            db, cast.actors["ines"], table.case, DecisionForm(decision=Decision.NO, reasons="y")
        )


@pytest.mark.parametrize(
    "fields",
    [
        {"decision": "yes"},
        {"reasons": "x"},
        {"decision": "yes_if", "reasons": "x"},
        {"decision": "yes_if", "reasons": "x", "conditions": "Permis"},
        {"decision": "yes", "reasons": "x", "decided_on": "2026-11-26"},
    ],
)
async def test_a_decision_says_why(
    browse: Callable[..., Any], table: Table, fields: dict[str, str]
) -> None:
    answer = await (await browse("ines")).post(f"/dossiers/{table.case.id}/decision", fields)

    assert answer.status_code == 422


async def test_the_letter_is_hers_once_it_is_sent(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, table: Table
) -> None:
    table.path.person_id = cast.zoe.id
    await db.commit()
    ines, zoe = await browse("ines"), await browse("zoe")
    address = f"/dossiers/{table.case.id}"
    said = {"decision": "no", "reasons": "La surface manque.", "reapply_on": "2027-05-01"}
    assert (await ines.post(f"{address}/decision", said)).status_code == 303
    listed = (await ines.page("/comites")).text
    assert "à envoyer avant le 3 déc. 2026" in listed
    letter = (await ines.page(f"{address}/lettre")).text
    for text in ("La surface manque.", "ne retient pas votre candidature cette fois", "mai 2027"):
        assert text in letter
    assert (await zoe.get(f"{address}/lettre")).status_code == 403
    early = await ines.post(f"{address}/notification", {"notified_on": "2026-11-24"})
    assert early.status_code == 422
    assert (await ines.post(f"{address}/notification")).status_code == 303
    assert "La surface manque." in (await zoe.page(f"{address}/lettre")).text
    assert (await zoe.get(address)).status_code == 404
    assert "à envoyer" not in (await ines.page("/comites")).text


async def test_the_letter_leaves_by_mail_once(
    browse: Callable[..., Any],
    db: AsyncSession,
    databases: Databases,
    settings: Settings,
    cast: Cast,
    table: Table,
) -> None:
    table.path.person_id = cast.zoe.id
    await db.commit()
    ines = await browse("ines")
    address = f"/dossiers/{table.case.id}"
    assert (await ines.post(f"{address}/courriel")).status_code == 422
    said = {"decision": "wait", "reasons": "Aucune parcelle avant l'été."}
    await ines.post(f"{address}/decision", said)
    answer = await ines.post(f"{address}/courriel")
    assert answer.status_code == 303
    assert (await ines.post(f"{address}/courriel")).status_code == 409
    db.expunge_all()
    assert (await db.get_one(CommitteeCase, table.case.id)).notified_on == TODAY

    for _ in range(2):
        await tell_decision(Workshop(databases.writer, settings), case_id=table.case.id)

    (mail,) = await mails_to(db, cast.zoe.email)
    assert mail.subject == "Votre candidature à l'espace-test"
    for text in ("mercredi 25 novembre 2026", "aucune place n'est libre", "Aucune parcelle avant"):
        assert text in mail.body


async def test_missing_papers_are_asked_for_once_in_time(
    db: AsyncSession,
    databases: Databases,
    settings: Settings,
    cast: Cast,
    table: Table,
    fixed_clock: Callable[[dt.datetime], None],
) -> None:
    table.path.person_id = cast.zoe.id
    await db.commit()
    workshop = Workshop(databases.writer, settings)
    fixed_clock(NOON - 16 * DAY)
    await remind_of_missing_pieces(workshop)
    assert await mails_to(db, cast.zoe.email) == []
    for ago in (15, 14):
        fixed_clock(NOON - ago * DAY)
        await remind_of_missing_pieces(workshop)

    (hers,), (ours,) = await mails_to(db, cast.zoe.email), await mails_to(db, cast.ines.email)
    assert "pièces à fournir" in hers.subject
    assert f"/candidatures/{table.application.id}" in ours.body
    assert f"/candidatures/{table.application.id}" not in hers.body


async def mails_to(db: AsyncSession, address: str | None) -> list[OutgoingMail]:
    asked = sa.select(OutgoingMail).where(OutgoingMail.recipient == address)
    return list(await db.scalars(asked.order_by(OutgoingMail.id)))


async def test_applications_are_listed_by_their_day_alone(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, table: Table
) -> None:
    earlier = await build.make_person(db, "Zoubir", family_name="Abel")
    path = await build.make_path(db, earlier, cast.home, state="applying")
    await build.make_application(db, path, cast.ines, opened_on=TODAY - DAY)
    await db.commit()
    page = await (await browse("ines")).page("/candidatures")
    names = [one.text for one in page.all("a", href=None) if "/candidatures/" in one["href"]]
    assert names == ["Zoubir Abel", "Nour Lambert"]
