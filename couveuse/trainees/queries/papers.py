"""Papers that an agreement makes necessary, and that are not there."""

import datetime as dt
from typing import NamedTuple

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.people.models import Paper, PaperKind, Person, Qualification
from couveuse.people.policy import answers_for
from couveuse.trainees.models import Agreement, AgreementPeriod


class MissingPaper(NamedTuple):
    person_id: int
    name: str
    label: str
    """What it is, a French sentence of the catalogue."""
    due_on: dt.date

    def is_late_on(self, day: dt.date) -> bool:
        return self.due_on < day


async def list_papers_missing(db: AsyncSession, actor: Actor) -> list[MissingPaper]:
    """Of everybody for whom the actor answers."""
    return await _missing(db, answers_for(actor))


async def list_papers_missing_of(db: AsyncSession, person_id: int) -> list[MissingPaper]:
    """Of one person. Load her, or what is about her, through the actor before."""
    return await _missing(db, Person.id == person_id)


async def _missing(db: AsyncSession, of: sa.ColumnElement[bool]) -> list[MissingPaper]:
    """For those under a signed agreement that asks for a kind of paper and who have none valid
    today: since when it is due, counted from the first day of the agreement."""
    today = clock.today()
    began = sa.func.min(sa.func.lower(AgreementPeriod.during))
    holds = sa.exists().where(
        Paper.person_id == Person.id,
        Paper.qualification_id == Qualification.id,
        Qualification.kind == PaperKind.code,
        Paper.during.contains(today),
        ~Paper.is_to_check,
    )
    rows = await db.execute(
        sa.select(Person, PaperKind, began)
        .select_from(Agreement)
        .join(AgreementPeriod, AgreementPeriod.agreement_id == Agreement.id)
        .join(Person, Person.id == Agreement.person_id)
        .join(PaperKind, Agreement.kind == sa.any_(PaperKind.due_under))
        .where(
            AgreementPeriod.document.is_not(None),
            PaperKind.in_force.contains(today),
            of,
            ~holds,
        )
        .group_by(Agreement.id, Person.id, PaperKind.id)
        .having(sa.func.bool_or(AgreementPeriod.during.contains(today)))
    )
    found = [
        MissingPaper(person.id, person.name, kind.label, _due(kind, first))
        for person, kind, first in rows
    ]
    return sorted(found, key=lambda one: (one.due_on, one.name, one.label))


def _due(kind: PaperKind, began_on: dt.date) -> dt.date:
    return began_on + relativedelta(months=kind.first_due_months or 0)
