"""Planning, moving, holding, missing and cancelling a visit."""

import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup import policy, queries
from couveuse.followup.actions.sending import keep_sent, once
from couveuse.followup.actions.telling import tell
from couveuse.followup.forms import HeldForm, MoveForm, VisitForm
from couveuse.followup.models import (
    Presence,
    SignedText,
    Visit,
    VisitMode,
    VisitPerson,
    VisitState,
    visit_plot,
)
from couveuse.people.models import Person
from couveuse.structures.models import Site
from couveuse.trainees.models import FollowUpKind, FollowUpMember


async def plan_visit(db: AsyncSession, actor: Actor, person: Person, asked: VisitForm) -> Visit:
    """Plan a visit; one whose time has come was held. The same form sent twice finds the first."""
    subject = f"visit {person.id}"

    async def find(visit_id: int) -> Visit:
        return await queries.load_visit(db, visit_id)

    return await once(
        db, actor, asked, subject, lambda: _plan(db, actor, person, asked, subject), find
    )


@atomic
async def _plan(
    db: AsyncSession, actor: Actor, person: Person, asked: VisitForm, subject: str
) -> Visit:
    site = await _site(db, person.id, asked.site_id, asked.mode, asked.starts_at.date())
    start = asked.start(site_zone(site))
    visit = Visit(
        person_id=person.id,
        mentor_id=actor.person_id,
        starts_at=start,
        duration_minutes=asked.duration_minutes,
        kind=asked.kind or await usual_kind(db, actor.person_id, person.id),
        mode=asked.mode,
        site_id=site.id if site else None,
        structure_id=policy.home_of(actor),
    )
    return await add_visit(db, actor, visit, asked, subject)


async def add_visit(
    db: AsyncSession, actor: Actor, visit: Visit, asked: VisitForm | None = None, subject: str = ""
) -> Visit:
    """The only place where a visit begins: planned, or held when its time has come."""
    held = visit.has_begun
    visit.state = VisitState.HELD if held else VisitState.PLANNED
    visit.created_by_id = actor.person_id
    db.add(visit)
    await db.flush()  # its id is needed
    presence = Presence.PRESENT if held else Presence.EXPECTED
    for person_id in (visit.person_id, visit.mentor_id):
        db.add(VisitPerson(visit_id=visit.id, person_id=person_id, presence=presence))
    if visit.mode == VisitMode.PLACE:
        plots = await queries.list_plots_held(db, visit.person_id, clock.today())
        await _set_plots(db, visit, [one.id for one in plots if one.site_id == visit.site_id])
    if asked:
        keep_sent(db, actor, asked, subject, visit.id)
    await db.flush()  # read again just below
    visit = await queries.load_visit(db, visit.id)
    chosen = "visit.chosen" if actor.person_id == visit.person_id else "visit.planned"
    await tell(db, actor, "visit.recorded" if held else chosen, visit, mailed=not held)
    return visit


@atomic
async def move_visit(db: AsyncSession, actor: Actor, visit: Visit, asked: MoveForm) -> Visit:
    visit = await _locked(db, visit.id)
    if not visit.is_planned:
        raise Refused(_no_longer_planned())
    before = visit.starts_at, visit.ends_at
    visit.starts_at = asked.start(visit.zone)
    visit.duration_minutes = asked.duration_minutes or visit.duration_minutes
    if (visit.starts_at, visit.ends_at) != before:
        await tell(db, actor, "visit.moved", visit, before=before)
    return visit


@atomic
async def record_visit(
    db: AsyncSession,
    actor: Actor,
    visit: Visit,
    asked: HeldForm,
    came: Mapping[int, str],
    times: Mapping[int, int] | None = None,
) -> Visit:
    """It took place: how long, where, who came. Until the report is signed.

    ``times`` says of those who follow the person how many minutes they were there, when it was not
    the whole visit; None leaves it as it is.
    """
    visit = await _locked(db, visit.id)
    if visit.state not in {VisitState.PLANNED, VisitState.HELD}:
        raise Refused(_no_longer_planned())
    site = await db.get(Site, asked.site_id) if asked.site_id else None
    start = asked.start(site_zone(site))
    if start > clock.now():
        sentence = N_("Cette visite n'a pas encore commencé. Déplacez-la si la date a changé.")
        raise Refused(Reason("not_begun", sentence, field="starts_at"))
    if any(minutes > asked.duration_minutes for minutes in (times or {}).values()):
        sentence = N_("Personne n'est là plus longtemps que la visite. Corrigez les minutes.")
        raise Refused(Reason("longer_than_visit", sentence, field="duration_minutes"))
    visit.starts_at, visit.duration_minutes = start, asked.duration_minutes
    visit.kind, visit.mode, visit.site_id = asked.kind, asked.mode, site.id if site else None
    visit.travel_minutes, visit.travel_km = asked.travel_minutes, asked.travel_km
    visit.state = VisitState.HELD
    await _set_plots(db, visit, asked.plot_ids)
    await _set_presences(db, visit, came)
    if times is not None:
        await _set_times(db, visit, times)
    await _set_structures(db, visit)
    await db.flush()  # read again just below
    visit = await queries.load_visit(db, visit.id)
    await tell(db, actor, "visit.held", visit, mailed=False)
    return visit


