"""What is about one person becomes about another: paths, follow-up group, who read the file."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from couveuse.people.models import Person
from couveuse.trainees.actions.readings import FILE
from couveuse.trainees.models import FileReading, FollowUpMember, Path

UNREAD: Final = {"synchronize_session": False}


async def unite_people(db: AsyncSession, doubled: Person, known: Person) -> None:
    """What is about the one is about the other from now on, and the one is no more."""
    one, other = doubled.id, known.id
    await db.flush()  # what was changed so far comes first
    for column in (Path.person_id, Path.next_actor_id):
        await db.execute(
            sa.update(Path).where(column == one).values({column: other}), execution_options=UNREAD
        )
    await db.execute(_group_that_would_double(one, other), execution_options=UNREAD)
    await db.execute(_leads_that_would_double(one, other), execution_options=UNREAD)
    await db.execute(
        sa.update(FollowUpMember).where(FollowUpMember.person_id == one).values(person_id=other),
        execution_options=UNREAD,
    )
    await _move_readings(db, one, other)
    db.expunge(doubled)
    await db.execute(sa.delete(Person).where(Person.id == one), execution_options=UNREAD)


def _beside(one: int, other: int, *same: str) -> tuple[Any, Any]:
    """The condition that a place in the group of one stands beside a like place of the other."""
    theirs = aliased(FollowUpMember)
    beside = sa.exists().where(
        theirs.person_id == other,
        theirs.during.overlaps(FollowUpMember.during),
        *(getattr(theirs, name) == getattr(FollowUpMember, name) for name in same),
    )
    return FollowUpMember.person_id == one, beside.correlate(FollowUpMember)


def _group_that_would_double(one: int, other: int) -> sa.Delete:
    """Who follows both in the same way follows once; nobody follows herself."""
    of_one, beside = _beside(one, other, "member_id", "kind")
    return sa.delete(FollowUpMember).where(
        of_one, sa.or_(beside, FollowUpMember.member_id == other)
    )


def _leads_that_would_double(one: int, other: int) -> sa.Update:
    """The lead of who is known stays the lead."""
    of_one, beside = _beside(one, other, "is_lead")
    return (
        sa.update(FollowUpMember)
        .where(of_one, FollowUpMember.is_lead, beside)
        .values(is_lead=False)
    )


async def _move_readings(db: AsyncSession, one: int, other: int) -> None:
    """Who read the file of one read hers; a day counts once."""
    again = aliased(FileReading)
    whole = sa.case(
        (FileReading.subject_id == one, sa.literal(other)), else_=FileReading.subject_id
    )
    subject = sa.case((FileReading.what == FILE, whole), else_=FileReading.subject_id)
    known = sa.exists().where(
        again.person_id == other,
        again.reader_id == FileReading.reader_id,
        again.what == FileReading.what,
        again.subject_id == subject,
        again.read_on == FileReading.read_on,
    )
    of_one = FileReading.person_id == one
    hers = sa.or_(known.correlate(FileReading), FileReading.reader_id == other)
    await db.execute(sa.delete(FileReading).where(of_one, hers), execution_options=UNREAD)
    await db.execute(
        sa.update(FileReading).where(of_one).values(person_id=other, subject_id=subject),
        execution_options=UNREAD,
    )
