"""Calling a progress committee, inviting to it, and noting that it took place.

Every write locks the session first.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import NotAllowed, Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup import queries
from couveuse.followup.actions.committee_mails import queue_mails
from couveuse.followup.actions.sending import keep_sent, once
from couveuse.followup.committee_forms import (
    CallForm,
    InvitationForm,
    SessionForm,
)
from couveuse.followup.models import (
    CommitteeState,
    MinutesClosed,
    Presence,
    ProgressCommittee,
    ProgressMember,
    ProgressReview,
    VisitMode,
)
from couveuse.people.queries import list_people_to_choose
from couveuse.structures.models import Site
from couveuse.structures.queries import list_sites_to_choose

journal.words(
    {
        "progress.called": N_("a prévu ce comité de suivi : %(slot)s"),
        "progress.moved": N_("a déplacé ce comité de suivi : %(slot)s"),
        "progress.cancelled": N_("a annulé ce comité de suivi"),
        "progress.invited": N_("a invité %(name)s"),
        "progress.removed": N_("a retiré l'invitation de %(name)s"),
        "progress.coming": N_("a dit venir"),
        "progress.excused": N_("s'est excusé·e"),
        "progress.on_agenda": N_("a ajouté une personne à l'ordre du jour"),
        "progress.held": N_("a noté que le comité a eu lieu, et qui était là"),
    }
)
OVER = N_("Ce comité a déjà eu lieu, ou il est annulé. Rechargez la page.")


async def call_committee(db: AsyncSession, actor: Actor, asked: CallForm) -> ProgressCommittee:
    """Plan a session about some people; who follows them is invited. The same form sent twice finds
    the first."""
    subject = "progress committee"

    async def find(committee_id: int) -> ProgressCommittee:
        return await queries.get_session(db, actor, committee_id)

    return await once(db, actor, asked, subject, lambda: _call(db, actor, asked, subject), find)


@atomic
async def _call(db: AsyncSession, actor: Actor, asked: CallForm, subject: str) -> ProgressCommittee:
    people = sorted(set(asked.person_ids))
    known = dict(await queries.list_people_to_review(db, actor))
    if set(people) - set(known):
        sentence = N_("Choisissez dans la liste : des personnes en test que vous suivez.")
        raise Refused(Reason("not_reviewable", sentence, field="person_ids"))
    structure_id = await queries.structure_of(db, people[0])
    if structure_id is None:
        raise NotAllowed
    committee = ProgressCommittee(
        structure_id=structure_id, state=CommitteeState.PLANNED, called_by_id=actor.person_id
    )
    await _place(db, actor, committee, asked)
    db.add(committee)
    await db.flush()  # its id is needed
    db.add_all(
        ProgressReview(committee_id=committee.id, person_id=one, said={}, steps=[])
        for one in people
    )
    await _plan_for(db, committee)
    members = {*await queries.list_group_of(db, people), actor.person_id} - set(people)
    db.add_all(_member(committee, person_id=one) for one in sorted(members))
    await db.flush()  # who is told is read from them
    keep_sent(db, actor, asked, subject, committee.id)
    await _tell(db, actor, "progress.called", committee)
    return committee


@atomic
async def move_session(
    db: AsyncSession, actor: Actor, committee: ProgressCommittee, asked: SessionForm
) -> None:
    """Who answered for another hour answers anew. Left where it was, nobody is told."""
    committee = await _planned(db, committee)
    before, hour = _when_and_where(committee), committee.starts_at
    await _place(db, actor, committee, asked)
    if _when_and_where(committee) == before:
        return
    if committee.starts_at != hour:
        for member in committee.members:
            member.presence, member.answered_at = Presence.EXPECTED, None
    await _plan_for(db, committee)
    await _tell(db, actor, "progress.moved", committee)


def _when_and_where(committee: ProgressCommittee) -> tuple[object, ...]:
    when = committee.starts_at, committee.duration_minutes
    return *when, committee.mode, committee.site_id, committee.place


@atomic
async def cancel_session(
    db: AsyncSession, actor: Actor, committee: ProgressCommittee, reason: str | None
) -> None:
    """Cancelled twice, it is cancelled once."""
    committee = await queries.lock_session(db, committee.id)
    if committee.state == CommitteeState.CANCELLED:
        return
    if not committee.is_planned:
        raise Refused(Reason("committee_over", OVER))
    committee.state, committee.reason = CommitteeState.CANCELLED, reason
    await _release(db, committee)
    await _tell(db, actor, "progress.cancelled", committee)


@atomic
async def put_on_agenda(
    db: AsyncSession, actor: Actor, committee: ProgressCommittee, person_id: int
) -> ProgressReview:
    """One person more. Whoever was invited and is reviewed now sits no more."""
    committee = await _planned(db, committee)
    if person_id not in dict(await queries.list_people_to_review(db, actor)):
        sentence = N_("Choisissez dans la liste : des personnes en test que vous suivez.")
        raise Refused(Reason("not_reviewable", sentence, field="person_id"))
    await db.execute(
        sa.delete(ProgressMember).where(
            ProgressMember.committee_id == committee.id, ProgressMember.person_id == person_id
        )
    )
    review = ProgressReview(committee_id=committee.id, person_id=person_id, said={}, steps=[])
    db.add(review)
    await db.flush()  # another one with the same person is found here
    await _plan_for(db, committee)
    journal.record(db, actor, "progress.on_agenda", committee.id)
    known = {one.person_id for one in committee.members}
    others = set(await queries.list_group_of(db, [person_id])) - known - {person_id}
    reviewed = {one.person_id for one in await _every_review(db, committee.id)}
    invited = sorted(others - reviewed)
    db.add_all(_member(committee, person_id=one) for one in invited)
    await queue_mails(db, actor, "called", committee, [person_id, *invited])
    return review


@atomic
async def invite_to_session(
    db: AsyncSession, actor: Actor, committee: ProgressCommittee, asked: InvitationForm
) -> None:
    committee = await _planned(db, committee)
    if asked.member_id is not None:
        people = dict(await list_people_to_choose(db, actor))
        if asked.member_id not in people:
            sentence = N_("Choisissez quelqu'un dans la liste.")
            raise Refused(Reason("unknown_member", sentence, field="member_id"))
        if asked.member_id in {one.person_id for one in await _every_review(db, committee.id)}:
            sentence = N_(
                "Cette personne est elle-même à l'ordre du jour : elle ne lit rien des autres."
            )
            raise Refused(Reason("reviewed_here", sentence, field="member_id"))
        name = people[asked.member_id]
    else:
        name = str(asked.guest)
    member = _member(
        committee, person_id=asked.member_id, guest=asked.guest, guest_email=asked.guest_email
    )
    db.add(member)
    await db.flush()  # somebody invited already is found here
    journal.record(db, actor, "progress.invited", committee.id, name=name)
    told = [asked.member_id] if asked.member_id else []
    await queue_mails(db, actor, "called", committee, told, guests=[member.id])


@atomic
async def remove_from_session(
    db: AsyncSession, actor: Actor, committee: ProgressCommittee, member_id: int
) -> None:
    """The invitation ends, and what it let read with it. Removed twice, it is removed once."""
    committee = await _planned(db, committee)
    member = next((one for one in committee.members if one.id == member_id), None)
    if member:
        journal.record(db, actor, "progress.removed", committee.id, name=member.name)
        await db.delete(member)


@atomic
async def answer_invitation(
    db: AsyncSession, actor: Actor, committee: ProgressCommittee, *, is_coming: bool
) -> None:
    committee = await _planned(db, committee)
    member = next((one for one in committee.members if one.person_id == actor.person_id), None)
    if member is None:
        raise NotAllowed
    presence = Presence.EXPECTED if is_coming else Presence.EXCUSED
    if member.answered_at is None or member.presence != presence:
        member.presence, member.answered_at = presence, clock.now()
        verb = "progress.coming" if is_coming else "progress.excused"
        journal.record(db, actor, verb, committee.id)


@atomic
async def say_session_held(
    db: AsyncSession,
    actor: Actor,
    committee: ProgressCommittee,
    presences: Mapping[str, Presence],
) -> None:
    """Note that it took place and who came: by ``m`` and the id of a member, ``r`` and of a review.

    Said again, it corrects who came, until minutes are closed.
    """
    committee = await queries.lock_session(db, committee.id)
    if committee.state == CommitteeState.CANCELLED or not committee.has_begun:
        sentence = N_("Ce comité n'a pas encore eu lieu, ou il est annulé.")
        raise Refused(Reason("committee_not_begun", sentence))
    if await queries.is_any_closed(db, committee.id):
        raise MinutesClosed
    if committee.is_planned:
        committee.state = CommitteeState.HELD
        await _release(db, committee)
        journal.record(db, actor, "progress.held", committee.id)
    for member in committee.members:
        member.presence = presences.get(f"m{member.id}", member.presence)
    for review in await _every_review(db, committee.id):
        review.presence = presences.get(f"r{review.id}", review.presence)


async def _planned(db: AsyncSession, committee: ProgressCommittee) -> ProgressCommittee:
    committee = await queries.lock_session(db, committee.id)
    if not committee.is_planned:
        raise Refused(Reason("committee_over", OVER))
    return committee


async def _plan_for(db: AsyncSession, committee: ProgressCommittee) -> None:
    """The session holds, for each of its people, the date that is due; no other may."""
    await db.flush()  # reviews just made are among them
    reviews = await _every_review(db, committee.id)
    dates = await queries.list_served(db, [one.person_id for one in reviews], committee.day)
    if taken := await queries.find_planned_for(db, dates, committee.id):
        person, other = taken
        sentence = N_(
            "%(name)s a déjà un comité de suivi prévu le %(day)s pour cette échéance. Déplacez-le, "
            "ou annulez-le d'abord."
        )
        values = {"name": person.name, "day": i18n.day(other.day)}
        raise Refused(Reason("planned_already", sentence, values))
    for one in reviews:
        one.milestone_on = dates.get(one.person_id)
    await db.flush()  # somebody who plans at the same time is found here


async def _release(db: AsyncSession, committee: ProgressCommittee) -> None:
    for one in await _every_review(db, committee.id):
        one.milestone_on = None


async def _every_review(db: AsyncSession, committee_id: int) -> Sequence[ProgressReview]:
    found = await db.scalars(
        sa.select(ProgressReview).where(ProgressReview.committee_id == committee_id)
    )
    return found.all()


async def _place(
    db: AsyncSession, actor: Actor, committee: ProgressCommittee, asked: SessionForm
) -> None:
    """When and where, in the time of the site."""
    on_site = asked.mode == VisitMode.PLACE and asked.site_id is not None
    if on_site and asked.site_id not in dict(await list_sites_to_choose(db, actor)):
        raise Refused(Reason("unknown_site", N_("Choisissez dans la liste."), field="site_id"))
    site = await db.get(Site, asked.site_id) if on_site else None
    committee.site, committee.site_id = site, site.id if site else None
    committee.starts_at = asked.start(committee.zone)
    committee.duration_minutes = asked.duration_minutes
    committee.mode, committee.place = asked.mode, asked.place


def _member(committee: ProgressCommittee, **who: Any) -> ProgressMember:
    return ProgressMember(committee_id=committee.id, invited_at=clock.now(), **who)


async def _tell(db: AsyncSession, actor: Actor, verb: str, committee: ProgressCommittee) -> None:
    """Write the journal, and queue the mails to everybody whom the session concerns."""
    slot = {"start": committee.starts_at.isoformat(), "end": committee.ends_at.isoformat()}
    what = verb.partition(".")[2]
    said = slot if what != "cancelled" else None
    journal.record(db, actor, verb, committee.id, slot=said, zone=committee.zone.key)
    reviewed = [one.person_id for one in await _every_review(db, committee.id)]
    members = (await queries.load_session(db, committee.id)).members
    seated = [one.person_id for one in members if one.person_id]
    guests = [one.id for one in members if one.guest_email]
    if not committee.has_begun:
        await queue_mails(db, actor, what, committee, [*reviewed, *seated], guests=guests)