@atomic
async def say_missed(db: AsyncSession, actor: Actor, visit: Visit, reason: str | None) -> None:
    visit = await _locked(db, visit.id)
    if not visit.has_begun:
        sentence = N_("Cette visite n'a pas encore commencé. Annulez-la, ou déplacez-la.")
        raise Refused(Reason("not_begun", sentence))
    await _close(db, actor, visit, VisitState.MISSED, reason)
    await tell(db, actor, "visit.missed", visit, mailed=False)


@atomic
async def cancel_visit(db: AsyncSession, actor: Actor, visit: Visit, reason: str | None) -> None:
    visit = await _locked(db, visit.id)
    await _close(db, actor, visit, VisitState.CANCELLED, reason)
    await tell(db, actor, "visit.cancelled", visit)


async def _close(
    db: AsyncSession, actor: Actor, visit: Visit, state: VisitState, reason: str | None
) -> None:
    if not visit.is_planned:
        raise Refused(_no_longer_planned())
    report = await queries.find_report(db, actor, visit)
    if report and report.is_locked:
        raise SignedText
    visit.state, visit.reason = state, reason


async def _locked(db: AsyncSession, visit_id: int) -> Visit:
    await queries.lock_visit(db, visit_id)
    return await queries.load_visit(db, visit_id)


def _no_longer_planned() -> Reason:
    sentence = N_("Cette visite a changé entre-temps. Rechargez la page pour voir où elle en est.")
    return Reason("not_planned", sentence)


async def _site(
    db: AsyncSession, person_id: int, site_id: int | None, mode: str, day: dt.date
) -> Site | None:
    if site_id:
        site = await db.get(Site, site_id)
        if site is None:
            sentence = N_("Ce lieu n'est plus dans la liste. Choisissez-en un autre.")
            raise Refused(Reason("no_such_site", sentence, field="site_id"))
        return site
    return await queries.site_of(db, person_id, day) if mode == VisitMode.PLACE else None


def site_zone(site: Site | None) -> ZoneInfo:
    return clock.zone_named(site.time_zone) if site else clock.PARIS


async def usual_kind(db: AsyncSession, mentor_id: int, person_id: int) -> str:
    """As what the mentor follows the person today."""
    found = await db.scalar(
        sa.select(FollowUpMember.kind)
        .where(
            FollowUpMember.person_id == person_id,
            FollowUpMember.member_id == mentor_id,
            FollowUpMember.during.contains(clock.today()),
        )
        .order_by(FollowUpMember.is_lead.desc(), FollowUpMember.id)
        .limit(1)
    )
    return found or FollowUpKind.TECHNICAL


async def _set_plots(db: AsyncSession, visit: Visit, plot_ids: list[int]) -> None:
    await db.execute(
        sa.delete(visit_plot).where(
            visit_plot.c.visit_id == visit.id, visit_plot.c.plot_id.not_in(plot_ids)
        )
    )
    if plot_ids:
        rows = [{"visit_id": visit.id, "plot_id": plot_id} for plot_id in plot_ids]
        await db.execute(insert(visit_plot).on_conflict_do_nothing(), rows)


async def _set_presences(db: AsyncSession, visit: Visit, came: Mapping[int, str]) -> None:
    await db.execute(
        sa.delete(VisitPerson).where(
            VisitPerson.visit_id == visit.id, VisitPerson.person_id.not_in(list(came))
        )
    )
    for person_id, presence in came.items():
        row = {"visit_id": visit.id, "person_id": person_id, "presence": presence}
        await db.execute(
            insert(VisitPerson)
            .values(row)
            .on_conflict_do_update(
                constraint="visit_person_once",
                set_={"presence": presence}
                | ({} if presence == Presence.PRESENT else {"minutes": None, "structure_id": None}),
            )
        )


async def _set_times(db: AsyncSession, visit: Visit, times: Mapping[int, int]) -> None:
    for one in await _present(db, visit):
        one.minutes = times.get(one.person_id) if one.person_id != visit.person_id else None


async def _set_structures(db: AsyncSession, visit: Visit) -> None:
    """Who came along gives the time of the structure where they mentored on that day."""
    for one in await _present(db, visit):
        if one.person_id not in (visit.person_id, visit.mentor_id) and one.structure_id is None:
            one.structure_id = await queries.find_home(db, one.person_id, visit.day)


async def _present(db: AsyncSession, visit: Visit) -> Sequence[VisitPerson]:
    found = await db.scalars(
        sa.select(VisitPerson)
        .where(VisitPerson.visit_id == visit.id, VisitPerson.presence == Presence.PRESENT)
        .order_by(VisitPerson.id)
        .execution_options(populate_existing=True)
    )
    return found.all()
