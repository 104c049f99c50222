"""Reminders of agreements: each end at its steps, and once a week what is late or nearly."""

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.clock import Week
from couveuse.core.db import unit_of_work
from couveuse.core.jobs import Workshop, every
from couveuse.core.mail import post
from couveuse.people.models import Membership, Person
from couveuse.trainees import policy, queries
from couveuse.trainees.mails.agreements import AGREEMENT_PATH, ending_mail, todo_mail
from couveuse.trainees.queries import AgreementAlert, AlertKind

NEAR = dt.timedelta(days=7)


@every("remind_of_agreements", "50 5 * * *")
async def remind_of_agreements(workshop: Workshop) -> None:
    async with unit_of_work(workshop.sessions) as db:
        await remind(db, workshop.settings.public_url)


async def remind(db: AsyncSession, base_url: str) -> None:
    """However often it runs, one mail for each end, step and reader, and one a week for the rest.

    An end that moves is told anew.
    """
    alerts = await queries.list_alerts(db)
    readers = await _readers(db, {one.agreement.structure_id for one in alerts})
    kinds = {one.code: one.label for one in await queries.list_kinds(db)}
    to_do: dict[int, tuple[Person, list[AgreementAlert]]] = {}
    for alert in alerts:
        agreement = alert.agreement
        managing = readers[agreement.structure_id]
        if alert.kind == AlertKind.ENDING:
            label = kinds[agreement.kind]
            await _tell_of_end(db, alert, label, [agreement.person, *managing], base_url)
        elif alert.day <= clock.today() + NEAR:
            for reader in managing:
                to_do.setdefault(reader.id, (reader, []))[1].append(alert)
    for reader, found in to_do.values():
        subject, body = todo_mail(reader, [_line(one, base_url) for one in found], base_url)
        key = f"agreements_todo:{Week.of(clock.today())}:{reader.id}"
        await post(db, str(reader.email), subject, body, key=key)


async def _tell_of_end(
    db: AsyncSession,
    alert: AgreementAlert,
    label: str,
    readers: Iterable[Person],
    base_url: str,
) -> None:
    for reader in readers:
        if reader.email:
            agreement = alert.agreement
            subject, body = ending_mail(reader, agreement, label, alert.standing, base_url)
            key = f"agreement_ending:{agreement.id}:{alert.day}:{alert.step}:{reader.id}"
            await post(db, reader.email, subject, body, key=key)


def _line(alert: AgreementAlert, base_url: str) -> dict[str, object]:
    agreement = alert.agreement
    return {
        "kind": alert.kind.value,
        "label": alert.label,
        "person": agreement.person.name,
        "day": alert.day,
        "is_late": alert.is_late,
        "url": f"{base_url}{AGREEMENT_PATH}{agreement.id}",
    }


async def _readers(db: AsyncSession, structures: set[int]) -> dict[int, Sequence[Person]]:
    """Who manages each structure, or coordination where nobody does."""
    coordinating = await _holding(db, Membership.role.in_(policy.COORDINATION))
    return {
        one: await _holding(
            db, Membership.role.in_(policy.MANAGERS), Membership.structure_id == one
        )
        or coordinating
        for one in structures
    }


async def _holding(db: AsyncSession, *where: sa.ColumnElement[bool]) -> Sequence[Person]:
    seat = sa.exists().where(
        Membership.person_id == Person.id, Membership.during.contains(clock.today()), *where
    )
    found = await db.scalars(
        sa.select(Person).where(seat, Person.email.is_not(None)).order_by(Person.id)
    )
    return found.all()
