"""What becomes of bookings and items when their person leaves, or belongs later than was said."""

import datetime as dt
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.core.actor import Actor
from couveuse.core.errors import Reason
from couveuse.core.i18n import N_, gettext
from couveuse.equipment import claims
from couveuse.equipment.actions.changing import clear_the_way
from couveuse.equipment.consequences import list_coming, named
from couveuse.equipment.models import Booking, Item
from couveuse.people.actions import later_starts
from couveuse.people.models import Membership
from couveuse.structures.models import Site

LEFT = N_("fin de l'appartenance au réseau")
STRANDED = N_(
    "%(who)s a réservé %(slot)s, avant ce premier jour. "
    "Annulez d'abord cette réservation, ou choisissez un premier jour plus tôt."
)

journal.words({"item.handed_over": N_("a changé la personne en charge")})


async def lock_for_departure(
    db: AsyncSession, bookings: Sequence[Booking], items: Sequence[Item]
) -> None:
    """Lock at once all that a departure may change: item after item, it would wait in a circle."""
    held = {item for one in bookings for item in (one.item_id, one.companion_id) if item}
    await claims.lock_items(db, held | {item.id for item in items})


async def cancel_for_departure(
    db: AsyncSession, actor: Actor, bookings: Sequence[Booking], reason: str = LEFT
) -> None:
    """Cancel bookings to come, whatever their cut-off; ``reason`` is a marked sentence."""
    await clear_the_way(db, actor, bookings, gettext(reason))


async def hand_over_items(
    db: AsyncSession, actor: Actor, items: Sequence[Item], leaver_id: int, successor_id: int | None
) -> None:
    """Put somebody else, or nobody, in charge of what the leaver looked after."""
    for item in items:
        if item.manager_id == leaver_id:
            item.manager_id = successor_id
        if item.deputy_id == leaver_id:
            item.deputy_id = successor_id
        if item.deputy_id == item.manager_id:  # nobody stands in for themself
            item.deputy_id = None
        journal.record(db, actor, "item.handed_over", item.id)


@later_starts
async def name_stranded(
    db: AsyncSession, membership: Membership, lost: Range[dt.date]
) -> Iterator[Reason]:
    return named(STRANDED, await list_stranded(db, [membership], lost), "starts_on")


async def list_stranded(
    db: AsyncSession, memberships: Sequence[Membership], lost: Range[dt.date]
) -> list[Booking]:
    """Bookings of one person that are not over and begin on a lost day, when the person has no
    membership beside these."""
    person_id = memberships[0].person_id
    begins = sa.cast(sa.func.timezone(Site.time_zone, sa.func.lower(Booking.during)), sa.Date)
    covered = sa.exists().where(
        Membership.person_id == person_id,
        Membership.id.not_in([one.id for one in memberships]),
        Membership.during.contains(begins),
    )
    return await list_coming(
        db,
        Booking.person_id == person_id,
        sa.literal(lost).contains(begins),
        ~covered.correlate(Site, Booking),
    )
