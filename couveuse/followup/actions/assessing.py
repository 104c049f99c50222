"""Looking at somebody's test with a grid: the person first, then a mentor, then both together."""

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup import queries
from couveuse.followup.grid_forms import TalkForm, said
from couveuse.followup.models import (
    Assessment,
    AssessmentAnswers,
    Grid,
    PersonFirst,
    Side,
    TalkedOver,
)
from couveuse.people.models import Person

journal.words(
    {
        "assessment.begun": N_("a commencé l'évaluation"),
        "assessment.person": N_("a répondu pour soi-même"),
        "assessment.mentor": N_("a répondu pour l'accompagnement"),
        "assessment.talked": N_("a noté que l'évaluation a été reprise ensemble"),
    }
)


@atomic
async def begin_assessment(db: AsyncSession, actor: Actor, person: Person, grid: Grid) -> int:
    """Today's look with the present version; begun twice the same day, it is the same one.

    Returns its id.
    """
    if grid.retired_on is not None:
        sentence = N_("Cette grille est rangée. Choisissez-en une autre.")
        raise Refused(Reason("grid_retired", sentence, field="grid_id"))
    made = await db.scalar(
        insert(Assessment)
        .values(
            person_id=person.id,
            version_id=grid.present.id,
            made_on=clock.today(),
            begun_by_id=actor.person_id,
        )
        .on_conflict_do_nothing(constraint="assessment_once_a_day")
        .returning(Assessment.id)
    )
    if made is not None:
        journal.record(db, actor, "assessment.begun", made)
        return made
    found = await db.scalars(
        sa.select(Assessment.id).where(
            Assessment.person_id == person.id,
            Assessment.version_id == grid.present.id,
            Assessment.made_on == clock.today(),
        )
    )
    return found.one()


@atomic
async def answer(
    db: AsyncSession, actor: Actor, assessment: Assessment, side: Side, answers: BaseModel
) -> None:
    """Say one's side, or say it again until it is talked over. A mentor speaks second."""
    assessment = await _locked(db, actor, assessment)
    if side == Side.MENTOR and assessment.of(Side.PERSON) is None:
        raise PersonFirst
    words = said(assessment.version, answers)
    if not any(one["level"] is not None or one["comment"] for one in words.values()):
        sentence = N_("Répondez à un critère au moins, par un niveau ou quelques mots.")
        raise Refused(Reason("nothing_said", sentence))
    given = assessment.of(side)
    if given is not None and given.author_id != actor.person_id:
        sentence = N_("%(name)s a déjà répondu pour l'accompagnement. Reprenez-la ensemble.")
        raise Refused(Reason("somebody_answered", sentence, {"name": given.author.name}))
    if given is None:
        given = AssessmentAnswers(assessment_id=assessment.id, side=side)
        db.add(given)
        verb = "assessment.person" if side == Side.PERSON else "assessment.mentor"
        journal.record(db, actor, verb, assessment.id)
    given.author_id, given.said, given.given_at = actor.person_id, words, clock.now()


@atomic
async def talk_over(
    db: AsyncSession, actor: Actor, assessment: Assessment, asked: TalkForm
) -> None:
    """Both looked at it together: from now on it stays as it is."""
    assessment = await _locked(db, actor, assessment)
    if not assessment.is_answered:
        sentence = N_("Il manque une réponse : reprenez-la ensemble quand chacun aura répondu.")
        raise Refused(Reason("answer_missing", sentence))
    if not assessment.made_on <= asked.talked_on <= clock.today():
        sentence = N_("L'échange a lieu après les réponses, et pas plus tard qu'aujourd'hui.")
        raise Refused(Reason("talk_day", sentence, field="talked_on"))
    assessment.talked_on, assessment.talk = asked.talked_on, asked.talk
    assessment.talked_by_id = actor.person_id
    journal.record(db, actor, "assessment.talked", assessment.id)


async def _locked(db: AsyncSession, actor: Actor, assessment: Assessment) -> Assessment:
    """As it is now. Raises TalkedOver when it does not change any more."""
    await queries.lock_assessment(db, assessment.id)
    fresh = await queries.get_assessment(db, actor, assessment.id)
    if not fresh.is_open:
        raise TalkedOver
    return fresh
