"""Who may open the file of somebody in test, and what they may do there.

A trainee sees herself; a mentor those whose follow-up group includes him; the people who manage the
structure that carries the path or signed the agreement; coordination everybody; nobody else.
"""

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa

from couveuse.core import clock
from couveuse.core.actor import Actor, Role
from couveuse.people.models import Person
from couveuse.trainees.models import (
    Agreement,
    Application,
    CaseJuror,
    Committee,
    CommitteeCase,
    CommitteeMember,
    FollowUpMember,
    Party,
    Path,
    Referral,
    Welcome,
)

FOLLOWING = (Role.COORDINATOR, Role.STRUCTURE_MANAGER, Role.MENTOR)


def reads_as_member(day: dt.date) -> sa.ColumnElement[bool]:
    """A place in the group that lets read on a day: held, or handed over within the grace."""
    grace = sa.and_(sa.func.upper(FollowUpMember.during) <= day, FollowUpMember.grace_until >= day)
    return sa.or_(FollowUpMember.during.contains(day), grace)


def follows(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Person``: the actor is in the follow-up group, or was until lately."""
    followed = sa.exists().where(
        FollowUpMember.person_id == Person.id,
        FollowUpMember.member_id == actor.person_id,
        reads_as_member(clock.today()),
    )
    return followed.correlate(Person)


def managed_structures(actor: Actor) -> list[int]:
    return sorted(seat.structure_id for seat in actor.seats if seat.role == Role.STRUCTURE_MANAGER)


def visible_trainees(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Person``: whose file the actor may open; an erased one is nobody's."""
    if actor.has(Role.COORDINATOR):
        return Person.erased_at.is_(None)
    seen = [Person.id == actor.person_id]
    if actor.has_any(FOLLOWING):
        seen.append(follows(actor))
    if managed := managed_structures(actor):
        # Of the person alone: the statement around may be about paths or agreements itself.
        seen += [
            sa.exists()
            .where(table.person_id == Person.id, table.structure_id.in_(managed))
            .correlate(Person)
            for table in (Path, Agreement)
        ]
    return sa.and_(Person.erased_at.is_(None), sa.or_(*seen))


def can_see_trainees(actor: Actor) -> bool:
    """Whether the board of paths is worth offering; it shows only those the actor may see."""
    return actor.has_any(FOLLOWING)


def can_manage_path(actor: Actor, structure_id: int) -> bool:
    """Coordination, and who manages the structure that carries the path."""
    return actor.has(Role.COORDINATOR) or actor.has(Role.STRUCTURE_MANAGER, structure_id)


can_manage_agreement = can_manage_path


def can_see_after(actor: Actor) -> bool:
    """What became of everybody, by name: coordination only."""
    return actor.has(Role.COORDINATOR)


def can_offer_agreement(actor: Actor) -> bool:
    """Whether the actor signs for some structure at all; which ones, ``can_manage_agreement``."""
    return actor.has(Role.COORDINATOR) or bool(managed_structures(actor))


def can_read_contract(actor: Actor, agreement: Agreement) -> bool:
    """Terms, papers and journal, beyond the dates: both parties and coordination."""
    is_party = actor.person_id == agreement.person_id
    return is_party or can_manage_agreement(actor, agreement.structure_id)


def visible_agreements(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Agreement`` joined with its ``Person``: whose file the actor may open."""
    return visible_trainees(actor)


def managed_agreements(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Agreement``: those on which it is the actor's to act."""
    if actor.has(Role.COORDINATOR):
        return sa.true()
    return Agreement.structure_id.in_(managed_structures(actor))


def party_of(actor: Actor, agreement: Agreement) -> Party | None:
    """For which side the actor may sign; nobody signs for both."""
    if actor.person_id == agreement.person_id:
        return Party.TRAINEE
    return Party.STRUCTURE if can_manage_agreement(actor, agreement.structure_id) else None


# ---------------------------------------------------------------- welcome and referral

COORDINATION = (Role.COORDINATOR,)
MANAGERS = (Role.STRUCTURE_MANAGER,)
CARRIERS = (Role.COORDINATOR, Role.STRUCTURE_MANAGER)
"""Who answers for a structure's paths."""


def can_welcome_anywhere(actor: Actor) -> bool:
    return actor.has_any(FOLLOWING)


def can_welcome(actor: Actor, structure_id: int) -> bool:
    """In one's own structures; coordination for all of them."""
    return actor.has(Role.COORDINATOR) or actor.has_any(FOLLOWING, structure_id)


def can_manage_own(actor: Actor, structure_id: int) -> bool:
    """Whether the actor is of the structure: coordination may welcome in another's name."""
    return structure_id in actor.structure_ids


def can_edit_welcome(actor: Actor, welcome: Welcome) -> bool:
    return welcome.created_by_id == actor.person_id or can_manage_path(
        actor, welcome.path.structure_id
    )


def can_join(actor: Actor, welcome: Welcome) -> bool:
    """Whether to offer it; what else has to be the actor's is looked at with both persons."""
    return can_manage_path(actor, welcome.path.structure_id)


def can_take_introductions(actor: Actor) -> bool:
    return actor.has(Role.COORDINATOR)


def can_see_referrals(actor: Actor) -> bool:
    return actor.has_any(CARRIERS)


def visible_referrals(actor: Actor) -> sa.ColumnElement[bool]:
    """Of both structures, while it waits and afterwards; the person herself sees hers."""
    if actor.has(Role.COORDINATOR):
        return sa.true()
    hers = sa.exists().where(Path.id == Referral.path_id, Path.person_id == actor.person_id)
    managed = managed_structures(actor)
    return sa.or_(
        hers.correlate(Referral),
        Referral.from_structure_id.in_(managed),
        Referral.to_structure_id.in_(managed),
    )


def can_answer_referral(actor: Actor, referral: Referral) -> bool:
    return can_manage_path(actor, referral.to_structure_id)


def can_withdraw_referral(actor: Actor, referral: Referral) -> bool:
    return can_manage_path(actor, referral.from_structure_id)


def can_read_passed_sheet(actor: Actor, referral: Referral) -> bool:
    """What is needed to answer, for as long as an answer is needed."""
    return referral.is_open and (
        can_answer_referral(actor, referral) or can_withdraw_referral(actor, referral)
    )


def can_manage_group(actor: Actor, carriers: Collection[int]) -> bool:
    """Coordination, and who manages a structure behind the path or the agreement. A lead does not:
    who reads a file is not decided by those who read it."""
    return any(can_manage_path(actor, one) for one in carriers) or actor.has(Role.COORDINATOR)


def can_leave_group(actor: Actor, member: FollowUpMember, carriers: Collection[int]) -> bool:
    """Those who manage the group, and whoever follows may stop by themself."""
    own = actor.person_id == member.member_id and actor.has_any(FOLLOWING)
    return member.is_open and (own or can_manage_group(actor, carriers))


def can_hand_over(actor: Actor, member: FollowUpMember, carriers: Collection[int]) -> bool:
    return member.is_open and can_manage_group(actor, carriers)


# ---------------------------------------------------------------- applications and committees


def can_apply(actor: Actor, path: Path) -> bool:
    """The person herself, or who carries her path."""
    is_hers = actor.is_member and path.person_id == actor.person_id
    return path.closed_on is None and (is_hers or can_manage_path(actor, path.structure_id))


def can_edit_application(actor: Actor, application: Application) -> bool:
    return application.closed_on is None and can_apply(actor, application.path)


def _sits(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Committee``: the actor is invited to it."""
    invited = sa.exists().where(
        CommitteeMember.committee_id == Committee.id, CommitteeMember.person_id == actor.person_id
    )
    return invited.correlate(Committee)


def held_committees(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Committee``: those that the actor prepares."""
    if actor.has(Role.COORDINATOR):
        return sa.true()
    return Committee.structure_id.in_(managed_structures(actor))


def visible_committees(actor: Actor) -> sa.ColumnElement[bool]:
    """Those one prepares, and those one is invited to while a member of the network."""
    held = held_committees(actor)
    return sa.or_(held, _sits(actor)) if actor.is_member else held


def visible_cases(actor: Actor) -> sa.ColumnElement[bool]:
    seen = sa.select(Committee.id).where(visible_committees(actor))
    hers = (
        sa.select(Application.id)
        .join(Path, Path.id == Application.path_id)
        .where(Path.person_id == actor.person_id)
    )
    return sa.or_(
        CommitteeCase.committee_id.in_(seen),
        sa.and_(CommitteeCase.application_id.in_(hers), CommitteeCase.decision.is_not(None)),
    )


def visible_applications(actor: Actor) -> sa.ColumnElement[bool]:
    """Whose file the actor may open, and those on the agenda of her committees."""
    seen = sa.select(Committee.id).where(visible_committees(actor))
    judged = sa.select(CommitteeCase.application_id).where(CommitteeCase.committee_id.in_(seen))
    return sa.or_(visible_trainees(actor), Application.id.in_(judged))


def can_hold_committee(actor: Actor, structure_id: int) -> bool:
    return can_manage_path(actor, structure_id)


def can_hold_committees(actor: Actor) -> bool:
    return actor.has_any(CARRIERS)


def can_see_case(actor: Actor, case: CommitteeCase, *, is_member: bool) -> bool:
    """The file with its grids: who sits, and who prepares; the person herself has the letter."""
    return is_member or can_hold_committee(actor, case.committee.structure_id)


def can_fill_grid(case: CommitteeCase, own: CaseJuror | None, *, is_member: bool) -> bool:
    return is_member and case.decision is None and not (own and own.conflict)


def can_declare_conflict(case: CommitteeCase, own: CaseJuror | None, *, is_member: bool) -> bool:
    return is_member and case.decision is None and not (own and own.conflict)


def can_read_grids(
    actor: Actor, case: CommitteeCase, own: CaseJuror | None, *, is_member: bool
) -> bool:
    """Everybody's, once it is decided; before that nobody is led by what others wrote."""
    if case.decision is None or (own and own.conflict):
        return False
    return is_member or can_hold_committee(actor, case.committee.structure_id)


def can_decide(actor: Actor, case: CommitteeCase) -> bool:
    return case.decision is None and can_hold_committee(actor, case.committee.structure_id)


def can_read_letter(actor: Actor, case: CommitteeCase) -> bool:
    """Who sends it; the person herself once she has been told."""
    if case.decision is None:
        return False
    is_hers = case.application.path.person_id == actor.person_id
    told = is_hers and case.notified_on is not None
    return told or can_hold_committee(actor, case.committee.structure_id)
