"""Two people close the same minutes, or one twice, in the same moment: real connections."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.db import unit_of_work
from couveuse.followup import actions
from couveuse.followup.models import AgreedStep, MinutesClosed, ProgressReview
from couveuse.followup.queries import get_review
from tests import build
from tests.conftest import NOON
from tests.followup.test_races import DAY, ROUNDS, Field, field, refusals

pytestmark = [pytest.mark.race, pytest.mark.slow]
__all__ = ["field"]


async def written(field: Field) -> int:
    """Minutes ready to be closed, with one step."""
    cast = field.cast
    async with unit_of_work(field.sessions) as db:
        session = await build.make_progress(db, cast.home, cast.ines, NOON - DAY, state="held")
        review = await build.make_review(
            db,
            session,
            cast.lea,
            minutes="Tout va.",
            decision="continue",
            reasons="Le plan tient.",
            version=1,
            steps=[{"what": "Chiffrer", "owner_id": cast.lea.id, "due_on": None}],
        )
        return review.id


def closing(field: Field, name: str, review_id: int) -> Callable[[AsyncSession], Awaitable[Any]]:
    actor = field.cast.actors[name]

    async def act(db: AsyncSession) -> None:
        await actions.close_minutes(db, actor, await get_review(db, actor, review_id), 1)

    return act


@pytest.mark.parametrize(("second", "refused"), [("marc", 1), ("ines", 0)])
async def test_minutes_are_closed_once_and_agreed_once(
    second: str, refused: int, field: Field
) -> None:
    for number in range(1, ROUNDS + 1):
        review_id = await written(field)

        answers = await field.at_once(
            closing(field, "ines", review_id), closing(field, second, review_id)
        )

        failed = refusals(answers)
        assert [type(one) for one in failed] == [MinutesClosed] * refused
        async with field.sessions() as db:
            review = await db.get(ProgressReview, review_id)
            assert review is not None
            assert review.is_closed
            steps = sa.select(sa.func.count()).where(AgreedStep.review_id.is_not(None))
            assert await db.scalar(steps) == number
