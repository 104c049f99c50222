"""Licences, trainings and authorisations: recorded, withdrawn."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.people.forms import PaperForm
from couveuse.people.models import Paper, Person, Qualification, days

journal.words(
    {
        "person.paper_recorded": N_("a enregistré un papier : %(qualification)s"),
        "person.paper_withdrawn": N_("a retiré un papier : %(qualification)s"),
    }
)


@atomic
async def record_paper(db: AsyncSession, actor: Actor, person: Person, data: PaperForm) -> Paper:
    qualification = await _qualification(db, data.qualification)
    paper = Paper(
        person_id=person.id,
        qualification_id=qualification.id,
        during=days(data.starts_on, data.ends_on),
        reference=data.reference,
    )
    db.add(paper)
    journal.record(db, actor, "person.paper_recorded", person.id, qualification=qualification.name)
    return paper


async def _qualification(db: AsyncSession, name: str) -> Qualification:
    """The one of that name, however its capitals are; made when it is new."""
    await db.execute(insert(Qualification).values(name=name).on_conflict_do_nothing())
    same_name = sa.func.lower(Qualification.name) == sa.func.lower(name)
    return (await db.scalars(sa.select(Qualification).where(same_name))).one()


@atomic
async def withdraw_paper(db: AsyncSession, actor: Actor, paper: Paper) -> None:
    """From today on it is worth nothing. It stays on file for the days it was valid."""
    today = clock.today()
    first, end = paper.during.lower, paper.during.upper
    if end is not None and end <= today:
        sentence = N_("Ce papier est déjà échu : il n'y a rien à retirer.")
        raise Refused(Reason("already_expired", sentence))
    if first is not None and first < today:
        paper.during = Range(first, today, bounds="[)")
    else:
        await db.delete(paper)
    name = paper.qualification.name
    journal.record(db, actor, "person.paper_withdrawn", paper.person_id, qualification=name)
