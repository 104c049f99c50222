"""Agreements of a person, and what may rest on them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.structures.queries import list_structures_to_choose
from couveuse.trainees import policy
from couveuse.trainees.models import Agreement, AgreementKind, AgreementPeriod
from couveuse.trainees.rules import current_agreement, kind_on, standing
from couveuse.trainees.rules.standing import Standing

WHOLE = (joinedload(Agreement.structure), selectinload(Agreement.periods))


async def list_agreements(db: AsyncSession, person_id: int) -> Sequence[Agreement]:
    """All agreements of a person with their periods, the newest first."""
    found = await db.scalars(
        sa.select(Agreement)
        .where(Agreement.person_id == person_id)
        .options(*WHOLE)
        .order_by(Agreement.id.desc())
    )
    return found.all()


def covers(person_id: sa.ColumnElement[int] | int, day: dt.date) -> sa.ColumnElement[bool]:
    """A signed period of the person holds on that day: what bookings and stays may rest on."""
    return sa.exists().where(
        AgreementPeriod.person_id == person_id,
        AgreementPeriod.document.is_not(None),
        AgreementPeriod.during.contains(day),
    )


async def list_kinds(db: AsyncSession) -> Sequence[AgreementKind]:
    """Every kind there is or was, as it stood from when to when."""
    return (await db.scalars(sa.select(AgreementKind).order_by(AgreementKind.id))).all()


async def find_kind(db: AsyncSession, code: str, day: dt.date) -> AgreementKind | None:
    """The kind as the law knew it on a day."""
    return kind_on(await list_kinds(db), code, day)


async def kind_of(db: AsyncSession, agreement: Agreement) -> AgreementKind:
    """The kind as it was on the first day of the last period; the database lets none be without."""
    found = await find_kind(db, agreement.kind, agreement.periods[-1].first_day)
    assert found is not None  # noqa: S101, agreement_kind_in_force
    return found


async def standing_of(db: AsyncSession, agreement: Agreement) -> Standing:
    """The clock of an agreement today. Needs the periods loaded."""
    return standing(agreement, await kind_of(db, agreement), clock.today())


@dataclass(frozen=True, slots=True)
class AgreementClock:
    """The agreement that counts on a day, its kind, and where it stands."""

    agreement: Agreement
    kind: AgreementKind
    standing: Standing


async def read_clock(
    db: AsyncSession, agreements: Sequence[Agreement], day: dt.date | None = None
) -> AgreementClock | None:
    """Where the agreement that counts on a day (today) stands. Needs the periods loaded."""
    day = day or clock.today()
    agreement = current_agreement(agreements, day)
    if agreement is None:
        return None
    kind = await kind_of(db, agreement)
    return AgreementClock(agreement, kind, standing(agreement, kind, day))


async def get_agreement(db: AsyncSession, actor: Actor, agreement_id: int) -> Agreement:
    """With person, structure and periods, when the actor may open the person's file."""
    found = await db.scalar(
        sa.select(Agreement)
        .join(Agreement.person)
        .where(Agreement.id == agreement_id, policy.visible_agreements(actor))
        .options(contains_eager(Agreement.person), *WHOLE)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


async def find_agreement_by_once(db: AsyncSession, actor: Actor, once: str) -> Agreement | None:
    """The agreement that this form made already."""
    return await db.scalar(
        sa.select(Agreement).where(
            Agreement.created_by_id == actor.person_id, Agreement.once == once
        )
    )


async def find_period_by_once(db: AsyncSession, actor: Actor, once: str) -> AgreementPeriod | None:
    """The renewal that this form made already."""
    return await db.scalar(
        sa.select(AgreementPeriod).where(
            AgreementPeriod.created_by_id == actor.person_id, AgreementPeriod.once == once
        )
    )


async def list_in_the_way(
    db: AsyncSession,
    person_id: int,
    family: str,
    during: Range[dt.date],
    besides: int | None = None,
) -> Sequence[AgreementPeriod]:
    """Periods of other agreements of the person that share days with these."""
    found = await db.scalars(
        sa.select(AgreementPeriod)
        .where(
            AgreementPeriod.person_id == person_id,
            AgreementPeriod.family == family,
            AgreementPeriod.during.overlaps(during),
            AgreementPeriod.agreement_id.is_distinct_from(besides),
        )
        .order_by(AgreementPeriod.during)
    )
    return found.all()


async def list_structures_to_sign_for(db: AsyncSession, actor: Actor) -> list[tuple[int, str]]:
    """Structures that the actor may sign for, as the options of a list."""
    return [
        (key, name)
        for key, name in await list_structures_to_choose(db, actor)
        if policy.can_manage_agreement(actor, key)
    ]
