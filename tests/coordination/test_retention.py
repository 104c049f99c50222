"""Files past their period: who is proposed, what an erasure takes away, and what it leaves."""

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.app import Databases
from couveuse.coordination.actions.retention import NotOver, erase_file, keep_file
from couveuse.coordination.forms import EraseForm, KeepForm
from couveuse.coordination.models import ErasedAlready, Erasure, PersonErased
from couveuse.coordination.queries.retention import get_file_to_review, read_review
from couveuse.coordination.retention.links import all_links
from couveuse.coordination.retention.parts import FILE_COLUMNS, PARTS
from couveuse.coordination.retention.rules import Links, is_proposed, same_name, standing
from couveuse.coordination.tasks import forget_files, forget_mails
from couveuse.core.db import atomic
from couveuse.core.errors import Refused
from couveuse.core.files import FileStore, StoredFile
from couveuse.core.jobs import Workshop
from couveuse.core.mail import OutgoingMail, post
from couveuse.core.retention import RetentionPeriod
from couveuse.core.settings import Settings
from couveuse.people.models import Person, Session
from couveuse.tables import metadata
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.coordination.test_files import hold
from tests.coordination.whole_person import (
    NAME,
    TRACES,
    WORD,
    Whole,
    draft_about,
    make_whole,
)
from tests.html import parse

TODAY = NOON.date()
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def store(settings: Settings) -> FileStore:
    return FileStore(settings.data_folder / "files")


@pytest.fixture
async def whole(db: AsyncSession, cast: Cast, store: FileStore) -> Whole:
    made = await make_whole(db, cast, store)
    await db.commit()
    return made


async def erase(db: AsyncSession, cast: Cast, person: Person, name: str = NAME) -> Erasure:
    return await erase_file(db, cast.actors["ines"], person.id, EraseForm(name=name))


# ---------------------------------------------------------------- how long (pure)

PERIODS = {
    code: RetentionPeriod(code=code, label=code, months=months, since="", position=0)
    for code, months in {
        "introduced": 24,
        "member": 36,
        "followed": 60,
        "evidence": 120,
    }.items()
}


def ago(months: int, days: int = 0) -> dt.date:
    return TODAY - relativedelta(months=months) - days * DAY


@pytest.mark.parametrize(
    ("kinds", "last", "evidence", "proposed"),
    [
        ({"introduced"}, ago(24), None, False),
        ({"introduced"}, ago(24, 1), None, True),
        ({"member"}, ago(24, 1), None, False),
        ({"member"}, ago(36), None, False),
        ({"member"}, ago(36, 1), None, True),
        ({"followed"}, ago(36, 1), None, False),
        ({"followed"}, ago(60), None, False),
        ({"followed"}, ago(60, 1), None, True),
        ({"introduced", "followed"}, ago(36, 1), None, False),
        ({"introduced", "followed"}, ago(60, 1), None, True),
        (set(), ago(36), None, False),
        (set(), ago(36, 1), None, True),
        ({"followed", "evidence"}, ago(61), ago(120), False),
        ({"followed", "evidence"}, ago(121), ago(120, 1), True),
        ({"followed", "evidence"}, ago(59), ago(130), False),
    ],
)
def test_the_longest_period_decides(
    kinds: set[str], last: dt.date, evidence: dt.date | None, *, proposed: bool
) -> None:
    links = Links(last, frozenset(kinds), evidence)

    assert is_proposed(links, PERIODS, TODAY) is proposed


def test_what_lives_is_never_proposed() -> None:
    links = Links(ago(300), frozenset({"member"}), None, frozenset({"referral"}))

    assert standing(links, PERIODS).is_over_on(TODAY)
    assert not is_proposed(links, PERIODS, TODAY)


@pytest.mark.parametrize(
    ("typed", "same"),
    [(NAME, True), (f"  {NAME.upper()} ", True), ("Zéphyrine", False), ("", False)],
)
def test_the_name_is_copied_as_people_type(typed: str, *, same: bool) -> None:
    assert same_name(typed, NAME) is same


# ---------------------------------------------------------------- who is proposed


async def proposed(db: AsyncSession) -> set[int]:
    return {one.person.id for one in (await read_review(db)).proposed}


async def test_she_is_proposed_with_what_decides(db: AsyncSession, whole: Whole) -> None:
    (file,) = (await read_review(db)).proposed

    assert file.person.id == whole.person.id
    assert file.standing.period == "followed"
    assert file.links.last_contact_on == dt.date(2020, 1, 31)  # last day of the agreement
    assert file.standing.kept_until == dt.date(2025, 1, 31)
    assert not file.links.living


