"""What rests on a claim: written because those people held that ground on those days."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DATERANGE
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.occupancy.models import ConditionReport, PlotPeriod, SharedExpense, stay_person
from couveuse.people.models import Person
from couveuse.plots.models import LandEvent
from couveuse.trainees.models import Agreement


class Resting(NamedTuple):
    reports: Sequence[tuple[dt.date, str]]
    """The day of each condition report, and its kind."""
    writers: Sequence[str]
    """Who of the people wrote in the passport of the plot."""
    expenses: Sequence[tuple[dt.date, str]]
    """The day of each shared expense on the plot, and whose."""


async def list_resting(db: AsyncSession, period: PlotPeriod) -> Resting:
    if period.stay_id is None:
        return Resting((), (), ())
    return Resting(
        await _reports(db, period), await _writers(db, period), await _expenses(db, period)
    )


async def _reports(db: AsyncSession, period: PlotPeriod) -> list[tuple[dt.date, str]]:
    """Those of its days; all of the stay on the plot, when it holds it at no other time."""
    at_another_time = sa.exists().where(
        PlotPeriod.stay_id == period.stay_id,
        PlotPeriod.plot_id == period.plot_id,
        PlotPeriod.id != period.id,
    )
    rows = await db.execute(
        sa.select(ConditionReport.made_on, ConditionReport.kind)
        .where(
            ConditionReport.plot_id == period.plot_id,
            ConditionReport.stay_id == period.stay_id,
            sa.or_(_in_days_of(period, ConditionReport.made_on), ~at_another_time),
        )
        .order_by(ConditionReport.made_on, ConditionReport.id)
    )
    return [(row[0], row[1]) for row in rows]


async def _writers(db: AsyncSession, period: PlotPeriod) -> list[str]:
    """Names alone: what is personal is not told to others."""
    named = Person.given_name + " " + Person.family_name
    found = await db.scalars(
        sa.select(named)
        .join(LandEvent, LandEvent.created_by_id == Person.id)
        .where(
            LandEvent.plot_id == period.plot_id,
            _in_days_of(period, LandEvent.happened_on),
            Person.id.in_(_people_of(period)),
        )
        .distinct()
        .order_by(named)
    )
    return list(found)


async def _expenses(db: AsyncSession, period: PlotPeriod) -> list[tuple[dt.date, str]]:
    rows = await db.execute(
        sa.select(SharedExpense.spent_on, Person.given_name + " " + Person.family_name)
        .join(Agreement, Agreement.id == SharedExpense.agreement_id)
        .join(Person, Person.id == Agreement.person_id)
        .where(
            SharedExpense.plot_id == period.plot_id,
            _in_days_of(period, SharedExpense.spent_on),
            Person.id.in_(_people_of(period)),
        )
        .order_by(SharedExpense.spent_on, SharedExpense.id)
    )
    return [(row[0], row[1]) for row in rows]


def _people_of(period: PlotPeriod) -> sa.Select[int]:
    return sa.select(stay_person.c.person_id).where(stay_person.c.stay_id == period.stay_id)


def _in_days_of(period: PlotPeriod, day: sa.SQLColumnExpression[dt.date]) -> sa.ColumnElement[bool]:
    return sa.cast(sa.literal(period.during, DATERANGE), DATERANGE).contains(day)
