"""A page costs the same whatever there is to show, and reminders go to authors."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.app import Databases
from couveuse.core.jobs import Workshop
from couveuse.core.settings import Settings
from couveuse.followup import tasks
from couveuse.followup.models import Level, VisitState
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.followup.conftest import make_report

DAY = dt.timedelta(days=1)
PAGES = ("/", "/visites", "/visites/tournee", "/testeurs/{lea}", "/testeurs/{lea}/actions")


async def more(db: AsyncSession, cast: Cast, number: int) -> None:
    """Visits to come and past, a draft, a report to sign, something owed; the first time one."""
    for n in range(number):
        visit, report = await make_report(db, cast, Level.SHARED)
        del visit
        await build.make_step(db, cast.lea, cast.marc, report)
        await make_report(db, cast, Level.DRAFT)
        planned = {"state": VisitState.PLANNED, "site_id": cast.farm.id}
        await build.make_visit(db, cast.lea, cast.marc, NOON + n * DAY / 24, **planned)
    await db.commit()


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_asks_the_same_of_the_database_whatever_there_is(
    path: str,
    db: AsyncSession,
    browse: Callable[..., Any],
    cast: Cast,
    statements: list[str],
) -> None:
    marc, address = await browse("marc"), path.format(lea=cast.lea.id)
    await more(db, cast, 1)
    await marc.page(address)  # the driver learns its types
    statements.clear()
    await marc.page(address)
    few = len(statements)
    await more(db, cast, 5)
    statements.clear()

    await marc.page(address)

    assert len(statements) == few <= 40


async def test_the_author_of_a_draft_hears_of_it_each_week(
    db: AsyncSession,
    cast: Cast,
    databases: Databases,
    settings: Settings,
    tell_mails: Callable[[], Any],
    fixed_clock: Callable[[dt.datetime], None],
) -> None:
    await make_report(db, cast, Level.DRAFT, updated_at=NOON)
    await make_report(db, cast, Level.SHARED, updated_at=NOON)
    written: list[int] = []
    for days in (1, 6, 7, 8, 13, 14, 15):
        fixed_clock(NOON + days * DAY)
        await tasks.remind_of_drafts(Workshop(databases.writer, settings))
        written.append(len(await tell_mails()))

    assert written == [0, 0, 1, 1, 1, 2, 2]
    (first, _) = await tell_mails()
    assert first.recipient == cast.marc.email
    assert "Les planches" not in first.body


async def test_the_round_of_a_day_goes_place_by_place(
    db: AsyncSession, browse: Callable[..., Any], cast: Cast
) -> None:
    sam = await build.make_person(db, "Sam", phone="+33254000001")
    await build.make_follow_up_member(db, sam, cast.marc)
    planned = {"state": VisitState.PLANNED}
    for person, site, hour in (
        (cast.lea, cast.farm, 0),
        (sam, cast.neuvy, 1),
        (cast.lea, cast.farm, 2),
    ):
        start = NOON + dt.timedelta(hours=hour)
        await build.make_visit(db, person, cast.marc, start, site_id=site.id, **planned)
    await build.make_step(db, sam, cast.marc, what="Rendre la pige")
    await db.commit()

    page = await (await browse("marc")).page("/visites/tournee?jour=2026-11-25")

    assert [title.text for title in page.all("h2")] == ["Ferme test La Châtre", "Lieu-test Neuvy"]
    assert [title.text[:5] for title in page.all("h3")] == ["12:00", "14:00", "13:00"]
    assert page.one("a", href="tel:+33254000001")
    assert "Rendre la pige" in page.text


async def test_who_was_not_seen_for_weeks_is_named(
    db: AsyncSession, browse: Callable[..., Any], cast: Cast
) -> None:
    marc = await browse("marc")
    await build.make_visit(db, cast.lea, cast.marc, NOON - 30 * DAY)
    await db.commit()

    def named(page: Any) -> bool:
        return bool(page.all("li", data_person=str(cast.lea.id)))

    assert named(await marc.page("/visites?semaines=4"))
    assert not named(await marc.page("/visites?semaines=6"))
