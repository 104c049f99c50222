"""What is signed is locked in the database itself, whoever writes to it and however."""

import asyncpg
import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.followup import actions
from couveuse.followup.models import Level, Report, Visit
from couveuse.followup.signed import hash_of
from couveuse.tables import metadata
from tests import build
from tests.cast import Cast
from tests.followup.conftest import make_report

LOCKED = "report_signed_is_locked"


@pytest_asyncio.fixture
async def signed(db: AsyncSession, cast: Cast) -> tuple[Visit, Report]:
    visit, report = await make_report(db, cast, Level.SHARED)
    await build.make_step(db, cast.lea, cast.lea, report)
    await actions.sign_report(db, cast.actors["lea"], visit, None)
    await db.commit()
    return visit, report


async def broken(db: AsyncSession, statement: str, **values: object) -> str:
    """The constraint that a statement breaks."""
    with pytest.raises(DBAPIError) as refused:
        async with db.begin_nested():
            await db.execute(sa.text(statement), values)
    cause = refused.value.orig.__cause__  # type: ignore[union-attr]
    assert isinstance(cause, asyncpg.PostgresError)
    return str(cause.constraint_name)  # type: ignore[attr-defined]


WRITES = (
    "UPDATE report SET seen = 'autre chose' WHERE id = :report",
    "UPDATE report SET themes = '{water}' WHERE id = :report",
    "UPDATE report SET photos = '[]' || photos || '[1]' WHERE id = :report",
    "UPDATE report SET signed_text = NULL WHERE id = :report",
    "UPDATE report SET signed_text = signed_text || ' ' WHERE id = :report",
    "UPDATE report SET level = 'group', shared_at = NULL WHERE id = :report",
    "DELETE FROM report WHERE id = :report",
    "UPDATE report_signature SET name = 'Quelqu''un' WHERE report_id = :report",
    "DELETE FROM report_signature WHERE report_id = :report",
    "UPDATE visit SET duration_minutes = 600 WHERE id = :visit",
    "UPDATE visit SET starts_at = starts_at + interval '1 day' WHERE id = :visit",
    "UPDATE visit SET state = 'cancelled' WHERE id = :visit",
    "DELETE FROM visit WHERE id = :visit",
    "UPDATE visit_person SET presence = 'absent' WHERE visit_id = :visit",
    "DELETE FROM visit_person WHERE visit_id = :visit",
    "INSERT INTO visit_person (visit_id, person_id, presence) VALUES (:visit, :rosa, 'present')",
    "UPDATE agreed_step SET what = 'autre chose' WHERE report_id = :report",
    "UPDATE agreed_step SET owner_id = :rosa WHERE report_id = :report",
    "UPDATE agreed_step SET report_id = NULL WHERE report_id = :report",
    "DELETE FROM agreed_step WHERE report_id = :report",
    """INSERT INTO agreed_step (person_id, owner_id, report_id, what, created_by_id)
       VALUES (:rosa, :rosa, :report, 'plus tard', :rosa)""",
)


@pytest.mark.parametrize("statement", WRITES, ids=lambda text: " ".join(text.split()[:4]))
async def test_no_statement_changes_what_was_signed(
    statement: str, db: AsyncSession, signed: tuple[Visit, Report], cast: Cast
) -> None:
    visit, report = signed
    given = {"report": report.id, "visit": visit.id, "rosa": cast.rosa.id}
    values = {name: value for name, value in given.items() if f":{name}" in statement}

    assert await broken(db, statement, **values) == LOCKED


STILL = (
    "UPDATE visit SET structure_id = NULL, travel_minutes = 30, travel_km = 12.5 WHERE id = :visit",
    "UPDATE report SET committee_text = 'Avance bien.', read_at = now() WHERE id = :report",
    "UPDATE agreed_step SET state = 'done', changed_at = now() WHERE report_id = :report",
)


@pytest.mark.parametrize("statement", STILL)
async def test_what_is_no_part_of_it_still_changes(
    statement: str, db: AsyncSession, signed: tuple[Visit, Report]
) -> None:
    visit, report = signed
    values = {"report": report.id} if ":report" in statement else {"visit": visit.id}

    changed = await db.execute(sa.text(statement), values)

    assert changed.rowcount == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("statement", [one for one in WRITES if "signature" not in one])
async def test_before_anybody_signed_it_all_changes(
    statement: str, db: AsyncSession, cast: Cast
) -> None:
    visit, report = await make_report(db, cast, Level.SHARED)
    await build.make_step(db, cast.lea, cast.lea, report)
    given = {"report": report.id, "visit": visit.id, "rosa": cast.rosa.id}
    values = {name: value for name, value in given.items() if f":{name}" in statement}
    if statement.startswith("DELETE FROM report "):
        await db.execute(
            sa.text("DELETE FROM agreed_step WHERE report_id = :id"), {"id": report.id}
        )
    if statement.startswith("DELETE FROM visit "):
        for parts in ("agreed_step", "report", "visit_person"):
            await db.execute(sa.delete(metadata.tables[parts]))

    await db.execute(sa.text(statement), values)


async def test_a_signature_is_of_the_text_that_stands(
    db: AsyncSession, signed: tuple[Visit, Report], cast: Cast
) -> None:
    insert = """INSERT INTO report_signature (report_id, person_id, name, signed_at, text_hash)
                VALUES (:report, :marc, 'Marc', now(), :hash)"""
    given = {"report": signed[1].id, "marc": cast.marc.id}

    assert await broken(db, insert, hash=hash_of("?"), **given) == "report_signature_of_its_text"


async def test_a_note_stays_as_it_was_written(
    db: AsyncSession, signed: tuple[Visit, Report], cast: Cast
) -> None:
    insert = """INSERT INTO report_note (report_id, author_id, kind, text, written_at)
                VALUES (:report, :lea, 'addition', 'Oui', now())"""
    await db.execute(sa.text(insert), {"report": signed[1].id, "lea": cast.lea.id})

    assert await broken(db, "UPDATE report_note SET text = 'Non'") == LOCKED
    assert await broken(db, "DELETE FROM report_note") == LOCKED
