"""Who knows of a visit, who reads its report, and what they may do.

Whoever may open the person's file knows which visits took place, when and how long. What a report
says is for the follow-up group, and for the person once shared; the few words for the committee are
for all who may open the file. A draft is its author's alone. Who handed over still reads during the
grace, and settles their own reports; they plan nothing.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from couveuse.core import clock
from couveuse.core.actor import Actor, Role, Seat
from couveuse.followup.models import (
    AgreedStep,
    Assessment,
    FigureMonth,
    FigureShare,
    Level,
    Report,
    Side,
    Visit,
    VisitProposal,
    VisitState,
)
from couveuse.people.models import Membership, Person
from couveuse.people.policy import can_edit_person
from couveuse.trainees.models import FollowUpMember
from couveuse.trainees.policy import FOLLOWING, can_manage_group, follows, visible_trainees


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is to the person whose follow-up it is, today."""

    is_person: bool
    is_member: bool
    """Of the follow-up group."""
    reads: bool
    """Member, or was until lately."""


def is_member_today(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Person``: the actor is in the follow-up group today."""
    if not actor.has_any(FOLLOWING):
        return sa.false()
    return sa.exists().where(
        FollowUpMember.person_id == Person.id,
        FollowUpMember.member_id == actor.person_id,
        FollowUpMember.during.contains(clock.today()),
    )


def reads_follow_up(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Person``: the actor reads what the follow-up group reads."""
    return follows(actor) if actor.has_any(FOLLOWING) else sa.false()


def visible_visits(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Visit`` joined with its person: that it took place may be known."""
    return visible_trainees(actor)


def visible_reports(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Report`` joined with its visit's person: what it says may be read."""
    reads = reads_follow_up(actor)
    own_draft = sa.and_(Report.level == Level.DRAFT, Report.author_id == actor.person_id)
    return sa.or_(
        sa.and_(reads, sa.or_(own_draft, Report.level != Level.DRAFT)),
        sa.and_(Person.id == actor.person_id, Report.level == Level.SHARED),
    )


def visible_steps(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``AgreedStep`` joined with its person and, if any, its report.

    What was agreed is read with its report; whoever owes it knows it once the group does.
    """
    owes = AgreedStep.owner_id == actor.person_id
    between = sa.or_(reads_follow_up(actor), Person.id == actor.person_id, owes)
    helper = sa.and_(owes, Person.id != actor.person_id, Report.level != Level.DRAFT)
    return sa.or_(
        sa.and_(AgreedStep.report_id.is_(None), between),
        sa.and_(Report.id.is_not(None), sa.or_(visible_reports(actor), helper)),
    )


def can_have_visits(actor: Actor) -> bool:
    """Whether the page of visits is worth offering."""
    return actor.has_any((Role.TRAINEE, *FOLLOWING))


def can_follow(actor: Actor) -> bool:
    """Whether somebody may be in a follow-up group at all; which one, the person says."""
    return actor.has_any(FOLLOWING)


def can_plan(standing: Standing) -> bool:
    """Visits are planned and held by the follow-up group of today."""
    return standing.is_member


def can_move(standing: Standing, visit: Visit) -> bool:
    return standing.is_member and visit.is_planned


def may_cancel(standing: Standing, visit: Visit) -> bool:
    """The group, and the person who cannot come; whatever became of it meanwhile."""
    return standing.is_member or (standing.is_person and not visit.has_begun)


def can_cancel(standing: Standing, visit: Visit) -> bool:
    return visit.is_planned and may_cancel(standing, visit)


def can_say_missed(standing: Standing, visit: Visit) -> bool:
    return standing.is_member and visit.is_planned and visit.has_begun


def can_record(standing: Standing, visit: Visit, report: Report | None) -> bool:
    """Say that it took place, who came and how long it lasted, until the report is signed."""
    told = visit.state in {VisitState.PLANNED, VisitState.HELD}
    return standing.is_member and told and visit.has_begun and not (report and report.is_locked)


def can_write(actor: Actor, standing: Standing, visit: Visit, report: Report | None) -> bool:
    """Begin the report, or go on with one's own until it is signed."""
    if report is None:
        return standing.is_member and visit.state in {VisitState.PLANNED, VisitState.HELD}
    return is_writer(actor, standing, report) and not report.is_locked


def is_author(actor: Actor, standing: Standing, report: Report) -> bool:
    return standing.reads and report.author_id == actor.person_id


def writes(actor: Actor, report: Report) -> bool:
    """Its author, and who typed in the author's paper; only the first one signs it."""
    return actor.person_id in (report.author_id, report.typed_by_id)


def is_writer(actor: Actor, standing: Standing, report: Report) -> bool:
    return standing.reads and writes(actor, report)


def can_show(actor: Actor, standing: Standing, report: Report) -> bool:
    """To the follow-up group only, the person not yet."""
    return report.is_draft and is_author(actor, standing, report)


def can_share(actor: Actor, standing: Standing, report: Report) -> bool:
    return not report.is_shared and is_writer(actor, standing, report)


def can_delete(actor: Actor, standing: Standing, report: Report) -> bool:
    return report.is_draft and is_author(actor, standing, report)


def can_sign(actor: Actor, standing: Standing, report: Report) -> bool:
    """The person and the author, once each. Needs the signatures."""
    party = standing.is_person or is_author(actor, standing, report)
    return report.is_shared and party and actor.person_id not in signers(report)


def signers(report: Report) -> set[int]:
    return {one.person_id for one in report.signatures}


def may_file_signed(standing: Standing, report: Report) -> bool:
    """Put here the paper that somebody else signed: the follow-up group of today."""
    return standing.is_member and report.is_shared


def can_note(standing: Standing, report: Report) -> bool:
    """Comment before the signature, add after it."""
    return report.is_shared and (standing.is_person or standing.reads)


def can_summarise(standing: Standing, report: Report) -> bool:
    """Write the few words for the committee."""
    return standing.is_member and report.is_shared


def can_agree_step(standing: Standing) -> bool:
    """Between visits too, the person as well as the group."""
    return standing.is_member or standing.is_person


def can_change_step(actor: Actor, standing: Standing, step: AgreedStep) -> bool:
    """Whoever owes it says what became of it, and so does the group."""
    return standing.is_member or step.owner_id == actor.person_id


def can_choose_slot(standing: Standing, proposal: VisitProposal) -> bool:
    return standing.is_person and proposal.withdrawn_at is None


def can_withdraw(actor: Actor, proposal: VisitProposal) -> bool:
    return proposal.withdrawn_at is None and proposal.mentor_id == actor.person_id


def home_of(actor: Actor) -> int | None:
    """Whose time it is: the structure where the actor mentors, when there is only one."""
    for seats in (
        {seat.structure_id for seat in actor.seats if seat.role == Role.MENTOR},
        actor.structure_ids,
    ):
        if len(seats) == 1:
            return next(iter(seats))
    return None


def visible_assessments(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Assessment`` joined with its person: the two who talk, nobody else."""
    return sa.or_(reads_follow_up(actor), Person.id == actor.person_id)


def can_begin_assessment(standing: Standing) -> bool:
    return standing.is_person or standing.is_member


def can_answer(actor: Actor, standing: Standing, assessment: Assessment) -> bool:
    """The person; then, once she has spoken, one of the follow-up group."""
    if standing.is_person or not standing.is_member:
        return assessment.is_open and standing.is_person
    given = assessment.of(Side.MENTOR)
    spoken = assessment.of(Side.PERSON) is not None
    return assessment.is_open and spoken and (given is None or given.author_id == actor.person_id)


def can_read_side(actor: Actor, mine: Side, assessment: Assessment, side: Side) -> bool:
    """What one said oneself; the other's words once both have spoken, so that neither leans on the
    other."""
    said = assessment.of(side)
    wrote = said is not None and said.author_id == actor.person_id
    return assessment.is_answered or (side == mine and wrote)


def can_talk_over(standing: Standing, assessment: Assessment) -> bool:
    both = standing.is_person or standing.is_member
    return both and assessment.is_open and assessment.is_answered


def can_manage_grids(actor: Actor) -> bool:
    return actor.has(Role.COORDINATOR)


def can_see_grids(actor: Actor) -> bool:
    return actor.is_member


# ---------------------------------------------------------------- the personal link of a volunteer

VOLUNTEERING = Role.MENTOR


def is_volunteer_on(day: dt.date) -> sa.ColumnElement[bool]:
    """The condition on ``Membership``: as a volunteer mentor, on a day."""
    return sa.and_(
        Membership.role == Role.MENTOR,
        Membership.salaried.is_(False),
        Membership.during.contains(day),
    )


def is_mentor_on(day: dt.date) -> sa.ColumnElement[bool]:
    """The condition on ``Membership``."""
    return sa.and_(Membership.role == Role.MENTOR, Membership.during.contains(day))


def acting_as_volunteer(person: Person, structure_ids: Iterable[int]) -> Actor:
    """Who acts through a personal link: as a volunteer mentor alone, whatever else they may be."""
    return Actor(
        person_id=person.id,
        name=person.name,
        email=person.email,
        language=person.language,
        seats=frozenset(Seat(place, VOLUNTEERING) for place in structure_ids),
        session_id=0,
    )


def follows_somebody_on(day: dt.date) -> sa.ColumnElement[bool]:
    """The condition on ``Person``."""
    place = sa.exists().where(
        FollowUpMember.member_id == Person.id, FollowUpMember.during.contains(day)
    )
    return place.correlate(Person)


def is_volunteer(memberships: Collection[Membership]) -> bool:
    """Now or later."""
    return any(
        one.role == Role.MENTOR and not one.salaried and not one.is_over for one in memberships
    )


def can_give_link(
    actor: Actor, person: Person, memberships: Collection[Membership], *, leads_all: bool
) -> bool:
    """Who could become that person anyway by changing her address; and who leads all her groups.

    Whoever makes a link may use it, so it opens nothing that they may not read themself.
    """
    may = can_edit_person(actor, memberships) or (leads_all and can_follow(actor))
    return may and is_volunteer(memberships) and actor.person_id != person.id


def can_welcome_volunteer(actor: Actor, carriers: Collection[int]) -> bool:
    """Somebody new in a follow-up group: those who manage it."""
    return can_manage_group(actor, carriers)


def can_type_paper(actor: Actor, standing: Standing, carriers: Collection[int]) -> bool:
    """The follow-up group of today, and who manages it: the sheet comes to whoever is at the
    office."""
    return not standing.is_person and (standing.is_member or can_manage_group(actor, carriers))


# ---------------------------------------------------------------- the person's own figures


def can_keep_figures(actor: Actor) -> bool:
    """Who is in test writes down their own; nobody writes for them."""
    return actor.has(Role.TRAINEE)


def shared_with(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``FigureShare``: it opens its months to the actor, who is of the group."""
    to_them = sa.or_(FigureShare.reader_id.is_(None), FigureShare.reader_id == actor.person_id)
    return sa.and_(FigureShare.withdrawn_at.is_(None), to_them)


def _shared(actor: Actor, *more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    share = sa.exists().where(
        FigureShare.person_id == FigureMonth.person_id,
        FigureShare.during.contains(FigureMonth.month),
        shared_with(actor),
        *more,
    )
    return sa.and_(is_member_today(actor), share.correlate(FigureMonth))


def visible_figures(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``FigureMonth`` joined with its person: one's own, and what was shared.

    Only with who is in the group today: figures have no grace, and no role opens them.
    """
    return sa.or_(FigureMonth.person_id == actor.person_id, _shared(actor))


def visible_hours(actor: Actor) -> sa.ColumnElement[bool]:
    """As ``visible_figures``, for the hours: they are shared apart."""
    return sa.or_(
        FigureMonth.person_id == actor.person_id, _shared(actor, FigureShare.with_hours.is_(True))
    )


def coordinates(actor: Actor) -> bool:
    return actor.has(Role.COORDINATOR)


def manages(actor: Actor, structure_id: int) -> bool:
    """Coordination, and who manages the structure."""
    return coordinates(actor) or actor.has(Role.STRUCTURE_MANAGER, structure_id)
