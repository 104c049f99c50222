"""Two people charge in the same moment: real connections, nothing rolled back."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.db import Sessions, make_engine, make_sessions, unit_of_work
from couveuse.core.errors import Conflict, DomainError
from couveuse.followup import actions as followup
from couveuse.followup.forms import HeldForm
from couveuse.followup.queries import load_visit
from couveuse.network import actions, queries
from couveuse.network.models import Grant, SupportCharge
from tests import build
from tests.cast import Cast, make_cast
from tests.conftest import NOON

pytestmark = [pytest.mark.race, pytest.mark.slow]
DAY = dt.timedelta(days=1)
ROUNDS = 4
Act = Callable[[AsyncSession], Awaitable[Any]]


@dataclass(slots=True)
class Accounts:
    sessions: Sessions
    cast: Cast
    grant_id: int
    action_ids: list[int]
    """Of four hours each, in all."""

    async def at_once(self, *acts: Act) -> list[BaseException | Any]:
        async def alone(act: Act) -> Any:
            async with unit_of_work(self.sessions) as db:
                return await act(db)

        answers = await asyncio.gather(*map(alone, acts), return_exceptions=True)
        failed = [one for one in answers if isinstance(one, BaseException)]
        assert all(isinstance(one, DomainError) for one in failed), failed
        return answers

    async def visits(self, count: int) -> list[int]:
        async with unit_of_work(self.sessions) as db:
            made = [
                await build.make_visit(
                    db,
                    self.cast.lea,
                    self.cast.marc,
                    NOON - (n + 1) * DAY,
                    structure_id=self.cast.home.id,
                )
                for n in range(count)
            ]
            return [one.id for one in made]

    def charge(self, who: str, action_id: int, *visit_ids: int) -> Act:
        wanted = {f"visit-{one}": action_id for one in visit_ids}
        return lambda db: actions.charge(db, self.cast.actors[who], wanted)

    async def charges(self) -> Counter[int | None]:
        async with self.sessions() as db:
            return Counter(await db.scalars(sa.select(SupportCharge.visit_id)))

    async def minutes(self, action_id: int) -> int:
        async with self.sessions() as db:
            charged = await queries.list_charged(db, [action_id])
            return sum(one.minutes for one in charged[action_id])


@pytest_asyncio.fixture
async def accounts(database: str) -> AsyncIterator[Accounts]:
    engine = make_engine(database, size=10)
    sessions = make_sessions(engine)
    async with unit_of_work(sessions) as db:
        cast = await make_cast(db)
        grant = await build.make_grant(db, cast.home)
        made = [
            await build.make_action(db, grant, label=label, total_minutes=240)
            for label in ("Un", "Deux")
        ]
        found = Accounts(sessions, cast, grant.id, [one.id for one in made])
    yield found
    await engine.dispose()


async def test_a_session_charged_twice_at_once_is_charged_once(accounts: Accounts) -> None:
    """To two actions by two people: one is told that it is paid already."""
    one, two = accounts.action_ids
    for _ in range(ROUNDS):
        (visit,) = await accounts.visits(1)
        answers = await accounts.at_once(
            accounts.charge("ines", one, visit), accounts.charge("marc", two, visit)
        )
        assert Counter(isinstance(answer, Conflict) for answer in answers) == {True: 1, False: 1}
        assert (await accounts.charges())[visit] == 1
        async with unit_of_work(accounts.sessions) as db:
            await db.execute(sa.delete(SupportCharge))


async def test_a_charge_moved_twice_at_once_is_moved_once(accounts: Accounts) -> None:
    """From one action to two others: who comes second is told."""
    async with unit_of_work(accounts.sessions) as db:
        grant = await db.get_one(Grant, accounts.grant_id)
        three = (await build.make_action(db, grant, label="Trois")).id
    one, two = accounts.action_ids
    ines = accounts.cast.actors["ines"]
    for _ in range(ROUNDS):
        (visit,) = await accounts.visits(1)
        key = f"visit-{visit}"
        await accounts.at_once(accounts.charge("ines", one, visit))
        answers = await accounts.at_once(
            lambda db, key=key: actions.charge(db, ines, {key: two}, known=one),
            lambda db, key=key: actions.charge(db, ines, {key: three}, known=one),
        )
        assert sorted(map(str, answers)) == ["1", "charged_already"]
        async with unit_of_work(accounts.sessions) as db:
            await db.execute(sa.delete(SupportCharge))


async def test_the_same_list_sent_twice_at_once_is_charged_once(accounts: Accounts) -> None:
    visits = await accounts.visits(2)
    act = accounts.charge("ines", accounts.action_ids[0], *visits)
    assert sorted(await accounts.at_once(act, act, act)) == [0, 0, 2]
    assert await accounts.charges() == dict.fromkeys(visits, 1)


async def test_lists_that_cross_wait_for_nobody_in_vain(accounts: Accounts) -> None:
    """Two lists of the same sessions in opposite orders, to two actions."""
    one, two = accounts.action_ids
    for _ in range(ROUNDS):
        visits = await accounts.visits(2)
        answers = await accounts.at_once(
            accounts.charge("ines", one, *visits), accounts.charge("ines", two, *visits[::-1])
        )
        assert sorted(map(str, answers)) == ["2", "charged_already"]
        async with unit_of_work(accounts.sessions) as db:
            await db.execute(sa.delete(SupportCharge))


async def test_the_last_hours_of_a_ceiling_are_taken_once(accounts: Accounts) -> None:
    """Four hours: two of five visits of an hour and a half find room, whoever comes first."""
    action = accounts.action_ids[0]
    visits = await accounts.visits(5)
    names = ["ines", "marc", "ines", "marc", "ines"]
    answers = await accounts.at_once(
        *(accounts.charge(who, action, one) for who, one in zip(names, visits, strict=True))
    )
    assert Counter(map(str, answers)) == {"1": 2, "over_in_all": 3}
    assert await accounts.minutes(action) == 180


async def test_a_visit_moved_out_of_the_grant_while_it_is_charged(accounts: Accounts) -> None:
    """Either it stays within and is charged, or it leaves and is not."""
    for _ in range(ROUNDS):
        (visit_id,) = await accounts.visits(1)

        async def move(db: AsyncSession, visit_id: int = visit_id) -> None:
            visit = await load_visit(db, visit_id)
            asked = HeldForm(
                starts_at=dt.datetime(2025, 6, 1, 9),  # noqa: DTZ001, a wall clock
                duration_minutes=90,
                kind="technical",  # type: ignore[arg-type]
                mode="phone",  # type: ignore[arg-type]
            )
            await followup.record_visit(db, accounts.cast.actors["marc"], visit, asked, {})

        answers = await accounts.at_once(
            move, accounts.charge("ines", accounts.action_ids[0], visit_id)
        )
        assert sum(isinstance(answer, DomainError) for answer in answers) == 1
        async with accounts.sessions() as db:
            left = (await load_visit(db, visit_id)).starts_at.year == 2025
        assert (await accounts.charges())[visit_id] == (not left)


async def test_a_grant_closed_while_a_session_is_charged(accounts: Accounts) -> None:
    for _ in range(ROUNDS):
        (visit_id,) = await accounts.visits(1)

        async def close(db: AsyncSession) -> None:
            me = accounts.cast.actors["ines"]
            await actions.close_grant(db, me, await queries.get_grant(db, me, accounts.grant_id))

        answers = await accounts.at_once(
            close, accounts.charge("ines", accounts.action_ids[1], visit_id)
        )
        assert answers[0] is None
        assert (await accounts.charges())[visit_id] == (not isinstance(answers[1], DomainError))
        async with unit_of_work(accounts.sessions) as db:
            await db.execute(sa.update(Grant).values(closed_on=None))
            await db.execute(sa.delete(SupportCharge))