async def test_those_of_today_are_not_proposed(db: AsyncSession, cast: Cast, whole: Whole) -> None:
    assert await proposed(db) == {whole.person.id}


async def _stay(db: AsyncSession, cast: Cast, person: Person) -> None:
    await hold(db, cast, person, dt.date(2021, 1, 1), None)


async def _path(
    db: AsyncSession, cast: Cast, person: Person, referral: str = "", **fields: Any
) -> None:
    old = {"opened_on": dt.date(2019, 1, 1), "changed_at": dt.datetime(2019, 1, 1, tzinfo=dt.UTC)}
    path = await build.make_path(db, person, cast.home, state="contact", **old, **fields)
    if referral:
        sent = {"sent_at": dt.datetime(2019, 1, 2, tzinfo=dt.UTC)}
        await build.make_referral(db, path, cast.partner, cast.ines, state=referral, **sent)


async def _signed(db: AsyncSession, cast: Cast, person: Person) -> None:
    """She signed a report of somebody whose file is kept."""
    visit = await build.make_visit(db, cast.lea, person, dt.datetime(2019, 6, 1, tzinfo=dt.UTC))
    report = await build.make_report(db, visit, person)
    await build.sign_report(db, report, person)


async def _owed(db: AsyncSession, cast: Cast, person: Person) -> None:
    began, ended = dt.date(2019, 1, 1), dt.date(2019, 12, 1)
    agreement = await build.make_agreement(db, person, cast.home, began, ended)
    await build.make_expense(db, agreement, cast.ines, spent_on=began)


LIVING = {
    "membership": lambda db, cast, one: build.make_membership(db, one, cast.home, start=TODAY),
    "agreement": lambda db, cast, one: build.make_agreement(
        db, one, cast.home, TODAY - DAY, TODAY + DAY, kind="training_placement", document=None
    ),
    "group": lambda db, cast, one: build.make_follow_up_member(db, one, cast.marc, TODAY),
    "visit": lambda db, cast, one: build.make_visit(
        db, one, cast.marc, NOON + HOUR, state="planned"
    ),
    "item": lambda db, cast, one: build.make_item(db, cast.farm, deputy_id=one.id),
    "step": lambda db, cast, one: build.make_step(db, cast.lea, one, due_on=TODAY),
    "light": lambda db, cast, one: build.make_link(db, one, cast.ines, TODAY),
    "stay": _stay,
    "referral": lambda db, cast, one: _path(db, cast, one, referral="sent"),
    "next": lambda db, cast, one: _path(db, cast, one, next_due_on=TODAY, next_step="Appeler"),
    "after": lambda db, cast, one: build.make_exit(db, one, cast.home, dt.date(2019, 2, 1)),
    "signed": _signed,
    "expense": _owed,
}


@pytest.mark.parametrize("what", LIVING)
async def test_a_living_link_keeps_the_file(db: AsyncSession, cast: Cast, what: str) -> None:
    person = await build.make_person(db, created_at=dt.datetime(2019, 1, 1, tzinfo=dt.UTC))
    assert (await get_file_to_review(db, person.id)).is_proposed

    await LIVING[what](db, cast, person)
    await db.flush()

    file = await get_file_to_review(db, person.id)
    assert what in file.links.living
    assert not file.is_over
    assert person.id not in await proposed(db)
    with pytest.raises(NotOver):
        await erase(db, cast, person, person.name)


@pytest.mark.parametrize(("end", "kept"), [(ago(120), True), (ago(120, 1), False)])
async def test_what_a_funder_paid_is_kept_for_the_proof(
    db: AsyncSession, cast: Cast, whole: Whole, end: dt.date, *, kept: bool
) -> None:
    grant = await build.make_grant(
        db, cast.home, during=Range(dt.date(2010, 1, 1), end + DAY), created_by_id=cast.ines.id
    )
    action = await build.make_action(db, grant)
    start = dt.datetime.combine(end - DAY, dt.time(9), dt.UTC)
    visit = await build.make_visit(db, whole.person, whole.mentor, start, structure_id=cast.home.id)
    await build.make_charge(db, action, cast.ines, visit_id=visit.id)

    assert (whole.person.id not in await proposed(db)) is kept


