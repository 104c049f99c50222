"""Who may open whose file."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import NotVisible
from couveuse.people.models import Person
from couveuse.trainees.policy import visible_trainees
from couveuse.trainees.queries import get_trainee
from tests import build
from tests.cast import Cast
from tests.conftest import NOON

TODAY = NOON.date()

OPENS = {
    "ines": {"lea", "tom"},
    "paul": {"tom"},
    "marc": {"lea"},
    "rosa": set(),
    "lea": {"lea"},
    "tom": {"tom"},
    "gaston": set(),
    "zoe": set(),
}


@pytest.mark.parametrize(("name", "seen"), OPENS.items())
async def test_who_opens_whose_file(
    db: AsyncSession, cast: Cast, name: str, seen: set[str]
) -> None:
    ids = await db.scalars(
        sa.select(Person.id).where(
            visible_trainees(cast.actors[name]), Person.id.in_([cast.lea.id, cast.tom.id])
        )
    )

    assert set(ids) == {cast.person(one).id for one in seen}


@pytest.mark.parametrize(("days_ago", "opens"), [(0, True), (29, True), (30, True), (31, False)])
async def test_who_hands_over_reads_for_a_while(
    db: AsyncSession, cast: Cast, days_ago: int, opens: bool
) -> None:
    left = TODAY - dt.timedelta(days=days_ago)
    await build.make_follow_up_member(
        db, cast.lea, cast.rosa, end=left, grace_until=left + dt.timedelta(days=30)
    )

    if opens:
        assert await get_trainee(db, cast.actors["rosa"], cast.lea.id)
    else:
        with pytest.raises(NotVisible):
            await get_trainee(db, cast.actors["rosa"], cast.lea.id)
