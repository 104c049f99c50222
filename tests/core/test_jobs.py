"""Jobs exist only if what they belong to exists, and the worker does them whatever happens."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse import tasks
from couveuse.core import i18n
from couveuse.core.db import make_engine, make_sessions, unit_of_work
from couveuse.core.jobs import JOBS, PERIODIC, Workshop, queue
from couveuse.core.worker import work
from tests import build

tasks.register()


@pytest_asyncio.fixture
async def workshop(database: str, settings):
    engine = make_engine(database)
    yield Workshop(make_sessions(engine), settings)
    await engine.dispose()


@pytest.fixture
def dsn(database: str) -> str:
    return database.replace("+asyncpg", "")


async def waiting(workshop: Workshop) -> list[tuple[str, dict[str, Any]]]:
    async with workshop.sessions() as db:
        rows = await db.execute(sa.text("SELECT entrypoint, payload FROM pgqueuer ORDER BY id"))
        return [(name, json.loads(payload)) for name, payload in rows]


# ---------------------------------------------------------------- queued


async def test_a_job_is_there_once_the_change_is_kept(workshop: Workshop) -> None:
    async with unit_of_work(workshop.sessions) as db:
        await build.make_structure(db)
        await queue(db, "send_mail", mail_id=7)
        assert await waiting(workshop) == []  # nobody else sees it before

    assert await waiting(workshop) == [("send_mail", {"mail_id": 7})]


@pytest.mark.parametrize("first", [True, False])
async def test_a_change_taken_back_leaves_no_job(workshop: Workshop, first: bool) -> None:
    async with workshop.sessions() as db, db.begin() as transaction:
        if not first:
            await build.make_structure(db)
        await queue(db, "send_mail", mail_id=7)
        await transaction.rollback()

    assert await waiting(workshop) == []


async def test_a_refused_action_takes_its_jobs_back(workshop: Workshop) -> None:
    async with unit_of_work(workshop.sessions) as db:
        await queue(db, "send_mail", mail_id=1)
        savepoint = await db.begin_nested()
        await queue(db, "send_mail", mail_id=2)
        await savepoint.rollback()

    assert await waiting(workshop) == [("send_mail", {"mail_id": 1})]


# ---------------------------------------------------------------- done


async def queue_one(workshop: Workshop, name: str, **payload: Any) -> None:
    async with unit_of_work(workshop.sessions) as db:
        await queue(db, name, **payload)


async def test_the_worker_does_what_waits_and_empties_the_queue(
    workshop: Workshop, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[int, str]] = []

    async def note(_workshop: Workshop, *, number: int) -> None:
        done.append((number, i18n.language()))

    monkeypatch.setitem(JOBS, "note", note)
    for number in range(3):
        await queue_one(workshop, "note", number=number)
    i18n.set_language("en")

    await work(workshop, dsn, drain=True)

    assert sorted(done) == [(0, "fr"), (1, "fr"), (2, "fr")]
    assert await waiting(workshop) == []


async def test_a_job_works_in_transactions_of_its_own(
    workshop: Workshop, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def add(at: Workshop, *, title: str) -> None:
        async with unit_of_work(at.sessions) as db:
            await build.make_structure(db, title)

    monkeypatch.setitem(JOBS, "add", add)
    await queue_one(workshop, "add", title="Par la file")

    await work(workshop, dsn, drain=True)

    async with workshop.sessions() as db:
        assert await db.scalar(sa.text("SELECT name FROM structure")) == "Par la file"


@pytest.mark.slow
async def test_a_failing_job_is_tried_again_then_held(
    workshop: Workshop,
    dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tries: list[int] = []

    async def fail(_workshop: Workshop) -> None:
        tries.append(1)
        raise ValueError("bug of a job")

    monkeypatch.setitem(JOBS, "fail", fail)
    await queue_one(workshop, "fail")
    async with running(workshop, dsn):
        await until(dsn, "SELECT EXISTS (SELECT FROM pgqueuer WHERE status = 'failed')", HURRY)

    assert len(tries) == 2
    assert "bug of a job" in caplog.text


HURRY = """
    UPDATE pgqueuer SET execute_after = now(), attempts = 5
    WHERE status = 'queued' AND execute_after > now()
"""
"""Jobs put off are due at once, and that is their last try."""


@asynccontextmanager
async def running(workshop: Workshop, dsn: str) -> AsyncGenerator[None, None]:
    worker = asyncio.create_task(work(workshop, dsn))
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


async def until(dsn: str, question: str, meanwhile: str = "SELECT 1") -> None:
    """Ask until the answer is yes."""
    connection = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(10):
            while not await connection.fetchval(question):
                await connection.execute(meanwhile)
                await asyncio.sleep(0.02)
    finally:
        await connection.close()


@pytest.mark.slow
async def test_what_comes_round_is_done_and_goes_on_after_a_failure(
    workshop: Workshop,
    dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    rounds: list[int] = []
    twice = asyncio.Event()

    async def tick(_workshop: Workshop) -> None:
        rounds.append(1)
        if len(rounds) == 2:
            twice.set()
        raise ValueError("bug of a round")

    monkeypatch.setitem(PERIODIC, "tick", ("* * * * * *", tick))
    async with running(workshop, dsn):
        await asyncio.wait_for(twice.wait(), 10)

    assert "bug of a round" in caplog.text


@pytest.mark.slow
async def test_the_worker_takes_up_a_lost_database_again(
    workshop: Workshop, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = asyncio.Event()

    async def note(_workshop: Workshop) -> None:
        done.set()

    monkeypatch.setitem(JOBS, "note", note)
    async with running(workshop, dsn):
        await until(dsn, SOMEBODY_ELSE)
        await until(dsn, "SELECT EXISTS (SELECT FROM pgqueuer_schedules)")
        await until(dsn, SOMEBODY_ELSE.replace("true", "pg_terminate_backend(pid)"))
        await queue_one(workshop, "note")
        await asyncio.wait_for(done.wait(), 10)


SOMEBODY_ELSE = (
    "SELECT true FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
    "AND datname = current_database()"
)


async def test_the_real_rounds_run_on_an_empty_database(workshop: Workshop) -> None:
    for _cron, round_ in PERIODIC.values():
        await round_(workshop)


@pytest.mark.parametrize("name", ["send_mail", "tell_about_booking"])
async def test_a_job_whose_subject_is_gone_does_nothing(workshop: Workshop, name: str) -> None:
    payload = {"mail_id": 1} if name == "send_mail" else {"booking_id": 1, "what": "booking.made"}

    await JOBS[name](workshop, **payload)


async def test_every_job_that_is_queued_has_somebody_to_do_it(db: AsyncSession) -> None:
    assert set(JOBS) >= {"send_mail", "tell_about_booking"}
    assert set(PERIODIC) >= {"lapse_requests", "send_waiting_mails", "forget_old_sign_ins"}