def test_every_table_that_names_a_person_is_looked_at(cast: Cast) -> None:
    """A new table says whether it is a contact; who wrote what stands in the journal."""
    one = sa.select(Person.id).where(Person.id == 0)
    looked_at = {
        table.name
        for select in all_links(one).selects
        for table in select.get_final_froms()  # type: ignore[union-attr]
    }
    naming = {
        table.name
        for table in metadata.sorted_tables
        if any(key.column.table.name == "person" for key in table.foreign_keys)
    }

    assert naming - looked_at == {
        "agreement_amendment",  # who wrote it down: in the journal
        "agreement_piece",
        "agreement_suspension",
        "attendance_note",
        "attendance_scan",
        "condition_report",
        "condition_version",
        "erasure",
        "figure_heading",  # with the months
        "figure_reminder",
        "file_reading",
        "grid_version",
        "kept_file",
        "land_event",
        "legal_notice",
        "outage",
        "progress_addition",
        "trainer_signature",  # of somebody from outside, on their device
        "workshop_guest",  # may sign up: no contact yet
    }


# ---------------------------------------------------------------- keeping on


async def test_a_file_kept_on_is_proposed_again_after_that_day(
    db: AsyncSession,
    cast: Cast,
    whole: Whole,
    fixed_clock: Callable[[dt.datetime], None],
) -> None:
    asked = KeepForm(until=TODAY + 10 * DAY, reason="Un litige est en cours.")
    await keep_file(db, cast.actors["ines"], whole.person.id, asked)

    review = await read_review(db)
    assert [one.person.id for one in review.kept] == [whole.person.id]
    assert review.proposed == []
    with pytest.raises(NotOver):
        await erase(db, cast, whole.person)
    fixed_clock(NOON + 10 * DAY)
    assert await proposed(db) == set()
    fixed_clock(NOON + 11 * DAY)
    assert await proposed(db) == {whole.person.id}


async def test_a_file_is_kept_until_a_day_to_come(
    db: AsyncSession, cast: Cast, whole: Whole
) -> None:
    asked = KeepForm(until=TODAY, reason="Encore")
    with pytest.raises(Refused, match="until_past"):
        await keep_file(db, cast.actors["ines"], whole.person.id, asked)


# ---------------------------------------------------------------- nothing is left of her


async def everything(db: AsyncSession) -> dict[str, str]:
    """All that the database says, as text, by table and column."""
    columns = await db.execute(
        sa.text("""
            SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = 'public' ORDER BY 1, 2
        """)
    )
    said: dict[str, str] = {}
    for table, column in columns.all():
        found = await db.scalar(
            sa.text(f'SELECT string_agg("{column}"::text, \'\n\') FROM "{table}"')  # noqa: S608
        )
        said[f"{table}.{column}"] = found or ""
    return said


def holding(said: dict[str, str], *traces: str) -> set[str]:
    return {
        where
        for where, text in said.items()
        if any(t.casefold() in text.casefold() for t in traces)
    }


async def test_nothing_of_her_is_left_anywhere(db: AsyncSession, cast: Cast, whole: Whole) -> None:
    before = await everything(db)
    holds = holding(before, *TRACES)
    for part in PARTS:  # she is in every place that the erasure knows of: the proof is a proof
        for column in (*part.empties, *part.marks):
            if isinstance(metadata.tables[part.table].c[column].type, sa.Text | JSONB):
                assert f"{part.table}.{column}" in holds | NOT_WORDS

    await erase(db, cast, whole.person)

    after = await everything(db)
    assert holding(after, *TRACES) == set()
    assert "Gérard" in after["committee.minutes"]  # other people's words stay


NOT_WORDS = {"workshop_trainer.name"}


async def test_her_files_go_from_the_disk_and_shared_ones_stay(
    db: AsyncSession,
    cast: Cast,
    whole: Whole,
    store: FileStore,
    databases: Databases,
    settings: Settings,
) -> None:
    assert all(store.path(name).is_file() for name in (*whole.files, whole.shared_file))

    await erase(db, cast, whole.person)
    await db.commit()
    payload = await db.scalar(
        sa.text("SELECT payload FROM pgqueuer WHERE entrypoint = 'forget_files'")
    )
    await forget_files(Workshop(databases.writer, settings), **json.loads(payload))

    assert [name for name in whole.files if store.path(name).exists()] == []
    assert store.path(whole.shared_file).is_file()
    kept = set(await db.scalars(sa.select(StoredFile.sha256)))
    assert kept & {*whole.files, whole.shared_file} == {whole.shared_file}


