"""A follow-up group around lea, and a report at each level."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse import tasks
from couveuse.app import Databases
from couveuse.core.actor import Role
from couveuse.core.jobs import JOBS, Workshop
from couveuse.core.mail import OutgoingMail
from couveuse.core.settings import Settings
from couveuse.followup.models import Level, Report, Visit
from couveuse.people.models import Person
from couveuse.trainees.models import FollowUpKind
from tests import build
from tests.cast import Cast
from tests.conftest import NOON

TODAY = NOON.date()
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Group:
    """Around lea: marc leads; denis is a member too; odile left and still reads; hans no more."""

    denis: Person
    odile: Person
    hans: Person
    manager: Person
    """Manages the structure that carries lea's path."""


@pytest_asyncio.fixture
async def group(db: AsyncSession, cast: Cast) -> Group:
    people = {name: await build.make_person(db, name) for name in ("denis", "odile", "hans", "luc")}
    for name, one in people.items():
        role = Role.STRUCTURE_MANAGER if name == "luc" else Role.MENTOR
        one.email = f"{name}@couveuse.example"
        await build.make_membership(db, one, cast.home, role)
    kind = FollowUpKind.ENTERPRISE
    left = TODAY - 10 * DAY
    await build.make_follow_up_member(db, cast.lea, people["denis"], kind=kind)
    await build.make_follow_up_member(
        db, cast.lea, people["odile"], end=left, grace_until=left + 30 * DAY, kind=kind
    )
    gone = TODAY - 40 * DAY
    await build.make_follow_up_member(
        db, cast.lea, people["hans"], end=gone, grace_until=gone + 30 * DAY, kind=kind
    )
    await db.commit()
    return Group(people["denis"], people["odile"], people["hans"], people["luc"])


@pytest.fixture
def tell_mails(db: AsyncSession, databases: Databases, settings: Settings) -> Callable[[], Any]:
    """Do every job that waits, as the worker would. Returns the mails written so far."""

    tasks.register()

    async def run() -> list[OutgoingMail]:
        asked = "DELETE FROM pgqueuer WHERE entrypoint LIKE 'tell_about_%' RETURNING *"
        rows = sorted((await db.execute(sa.text(asked))).all(), key=lambda row: row.id)
        await db.commit()
        for row in rows:
            payload = json.loads(bytes(row.payload))
            await JOBS[row.entrypoint](Workshop(databases.writer, settings), **payload)
        return list(await db.scalars(sa.select(OutgoingMail).order_by(OutgoingMail.id)))

    return run


async def make_report(
    db: AsyncSession, cast: Cast, level: Level, **fields: object
) -> tuple[Visit, Report]:
    """Marc's report of a visit to lea, yesterday."""
    visit = await build.make_visit(db, cast.lea, cast.marc, NOON - DAY)
    report = await build.make_report(db, visit, cast.marc, level, **fields)
    await db.commit()
    return visit, report
