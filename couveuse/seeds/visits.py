"""Writes the follow-up of the demonstration: groups, a year of signed visits, and what is going on.

Done again, it goes on from the last visit of each pair: what was planned took place, drafts were
shared, and there is something for today.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from couveuse.core import clock
from couveuse.core.files import FileStore, store_photo
from couveuse.followup.models import (
    AgreedStep,
    Level,
    Presence,
    Report,
    StepState,
    Visit,
    VisitPerson,
    VisitProposal,
    VisitState,
)
from couveuse.followup.signed import signed_text
from couveuse.seeds.almanac import DAY
from couveuse.seeds.demo_visits import (
    BY_MONTH,
    DRAFT,
    ENTERPRISE,
    FOLLOWS,
    HUMAN,
    OF_ENTERPRISE,
    OF_LISTENING,
    WAITING,
    FollowFacts,
    Writing,
)
from couveuse.seeds.light import OFFICE, VOLUNTEER, keep_link, tell_of_hugo, tell_of_karim
from couveuse.seeds.pictures import harvested_beds, loose_cover
from couveuse.seeds.telling import Author, entry
from couveuse.seeds.visit_book import (
    Book,
    at_hour,
    make_signature,
    make_visit,
    open_book,
    weekday,
    write_report,
)
from couveuse.trainees.models import FollowUpMember

YEAR = 365 * DAY
HOUR = dt.timedelta(hours=1)
ADVISER = "Denis"
"""Comes along with Marc at times."""


async def fill_visits(
    db: AsyncSession, today: dt.date, store: FileStore | None = None
) -> list[dict[str, Any]]:
    """Lines for the journal come back. Without ``store`` there is no file: no photo, no sheet."""
    book = await open_book(db, today)
    pairs = [pair for pair in FOLLOWS if pair.person in book.people and pair.member in book.people]
    await _add_groups(db, book, pairs)
    await _settle(db, book)
    for pair in pairs:
        for day in _days(book, pair):
            _held(book, pair, day, _writing(pair, day))
    _present(book, pairs)
    if store:
        await _add_photos(db, book, store)
    told = await _of_rosa(book, pairs, store)
    await db.flush()
    for visit, report, steps, at in book.to_sign:
        report.signed_text = signed_text(visit, report, steps)
        book.signatures += [make_signature(report, one, at) for one in (visit.person, visit.mentor)]
    for visit, report, steps, at in book.signed_by_mentor:
        report.signed_text = signed_text(visit, report, steps)
        book.signatures.append(make_signature(report, visit.mentor, at))
    await db.flush()  # a signature is of the text that stands
    for report, signature in book.signatures:
        signature.report_id = report.id
        db.add(signature)
    await db.flush()
    return [*_lines(book), *told]


async def _of_rosa(
    book: Book, pairs: Sequence[FollowFacts], store: FileStore | None
) -> list[dict[str, Any]]:
    """By her link, and on paper."""
    hers = {pair.person: pair for pair in pairs if pair.member == VOLUNTEER}
    if OFFICE not in book.people or not hers:
        return []
    await keep_link(book)
    if hugo := hers.get("Hugo"):
        tell_of_hugo(book, hugo)
    return await tell_of_karim(book, hers["Karim"], store) if "Karim" in hers else []


async def _add_groups(db: AsyncSession, book: Book, pairs: Sequence[FollowFacts]) -> None:
    """Those whom nobody put into a group otherwise."""
    rows = await db.execute(sa.select(FollowUpMember.person_id, FollowUpMember.member_id))
    known = {(person_id, member_id) for person_id, member_id in rows}
    led = set(await db.scalars(sa.select(FollowUpMember.person_id).where(FollowUpMember.is_lead)))
    for pair in pairs:
        person, member = book.people[pair.person], book.people[pair.member]
        if (person.id, member.id) in known:
            continue
        first = max(book.since[person.id], book.since[member.id]) + 7 * DAY
        db.add(
            FollowUpMember(
                person_id=person.id,
                member_id=member.id,
                kind=pair.kind,
                is_lead=pair.is_lead and person.id not in led,
                during=Range(min(first, book.today), None),
            )
        )
    await db.flush()


# ---------------------------------------------------------------- what went by


async def _settle(db: AsyncSession, book: Book) -> None:
    """Planned visits of a week ago took place, drafts of then were shared and signed."""
    limit = clock.day_start(book.today - 7 * DAY, clock.PARIS)
    ids = {one.id for one in book.people.values()}
    overdue = await db.scalars(
        sa.select(Visit)
        .where(
            Visit.starts_at < limit,
            Visit.mentor_id.in_(ids),
            Visit.state == VisitState.PLANNED,
            ~sa.exists().where(Report.visit_id == Visit.id),
        )
        .options(
            joinedload(Visit.person),
            joinedload(Visit.mentor),
            joinedload(Visit.site),
            selectinload(Visit.plots),
            selectinload(Visit.people).joinedload(VisitPerson.person),
        )
    )
    for visit in overdue:
        visit.state = VisitState.HELD
        for one in visit.people:
            one.presence = Presence.PRESENT
        day = visit.starts_at.astimezone(clock.PARIS).date()
        write_report(book, visit, BY_MONTH[day.month - 1], Level.SHARED, is_signed=True)
    drafts = await db.scalars(
        sa.select(Report)
        .join(Report.visit)
        .where(
            Report.level == Level.DRAFT,
            Report.updated_at < limit,
            Report.author_id.in_(ids),
        )
    )
    for report in drafts:
        report.level, report.shared_at = Level.SHARED, limit
    await db.execute(
        sa.update(AgreedStep)
        .where(AgreedStep.state == StepState.OPEN, AgreedStep.due_on < book.today - 20 * DAY)
        .values(
            state=StepState.DONE,
            changed_at=clock.day_start(book.today - 8 * DAY, clock.PARIS),
            changed_by_id=AgreedStep.owner_id,
        )
    )


def _days(book: Book, pair: FollowFacts) -> Iterator[dt.date]:
    """Weekdays of visits from the last one, or from a year ago, until ten days ago."""
    person, mentor = book.people[pair.person], book.people[pair.member]
    first = max(book.since[person.id], book.since[mentor.id], book.today - YEAR) + 12 * DAY
    last = book.last.get((person.id, mentor.id))
    day = last + pair.every * DAY if last else first
    while day <= book.today - 18 * DAY:
        yield day - max(day.weekday() - 4, 0) * DAY
        in_winter = day.month in {11, 12, 1, 2}
        day += pair.every * DAY * (2 if in_winter else 1)


def _writing(pair: FollowFacts, day: dt.date) -> Writing:
    if pair.kind == ENTERPRISE:
        return OF_ENTERPRISE[day.toordinal() // 30 % 2]
    if pair.kind == HUMAN:
        return OF_LISTENING[day.toordinal() // 30 % 2]
    return BY_MONTH[day.month - 1]


def _held(book: Book, pair: FollowFacts, day: dt.date, writing: Writing) -> None:
    visit = make_visit(book, pair, day, VisitState.HELD)
    write_report(book, visit, writing, Level.SHARED, is_signed=True)


# ---------------------------------------------------------------- what is going on


def _present(book: Book, pairs: Sequence[FollowFacts]) -> None:
    """For Léa one report to sign and one draft; a round today for Marc; visits to come."""
    for pair in pairs:
        if pair.member == "Marc" and pair.person == "Léa":
            _going_on(book, pair)
        elif pair.member == "Marc":
            make_visit(book, pair, book.today, VisitState.PLANNED)
        elif pair.member == "Denis":
            _propose(book, pair)
        elif pair.member != "Rosa":
            make_visit(book, pair, weekday(book.today + 6 * DAY), VisitState.PLANNED)


def _going_on(book: Book, pair: FollowFacts) -> None:
    signed = make_visit(book, pair, weekday(book.today - 11 * DAY), VisitState.HELD)
    if ADVISER in book.people:
        _came_along(book, signed, ADVISER, 45)
    report = write_report(book, signed, WAITING, Level.SHARED, due=16, closed=False)
    step = AgreedStep(
        person=signed.person,
        owner=signed.mentor,
        report=report,
        what="Apporter la pige de semis",
        due_on=book.today - 2 * DAY,
        created_by_id=signed.mentor.id,
        created_at=report.created_at,
    )
    book.db.add(step)
    agreed = [one for one in book.db.new if isinstance(one, AgreedStep) and one.report is report]
    book.signed_by_mentor.append((signed, report, agreed, at_hour(book.today - 2 * DAY, 8)))
    drafted = make_visit(book, pair, weekday(book.today - 3 * DAY), VisitState.HELD)
    write_report(book, drafted, DRAFT, Level.DRAFT, due=10, closed=False)
    make_visit(book, pair, weekday(book.today + 4 * DAY), VisitState.PLANNED)


def _came_along(book: Book, visit: Visit, name: str, minutes: int) -> None:
    person = book.people[name]
    visit.people.append(
        VisitPerson(
            person=person,
            presence=Presence.PRESENT,
            minutes=minutes,
            structure_id=book.homes[person.id],
        )
    )


async def _add_photos(db: AsyncSession, book: Book, store: FileStore) -> None:
    """To what is going on: before it is signed, since the signed text names them."""
    drawn = {WAITING.seen: harvested_beds, DRAFT.seen: loose_cover}
    for report in [one for one in book.db.new if isinstance(one, Report)]:
        if draw := drawn.get(report.seen or ""):
            report.photos = [{"file": await store_photo(db, store, draw())}]


def _propose(book: Book, pair: FollowFacts) -> None:
    person, mentor = book.people[pair.person], book.people[pair.member]
    days = [weekday(book.today + n * DAY) for n in (8, 10, 15)]
    hours = (9, 14, 17)
    book.db.add(
        VisitProposal(
            person_id=person.id,
            mentor_id=mentor.id,
            starts=[at_hour(day, hour) for day, hour in zip(days, hours, strict=True)],
            duration_minutes=60,
            kind=pair.kind,
            mode="video",
            words="Les comptes de l'année et les prix de janvier",
            structure_id=book.homes[mentor.id],
            created_at=at_hour(book.today - DAY, 18),
        )
    )


def _lines(book: Book) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for visit in book.made:
        author = Author(visit.mentor.id, visit.mentor.name)
        slot = {"start": visit.starts_at.isoformat(), "end": visit.ends_at.isoformat()}
        details = {"slot": slot, "zone": clock.PARIS.key}
        at = visit.starts_at - 6 * DAY
        lines.append(entry("visit", visit.id, "visit.planned", at, author, details))
    for visit, report, _, at in book.to_sign:
        author = Author(visit.mentor.id, visit.mentor.name)
        shared = report.shared_at or at
        lines.append(entry("visit", visit.id, "visit.report_shared", shared, author, {}))
        for person in (visit.person, visit.mentor):
            signer = Author(person.id, person.name)
            lines.append(entry("visit", visit.id, "visit.report_signed", at, signer, {}))
    return lines
