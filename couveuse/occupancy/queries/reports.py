"""Condition reports, and the stays they go with."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import NotVisible
from couveuse.occupancy.claims import PEOPLE
from couveuse.occupancy.models import ConditionReport, PlotPeriod, stay_person
from couveuse.people.models import Person
from couveuse.plots.models import Plot


async def list_reports(db: AsyncSession, plot_id: int) -> Sequence[ConditionReport]:
    """The condition reports of a plot, latest first."""
    found = await db.scalars(
        sa.select(ConditionReport)
        .where(ConditionReport.plot_id == plot_id)
        .order_by(ConditionReport.made_on.desc(), ConditionReport.id.desc())
    )
    return found.all()


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


async def find_entry_before(db: AsyncSession, report: ConditionReport) -> ConditionReport | None:
    """The report of the coming that goes with one of leaving: of the same stay, else the last."""
    same = sa.func.coalesce(ConditionReport.stay_id == report.stay_id, sa.false())
    return await db.scalar(
        sa.select(ConditionReport)
        .where(
            ConditionReport.plot_id == report.plot_id,
            ConditionReport.kind == "entry",
            ConditionReport.made_on <= report.made_on,
            ConditionReport.id != report.id,
        )
        .order_by(same.desc(), ConditionReport.made_on.desc(), ConditionReport.id.desc())
        .limit(1)
    )


async def stays_on(db: AsyncSession, plot_id: int) -> set[int]:
    """The stays that hold or held this very plot."""
    found = await db.scalars(
        sa.select(PlotPeriod.stay_id)
        .where(PlotPeriod.plot_id == plot_id, PlotPeriod.stay_id.is_not(None))
        .distinct()
    )
    return {stay_id for stay_id in found if stay_id}


async def list_stays_on(db: AsyncSession, plot_id: int) -> list[tuple[int, str]]:
    """The stays of a plot as the options of a list, latest first."""
    rows = await db.execute(
        sa.select(PlotPeriod.stay_id, PEOPLE)
        .where(PlotPeriod.plot_id == plot_id, PlotPeriod.stay_id.is_not(None))
        .order_by(sa.func.lower(PlotPeriod.during).desc())
    )
    return list({stay_id: (stay_id, name or "") for stay_id, name in rows if stay_id}.values())


async def names_of_stay(db: AsyncSession, stay_id: int | None) -> str:
    if stay_id is None:
        return ""
    found = await db.scalars(
        sa.select(Person.given_name + " " + Person.family_name)
        .join(stay_person, stay_person.c.person_id == Person.id)
        .where(stay_person.c.stay_id == stay_id)
        .order_by(Person.given_name, Person.family_name)
    )
    return ", ".join(found)