def test_every_column_that_names_a_file_is_known() -> None:
    naming = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in {"document", "sha256", "scan", "photo", "photos"}
    }

    assert naming - {("stored_file", "sha256")} == set(FILE_COLUMNS)


STAYS = {
    *("agreement.kind", "agreement_document.kind", "agreement_period.family"),
    *("agreement_piece.code", "agreement_signature.party"),
    *("after_contact.state", "after_contact.situation", "after_contact.living"),
    *("application_piece.kind", "assessment_answers.side"),
    *("attendance.presence", "attendance.corrected", "attendance_note.presence"),
    *("attendance_signature.role", "attendance_signature.text_hash", "agreed_step.state"),
    *("booking.state", "booking.awaits", "committee_case.decision", "figure_heading.kind"),
    *("legal_notice.event", "legal_notice.recipient", "legal_notice.label"),
    *("legal_notice.addressee", "membership.role", "path.state", "path_step.state"),
    *("progress_review.presence", "progress_review.decision", "referral.state"),
    *("plot_period.kind", "referral.options", "report.level", "report.themes", "report_note.kind"),
    *("progress_signature.text_hash", "shared_expense.kind", "shared_expense.owed_by"),
    "shared_expense.outcome",
    *("report_signature.text_hash", "test_exit.outcome", "visit.kind", "visit.mode"),
    *("visit.state", "visit_proposal.kind", "visit_proposal.mode", "visit_proposal.starts"),
    *("welcome.kind", "figure_share.during"),
}
"""Codes, states and hashes: they say nothing of anybody, and figures count them."""


def test_every_column_about_a_person_is_emptied_or_said_to_stay() -> None:
    open_ones = {
        f"{part.table}.{column.name}"
        for part in PARTS
        if not part.removes
        for column in part.columns
        if isinstance(column.type, sa.Text | JSONB | ARRAY | sa.LargeBinary)
        and column.name not in {*part.empties, *part.marks, *part.files, "once", "once_digest"}
    }

    assert open_ones <= STAYS


# ---------------------------------------------------------------- figures are the same

FIGURES = (
    "/chiffres?debut=2019-01-01&fin=2020-12-31",
    "/heures?debut=2019-01-01&fin=2020-12-31",
    "/heures/export/seances.csv?debut=2019-01-01&fin=2020-12-31",
    "/apres-test?debut=2019-01-01&fin=2020-12-31",
    "/parcelles?debut=2019-01-01&fin=2019-12-31",
)
COUNTS = """
    SELECT 'bookings', state, count(*), sum(upper(during) - lower(during))::text
    FROM booking GROUP BY state
    UNION ALL SELECT 'exits', outcome, count(*), sum(area_ha)::text FROM test_exit GROUP BY outcome
    UNION ALL SELECT 'news', situation, count(*), '' FROM after_contact GROUP BY situation
    UNION ALL SELECT 'visits', state, count(*), sum(duration_minutes)::text FROM visit GROUP BY 2
    UNION ALL SELECT 'agreements', kind, count(*), '' FROM agreement GROUP BY kind
    UNION ALL SELECT 'signed', family, count(document), '' FROM agreement_period GROUP BY family
    UNION ALL SELECT 'welcomes', kind, count(*), '' FROM welcome GROUP BY kind
    UNION ALL SELECT 'decisions', decision, count(*), '' FROM committee_case GROUP BY decision
    UNION ALL SELECT 'expenses', kind, count(*), sum(amount_cents)::text
    FROM shared_expense GROUP BY kind
    UNION ALL SELECT 'sheets', coalesce(corrected, presence), count(*), ''
    FROM attendance GROUP BY 2
    ORDER BY 1, 2
"""


async def test_figures_are_the_same_before_and_after(
    db: AsyncSession, cast: Cast, whole: Whole, browse: Callable[..., Any]
) -> None:
    ines: Browser = await browse("ines")

    async def read() -> list[str]:
        answers = [await ines.get(path) for path in FIGURES]
        return [
            one.text if "csv" in one.headers["content-type"] else parse(one.text).one("main").text
            for one in answers
        ]

    before = await read()
    counted = (await db.execute(sa.text(COUNTS))).all()

    erasure = await erase(db, cast, whole.person)
    await db.commit()

    mark = f"Personne effacée n° {erasure.id}"
    assert await read() == [text.replace(NAME, mark) for text in before]
    assert any(NAME in text for text in before)
    assert (await db.execute(sa.text(COUNTS))).all() == counted


