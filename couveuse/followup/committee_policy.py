"""Who knows of a progress committee, who reads what prepares it, and what they may do there.

Who may open the person's file reads of her review; so does who is invited, for a time. The
committee never reads a report of a visit. Whoever is reviewed on the same session reads nothing of
another's.
"""

import sqlalchemy as sa

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.followup.models import (
    MEMBER_GRACE,
    CommitteeState,
    ProgressCommittee,
    ProgressMember,
    ProgressReview,
)
from couveuse.followup.policy import Standing, is_member_today
from couveuse.people.models import Person
from couveuse.trainees.policy import (
    CARRIERS,
    COORDINATION,
    FOLLOWING,
    can_manage_path,
    managed_structures,
    visible_trainees,
)


def is_invited(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``ProgressCommittee``: the actor sits there, and the access is not over.

    Whoever is reviewed on a session sits on no other side of it.
    """
    if not actor.is_member:
        return sa.false()
    invited = sa.exists().where(
        ProgressMember.committee_id == ProgressCommittee.id,
        ProgressMember.person_id == actor.person_id,
        ProgressMember.invited_at <= clock.now(),
    )
    reviewed = sa.exists().where(
        ProgressReview.committee_id == ProgressCommittee.id,
        ProgressReview.person_id == actor.person_id,
    )
    return sa.and_(
        invited.correlate(ProgressCommittee),
        ~reviewed.correlate(ProgressCommittee),
        ProgressCommittee.state != CommitteeState.CANCELLED,
        ProgressCommittee.starts_at >= clock.day_start(clock.today() - MEMBER_GRACE, clock.PARIS),
    )


def visible_reviews(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``ProgressReview`` joined with its person and its session: who may open the
    person's file, she herself included, and who is invited."""
    return sa.or_(visible_trainees(actor), is_invited(actor))


def visible_sessions(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``ProgressCommittee``: that it takes place may be known."""
    if actor.has_any(COORDINATION):
        return sa.true()
    theirs = (
        sa.select(ProgressReview.committee_id)
        .join(Person, Person.id == ProgressReview.person_id)
        .where(visible_trainees(actor))
    )
    seen = [ProgressCommittee.id.in_(theirs), is_invited(actor)]
    if managed := managed_structures(actor):
        seen.append(ProgressCommittee.structure_id.in_(managed))
    if actor.has_any(FOLLOWING):
        seen.append(ProgressCommittee.called_by_id == actor.person_id)
    return sa.or_(*seen)


def reviewable_people(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Person``: for whom the actor may call a committee. Never for oneself."""
    if not actor.has_any(FOLLOWING):
        return sa.false()
    whose = visible_trainees(actor) if actor.has_any(CARRIERS) else is_member_today(actor)
    return sa.and_(Person.id != actor.person_id, whose)


def can_see_committees(actor: Actor) -> bool:
    """Whether the page is worth offering; it shows only those that concern the actor."""
    return actor.is_member


def can_call_committees(actor: Actor) -> bool:
    return actor.has_any(FOLLOWING)


def can_hold_session(actor: Actor, committee: ProgressCommittee) -> bool:
    """Whoever called it, coordination, and who manages the structure that calls it."""
    called = committee.called_by_id == actor.person_id and actor.has_any(FOLLOWING)
    return called or can_manage_path(actor, committee.structure_id)


def can_prepare_session(actor: Actor, committee: ProgressCommittee) -> bool:
    """Move it, invite, put people on its agenda."""
    return committee.is_planned and can_hold_session(actor, committee)


def can_say_held(actor: Actor, committee: ProgressCommittee, *, is_closed: bool) -> bool:
    """Note who came, until some minutes are closed."""
    told = committee.is_planned or committee.is_held
    return told and committee.has_begun and not is_closed and can_hold_session(actor, committee)


def can_answer_invitation(actor: Actor, committee: ProgressCommittee) -> bool:
    """The session with its members."""
    sits = any(one.person_id == actor.person_id for one in committee.members)
    return sits and committee.is_planned and not committee.has_begun


def can_say_self_review(standing: Standing, review: ProgressReview) -> bool:
    """The review with its session."""
    return standing.is_person and review.committee.is_planned


def can_read_self_review(standing: Standing, review: ProgressReview) -> bool:
    return standing.is_person or review.is_ready


def can_read_grids(standing: Standing, review: ProgressReview) -> bool:
    """Those who talk with them anyway; the members, if the person lets them."""
    return standing.is_person or standing.reads or review.shows_grids


def may_write_minutes(actor: Actor, standing: Standing, review: ProgressReview) -> bool:
    """Who follows the person, and who holds the session: never about oneself."""
    return not standing.is_person and (
        standing.is_member or can_hold_session(actor, review.committee)
    )


def can_write_minutes(actor: Actor, standing: Standing, review: ProgressReview) -> bool:
    may = may_write_minutes(actor, standing, review)
    return may and review.committee.is_held and not review.is_closed


def can_read_minutes(actor: Actor, standing: Standing, review: ProgressReview) -> bool:
    """Who writes them; once closed, the person and whoever may read of the review."""
    return review.is_closed or may_write_minutes(actor, standing, review)


def can_add_to_minutes(actor: Actor, standing: Standing, review: ProgressReview) -> bool:
    """Dated words afterwards: the person, who follows her, and who held the session."""
    may = standing.is_person or may_write_minutes(actor, standing, review)
    return review.is_closed and may


def can_sign_minutes(actor: Actor, standing: Standing, review: ProgressReview) -> bool:
    """The person, and who closed them, once each. The review with its signatures."""
    party = standing.is_person or review.closed_by_id == actor.person_id
    return review.is_closed and party and actor.person_id not in minutes_signers(review)


def minutes_signers(review: ProgressReview) -> set[int]:
    return {one.person_id for one in review.signatures}


def may_file_signed_minutes(actor: Actor, standing: Standing, review: ProgressReview) -> bool:
    """Put here the paper that somebody else signed: who writes minutes."""
    return review.is_closed and may_write_minutes(actor, standing, review)
