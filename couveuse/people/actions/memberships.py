"""Who does what where, from when to when."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor, Role
from couveuse.core.db import atomic
from couveuse.core.errors import Conflict, Reason, Refused
from couveuse.core.i18n import N_
from couveuse.core.objections import Objections
from couveuse.people.forms import SpellForm
from couveuse.people.models import Membership, Person, days
from couveuse.structures.models import Structure

journal.words(
    {
        "person.membership_granted": N_("a ajouté une appartenance : %(structure)s"),
        "person.membership_edited": N_("a modifié l'appartenance : %(structure)s"),
        "person.membership_removed": N_("a retiré l'appartenance : %(structure)s"),
        "person.membership_ended": N_("a terminé l'appartenance : %(structure)s"),
    }
)

DAY = dt.timedelta(days=1)
later_starts = Objections[Membership, Range[dt.date]]()
"""Heard before a membership starts later, with the days that it loses."""


class LastCoordinator(Conflict):
    """Without anybody at the coordination, nobody could name the next one."""

    def __init__(self) -> None:
        sentence = N_(
            "Il ne resterait personne à la coordination. "
            "Donnez d'abord ce rôle à quelqu'un d'autre."
        )
        super().__init__(Reason("last_coordinator", sentence))


@atomic
async def grant_membership(
    db: AsyncSession,
    actor: Actor | None,
    person: Person,
    structure: Structure,
    role: Role,
    spell: SpellForm,
) -> Membership:
    if not structure.is_member:
        sentence = N_("Cette structure n'est plus membre du réseau. Choisissez-en une autre.")
        raise Refused(Reason("structure_left", sentence, field="structure_id"))
    membership = Membership(
        person_id=person.id,
        structure_id=structure.id,
        role=role,
        salaried=spell.salaried,
        during=days(spell.starts_on, spell.ends_on),
    )
    db.add(membership)
    journal.record(db, actor, "person.membership_granted", person.id, structure=structure.label)
    return membership


@atomic
async def edit_membership(
    db: AsyncSession, actor: Actor, membership: Membership, spell: SpellForm
) -> Membership:
    """Correct the dates. To end sooner there is ``end_membership``: bookings may hang on it."""
    await hold_memberships(db, membership.person_id)
    await db.refresh(membership, ["during"])
    if spell.ends_on and (membership.last_day is None or spell.ends_on < membership.last_day):
        sentence = N_(
            "Pour avancer le dernier jour, passez par « Terminer » sur la fiche de la personne : "
            "ses réservations à venir y sont réglées en même temps."
        )
        raise Refused(Reason("ends_sooner", sentence, field="ends_on"))
    first_day = membership.during.lower or spell.starts_on
    if first_day < spell.starts_on:
        await _start_later(db, membership, Range(first_day, spell.starts_on))
    membership.salaried = spell.salaried
    membership.during = days(spell.starts_on, spell.ends_on)
    await _tell(db, actor, "person.membership_edited", membership)
    return membership


async def _start_later(db: AsyncSession, membership: Membership, lost: Range[dt.date]) -> None:
    """Refuse what would leave the coordination empty, or bookings without a membership."""
    to_come = lost.intersection(Range(clock.today(), None))
    if not to_come.isempty:
        await _keep_a_coordinator(db, membership, to_come)
    await later_starts.hear(db, membership, lost)


async def hold_memberships(db: AsyncSession, person_id: int) -> None:
    """Who books for the person waits until the end, and so does who ends another coordinator.

    They come before everything else that is locked, in the order of their ids.
    """
    theirs = Membership.person_id == person_id
    coordinates = sa.exists().where(
        Membership.person_id == person_id, Membership.role == Role.COORDINATOR
    )
    await db.execute(
        sa.select(Membership.id)
        .where(
            sa.or_(
                theirs,
                sa.and_(Membership.role == Role.COORDINATOR, coordinates.correlate(None)),
            )
        )
        .order_by(Membership.id)
        .with_for_update(key_share=True)
    )


@atomic
async def end_membership(
    db: AsyncSession, actor: Actor | None, membership: Membership, last_day: dt.date
) -> None:
    """Set the last day; remove what would end before it began, unless it began in the past.

    What the person still holds elsewhere is settled by who calls this.
    """
    first_day = membership.during.lower or last_day
    if last_day < first_day < clock.today():
        sentence = N_(
            "L'appartenance commence le %(first_day)s : le dernier jour ne peut pas venir avant."
        )
        reason = Reason("ends_before_start", sentence, {"first_day": first_day}, field="last_day")
        raise Refused(reason)
    next_day = max(last_day + DAY, first_day, clock.today())
    await _keep_a_coordinator(db, membership, Range(next_day, next_day + DAY))
    if last_day < first_day:
        await db.delete(membership)
        await _tell(db, actor, "person.membership_removed", membership)
    else:
        membership.during = days(first_day, last_day)
        await _tell(db, actor, "person.membership_ended", membership)


async def _tell(db: AsyncSession, actor: Actor | None, verb: str, membership: Membership) -> None:
    structure = await db.get_one(Structure, membership.structure_id)
    journal.record(db, actor, verb, membership.person_id, structure=structure.label)


async def _keep_a_coordinator(
    db: AsyncSession, membership: Membership, lost: Range[dt.date]
) -> None:
    """Somebody else coordinates on each of these days. The memberships are held by who calls."""
    if membership.role != Role.COORDINATOR:
        return
    others = sa.select(sa.func.range_agg(Membership.during).op("@>")(lost)).where(
        Membership.role == Role.COORDINATOR, Membership.id != membership.id
    )
    if not await db.scalar(others):
        raise LastCoordinator
