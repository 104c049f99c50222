"""What settles several slices at once."""

import datetime as dt
from collections.abc import AsyncGenerator, Sequence

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination.forms import MembershipEndForm
from couveuse.coordination.queries import Touched, what_ending_touches
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.equipment import actions as equipment
from couveuse.equipment.consequences import named
from couveuse.people import actions as people
from couveuse.people.models import Membership
from couveuse.people.queries import list_people_to_choose

STRANDED = N_(
    "%(who)s a réservé %(slot)s et ne sera plus membre du réseau ce jour-là. "
    "Annulez d'abord cette réservation, ou choisissez ici de toutes les annuler."
)


@atomic
async def end_memberships(
    db: AsyncSession,
    actor: Actor,
    person_id: int,
    memberships: Sequence[Membership],
    asked: MembershipEndForm,
) -> None:
    """End these memberships of the person, and settle bookings to come and items looked after.

    Bookings may be kept on the days of another membership, items when one goes on. The
    memberships are held first: what was taken meanwhile is seen, and whoever books next finds
    them ended.
    """
    await people.hold_memberships(db, person_id)
    for membership in memberships:
        await db.refresh(membership, ["during"])
    touched = await what_ending_touches(db, person_id, memberships, asked.last_day)
    if reasons := [
        one async for one in _problems(db, actor, person_id, memberships, asked, touched)
    ]:
        raise Refused(*reasons)
    await equipment.lock_for_departure(db, touched.bookings, touched.items)
    for membership in memberships:
        await people.end_membership(db, actor, membership, asked.last_day)
    if asked.bookings == "cancel":
        await equipment.cancel_for_departure(db, actor, touched.bookings)
    if asked.successor_id != person_id:
        await equipment.hand_over_items(db, actor, touched.items, person_id, asked.successor_id)


async def _problems(
    db: AsyncSession,
    actor: Actor,
    person_id: int,
    memberships: Sequence[Membership],
    asked: MembershipEndForm,
    touched: Touched,
) -> AsyncGenerator[Reason, None]:
    if not memberships:
        sentence = N_("Aucune appartenance ne va au-delà de ce jour : il n'y a rien à terminer.")
        yield Reason("nothing_to_end", sentence, field="last_day")
        return
    if asked.bookings == "keep" and touched.bookings:
        after = Range(asked.last_day + dt.timedelta(days=1), None)
        stranded = await equipment.list_stranded(db, memberships, after)
        for reason in named(STRANDED, stranded, "bookings"):
            yield reason
    offered = {key for key, _ in await list_people_to_choose(db, actor)} - {person_id}
    stays = touched.stays_member and asked.successor_id == person_id
    if asked.successor_id and asked.successor_id not in offered and not stays:
        yield Reason("unknown_successor", N_("Choisissez dans la liste."), field="successor_id")
