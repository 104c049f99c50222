"""A grant that home holds, and visits to charge to it."""

import datetime as dt
from collections.abc import Awaitable, Callable

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.followup.models import Visit, VisitPerson
from couveuse.network.models import FundedAction, Grant
from couveuse.people.models import Person
from tests import build
from tests.cast import Cast
from tests.conftest import NOON

MakeVisit = Callable[..., Awaitable[Visit]]


@pytest_asyncio.fixture
async def grant(db: AsyncSession, cast: Cast) -> Grant:
    made = await build.make_grant(db, cast.home, created_by_id=cast.ines.id)
    await db.commit()
    return made


@pytest_asyncio.fixture
async def action(db: AsyncSession, grant: Grant) -> FundedAction:
    made = await build.make_action(db, grant, person_minutes=240, total_minutes=600)
    await db.commit()
    return made


@pytest.fixture
def visit(db: AsyncSession, cast: Cast) -> MakeVisit:
    """Marc's to lea some days ago, for home; with others who came too, signed when asked."""

    async def make(
        days_ago: int = 1, *also: Person, signed: bool = False, **fields: object
    ) -> Visit:
        start = NOON - dt.timedelta(days=days_ago)
        fields = {"structure_id": cast.home.id} | fields
        made = await build.make_visit(db, cast.lea, cast.marc, start, **fields)
        for person in also:
            db.add(VisitPerson(visit_id=made.id, person_id=person.id, presence="present"))
        await db.flush()
        if signed:
            report = await build.make_report(db, made, cast.marc)
            await build.sign_report(db, report, cast.lea, cast.marc)
        await db.commit()
        return made

    return make
