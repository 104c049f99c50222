"""Visits as sessions of support: their time, who came, and whether both signed the report."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

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
from couveuse.network.hours import Kind, Named, Proof, Received, Session
from couveuse.network.models import FundedAction, Grant, SupportCharge
from couveuse.people.models import Person
from couveuse.structures.models import Site, Structure
from couveuse.trainees.models import FollowUpMember
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


def _visit(row: Any, came: list[Person]) -> Session:
    (id_, start, minutes, about, zone, structure, mentor, action_id, label, grant_id, name) = row[
        :11
    ]
    signed, opens = row[11:]
    proof = Proof.SIGNED if signed else Proof.UNSIGNED
    return Session(
        kind=Kind.VISIT,
        id=id_,
        start=start,
        minutes=minutes,
        zone=clock.zone_named(zone) if zone else clock.PARIS,
        givers=(Named(mentor.id, mentor.name),),
        received=tuple(Received(one.id, one.name, proof) for one in came),
        proof=proof,
        structure=Named(structure.id, structure.label) if structure else None,
        action=Named(action_id, label) if action_id else None,
        grant=Named(grant_id, name) if grant_id else None,
        about_id=about,
        opens=opens,
    )


def _told(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.or_(policy.whole_visits(actor), policy.knows_of(actor, VisitPerson.person_id))


async def _who_came(
    db: AsyncSession, visit_ids: Sequence[int], told: sa.ColumnElement[bool]
) -> dict[int, list[Person]]:
    """Who received the time of each visit: neither who made it nor others who follow the person."""
    follows = sa.exists().where(
        FollowUpMember.person_id == Visit.person_id,
        FollowUpMember.member_id == VisitPerson.person_id,
    )
    rows = await db.execute(
        sa.select(VisitPerson.visit_id, Person)
        .join(Visit, Visit.id == VisitPerson.visit_id)
        .join(Person, Person.id == VisitPerson.person_id)
        .where(
            VisitPerson.visit_id.in_(visit_ids),
            VisitPerson.presence == Presence.PRESENT,
            VisitPerson.person_id != Visit.mentor_id,
            ~follows.correlate(Visit, VisitPerson),
            told,
        )
        .order_by(VisitPerson.visit_id, VisitPerson.id)
    )
    found: dict[int, list[Person]] = {}
    for visit_id, person in rows:
        found.setdefault(visit_id, []).append(person)
    return found
