"""What a progress committee says of one person, always through the person who asks."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.words import plain
from couveuse.followup import committee_policy as policy
from couveuse.followup.models import (
    AgreedStep,
    CommitteeState,
    ProgressAddition,
    ProgressCommittee,
    ProgressReview,
    ProgressSignature,
)
from couveuse.followup.policy import is_member_today
from couveuse.followup.queries.committees import WHOLE, list_group_of, lock_session
from couveuse.people.models import Person


def _reviews() -> sa.Select[ProgressReview]:
    return (
        sa.select(ProgressReview)
        .join(ProgressReview.committee)
        .join(Person, Person.id == ProgressReview.person_id)
        .options(
            contains_eager(ProgressReview.person),
            contains_eager(ProgressReview.committee).options(*WHOLE),
            joinedload(ProgressReview.written_by),
            joinedload(ProgressReview.closed_by),
            selectinload(ProgressReview.additions).joinedload(ProgressAddition.author),
            selectinload(ProgressReview.signatures).joinedload(ProgressSignature.filed_by),
        )
        .execution_options(populate_existing=True)
    )


async def get_review(db: AsyncSession, actor: Actor, review_id: int) -> ProgressReview:
    """With its person and its session, when the actor may read of it."""
    found = await db.scalar(
        _reviews().where(ProgressReview.id == review_id, policy.visible_reviews(actor))
    )
    if found is None:
        raise NotVisible
    return found


async def lock_review(db: AsyncSession, review: ProgressReview) -> ProgressReview:
    """The session, then the review, as they are now. Load it through the actor before."""
    await lock_session(db, review.committee_id)
    await db.execute(
        sa.select(ProgressReview.id)
        .where(ProgressReview.id == review.id)
        .with_for_update(key_share=True)
    )
    found = await db.scalars(_reviews().where(ProgressReview.id == review.id))
    return found.one()


async def list_reviews(
    db: AsyncSession, actor: Actor, committee_id: int
) -> Sequence[ProgressReview]:
    """Of one session, those that the actor may read of."""
    found = await db.scalars(
        _reviews()
        .where(ProgressReview.committee_id == committee_id, policy.visible_reviews(actor))
        .order_by(plain(Person.given_name), ProgressReview.id)
    )
    return found.all()


async def is_any_closed(db: AsyncSession, committee_id: int) -> bool:
    closed = sa.exists().where(
        ProgressReview.committee_id == committee_id, ProgressReview.closed_at.is_not(None)
    )
    return bool(await db.scalar(sa.select(closed)))


async def list_minutes_to_write(db: AsyncSession, actor: Actor) -> list[ProgressReview]:
    """Held, not closed, and the actor's to write; the oldest first."""
    if not policy.can_call_committees(actor):
        return []
    found = await db.scalars(
        _open_minutes().where(policy.visible_reviews(actor), policy.reviewable_people(actor))
    )
    return list(found)


async def list_every_open_minutes(db: AsyncSession) -> Sequence[ProgressReview]:
    """Of everybody, whoever writes them."""
    return (await db.scalars(_open_minutes())).all()


async def list_minutes_to_sign(db: AsyncSession, actor: Actor) -> Sequence[ProgressReview]:
    """Closed minutes about the actor that wait for her signature, oldest first."""
    signed = sa.exists().where(
        ProgressSignature.review_id == ProgressReview.id,
        ProgressSignature.person_id == actor.person_id,
    )
    found = await db.scalars(
        _reviews()
        .where(
            ProgressReview.person_id == actor.person_id,
            ProgressReview.signed_text.is_not(None),
            policy.visible_reviews(actor),
            ~signed.correlate(ProgressReview),
        )
        .order_by(ProgressReview.closed_at, ProgressReview.id)
        .limit(10)
    )
    return found.all()


def _open_minutes() -> sa.Select[ProgressReview]:
    return (
        _reviews()
        .where(ProgressCommittee.state == CommitteeState.HELD, ProgressReview.closed_at.is_(None))
        .order_by(ProgressCommittee.starts_at, ProgressReview.id)
        .limit(100)
    )


async def list_steps_of_review(db: AsyncSession, review: ProgressReview) -> Sequence[AgreedStep]:
    """Load the review through the actor before."""
    found = await db.scalars(
        sa.select(AgreedStep)
        .where(AgreedStep.review_id == review.id)
        .options(joinedload(AgreedStep.owner), joinedload(AgreedStep.changed_by))
        .order_by(AgreedStep.id)
    )
    return found.all()


async def list_step_owners(db: AsyncSession, review: ProgressReview) -> list[tuple[int, str]]:
    """Who may owe something: the person, who follows her, who sits on the session."""
    group = await list_group_of(db, [review.person_id])
    seated = [one.person_id for one in review.committee.members if one.person_id]
    found = await db.scalars(
        sa.select(Person)
        .where(Person.id.in_([review.person_id, *group, *seated]))
        .order_by(Person.id != review.person_id, plain(Person.given_name), Person.id)
    )
    return [(one.id, one.name) for one in found]


async def list_own_sessions(db: AsyncSession, actor: Actor) -> Sequence[ProgressReview]:
    """Reviews to come in which the actor takes part: as the person, as who follows, as a member,
    or as who called the session."""
    follows = sa.and_(is_member_today(actor), policy.visible_reviews(actor))
    called = sa.and_(
        ProgressCommittee.called_by_id == actor.person_id, policy.visible_reviews(actor)
    )
    found = await db.scalars(
        _reviews()
        .where(
            ProgressCommittee.state == CommitteeState.PLANNED,
            sa.or_(Person.id == actor.person_id, policy.is_invited(actor), follows, called),
        )
        .order_by(ProgressCommittee.starts_at, ProgressReview.id)
        .limit(10)
    )
    return found.all()
