"""Who follows somebody: joins, leaves, hands over. Access begins and ends with it, by itself."""

import datetime as dt

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Conflict, Reason, Refused
from couveuse.core.i18n import N_
from couveuse.people.models import Person
from couveuse.trainees import queries
from couveuse.trainees.actions.holding import hold_person
from couveuse.trainees.forms.groups import FollowForm, HandOverForm, LeavingForm
from couveuse.trainees.models import GRACE, FollowUpMember
from couveuse.trainees.rules.groups import follow_up_name

journal.words(
    {
        "person.followed": N_("a ajouté %(who)s au groupe de suivi (%(kind)s)"),
        "person.led": N_("a nommé %(who)s référent·e (%(kind)s)"),
        "person.unfollowed": N_("a noté le départ de %(who)s du groupe de suivi, le %(day)s"),
        "person.handed_over": N_("a noté le relais de %(who)s à %(successor)s, le %(day)s"),
    }
)


class GroupChanged(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette place a changé entre-temps. Regardez où elle en est, puis recommencez."
        )
        super().__init__(Reason("group_changed", sentence))


@atomic
async def follow(db: AsyncSession, actor: Actor, person: Person, asked: FollowForm) -> None:
    """Let somebody follow: from that day on she may read the file. One lead at a time."""
    await hold_person(db, person.id)
    await _require_offered(db, actor, person.id, asked.member_id)
    db.add(
        FollowUpMember(
            person_id=person.id,
            member_id=asked.member_id,
            kind=asked.kind,
            is_lead=asked.is_lead,
            during=Range(asked.starts_on, None),
        )
    )
    await db.flush()  # the constraints answer here
    who = (await db.get_one(Person, asked.member_id)).name
    kind = follow_up_name(asked.kind)
    verb = "person.led" if asked.is_lead else "person.followed"
    journal.record(db, actor, verb, person.id, who=who, kind=kind)


@atomic
async def leave_group(
    db: AsyncSession, actor: Actor, member: FollowUpMember, asked: LeavingForm
) -> None:
    """End a place in the group on its last day: access ends with it, without grace."""
    await _fresh(db, member)
    _require_begun(member, asked.last_day, "last_day")
    member.during = Range(member.during.lower, asked.last_day + dt.timedelta(days=1))
    await db.flush()  # the constraints answer here
    values = {"who": member.member.name, "day": asked.last_day}
    journal.record(db, actor, "person.unfollowed", member.person_id, **values)


@atomic
async def hand_over(
    db: AsyncSession, actor: Actor, member: FollowUpMember, asked: HandOverForm
) -> None:
    """Somebody else takes the place, lead or not; who leaves it still reads for a while."""
    await _fresh(db, member)
    await _require_offered(db, actor, member.person_id, asked.member_id, besides=member.member_id)
    _require_begun(member, asked.on - dt.timedelta(days=1), "on")
    member.during = Range(member.during.lower, asked.on)
    member.grace_until = asked.on + GRACE
    await db.flush()  # before the other takes the place
    known = await queries.find_place(db, member.person_id, asked.member_id, member.kind, asked.on)
    if known is None or member.is_lead:
        await _take_place(db, member, known, asked)
    successor = (await db.get_one(Person, asked.member_id)).name
    values = {"who": member.member.name, "successor": successor, "day": asked.on}
    journal.record(db, actor, "person.handed_over", member.person_id, **values)


async def _take_place(
    db: AsyncSession, member: FollowUpMember, known: FollowUpMember | None, asked: HandOverForm
) -> None:
    """In the place of ``member``; the place that the other had as the same gives way."""
    end = None
    if known is not None:
        end = known.during.upper
        first = known.during.lower or asked.on
        if first < asked.on:
            known.during = Range(first, asked.on)
        else:
            await db.delete(known)
        await db.flush()  # before the new place is written
    db.add(
        FollowUpMember(
            person_id=member.person_id,
            member_id=asked.member_id,
            kind=member.kind,
            is_lead=member.is_lead,
            during=Range(asked.on, end),
        )
    )
    await db.flush()  # the constraints answer here


async def _fresh(db: AsyncSession, member: FollowUpMember) -> None:
    """The place as it is now that the group is held. Raises GroupChanged when it has an end."""
    before = member.during
    await hold_person(db, member.person_id)
    await db.refresh(member, ["during", "is_lead"])
    over = member.during.upper is not None and member.during.upper <= clock.today()
    if over or member.during != before:
        raise GroupChanged


def _require_begun(member: FollowUpMember, last_day: dt.date, field: str) -> None:
    first = member.during.lower
    if first is not None and last_day < first:
        sentence = N_("Cette place commence le %(day)s. Choisissez un jour suivant.")
        raise Refused(Reason("ends_before_start", sentence, {"day": first}, field=field))


async def _require_offered(
    db: AsyncSession, actor: Actor, person_id: int, member_id: int, besides: int | None = None
) -> None:
    offered = {key for key, _ in await queries.list_who_may_follow(db, actor, person_id)}
    if member_id not in offered - {besides}:
        sentence = N_("Choisissez quelqu'un dans la liste.")
        raise Refused(Reason("unknown_member", sentence, field="member_id"))