# ---------------------------------------------------------------- what is locked stays locked


@atomic
async def write(db: AsyncSession, statement: str, **values: Any) -> None:
    await db.execute(sa.text(statement), values)


LOCKED = (
    "UPDATE report SET seen = 'autre' WHERE signed_text IS NOT NULL",
    "UPDATE report SET signed_text = '' WHERE signed_text IS NOT NULL",
    "UPDATE report_signature SET name = '—'",
    "UPDATE report_note SET text = '—'",
    "UPDATE progress_signature SET name = '—'",
    "UPDATE assessment SET talk = NULL WHERE talked_on IS NOT NULL",
    "UPDATE progress_review SET minutes = '' WHERE closed_at IS NOT NULL",
    "UPDATE agreement_period SET document = '—' WHERE document IS NOT NULL",
    "UPDATE workshop_slot SET sheet_text = '—' WHERE closed_at IS NOT NULL",
    "UPDATE attendance_signature SET name = '—'",
    "UPDATE attendance_scan SET sha256 = '—'",
    "UPDATE agreement_amendment SET text = '—' WHERE document IS NOT NULL",
    "DELETE FROM agreement_signature",
)


@pytest.mark.parametrize("statement", LOCKED)
async def test_an_ordinary_write_still_fails(
    db: AsyncSession, cast: Cast, whole: Whole, statement: str
) -> None:
    with pytest.raises(Refused):
        await write(db, statement)
    await erase(db, cast, whole.person)
    with pytest.raises(Refused):  # the way is closed behind it
        await write(db, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE report SET seen = 'autre' WHERE signed_text IS NOT NULL",
        "UPDATE report SET signed_text = replace(signed_text, 'signé', 'faux')",
        "UPDATE report_signature SET name = 'Quelqu''un'",
        "UPDATE agreement_period SET document = repeat('a', 64)",
        "DELETE FROM report_note",
        "UPDATE visit SET duration_minutes = 5",
    ],
)
async def test_an_erasure_can_only_erase(db: AsyncSession, whole: Whole, statement: str) -> None:
    db.add(
        Erasure(person_id=whole.person.id, erased_at=NOON, period="followed", last_contact_on=TODAY)
    )
    await db.flush()

    with pytest.raises(Refused, match="only_erases"):
        await write(db, statement)
    await write(db, "UPDATE report SET seen = NULL WHERE visit_id IN (SELECT id FROM visit)")


async def test_an_erasure_stays_written(db: AsyncSession, cast: Cast, whole: Whole) -> None:
    await erase(db, cast, whole.person)

    for statement in (
        "DELETE FROM erasure",
        "UPDATE erasure SET is_under_way = true",
        "UPDATE erasure SET period = 'member'",
    ):
        with pytest.raises(Refused):
            await write(db, statement)
    with pytest.raises(PersonErased):
        await write(db, "UPDATE person SET given_name = 'Z' WHERE erased_at IS NOT NULL")


async def test_nothing_is_added_to_an_erased_file(
    db: AsyncSession, cast: Cast, whole: Whole
) -> None:
    await erase(db, cast, whole.person)

    @atomic
    async def add(db: AsyncSession, row: Any) -> None:
        db.add(row)
        await db.flush()

    with pytest.raises(PersonErased):
        await add(db, Session(token_hash=b"n" * 32, person_id=whole.person.id))


# ---------------------------------------------------------------- deciding


async def test_the_name_has_to_be_copied(db: AsyncSession, cast: Cast, whole: Whole) -> None:
    with pytest.raises(Refused, match="other_name"):
        await erase(db, cast, whole.person, "Quelqu'un d'autre")

    assert await proposed(db) == {whole.person.id}


async def test_the_second_coordinator_is_told_and_the_first_may_repeat(
    db: AsyncSession, cast: Cast, whole: Whole
) -> None:
    first = await erase(db, cast, whole.person)
    again = await erase(db, cast, whole.person)

    assert again.id == first.id
    with pytest.raises(ErasedAlready):
        await erase_file(db, None, whole.person.id, EraseForm(name=NAME))


async def test_a_namesake_keeps_her_name(db: AsyncSession, cast: Cast, whole: Whole) -> None:
    twin = await build.make_person(db, whole.person.given_name, family_name="Marquebelle")

    await erase(db, cast, whole.person)

    assert (await db.get_one(Person, twin.id)).name == NAME
    after = await everything(db)
    assert NAME in after["committee.minutes"]  # of whom, nobody can tell
    assert WORD not in "".join(after.values())


