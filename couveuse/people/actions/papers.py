"""Licences, trainings, authorisations, insurance: recorded, sent, looked at, withdrawn."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal, mail
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Conflict, Reason, Refused
from couveuse.core.i18n import N_
from couveuse.people import policy, queries
from couveuse.people.forms import PaperForm
from couveuse.people.mails import paper_declined_mail
from couveuse.people.models import OTHER_KIND, Paper, PaperKind, Person, Qualification, days
from couveuse.people.rules import kind_on, paper_problems, usual_end

journal.words(
    {
        "person.paper_recorded": N_("a enregistré un papier : %(qualification)s"),
        "person.paper_sent": N_("a envoyé un papier à vérifier : %(qualification)s"),
        "person.paper_checked": N_("a vérifié un papier : %(qualification)s"),
        "person.paper_declined": N_("n'a pas retenu un papier : %(qualification)s (%(reason)s)"),
        "person.paper_withdrawn": N_("a retiré un papier : %(qualification)s"),
    }
)

UNKNOWN_KIND = N_("Choisissez dans la liste.")
UNKNOWN_NAME = N_(
    "Ce papier n'est pas dans la liste. Choisissez ce que c'est, ou demandez à votre structure de "
    "l'ajouter."
)


class LookedAtAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_("Quelqu'un a déjà regardé ce papier. Rechargez la page pour voir la réponse.")
        super().__init__(Reason("looked_at_already", sentence))


@atomic
async def record_paper(
    db: AsyncSession,
    actor: Actor,
    person: Person,
    data: PaperForm,
    document: str | None = None,
) -> Paper:
    """Keep a paper; ``document`` is the name of a stored file.

    From those who answer for papers it counts at once, from its holder once it has been checked.
    The same paper sent twice is one.
    """
    # Two sendings of one form wait for each other here.
    await db.execute(sa.select(Person.id).where(Person.id == person.id).with_for_update())
    may_name = policy.can_record_paper(actor)
    qualification, kind = await _qualification(db, data, may_name=may_name)
    last = data.ends_on or usual_end(kind, data.starts_on)
    if problems := list(paper_problems(kind, data.starts_on, last)):
        raise Refused(*problems)
    paper = Paper(
        person_id=person.id,
        qualification_id=qualification.id,
        during=days(data.starts_on, last),
        issuer=data.issuer,
        reference=data.reference,
        scope=data.scope,
        document=document,
        is_to_check=not may_name,
    )
    if known := await _same(db, paper):
        return known
    db.add(paper)
    verb = "person.paper_recorded" if may_name else "person.paper_sent"
    journal.record(db, actor, verb, person.id, qualification=qualification.name)
    return paper


async def _same(db: AsyncSession, paper: Paper) -> Paper | None:
    """The paper on file that says just what this one says."""
    said = (
        *("person_id", "qualification_id", "during", "issuer", "reference", "scope"),
        *("document", "is_to_check"),
    )
    alike = [getattr(Paper, one).is_not_distinct_from(getattr(paper, one)) for one in said]
    return await db.scalar(sa.select(Paper).where(*alike).limit(1))


async def _qualification(
    db: AsyncSession, data: PaperForm, *, may_name: bool
) -> tuple[Qualification, PaperKind | None]:
    """The one of that name, however its capitals are, with its kind; made when it is new."""
    kinds = await queries.list_paper_kinds(db)
    asked = kind_on(kinds, data.kind, data.starts_on) if data.kind else None
    if data.kind and asked is None:
        raise Refused(Reason("unknown_kind", UNKNOWN_KIND, field="kind"))
    name = data.qualification or (asked.label if asked else "")
    same_name = sa.func.lower(Qualification.name) == sa.func.lower(name)
    found = await db.scalar(sa.select(Qualification).where(same_name))
    if found is None:
        if not may_name and data.qualification:
            raise Refused(Reason("unknown_name", UNKNOWN_NAME, field="qualification"))
        kind = asked.code if asked else OTHER_KIND
        adding = insert(Qualification).values(name=name, kind=kind).on_conflict_do_nothing()
        await db.execute(adding)
        found = (await db.scalars(sa.select(Qualification).where(same_name))).one()
    return found, kind_on(kinds, found.kind, data.starts_on)


@atomic
async def check_paper(db: AsyncSession, actor: Actor, paper: Paper) -> None:
    """From now on it counts."""
    done = await db.execute(
        sa.update(Paper)
        .where(Paper.id == paper.id, Paper.is_to_check)
        .values(is_to_check=False, checked_by_id=actor.person_id)
        .returning(Paper.id)
    )
    if done.first() is None:
        raise LookedAtAlready
    name = paper.qualification.name
    journal.record(db, actor, "person.paper_checked", paper.person_id, qualification=name)


@atomic
async def decline_paper(
    db: AsyncSession, actor: Actor, paper: Paper, reason: str, base_url: str
) -> None:
    """It does not count, and its holder is told why. The journal keeps that it was sent."""
    gone = await db.execute(
        sa.delete(Paper).where(Paper.id == paper.id, Paper.is_to_check).returning(Paper.id)
    )
    if gone.first() is None:
        raise LookedAtAlready
    name = paper.qualification.name
    journal.record(
        db, actor, "person.paper_declined", paper.person_id, qualification=name, reason=reason
    )
    holder = await db.get_one(Person, paper.person_id)
    if holder.email:
        subject, body = paper_declined_mail(holder, paper, reason, actor.name, base_url)
        await mail.post(db, holder.email, subject, body, key=f"paper_declined:{paper.id}")


@atomic
async def withdraw_paper(
    db: AsyncSession, actor: Actor, paper: Paper, on: dt.date | None = None
) -> None:
    """From a day on (today) it is worth nothing. It stays on file for the days it was valid."""
    day = on or clock.today()
    first, end = paper.during.lower, paper.during.upper
    if not paper.is_to_check and end is not None and end <= day:
        sentence = N_("Ce papier est déjà échu : il n'y a rien à retirer.")
        raise Refused(Reason("already_expired", sentence))
    if not paper.is_to_check and first is not None and first < day:
        paper.during = Range(first, day, bounds="[)")
    else:
        await db.delete(paper)
    name = paper.qualification.name
    journal.record(db, actor, "person.paper_withdrawn", paper.person_id, qualification=name)
