"""Visits as sessions of support: their time, who came, and whether both signed the report."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.followup.models import (
    Presence,
    Report,
    ReportSignature,
    Visit,
    VisitPerson,
    VisitState,
)
from couveuse.network import policy
from couveuse.network.hours import Giver, Kind, Named, Proof, Received, Session
from couveuse.network.models import FundedAction, Grant, SupportCharge
from couveuse.people.models import Person
from couveuse.structures.models import Site, Structure
from couveuse.trainees.policy import visible_trainees

Mentor = aliased(Person)


def near(start: dt.datetime, end: dt.datetime) -> list[sa.ColumnElement[bool]]:
    return [Visit.starts_at >= start, Visit.starts_at < end]


def received_by(person_id: int) -> sa.ColumnElement[bool]:
    came = sa.exists().where(
        VisitPerson.visit_id == Visit.id,
        VisitPerson.person_id == person_id,
        VisitPerson.presence == Presence.PRESENT,
    )
    return came.correlate(Visit)


def _signed_by(person: Any) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        ReportSignature.report_id == Report.id, ReportSignature.person_id == person
    )


async def read_visits(
    db: AsyncSession, actor: Actor | None, *conditions: sa.ColumnElement[bool]
) -> list[Session]:
    """Visits held, signed once the person and the author of the report both signed it.

    Two statements. Without an actor everybody who came is named and nothing opens: to count only.
    """
    rows = await db.execute(
        sa.select(
            Visit.id,
            Visit.starts_at,
            Visit.duration_minutes,
            Visit.person_id,
            Site.time_zone,
            Structure,
            Mentor,
            FundedAction.id,
            FundedAction.label,
            Grant.id,
            Grant.name,
            sa.and_(_signed_by(Visit.person_id), _signed_by(Report.author_id)),
            visible_trainees(actor) if actor else sa.false(),
        )
        .join(Person, Person.id == Visit.person_id)
        .join(Mentor, Mentor.id == Visit.mentor_id)
        .outerjoin(Site, Site.id == Visit.site_id)
        .outerjoin(Structure, Structure.id == Visit.structure_id)
        .outerjoin(Report, Report.visit_id == Visit.id)
        .outerjoin(SupportCharge, SupportCharge.visit_id == Visit.id)
        .outerjoin(FundedAction, FundedAction.id == SupportCharge.action_id)
        .outerjoin(Grant, Grant.id == FundedAction.grant_id)
        .where(Visit.state == VisitState.HELD, *conditions)
        .order_by(Visit.starts_at, Visit.id)
    )
    found = rows.all()
    if not found:
        return []
    told = _told(actor) if actor else sa.true()
    came = await _who_came(db, [row[0] for row in found], told)
    return [_visit(row, came.get(row[0], [])) for row in found]


class Came(NamedTuple):
    """Somebody noted on a visit."""

    person: Person
    is_present: bool
    gives: bool
    """As who made the visit, or who follows the person too."""
    minutes: int | None
    structure: Structure | None
    told: bool
    """Whether the reader may know that they received it."""


def _visit(row: Any, came: list[Came]) -> Session:
    (id_, start, minutes, about, zone, structure, mentor, action_id, label, grant_id, name) = row[
        :11
    ]
    signed, opens = row[11:]
    proof = Proof.SIGNED if signed else Proof.UNSIGNED
    place = Named(structure.id, structure.label) if structure else None
    there = [one for one in came if one.is_present]
    return Session(
        kind=Kind.VISIT,
        id=id_,
        start=start,
        minutes=minutes,
        zone=clock.zone_named(zone) if zone else clock.PARIS,
        givers=tuple(_givers(mentor, minutes, place, came)),
        received=tuple(
            Received(one.person.id, one.person.name, proof)
            for one in there
            if one.told and not one.gives
        ),
        proof=proof,
        structure=place,
        action=Named(action_id, label) if action_id else None,
        grant=Named(grant_id, name) if grant_id else None,
        about_id=about,
        opens=opens,
    )


def _givers(
    mentor: Person, minutes: int, place: Named | None, came: Sequence[Came]
) -> Iterator[Giver]:
    """Who made the visit, unless noted absent; then who came along, each for their own structure.

    Nobody gives longer than the visit lasted.
    """
    noted = next((one for one in came if one.person.id == mentor.id), None)
    if noted is None or noted.is_present:
        own = noted.minutes if noted else None
        yield Giver(mentor.id, mentor.name, min(own or minutes, minutes), place)
    for one in came:
        if one.is_present and one.gives and one.person.id != mentor.id:
            theirs = Named(one.structure.id, one.structure.label) if one.structure else None
            length = min(one.minutes or minutes, minutes)
            yield Giver(one.person.id, one.person.name, length, theirs, leads=False)


def _told(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.or_(policy.whole_visits(actor), policy.knows_of(actor, VisitPerson.person_id))


async def _who_came(
    db: AsyncSession, visit_ids: Sequence[int], told: sa.ColumnElement[bool]
) -> dict[int, list[Came]]:
    """Who was there, and whether who made each visit was."""
    is_mentor = VisitPerson.person_id == Visit.mentor_id
    is_present = VisitPerson.presence == Presence.PRESENT
    noted_away = VisitPerson.presence.in_((Presence.ABSENT, Presence.EXCUSED))
    rows = await db.execute(
        sa.select(
            VisitPerson.visit_id,
            Person,
            is_present,
            sa.or_(is_mentor, policy.follows_somebody_there()),
            VisitPerson.minutes,
            Structure,
            told,
        )
        .join(Visit, Visit.id == VisitPerson.visit_id)
        .join(Person, Person.id == VisitPerson.person_id)
        .outerjoin(Structure, Structure.id == VisitPerson.structure_id)
        .where(
            VisitPerson.visit_id.in_(visit_ids),
            sa.or_(is_present, sa.and_(is_mentor, noted_away)),
        )
        .order_by(VisitPerson.visit_id, VisitPerson.id)
    )
    found: dict[int, list[Came]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(Came(*row[1:]))
    return found