async def test_the_journal_tells_it_without_her(
    db: AsyncSession, cast: Cast, whole: Whole, browse: Callable[..., Any]
) -> None:
    ines: Browser = await browse("ines")
    address = f"/conservation/{whole.person.id}"
    assert NAME in (await ines.page("/conservation")).text
    assert "1 dossier à relire" in (await ines.page("/")).text
    page = await ines.page(address)
    assert "visites, comptes rendus et actions convenues" in page.text

    wrong = await ines.post(f"{address}/effacement", {"name": "Autre"})
    assert wrong.status_code == 422
    assert "Recopiez" in parse(wrong.text).text
    done = await ines.post(f"{address}/effacement", {"name": NAME.lower()})
    assert (done.status_code, done.headers["location"]) == (303, "/conservation")
    again = await ines.post(f"{address}/effacement", {"name": NAME})
    assert again.status_code == 303

    text = (await ines.page("/conservation")).one("main").text
    assert "Inès" in text or "Ines Essai" in text
    assert "Personne effacée n°" in text
    assert NAME not in text
    assert "dossier à relire" not in (await ines.page("/")).text
    for gone in (address, f"/personnes/{whole.person.id}", f"/testeurs/{whole.person.id}"):
        assert (await ines.get(gone)).status_code == 404
    assert "Personne effacée" not in (await ines.page("/personnes?tous=1")).text


async def test_keeping_on_a_page(
    db: AsyncSession, cast: Cast, whole: Whole, browse: Callable[..., Any]
) -> None:
    ines: Browser = await browse("ines")
    address = f"/conservation/{whole.person.id}"
    form = {"until": str(TODAY), "reason": "Litige"}
    refused = await ines.post(f"{address}/maintien", form)
    assert refused.status_code == 422
    form["until"] = "2027-03-31"
    assert (await ines.post(f"{address}/maintien", form)).status_code == 303

    page = await ines.page("/conservation")
    assert page.one("li", data_kept=str(whole.person.id))
    assert "Gardé jusqu'au 31 mars 2027" in (await ines.page(address)).text


# ---------------------------------------------------------------- her own side


async def test_she_takes_everything_with_her(
    db: AsyncSession, cast: Cast, whole: Whole, browse: Callable[..., Any]
) -> None:
    await draft_about(db, whole.person, whole.mentor)
    await db.commit()
    hers: Browser = await browse(whole.person)
    page = await hers.page("/mes-donnees")
    assert "60 mois" in page.text

    answer = await hers.get("/mes-donnees/archive")

    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    data = json.loads(archive.read("donnees.json"))
    assert data["person"]["email"] == whole.person.email
    told = json.dumps(data, ensure_ascii=False)
    assert "Pas encore montré" not in told
    assert data["drafts"][0]["author"] == whole.mentor.name
    (report,) = data["records"]["visites, comptes rendus et actions convenues"]["report"]
    assert report["seen"].startswith(WORD)
    assert "token_hash" not in told
    assert "password_hash" not in told
    names = {Path(one).stem for one in archive.namelist() if one.startswith("fichiers/")}
    assert names >= set(whole.files) - set(await _on_sheets(db))
    assert "visite" in archive.read("chronologie.txt").decode().lower()


async def _on_sheets(db: AsyncSession) -> list[str]:
    """A sheet that others signed too is not hers to take."""
    return list(await db.scalars(sa.text("SELECT sha256 FROM attendance_scan")))


async def test_nobody_takes_what_is_somebody_elses(
    cast: Cast, whole: Whole, browse: Callable[..., Any]
) -> None:
    tom: Browser = await browse("tom")

    answer = await tom.get("/mes-donnees/archive")

    text = zipfile.ZipFile(io.BytesIO(answer.content)).read("donnees.json").decode()
    assert NAME not in text
    assert "Léa" not in text


# ---------------------------------------------------------------- mails


async def test_mails_are_forgotten_after_a_year(
    db: AsyncSession,
    databases: Databases,
    settings: Settings,
    fixed_clock: Callable[[dt.datetime], None],
) -> None:
    await post(db, "lea@couveuse.example", "Réservé", "Le tracteur est à vous.\n")
    await db.commit()
    for days, left in ((365, 1), (366, 0)):
        fixed_clock(NOON + days * DAY)
        await forget_mails(Workshop(databases.writer, settings))
        assert await db.scalar(sa.select(sa.func.count()).select_from(OutgoingMail)) == left
