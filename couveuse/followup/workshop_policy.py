"""Who sees a workshop, may sign up for it, run it, keep its sheets."""

from collections.abc import Collection

import sqlalchemy as sa

from couveuse.core.actor import Actor
from couveuse.followup.models import (
    Workshop,
    WorkshopSeat,
    WorkshopSlot,
    WorkshopTrainer,
    workshop_guest,
)
from couveuse.followup.policy import can_follow, coordinates, manages
from couveuse.trainees.policy import FOLLOWING


def visible_workshops(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Workshop``: for the network, one's guests, who lead or organise it.

    Whoever signed up reads it for good, even after leaving the network.
    """
    if coordinates(actor):
        return sa.true()
    signed_up = sa.exists().where(
        WorkshopSeat.workshop_id == Workshop.id, WorkshopSeat.person_id == actor.person_id
    )
    if not actor.is_member:
        return signed_up
    invited = sa.exists().where(
        workshop_guest.c.workshop_id == Workshop.id, workshop_guest.c.person_id == actor.person_id
    )
    leads = sa.exists().where(
        WorkshopTrainer.workshop_id == Workshop.id, WorkshopTrainer.person_id == actor.person_id
    )
    organising = [seat.structure_id for seat in actor.seats if seat.role in FOLLOWING]
    return sa.or_(
        Workshop.for_everybody,
        signed_up,
        invited,
        leads,
        Workshop.structure_id.in_(sorted(organising)),
    )


def can_organise_for(actor: Actor, structure_id: int) -> bool:
    return coordinates(actor) or actor.has_any(FOLLOWING, structure_id)


def organises(actor: Actor, workshop: Workshop) -> bool:
    """Coordination, who manages the structure, and who planned it while they work there."""
    if manages(actor, workshop.structure_id):
        return True
    planned = workshop.created_by_id == actor.person_id
    return planned and actor.has_any(FOLLOWING, workshop.structure_id)


def can_see_workshops(actor: Actor) -> bool:
    return actor.is_member


def can_organise(actor: Actor) -> bool:
    return actor.has_any(FOLLOWING)


def runs(actor: Actor, workshop: Workshop) -> bool:
    """Sees who signed up and keeps the sheets: who organises it, and who leads it."""
    leads = actor.is_member and actor.person_id in workshop.trainer_ids
    return leads or organises(actor, workshop)


def can_change_workshop(actor: Actor, workshop: Workshop) -> bool:
    return organises(actor, workshop) and not workshop.is_cancelled


def can_cancel_workshop(actor: Actor, workshop: Workshop) -> bool:
    return organises(actor, workshop) and workshop.is_planned and not workshop.is_signed


def can_sign_up(actor: Actor, workshop: Workshop) -> bool:
    """By oneself, once; who leads it needs no place."""
    there = actor.person_id in workshop.trainer_ids or workshop.seat_of(actor.person_id)
    return actor.is_member and workshop.takes_sign_ups and not there


def can_add_people(actor: Actor, workshop: Workshop) -> bool:
    """Whoever runs it, also late: somebody who comes along on the day has to sign as well."""
    lasts = any(not slot.is_closed for slot in workshop.slots)
    return runs(actor, workshop) and not workshop.is_cancelled and lasts


def can_add_followed(actor: Actor, workshop: Workshop) -> bool:
    """Those whom one follows, while it takes sign-ups."""
    return can_follow(actor) and workshop.takes_sign_ups


def can_leave_workshop(actor: Actor, workshop: Workshop) -> bool:
    """One's own sign-up, until it begins."""
    signed_up = workshop.seat_of(actor.person_id) is not None
    return signed_up and not workshop.has_begun and not workshop.is_cancelled


def can_take_off(actor: Actor, workshop: Workshop) -> bool:
    """Somebody else's, until anybody signed: then the sheets say who was there."""
    return runs(actor, workshop) and not workshop.is_cancelled and not workshop.is_signed


def can_keep_sheet(actor: Actor, slot: WorkshopSlot) -> bool:
    """Say who is there, hand the device round, close."""
    running = runs(actor, slot.workshop) and not slot.workshop.is_cancelled
    return running and slot.takes_signatures


def can_close_sheet(actor: Actor, slot: WorkshopSlot) -> bool:
    return can_keep_sheet(actor, slot) and slot.has_begun


def can_sign_sheet(slot: WorkshopSlot) -> bool:
    """For whoever stands on it."""
    return slot.takes_signatures and not slot.workshop.is_cancelled


def can_countersign(actor: Actor, slot: WorkshopSlot, signers: Collection[int]) -> bool:
    """Who led a half-day that somebody else closed, once."""
    led = actor.person_id in {one.id for one in slot.facilitators}
    return slot.is_closed and led and actor.person_id not in signers


def can_hand_to_trainer(actor: Actor, slot: WorkshopSlot) -> bool:
    """Let somebody from outside sign the closed sheet on one's device."""
    return slot.is_closed and runs(actor, slot.workshop) and not slot.workshop.is_cancelled


def can_add_scan(actor: Actor, slot: WorkshopSlot) -> bool:
    return runs(actor, slot.workshop) and slot.has_begun and not slot.workshop.is_cancelled


def can_note_sheet(actor: Actor, slot: WorkshopSlot) -> bool:
    return slot.is_closed and runs(actor, slot.workshop)
