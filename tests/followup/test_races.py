"""Two people, or one person twice, in the same moment: real connections, nothing rolled back."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.db import Sessions, make_engine, make_sessions, unit_of_work
from couveuse.core.errors import Conflict, DomainError, NotVisible, Refused
from couveuse.core.files import FileStore
from couveuse.followup import actions
from couveuse.followup.forms import ChoiceForm, NoteForm, ReportForm, VisitForm
from couveuse.followup.models import (
    Level,
    Report,
    ReportNote,
    ReportSignature,
    Visit,
    VisitProposal,
)
from couveuse.followup.queries import get_proposal, get_visit
from tests import build
from tests.cast import Cast, make_cast
from tests.conftest import NOON

pytestmark = [pytest.mark.race, pytest.mark.slow]
DAY = dt.timedelta(days=1)
ROUNDS = 5


@dataclass(slots=True)
class Field:
    sessions: Sessions
    cast: Cast

    async def at_once(
        self, *acts: Callable[[AsyncSession], Awaitable[Any]]
    ) -> list[BaseException | Any]:
        async def alone(act: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
            async with unit_of_work(self.sessions) as db:
                return await act(db)

        return await asyncio.gather(*map(alone, acts), return_exceptions=True)

    async def all(self, table: type) -> list[Any]:
        async with self.sessions() as db:
            return list(await db.scalars(sa.select(table)))

    async def visit(self, level: Level | None = None) -> int:
        async with unit_of_work(self.sessions) as db:
            visit = await build.make_visit(db, self.cast.lea, self.cast.marc, NOON - DAY)
            if level:
                await build.make_report(db, visit, self.cast.marc, level)
            return visit.id


@pytest_asyncio.fixture
async def field(database: str) -> AsyncIterator[Field]:
    engine = make_engine(database)
    sessions = make_sessions(engine)
    async with unit_of_work(sessions) as db:
        cast = await make_cast(db)
    yield Field(sessions, cast)
    await engine.dispose()


def refusals(answers: list[Any]) -> list[BaseException]:
    """What went wrong; anything but a refusal in words is a fault of ours."""
    failed = [one for one in answers if isinstance(one, BaseException)]
    assert all(isinstance(one, DomainError) for one in failed), failed
    return failed


async def test_both_sign_at_once_and_the_text_is_the_same(field: Field) -> None:
    for _ in range(ROUNDS):
        visit_id = await field.visit(Level.SHARED)

        def sign(name: str, visit_id: int = visit_id) -> Callable[[AsyncSession], Awaitable[Any]]:
            actor = field.cast.actors[name]

            async def act(db: AsyncSession) -> None:
                await actions.sign_report(db, actor, await get_visit(db, actor, visit_id), None)

            return act

        answers = await field.at_once(sign("lea"), sign("marc"), sign("lea"), sign("marc"))
        assert refusals(answers) == []
    signatures = await field.all(ReportSignature)
    assert len(signatures) == 2 * ROUNDS
    by_report: dict[int, set[str]] = {}
    for one in signatures:
        by_report.setdefault(one.report_id, set()).add(one.text_hash)
    assert all(len(hashes) == 1 for hashes in by_report.values())


async def test_sharing_against_deleting_leaves_one_of_both(field: Field) -> None:
    marc = field.cast.actors["marc"]
    for turn in range(ROUNDS):
        visit_id = await field.visit(Level.DRAFT)

        async def share(db: AsyncSession, visit_id: int = visit_id) -> None:
            visit = await get_visit(db, marc, visit_id)
            await actions.share_report(db, marc, visit, Level.SHARED)

        async def delete(db: AsyncSession, visit_id: int = visit_id) -> None:
            await actions.delete_report(db, marc, await get_visit(db, marc, visit_id))

        answers = await field.at_once(*((share, delete) if turn % 2 else (delete, share)))
        (lost,) = refusals(answers)
        assert isinstance(lost, NotVisible | Refused)
        reports = [one for one in await field.all(Report) if one.visit_id == visit_id]
        assert [one.level for one in reports] in ([], [Level.SHARED])


async def test_a_proposal_is_taken_once(field: Field) -> None:
    lea = field.cast.actors["lea"]
    for _ in range(ROUNDS):
        async with unit_of_work(field.sessions) as db:
            moments = [NOON + n * DAY for n in (2, 3, 4)]
            made = await build.make_proposal(db, field.cast.lea, field.cast.marc, *moments)

        def choose(
            moment: dt.datetime, proposal_id: int = made.id
        ) -> Callable[[AsyncSession], Awaitable[Any]]:
            async def act(db: AsyncSession) -> None:
                proposal = await get_proposal(db, lea, proposal_id)
                local = moment + dt.timedelta(hours=1)  # winter time in Paris
                form = ChoiceForm(starts_at=local.replace(tzinfo=None))
                await actions.choose_slot(db, lea, proposal, form)

            return act

        answers = await field.at_once(*(choose(one) for one in moments))
        lost = refusals(answers)
        assert len(lost) == 2
        assert all(isinstance(one, Conflict) for one in lost)
    assert len(await field.all(Visit)) == len(await field.all(VisitProposal)) == ROUNDS


async def test_one_form_sent_five_times_at_once_makes_one_visit(field: Field) -> None:
    marc = field.cast.actors["marc"]
    form = VisitForm(
        person_id=field.cast.lea.id,
        starts_at=dt.datetime(2026, 12, 1, 9),  # noqa: DTZ001, as typed
        duration_minutes=60,
        once="a",
    )

    async def plan(db: AsyncSession) -> int:
        return (await actions.plan_visit(db, marc, field.cast.lea, form)).id

    answers = await field.at_once(*[plan] * 5)

    assert refusals(answers) == []
    assert len(set(answers)) == 1
    assert len(await field.all(Visit)) == 1


async def test_one_draft_sent_five_times_at_once_is_one_report(
    field: Field, tmp_path: Path
) -> None:
    marc, files = field.cast.actors["marc"], FileStore(tmp_path)
    visit_id = await field.visit()
    form = ReportForm(seen="Une fois", once="a", version=0)

    async def write(db: AsyncSession) -> int:
        visit = await get_visit(db, marc, visit_id)
        return (await actions.write_report(db, marc, files, visit, form)).version

    answers = await field.at_once(*[write] * 5)

    assert refusals(answers) == []
    assert set(answers) == {1}


async def test_one_note_sent_five_times_at_once_is_there_once(field: Field) -> None:
    lea, visit_id = field.cast.actors["lea"], await field.visit(Level.SHARED)

    async def note(db: AsyncSession) -> int:
        visit = await get_visit(db, lea, visit_id)
        return (await actions.add_note(db, lea, visit, NoteForm(text="Oui", once="a"))).id

    answers = await field.at_once(*[note] * 5)

    assert refusals(answers) == []
    assert len(await field.all(ReportNote)) == 1


async def test_an_edit_against_a_signature_never_changes_what_was_signed(
    field: Field, tmp_path: Path
) -> None:
    lea, marc = field.cast.actors["lea"], field.cast.actors["marc"]
    files = FileStore(tmp_path)
    for turn in range(ROUNDS):
        visit_id = await field.visit(Level.SHARED)

        async def edit(db: AsyncSession, visit_id: int = visit_id) -> None:
            visit = await get_visit(db, marc, visit_id)
            await actions.write_report(db, marc, files, visit, ReportForm(seen="Autre"))

        async def sign(db: AsyncSession, visit_id: int = visit_id) -> None:
            await actions.sign_report(db, lea, await get_visit(db, lea, visit_id), None)

        answers = await field.at_once(*((edit, sign) if turn % 2 else (sign, edit)))
        refused = refusals(answers)
        (report,) = [one for one in await field.all(Report) if one.visit_id == visit_id]
        assert report.seen in report.signed_text
        assert (report.seen == "Autre") == (refused == [])
