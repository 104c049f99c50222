"""Shared expenses of an agreement, and those still owed when it ends."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.occupancy.models import PlotPeriod, SharedExpense, stay_person
from couveuse.people.models import Person
from couveuse.plots.models import Plot
from couveuse.trainees.models import Agreement
from couveuse.trainees.policy import visible_agreements


async def list_expenses(db: AsyncSession, agreement_id: int) -> Sequence[SharedExpense]:
    """Those still owed first, the latest first. Load the agreement through the actor before."""
    found = await db.scalars(
        sa.select(SharedExpense)
        .where(SharedExpense.agreement_id == agreement_id)
        .options(joinedload(SharedExpense.plot))
        .order_by(
            SharedExpense.settled_on.desc().nulls_first(),
            SharedExpense.spent_on.desc(),
            SharedExpense.id.desc(),
        )
    )
    return found.all()


async def list_owed(db: AsyncSession, agreement: Agreement) -> Sequence[SharedExpense]:
    """What is not settled between the two sides, under this agreement or an earlier one."""
    found = await db.scalars(
        sa.select(SharedExpense)
        .join(SharedExpense.agreement)
        .where(
            Agreement.person_id == agreement.person_id,
            Agreement.structure_id == agreement.structure_id,
            SharedExpense.outcome.is_(None),
        )
        .order_by(SharedExpense.spent_on, SharedExpense.id)
    )
    return found.all()


async def get_expense(db: AsyncSession, actor: Actor, expense_id: int) -> SharedExpense:
    """With its agreement, when the actor may open the person's file."""
    found = await db.scalar(
        sa.select(SharedExpense)
        .join(SharedExpense.agreement)
        .join(Person, Person.id == Agreement.person_id)
        .where(SharedExpense.id == expense_id, visible_agreements(actor))
        .options(contains_eager(SharedExpense.agreement))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


async def find_expense_by_once(db: AsyncSession, actor: Actor, once: str) -> SharedExpense | None:
    return await db.scalar(
        sa.select(SharedExpense).where(
            SharedExpense.created_by_id == actor.person_id, SharedExpense.once == once
        )
    )


async def list_plots_of(db: AsyncSession, person_id: int) -> list[tuple[int, str]]:
    """The plots that somebody holds or held, as the options of a list."""
    theirs = sa.select(stay_person.c.stay_id).where(stay_person.c.person_id == person_id)
    held = sa.select(PlotPeriod.plot_id).where(PlotPeriod.stay_id.in_(theirs))
    found = await db.scalars(sa.select(Plot).where(Plot.id.in_(held)).order_by(Plot.code))
    return [(plot.id, plot.label) for plot in found]
