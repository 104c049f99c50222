"""The paths of the demonstration: everybody in test has one, and what comes next stays ahead."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.seeds.demo_paths import PATHS
from couveuse.seeds.demo_people import PEOPLE
from couveuse.seeds.paths import keep_paths
from couveuse.trainees.models import Path, PathState, PathStep
from couveuse.trainees.rules.paths import FOLLOWS
from tests import build
from tests.cast import Cast


def test_everybody_in_test_has_a_path() -> None:
    in_test = {
        one.given_name
        for one in PEOPLE
        for seat in one.seats
        if seat.role == "trainee" and seat.until is None
    }

    assert in_test <= {one.person for one in PATHS}


def test_states_follow_each_other_as_they_may() -> None:
    for facts in PATHS:
        state = PathState.IN_TEST
        for after, _, _ in facts.since_then:
            assert after in FOLLOWS[state], facts.person
            state = after


async def test_what_was_to_come_is_to_come_again(db: AsyncSession, cast: Cast) -> None:
    facts = PATHS[0]
    today = dt.date(2026, 11, 25)
    stale = {"project": facts.project, "next_step": facts.next_step}
    path = await build.make_path(
        db, cast.zoe, cast.home, next_due_on=today - dt.timedelta(days=30), **stale
    )

    await keep_paths(db, today)

    await db.refresh(path)
    assert path.next_due_on == today + dt.timedelta(days=facts.due_in)
    assert await db.scalar(sa.select(sa.func.count(PathStep.id))) == 0
    untouched = await db.scalar(sa.select(Path.next_due_on).where(Path.person_id == cast.lea.id))
    assert untouched is None
