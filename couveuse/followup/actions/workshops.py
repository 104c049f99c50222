"""Planning, changing and cancelling a workshop. Every write locks the workshop first."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup import workshop_policy
from couveuse.followup.actions.sending import keep_sent, once
from couveuse.followup.actions.telling_workshops import tell
from couveuse.followup.actions.workshop_seats import fill_places, sit_closer
from couveuse.followup.half_days import HalfDay, half_days
from couveuse.followup.models import (
    Attendance,
    FactsSigned,
    Workshop,
    WorkshopCancelled,
    WorkshopSlot,
    WorkshopState,
    WorkshopTrainer,
    workshop_facilitator,
    workshop_guest,
)
from couveuse.followup.queries.workshops import (
    load_workshop,
    lock_with_half_days,
    lock_workshop,
)
from couveuse.followup.workshop_forms import CHOSEN, HalfDayDraft, WorkshopForm
from couveuse.people.models import Person
from couveuse.people.queries import list_people_to_choose
from couveuse.structures.models import Site, Structure
from couveuse.structures.queries import list_sites_to_choose

NO_SUCH = N_("Ce choix n'est plus dans la liste. Choisissez-en un autre.")


async def plan_workshop(
    db: AsyncSession, actor: Actor, asked: WorkshopForm, drafts: Sequence[HalfDayDraft]
) -> Workshop:
    """The same form sent twice finds the first."""
    subject = "workshop " + " ".join(draft.model_dump_json() for draft in drafts)

    async def act() -> Workshop:
        return await _plan(db, actor, asked, drafts, subject)

    async def find(workshop_id: int) -> Workshop:
        return await load_workshop(db, workshop_id)

    return await once(db, actor, asked, subject, act, find)


@atomic
async def _plan(
    db: AsyncSession,
    actor: Actor,
    asked: WorkshopForm,
    drafts: Sequence[HalfDayDraft],
    subject: str,
) -> Workshop:
    workshop = Workshop(
        title=asked.title, structure_id=asked.structure_id, created_by_id=actor.person_id
    )
    site = await _check(db, actor, asked, workshop)
    planned = _half_days(asked, drafts, site, [])
    _describe(workshop, asked)
    workshop.places = asked.places
    db.add(workshop)
    await db.flush()  # its id is needed
    await _set_people(db, workshop.id, asked)
    await _set_half_days(db, await load_workshop(db, workshop.id), planned)
    keep_sent(db, actor, asked, subject, workshop.id)
    workshop = await load_workshop(db, workshop.id)
    await tell(db, actor, "workshop.planned", workshop)
    return workshop


@atomic
async def change_workshop(
    db: AsyncSession,
    actor: Actor,
    workshop: Workshop,
    asked: WorkshopForm,
    drafts: Sequence[HalfDayDraft],
) -> Workshop:
    """Who signed up hears of another time or place. More places take people off the waiting list.

    Raises Refused when fewer places remain than people hold one.
    """
    workshop = await lock_workshop(db, workshop.id)
    if workshop.is_cancelled:
        raise WorkshopCancelled
    site = await _check(db, actor, asked, workshop)
    planned = _half_days(asked, drafts, site, workshop.slots)
    before = _when_and_where(workshop)
    await sit_closer(db, workshop, asked.places)
    _describe(workshop, asked)
    workshop.places = asked.places
    await db.flush()  # seats are compared with the places
    await _set_people(db, workshop.id, asked)
    await _set_half_days(db, workshop, planned)
    workshop = await load_workshop(db, workshop.id)
    await fill_places(db, actor, workshop)
    workshop = await load_workshop(db, workshop.id)
    moved = _when_and_where(workshop) != before
    people = [seat.person_id for seat in workshop.seats] if moved else []
    await tell(db, actor, "workshop.moved" if moved else "workshop.changed", workshop, people)
    return workshop


@atomic
async def cancel_workshop(db: AsyncSession, actor: Actor, workshop: Workshop, reason: str) -> None:
    """Who signed up, waits or leads is told why. Cancelling again changes nothing."""
    workshop = await lock_with_half_days(db, workshop.id)
    if workshop.is_cancelled:
        return
    if not workshop.is_planned or workshop.is_signed:
        raise Refused(
            Reason(
                "held_already",
                N_(
                    "Des personnes ont déjà signé pour cet atelier : il a eu lieu, au moins pour "
                    "une part. Retirez plutôt les demi-journées qui n'auront pas lieu."
                ),
            )
        )
    workshop.state, workshop.reason = WorkshopState.CANCELLED, reason
    people = {seat.person_id for seat in workshop.seats} | workshop.trainer_ids
    await tell(db, actor, "workshop.cancelled", workshop, sorted(people), reason=reason)


# ---------------------------------------------------------------- what the form says


async def _check(
    db: AsyncSession, actor: Actor, asked: WorkshopForm, workshop: Workshop
) -> Site | None:
    """What was chosen is among what was offered. Raises Refused with every reason."""
    people = {key for key, _ in await list_people_to_choose(db, actor)}
    known = {one.id for one in workshop.guests} if workshop.id else set[int]()
    known |= workshop.trainer_ids if workshop.id else set()
    structure = await db.get(Structure, asked.structure_id)
    sites = {key for key, _ in await list_sites_to_choose(db, actor)}
    if workshop.id and workshop.site_id:
        sites.add(workshop.site_id)
    wrong = {
        "structure_id": structure is None
        or not (
            workshop_policy.can_organise_for(actor, asked.structure_id)
            or (workshop.id and workshop.structure_id == asked.structure_id)
        ),
        "site_id": asked.site_id is not None and asked.site_id not in sites,
        "guest_ids": not set(asked.guest_ids) <= people | known,
        "trainer_ids": not set(asked.trainer_ids) <= people | known,
    }
    reasons = [
        Reason("no_such", NO_SUCH, field=name) for name, is_wrong in wrong.items() if is_wrong
    ]
    if not asked.trainer_ids and not asked.outside_names:
        sentence = N_("Dites qui anime : une personne du réseau, ou un nom.")
        reasons.append(Reason("no_trainer", sentence, field="trainer_names"))
    if asked.audience == CHOSEN and not asked.guest_ids:
        sentence = N_("Choisissez qui peut s'inscrire, ou ouvrez l'atelier à tout le réseau.")
        reasons.append(Reason("no_guest", sentence, field="guest_ids"))
    if reasons:
        raise Refused(*reasons)
    return await db.get(Site, asked.site_id) if asked.site_id else None


def _half_days(
    asked: WorkshopForm,
    drafts: Sequence[HalfDayDraft],
    site: Site | None,
    slots: Sequence[WorkshopSlot],
) -> list[HalfDay]:
    zone = clock.zone_named(site.time_zone) if site else clock.PARIS
    known = {slot.id: slot.during for slot in slots}
    return half_days(drafts, zone, (asked.lunch_from, asked.lunch_until), known)


def _describe(workshop: Workshop, asked: WorkshopForm) -> None:
    workshop.title, workshop.about = asked.title, asked.about
    workshop.structure_id, workshop.site_id = asked.structure_id, asked.site_id
    workshop.place, workshop.funders = asked.place, asked.funders
    workshop.for_everybody = asked.audience != CHOSEN
    workshop.sign_up_until = asked.sign_up_until


def _when_and_where(workshop: Workshop) -> tuple[object, ...]:
    when = [(slot.starts_at, slot.ends_at) for slot in workshop.slots]
    return workshop.site_id, workshop.place, when


async def _set_people(db: AsyncSession, workshop_id: int, asked: WorkshopForm) -> None:
    """Who leads and who is invited, as the form says, in its order."""
    people = await db.scalars(sa.select(Person).where(Person.id.in_(asked.trainer_ids)))
    names = {one.id: one.name for one in people}
    await db.execute(sa.delete(WorkshopTrainer).where(WorkshopTrainer.workshop_id == workshop_id))
    rows: list[tuple[int | None, str]] = [
        (key, names[key]) for key in dict.fromkeys(asked.trainer_ids)
    ]
    rows += [(None, name) for name in asked.outside_names]
    db.add_all(
        WorkshopTrainer(workshop_id=workshop_id, person_id=key, name=name) for key, name in rows
    )
    await db.flush()  # read again by the statements below
    await db.execute(sa.delete(workshop_guest).where(workshop_guest.c.workshop_id == workshop_id))
    guests = asked.guest_ids if asked.audience == CHOSEN else []
    if guests:
        invited = [{"workshop_id": workshop_id, "person_id": one} for one in dict.fromkeys(guests)]
        await db.execute(sa.insert(workshop_guest), invited)


async def _set_half_days(db: AsyncSession, workshop: Workshop, planned: Sequence[HalfDay]) -> None:
    """Those of the form stay, move or come; the others go, unless somebody signed for them."""
    kept = {slot.id: slot for slot in workshop.slots}
    named = {one.id for one in planned}
    await db.execute(sa.text("SET CONSTRAINTS workshop_slot_no_overlap DEFERRED"))
    for slot in workshop.slots:
        if slot.id not in named:
            await _drop(db, slot)
    for one in planned:
        slot = kept.get(one.id or 0)
        if slot is None:
            await _add(db, workshop, one)
        elif slot.during != one.during or slot.structure_id != workshop.structure_id:
            if slot.is_signed and slot.during != one.during:
                raise FactsSigned
            if not slot.is_signed:
                slot.during, slot.structure_id = one.during, workshop.structure_id
    await db.flush()  # the order of half-days is checked just below
    await db.execute(sa.text("SET CONSTRAINTS workshop_slot_no_overlap IMMEDIATE"))
    await _set_facilitators(db, workshop.id)


async def _add(db: AsyncSession, workshop: Workshop, one: HalfDay) -> None:
    slot = WorkshopSlot(
        workshop_id=workshop.id, structure_id=workshop.structure_id, during=one.during
    )
    db.add(slot)
    await db.flush()  # its id is needed
    for seat in workshop.seated:
        db.add(Attendance(slot_id=slot.id, person_id=seat.person_id))


async def _drop(db: AsyncSession, slot: WorkshopSlot) -> None:
    if slot.is_signed:
        raise FactsSigned
    await db.execute(
        sa.delete(workshop_facilitator).where(workshop_facilitator.c.slot_id == slot.id)
    )
    await db.execute(sa.delete(Attendance).where(Attendance.slot_id == slot.id))
    await db.execute(sa.delete(WorkshopSlot).where(WorkshopSlot.id == slot.id))


async def _set_facilitators(db: AsyncSession, workshop_id: int) -> None:
    """Who of the network leads the workshop leads each half-day that nobody signed for yet."""
    slots = sa.select(WorkshopSlot.id).where(
        WorkshopSlot.workshop_id == workshop_id, WorkshopSlot.facts.is_(None)
    )
    await db.execute(
        sa.delete(workshop_facilitator).where(workshop_facilitator.c.slot_id.in_(slots))
    )
    leaders = (
        sa.select(WorkshopSlot.id, WorkshopTrainer.person_id)
        .join(WorkshopTrainer, WorkshopTrainer.workshop_id == WorkshopSlot.workshop_id)
        .where(WorkshopSlot.id.in_(slots), WorkshopTrainer.person_id.is_not(None))
    )
    await db.execute(insert(workshop_facilitator).from_select(["slot_id", "person_id"], leaders))
