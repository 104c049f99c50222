"""Reviewing one person on a progress committee: her own words, then minutes that are closed.

The session is locked first, then the review.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup import committee_policy as policy
from couveuse.followup import queries
from couveuse.followup.actions.committee_mails import queue_mails
from couveuse.followup.actions.sending import keep_sent, once
from couveuse.followup.actions.signing import sign_minutes
from couveuse.followup.committee_forms import (
    MinutesForm,
    SelfReviewForm,
)
from couveuse.followup.forms import NoteForm, StepDraft
from couveuse.followup.models import (
    AgreedStep,
    MinutesChanged,
    MinutesClosed,
    NotHeld,
    ProgressAddition,
    ProgressDecision,
    ProgressReview,
    SelfReviewOver,
    StepState,
)
from couveuse.followup.rules import QUESTIONS
from couveuse.people.models import Person
from couveuse.trainees.actions.readings import note_reading

REVIEW = "review"

journal.words(
    {
        "review.said": N_("a écrit son bilan"),
        "review.ready": N_("a montré son bilan au comité"),
        "review.kept_back": N_("a repris son bilan"),
        "review.written": N_("a enregistré le compte rendu"),
        "review.closed": N_("a clos le compte rendu"),
        "review.added": N_("a ajouté une précision"),
        "review.read": N_("a dit avoir lu le compte rendu"),
    }
)


async def note_review_reading(db: AsyncSession, actor: Actor, review_id: int) -> None:
    """Somebody else opens what prepares a review, invited or not: it is written down.

    For the person, the first time that she opens the closed minutes is kept beside them.
    """
    review = await db.scalar(
        sa.select(ProgressReview)
        .join(ProgressReview.committee)
        .join(Person, Person.id == ProgressReview.person_id)
        .where(ProgressReview.id == review_id, policy.visible_reviews(actor))
    )
    if review is None:
        return
    if review.person_id != actor.person_id:
        await note_reading(db, actor, review.person_id, REVIEW, review_id, visible=sa.true())
    elif review.is_closed and review.read_at is None:
        review.read_at = clock.now()


# ---------------------------------------------------------------- the person's own words


@atomic
async def say_self_review(
    db: AsyncSession, actor: Actor, review: ProgressReview, asked: SelfReviewForm
) -> None:
    """Her words, as often as she wants until the session; the others read them once she says so."""
    review = await queries.lock_review(db, review)
    if not review.committee.is_planned:
        raise SelfReviewOver
    said = {name: getattr(asked, name) for name in QUESTIONS if getattr(asked, name)}
    if asked.is_ready and not said:
        sentence = N_("Écrivez quelques mots avant de montrer votre bilan.")
        raise Refused(Reason("nothing_said", sentence, field="is_ready"))
    if said != review.said:
        journal.record(db, actor, "review.said", review.id)
    if asked.is_ready != review.is_ready:
        verb = "review.ready" if asked.is_ready else "review.kept_back"
        journal.record(db, actor, verb, review.id)
        review.ready_at = clock.now() if asked.is_ready else None
    review.said, review.shows_grids = said, asked.shows_grids


# ---------------------------------------------------------------- minutes


@atomic
async def write_minutes(
    db: AsyncSession,
    actor: Actor,
    review: ProgressReview,
    asked: MinutesForm,
    steps: Sequence[StepDraft] = (),
) -> ProgressReview:
    """Begin the minutes or go on with them. The same text sent twice is written once.

    Raises MinutesChanged when another version than the one known stands there.
    """
    review = await _open_review(db, review)
    owners = dict(await queries.list_step_owners(db, review))
    if {one.owner_id for one in steps} - set(owners):
        sentence = N_("Une action revient à la personne, à qui la suit, ou à un membre du comité.")
        raise Refused(Reason("not_an_owner", sentence))
    if asked.next_on and asked.next_on <= review.committee.day:
        sentence = N_("Le prochain comité vient après celui-ci.")
        raise Refused(Reason("next_before", sentence, field="next_on"))
    wanted = asked.model_dump(mode="json", exclude={"version"})
    wanted["next_on"] = asked.next_on
    wanted["steps"] = [one.model_dump(mode="json", exclude={"id"}) for one in steps]
    if asked.decision != ProgressDecision.CONTINUE_IF:
        wanted["conditions"] = None
    if all(getattr(review, name) == value for name, value in wanted.items()):
        return review
    if asked.version != review.version:
        raise MinutesChanged
    for name, value in wanted.items():
        setattr(review, name, value)
    review.version += 1
    review.written_by_id = actor.person_id
    journal.record(db, actor, "review.written", review.id)
    return review


@atomic
async def close_minutes(
    db: AsyncSession, actor: Actor, review: ProgressReview, version: int
) -> None:
    """Signed by who closes them, from now on they do not change, the person and the members read
    them, and what was agreed is owed. Whoever closed them finds them closed."""
    review = await queries.lock_review(db, review)
    if review.is_closed:
        if review.closed_by_id == actor.person_id:
            return
        raise MinutesClosed
    if not review.committee.is_held:
        raise NotHeld
    if version != review.version:
        raise MinutesChanged
    _refuse_unfinished(review)
    db.add_all(_agreed(actor, review, one) for one in review.steps)
    await db.flush()  # what was agreed is there before the minutes are locked
    review.steps = []
    review.closed_at, review.closed_by_id = clock.now(), actor.person_id
    await db.flush()  # the lines of the journal come after it
    journal.record(db, actor, "review.closed", review.id)
    await sign_minutes(db, actor, review)
    seated = [one.person_id for one in review.committee.members if one.person_id]
    told = [review.person_id, *seated]
    await queue_mails(db, actor, "closed", review.committee, told, review_id=review.id)


def _refuse_unfinished(review: ProgressReview) -> None:
    missing = {
        "minutes": N_("Écrivez ce qui s'est dit avant de clore."),
        "decision": N_("Choisissez ce que le comité propose avant de clore."),
        "reasons": N_("Dites les raisons avant de clore."),
    }
    if review.decision == ProgressDecision.CONTINUE_IF:
        missing["conditions"] = N_("Dites les conditions avant de clore.")
    reasons = [
        Reason(f"no_{name}", sentence, field=name)
        for name, sentence in missing.items()
        if not getattr(review, name)
    ]
    if reasons:
        raise Refused(*reasons)


def _agreed(actor: Actor, review: ProgressReview, step: Mapping[str, Any]) -> AgreedStep:
    draft = StepDraft.model_validate(step)
    return AgreedStep(
        person_id=review.person_id,
        review_id=review.id,
        what=draft.what,
        owner_id=draft.owner_id,
        due_on=draft.due_on,
        state=StepState.OPEN,
        created_by_id=actor.person_id,
        created_at=clock.now(),
    )


async def add_to_minutes(
    db: AsyncSession, actor: Actor, review: ProgressReview, asked: NoteForm
) -> ProgressAddition:
    """A dated word about closed minutes. The same form sent twice finds the first."""
    subject = f"addition {review.id}"

    async def find(addition_id: int) -> ProgressAddition:
        return (
            await db.scalars(sa.select(ProgressAddition).where(ProgressAddition.id == addition_id))
        ).one()

    return await once(
        db, actor, asked, subject, lambda: _add(db, actor, review, asked, subject), find
    )


@atomic
async def _add(
    db: AsyncSession, actor: Actor, review: ProgressReview, asked: NoteForm, subject: str
) -> ProgressAddition:
    review = await queries.lock_review(db, review)
    if not review.is_closed:
        sentence = N_("Ce compte rendu n'est pas clos : il se corrige encore.")
        raise Refused(Reason("not_closed", sentence))
    addition = ProgressAddition(
        review_id=review.id, author_id=actor.person_id, text=asked.text, written_at=clock.now()
    )
    db.add(addition)
    await db.flush()  # its id is needed
    keep_sent(db, actor, asked, subject, addition.id)
    journal.record(db, actor, "review.added", review.id)
    return addition


# ---------------------------------------------------------------- shared


async def _open_review(db: AsyncSession, review: ProgressReview) -> ProgressReview:
    review = await queries.lock_review(db, review)
    if review.is_closed:
        raise MinutesClosed
    if not review.committee.is_held:
        raise NotHeld
    return review
