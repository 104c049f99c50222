"""What a volunteer says after a visit, in one form: who, when, how long, and a few words."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.files import FileStore
from couveuse.core.i18n import N_
from couveuse.followup import queries
from couveuse.followup.actions.reporting import Written, share_report, write_report
from couveuse.followup.actions.sending import keep_sent, once, subject_of
from couveuse.followup.actions.visits import plan_visit, record_visit
from couveuse.followup.forms import HeldForm, ReportForm, StepDraft, VisitForm, instant
from couveuse.followup.light_forms import SeenForm
from couveuse.followup.models import Level, Presence, Visit
from couveuse.followup.rules import warnings
from couveuse.people.models import Person
from couveuse.trainees.models import FollowUpKind

MORNING = dt.time(9)
"""When no hour is said, as the form announces it."""
STEP = dt.timedelta(minutes=5)


async def say_seen(
    db: AsyncSession,
    actor: Actor,
    files: FileStore,
    person: Person,
    asked: SeenForm,
    steps: Sequence[StepDraft] = (),
) -> Visit:
    """The visit of that day, planned or not, took place; with words it has a report.

    Words that ask for a second look leave the report a draft. The same form sent twice finds the
    first.
    """
    subject = subject_of(f"seen {person.id}", steps)

    async def find(visit_id: int) -> Visit:
        return await queries.load_visit(db, visit_id)

    return await once(
        db,
        actor,
        asked,
        subject,
        lambda: _say_seen(db, actor, files, person, asked, steps, subject),
        find,
    )


@atomic
async def _say_seen(
    db: AsyncSession,
    actor: Actor,
    files: FileStore,
    person: Person,
    asked: SeenForm,
    steps: Sequence[StepDraft],
    subject: str,
) -> Visit:
    visit = await _visit(db, actor, person, asked)
    visit.travel_km = asked.travel_km if asked.travel_km is not None else visit.travel_km
    if any(asked.texts.values()) or steps:
        await _report(db, actor, files, visit, asked, steps)
    if asked.next_on:
        await _come_again(db, actor, person, asked)
    keep_sent(db, actor, asked, subject, visit.id)
    await db.flush()  # whoever sends the same form at this moment finds it
    return visit


async def _visit(db: AsyncSession, actor: Actor, person: Person, asked: SeenForm) -> Visit:
    known = await visit_to_tell(db, person.id, actor.person_id, asked)
    if known is None:
        start = start_of(asked, clock.PARIS)
        refuse_to_come(start)
        planned = VisitForm(
            person_id=person.id,
            starts_at=start,
            starts_fold="0",
            duration_minutes=asked.minutes,
            mode=asked.mode,
        )
        return await plan_visit(db, actor, person, planned)
    return await hold(db, actor, known, asked, actor.person_id)


async def hold(
    db: AsyncSession, actor: Actor, visit: Visit, asked: SeenForm, mentor_id: int
) -> Visit:
    """The visit known already is the one told of: the hour said counts, else the one planned."""
    planned = visit.starts_at.astimezone(visit.zone).replace(tzinfo=None)
    start = planned if asked.at is None and visit.has_begun else start_of(asked, visit.zone)
    refuse_to_come(start)
    visit = await queries.load_visit(db, visit.id)
    held = HeldForm(
        starts_at=start,
        starts_fold="0",
        duration_minutes=asked.minutes,
        kind=FollowUpKind(visit.kind),
        mode=asked.mode,
        site_id=visit.site_id,
        plot_ids=[plot.id for plot in visit.plots],
        travel_minutes=visit.travel_minutes,
        travel_km=visit.travel_km,
    )
    came = {one.person_id: str(Presence.PRESENT) for one in visit.people}
    came |= dict.fromkeys((visit.person_id, mentor_id), str(Presence.PRESENT))
    return await record_visit(db, actor, visit, held, came)


async def visit_to_tell(
    db: AsyncSession, person_id: int, mentor_id: int, asked: SeenForm
) -> Visit | None:
    """The visit of that day that nobody told yet. One told already is not told twice, unless the
    form says that it is another."""
    if asked.day > clock.today():
        sentence = N_("Ce jour n'est pas encore venu. Choisissez le jour de la visite.")
        raise Refused(Reason("day_to_come", sentence, field="day"))
    visits = await queries.list_visits_of_day(db, person_id, mentor_id, asked.day)
    untold = next((visit for visit, told in visits if not told), None)
    if untold is None and visits and not asked.another:
        sentence = N_(
            "Une visite de ce jour est déjà racontée. Si c'en est une autre, cochez la case."
        )
        raise Refused(Reason("told_already", sentence, field="another"))
    return untold


def start_of(asked: SeenForm, zone: ZoneInfo) -> dt.datetime:
    """On the wall. Today without an hour, it has just ended."""
    if asked.at is not None:
        return dt.datetime.combine(asked.day, asked.at)
    now = clock.now().astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    if asked.day < now.date():
        return dt.datetime.combine(asked.day, MORNING)
    began = now - dt.timedelta(minutes=asked.minutes)
    began -= dt.timedelta(minutes=began.minute % 5)
    return max(began, dt.datetime.combine(asked.day, dt.time()))


def refuse_to_come(start: dt.datetime) -> None:
    if instant(start, clock.PARIS, "at", "0") > clock.now():
        sentence = N_("Cette heure n'est pas encore venue. Corrigez le jour ou l'heure.")
        raise Refused(Reason("not_begun", sentence, field="at"))


async def _report(
    db: AsyncSession,
    actor: Actor,
    files: FileStore,
    visit: Visit,
    asked: SeenForm,
    steps: Sequence[StepDraft],
) -> None:
    words = ReportForm(seen=asked.seen, said=asked.said, advice=asked.advice)
    await write_report(db, actor, files, visit, words, Written(steps))
    if asked.level and not warnings(asked.texts):
        await share_report(db, actor, visit, Level(asked.level))


async def _come_again(db: AsyncSession, actor: Actor, person: Person, asked: SeenForm) -> None:
    if asked.next_on is None or asked.next_on < clock.today():
        sentence = N_("La prochaine visite est un jour passé. Choisissez un jour à venir.")
        raise Refused(Reason("next_is_past", sentence, field="next_on"))
    start = dt.datetime.combine(asked.next_on, asked.next_at or MORNING)
    coming = VisitForm(
        person_id=person.id,
        starts_at=start,
        starts_fold="0",
        duration_minutes=asked.minutes,
        mode=asked.mode,
    )
    await plan_visit(db, actor, person, coming)
