"""Writes the progress committees of the demonstration: held with their minutes, one to come.

Done again, what was planned took place and drafts were closed; somebody always waits for a session.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from couveuse.core import clock
from couveuse.followup.models import (
    AgreedStep,
    CommitteeState,
    Level,
    Presence,
    ProgressCommittee,
    ProgressMember,
    ProgressReview,
    ProgressSignature,
    Report,
    StepState,
    VisitMode,
)
from couveuse.followup.queries import (
    list_served,
    list_steps_of_review,
    lock_review,
    structure_of,
)
from couveuse.followup.signed import hash_of, minutes_text
from couveuse.people.models import Person
from couveuse.seeds.almanac import DAY
from couveuse.seeds.demo_committees import BEFORE, COMING, LATELY, SUMMARIES, ReviewFacts, Words
from couveuse.seeds.telling import Author, entry
from couveuse.seeds.visit_book import at_hour, weekday
from couveuse.structures.models import Site
from couveuse.trainees.models import AgreementPeriod

HALF_YEAR = 170 * DAY
NOT_YET = "Léa"
"""Who has still to sign the last minutes."""


@dataclass(slots=True)
class Room:
    """Who may sit there, and what is written of it."""

    db: AsyncSession
    today: dt.date
    people: dict[str, Person]
    testing: set[int]
    """Under a signed agreement today."""
    last: dict[int, dt.date]
    """The last session of each, held or planned."""
    lines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def is_there(self, facts: ReviewFacts) -> bool:
        person = self.people.get(facts.person)
        return person is not None and person.id in self.testing and facts.caller in self.people


async def fill_committees(db: AsyncSession, today: dt.date) -> list[dict[str, Any]]:
    """Lines for the journal come back."""
    room = await _open_room(db, today)
    await _settle(room)
    await _summarise(room)
    for n, facts in enumerate(BEFORE):
        day = weekday(today - (45 + 7 * n) * DAY if facts not in BEFORE[:2] else today - 183 * DAY)
        if room.is_there(facts) and _is_due(room, facts, day):
            session = await _session(room, [facts], day, CommitteeState.HELD)
            await _review(room, session, facts, is_closed=True)
    if room.is_there(LATELY) and _is_due(room, LATELY, today - 4 * DAY):
        day = weekday(today - 4 * DAY)
        session = await _session(room, [LATELY], day, CommitteeState.HELD)
        await _review(room, session, LATELY, is_closed=False)
    coming = [one for one in COMING if room.is_there(one) and _is_due(room, one, today)]
    if coming:
        session = await _session(room, coming, weekday(today + 7 * DAY), CommitteeState.PLANNED)
        for facts in coming:
            await _review(room, session, facts, is_closed=False)
    return room.lines


async def _open_room(db: AsyncSession, today: dt.date) -> Room:
    facts = [*COMING, LATELY, *BEFORE]
    names = {name for one in facts for name in (one.person, one.caller, *one.members)}
    found = await db.scalars(sa.select(Person).where(Person.given_name.in_(names)))
    testing = await db.scalars(
        sa.select(AgreementPeriod.person_id).where(
            AgreementPeriod.document.is_not(None), AgreementPeriod.during.contains(today)
        )
    )
    rows = await db.execute(
        sa.select(ProgressReview.person_id, sa.func.max(ProgressCommittee.starts_at))
        .join(ProgressReview.committee)
        .where(ProgressCommittee.state != CommitteeState.CANCELLED)
        .group_by(ProgressReview.person_id)
    )
    last = {person_id: at.astimezone(clock.PARIS).date() for person_id, at in rows}
    return Room(db, today, {one.given_name: one for one in found}, set(testing), last)


async def _summarise(room: Room) -> None:
    """A few words for the committee on one shared report out of three."""
    ids = [one.id for one in room.people.values()]
    for n, words in enumerate(SUMMARIES):
        await room.db.execute(
            sa.update(Report)
            .where(
                Report.level == Level.SHARED,
                Report.committee_text.is_(None),
                Report.author_id.in_(ids),
                Report.id % (3 * len(SUMMARIES)) == 3 * n,
            )
            .values(committee_text=words)
        )


def _is_due(room: Room, facts: ReviewFacts, day: dt.date) -> bool:
    last = room.last.get(room.people[facts.person].id)
    return last is None or last + HALF_YEAR < day


async def _settle(room: Room) -> None:
    """Sessions of a week ago took place, and drafts of then were closed."""
    limit = clock.day_start(room.today - 7 * DAY, clock.PARIS)
    called = sa.select(Person.id).where(Person.id.in_([one.id for one in room.people.values()]))
    overdue = await room.db.scalars(
        sa.select(ProgressReview)
        .join(ProgressReview.committee)
        .where(
            ProgressCommittee.starts_at < limit,
            ProgressCommittee.state != CommitteeState.CANCELLED,
            ProgressCommittee.called_by_id.in_(called),
            ProgressReview.closed_at.is_(None),
        )
        .options(
            joinedload(ProgressReview.committee).selectinload(ProgressCommittee.members),
            joinedload(ProgressReview.committee).joinedload(ProgressCommittee.site),
            joinedload(ProgressReview.person),
            selectinload(ProgressReview.additions),
        )
    )
    known = {one.person: one.words for one in (*BEFORE, LATELY, *COMING)}
    reviews = list(overdue)
    for session in {one.committee for one in reviews}:
        session.state = CommitteeState.HELD
        for member in session.members:
            member.presence = Presence.PRESENT
    await room.db.flush()  # minutes are closed after the session was held
    for review in reviews:
        review.presence = Presence.PRESENT
        words = known.get(review.person.given_name, LATELY.words)
        await _close(room, review, review.committee, words)


async def _session(
    room: Room, reviewed: list[ReviewFacts], day: dt.date, state: CommitteeState
) -> ProgressCommittee:
    first = reviewed[0]
    caller = room.people[first.caller]
    structure_id = await structure_of(room.db, room.people[first.person].id)
    site = await room.db.scalar(
        sa.select(Site).where(Site.structure_id == structure_id).order_by(Site.id).limit(1)
    )
    starts_at = at_hour(day, 14)
    session = ProgressCommittee(
        structure_id=structure_id,
        starts_at=starts_at,
        duration_minutes=60 * len(reviewed),
        mode=VisitMode.PLACE,
        site=site,
        place="Salle commune",
        state=state,
        called_by_id=caller.id,
        called_at=min(starts_at - 20 * DAY, at_hour(room.today - DAY, 9)),
    )
    room.db.add(session)
    await room.db.flush()  # its id is needed
    names = dict.fromkeys(name for one in reviewed for name in (*one.members, one.caller))
    presence = Presence.PRESENT if state == CommitteeState.HELD else Presence.EXPECTED
    whole: dict[str, Any] = {
        "committee_id": session.id,
        "presence": presence,
        "invited_at": session.called_at,
    }
    room.db.add_all(
        ProgressMember(person_id=room.people[name].id, **whole)
        for name in names
        if name in room.people
    )
    room.db.add_all(
        ProgressMember(guest=one.guest[0], guest_email=one.guest[1], **whole)
        for one in reviewed
        if one.guest
    )
    slot = {"start": session.starts_at.isoformat(), "end": session.ends_at.isoformat()}
    details = {"slot": slot, "zone": clock.PARIS.key}
    author = Author(caller.id, caller.name)
    room.lines.append(
        entry("progress", session.id, "progress.called", session.called_at, author, details)
    )
    return session


async def _review(
    room: Room, session: ProgressCommittee, facts: ReviewFacts, *, is_closed: bool
) -> None:
    """Léa writes hers in the demonstration; the others have shown theirs."""
    person, words = room.people[facts.person], facts.words
    is_held = session.state == CommitteeState.HELD
    is_ready = is_held or facts.person != "Léa"
    said = {name: getattr(words, name) for name in ("went_well", "hard", "need", "next")}
    if not is_ready:
        said = {"went_well": words.went_well}
    review = ProgressReview(
        committee_id=session.id,
        person_id=person.id,
        presence=Presence.PRESENT if is_held else Presence.EXPECTED,
        said=said,
        ready_at=session.starts_at - 10 * DAY if is_ready else None,
        shows_grids=facts.person == "Léa",
        steps=[],
        version=0,
    )
    if is_held and not is_closed:
        review.minutes, review.version = words.minutes, 1
        review.written_by_id = session.called_by_id
    if not is_held:
        review.milestone_on = (await list_served(room.db, [person.id], session.day)).get(person.id)
    room.db.add(review)
    await room.db.flush()  # its id is needed
    room.last[person.id] = max(session.day, room.last.get(person.id, session.day))
    if is_closed:
        await _close(room, review, session, words)


async def _close(
    room: Room, review: ProgressReview, session: ProgressCommittee, words: Words
) -> None:
    closed_at = session.starts_at + 5 * DAY
    due_on = session.day + 60 * DAY
    is_done = due_on < room.today
    room.db.add(
        AgreedStep(
            person_id=review.person_id,
            owner_id=review.person_id,
            review_id=review.id,
            what=words.step,
            due_on=due_on,
            state=StepState.DONE if is_done else StepState.OPEN,
            changed_at=at_hour(due_on - DAY, 18) if is_done else None,
            changed_by_id=review.person_id if is_done else None,
            created_by_id=session.called_by_id,
            created_at=closed_at,
        )
    )
    await room.db.flush()  # what was agreed is there before the minutes are locked
    review.milestone_on = None
    review.minutes, review.decision, review.reasons = words.minutes, words.decision, words.reasons
    review.conditions, review.steps = words.conditions, []
    review.next_on = weekday(session.day + 180 * DAY)
    review.version += 1
    review.written_by_id = review.closed_by_id = session.called_by_id
    review.closed_at = closed_at
    await room.db.flush()
    caller = next(one for one in room.people.values() if one.id == session.called_by_id)
    await _sign(room, review, caller, closed_at)
    room.lines.append(
        entry("review", review.id, "review.closed", closed_at, Author(caller.id, caller.name), {})
    )


async def _sign(room: Room, review: ProgressReview, closer: Person, closed_at: dt.datetime) -> None:
    """Who closed the minutes at once, the person the day after; one has not yet."""
    review = await lock_review(room.db, review)
    text = minutes_text(review, await list_steps_of_review(room.db, review))
    review.signed_text = text
    await room.db.flush()  # the database compares signatures with the text
    signers = {closer: closed_at, review.person: closed_at + DAY}
    if review.person.given_name == NOT_YET:
        del signers[review.person]
    else:
        review.read_at = closed_at + DAY
    for person, at in signers.items():
        room.db.add(
            ProgressSignature(
                review_id=review.id,
                person_id=person.id,
                name=person.name,
                signed_at=at,
                text_hash=hash_of(text),
            )
        )
    await room.db.flush()
