"""Condition reports, and the stays they go with."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core.errors import NotVisible
from couveuse.occupancy.claims import PEOPLE
from couveuse.occupancy.conditions import Made
from couveuse.occupancy.models import (
    ConditionFacts,
    ConditionReport,
    ConditionVersion,
    PlotPeriod,
    ReportKind,
    stay_person,
)
from couveuse.people.models import Person
from couveuse.plots.models import Plot
from couveuse.plots.queries import ground_of


async def list_reports(db: AsyncSession, plot_id: int) -> list[Made]:
    """The condition reports of the ground of a plot, latest first."""
    return await _made(db, ConditionReport.plot_id.in_(ground_of(plot_id)))


async def get_report(db: AsyncSession, plot: Plot, report_id: int) -> ConditionReport:
    """A report of a plot that was loaded through the actor. Raises NotVisible."""
    report = await db.scalar(
        sa.select(ConditionReport).where(
            ConditionReport.id == report_id, ConditionReport.plot_id == plot.id
        )
    )
    if report is None:
        raise NotVisible
    return report


async def lock_report(db: AsyncSession, report: ConditionReport) -> ConditionReport:
    """The report as it stands now, held until the end of the transaction."""
    return await db.get_one(
        ConditionReport, report.id, with_for_update=True, populate_existing=True
    )


async def count_versions(db: AsyncSession, report: ConditionReport) -> int:
    found = await db.scalar(
        sa.select(sa.func.count()).where(ConditionVersion.report_id == report.id)
    )
    return found or 0


async def list_versions(db: AsyncSession, report_ids: Collection[int]) -> list[ConditionVersion]:
    """What these reports said before each correction, latest first."""
    found = await db.scalars(
        sa.select(ConditionVersion)
        .where(ConditionVersion.report_id.in_(report_ids))
        .options(joinedload(ConditionVersion.corrected_by))
        .order_by(ConditionVersion.id.desc())
    )
    return list(found)


async def list_entries_before(db: AsyncSession, report: ConditionReport) -> list[Made]:
    """Reports of a coming on the ground of a report, up to its day, latest first."""
    return await _made(
        db,
        ConditionReport.plot_id.in_(ground_of(report.plot_id)),
        ConditionReport.kind == ReportKind.ENTRY,
        ConditionReport.made_on <= report.made_on,
        ConditionReport.id != report.id,
    )


async def made_of(db: AsyncSession, plot: Plot, report: ConditionReport) -> Made:
    people = await people_of_reports(db, [report])
    return Made(report, plot.code, people.get(report.stay_id or 0, {}))


async def _made(db: AsyncSession, *wanted: sa.ColumnElement[bool]) -> list[Made]:
    rows = await db.execute(
        sa.select(ConditionReport, Plot.code)
        .join(Plot, Plot.id == ConditionReport.plot_id)
        .where(*wanted)
        .order_by(ConditionReport.made_on.desc(), ConditionReport.id.desc())
    )
    found = [(report, code) for report, code in rows]
    people = await people_of_reports(db, [report for report, _ in found])
    return [Made(report, code, people.get(report.stay_id or 0, {})) for report, code in found]


async def people_of_reports(
    db: AsyncSession, reports: Iterable[ConditionFacts]
) -> dict[int, dict[int, str]]:
    """By stay of a report, the people with their names."""
    rows = await db.execute(
        sa.select(stay_person.c.stay_id, Person.id, Person.given_name + " " + Person.family_name)
        .join(Person, Person.id == stay_person.c.person_id)
        .where(stay_person.c.stay_id.in_({one.stay_id for one in reports if one.stay_id}))
        .order_by(Person.given_name, Person.family_name)
    )
    found: dict[int, dict[int, str]] = {}
    for stay_id, person_id, name in rows:
        found.setdefault(stay_id, {})[person_id] = name
    return found


async def stays_on(db: AsyncSession, plot_id: int) -> set[int]:
    """The stays that hold or held this very plot."""
    found = await db.scalars(
        sa.select(PlotPeriod.stay_id)
        .where(PlotPeriod.plot_id == plot_id, PlotPeriod.stay_id.is_not(None))
        .distinct()
    )
    return {stay_id for stay_id in found if stay_id}


async def list_stays_on(
    db: AsyncSession, plot_id: int, report: ConditionReport | None = None
) -> list[tuple[int, str]]:
    """The stays of a plot as the options of a list, latest first.

    That of a report is among them even where it holds the plot no more.
    """
    rows = await db.execute(
        sa.select(PlotPeriod.stay_id, PEOPLE)
        .where(PlotPeriod.plot_id == plot_id, PlotPeriod.stay_id.is_not(None))
        .order_by(sa.func.lower(PlotPeriod.during).desc())
    )
    stays = {stay_id: name or "" for stay_id, name in rows if stay_id}
    if report and report.stay_id and report.stay_id not in stays:
        people = await people_of_reports(db, [report])
        stays[report.stay_id] = ", ".join(people.get(report.stay_id, {}).values())
    return list(stays.items())
